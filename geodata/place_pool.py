"""The names inside one area, compared by their consonants and by their sound.

Only ever asked about the governorate or country that is stated: unchecked, such hits were wrong by a median of 190 km
(docs/places.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from geodata.place_names import (
    distinctive,
    endings_agree,
    is_arabic,
    key,
    skeleton,
    skeletons_of_sound,
    sound,
    sound_of_key,
)

# The thresholds below were set on 10,000 places of public conflict data (docs/places.md, "Accuracy"): an answer below
# them was wrong more often than one in three.
#: Least similarity (0-100) of the sounds of a fuzzy hit inside a stated governorate, and inside a stated country.
FUZZY_IN_GOVERNORATE, FUZZY_IN_COUNTRY = 91.0, 96.0
#: How much less alike the distinctive parts of such names may be ("Kafr" counts in the one, not in the other).
FUZZY_SLACK = 8.0
#: Fuzzy hits this much less alike than the best are none.
FUZZY_SPREAD = 3.0
#: A fuzzy comparison of shorter names says nothing: "Ana" and "Ain" are 67 % alike.
FUZZY_LETTERS = 5
#: Least similarity of the sounds of two names with the same consonants, inside a stated governorate and country.
#: Names of two consonants have to pass the stricter one: "Qayyara" and "Akra" share theirs; and so have two Arabic
#: spellings, which differ by more than taste when they differ at all.
LIKE_IN_GOVERNORATE, LIKE_IN_COUNTRY = 80.0, 86.0
#: Least similarity of the letters of two names of one script whose consonants agree.
LETTERS_ALIKE, LETTERS_ALIKE_IN_COUNTRY = 70.0, 75.0
#: Fewest consonants that may speak for a name alone: across two scripts inside a stated governorate, of one script
#: inside a stated country, and across two scripts there.
BONES_ACROSS_IN_GOVERNORATE, BONES_IN_COUNTRY, BONES_ACROSS_IN_COUNTRY = 3, 4, 5
#: The same for a Latin text and an Arabic name of a place that has Latin names too, which do not agree with the text.
BONES_AGAINST_LATIN_NAMES = 4
#: Fewest consonants worth a comparison.
FEWEST_BONES = 2


class NamePool:
    """The names inside one area as sounds and consonants.

    Parameters
    ----------
    rows, keys
        The gazetteer row of each name and its look-up key (`place_names.key`).
    in_governorate
        The area is a governorate, not a whole country, so that less likeness is enough.
    """

    def __init__(self, rows: Sequence[int], keys: Sequence[str], *, in_governorate: bool) -> None:
        self._rows, self._keys, self._in_governorate = rows, keys, in_governorate
        self._sounds = [sound_of_key(text) for text in keys]
        self._arabic = [is_arabic(text) for text in keys]
        self._with_arabic = {row for row, arabic in zip(rows, self._arabic, strict=True) if arabic}
        self._with_latin = {row for row, arabic in zip(rows, self._arabic, strict=True) if not arabic}
        self._by_skeleton: dict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(self._sounds):
            for bones in skeletons_of_sound(text):
                self._by_skeleton[bones].append(index)

    def with_same_consonants(self, text: str) -> dict[int, float]:
        """Give the rows whose name has the consonants of a text, with the likeness of the sounds (0-100)."""
        wanted, bones = sound(text), len(skeleton(text))
        if bones < FEWEST_BONES:
            return {}
        hits: dict[int, float] = {}
        for index in {index for form in skeletons_of_sound(wanted) for index in self._by_skeleton.get(form, ())}:
            alike = fuzz.ratio(wanted, self._sounds[index])
            if self._alike_enough(text, index, alike, bones):
                row = self._rows[index]
                hits[row] = max(hits.get(row, 0.0), alike)
        return hits

    def _alike_enough(self, text: str, index: int, alike: float, bones: int) -> bool:
        """Tell whether two names with the same consonants are alike enough to be one."""
        arabic, across = is_arabic(text), is_arabic(text) != self._arabic[index]
        if (arabic or not across) and not endings_agree(text, self._keys[index]):
            return False  # Arabic writes the vowel of an ending, so it counts in a Latin name beside it, too
        if across:
            return bones >= self._fewest_bones_across(index, arabic=arabic)
        if not self._in_governorate and bones < (BONES_ACROSS_IN_COUNTRY if arabic else BONES_IN_COUNTRY):
            return False
        strict = not self._in_governorate or bones <= FEWEST_BONES or arabic
        letters = LETTERS_ALIKE if self._in_governorate else LETTERS_ALIKE_IN_COUNTRY
        return (
            alike >= (LIKE_IN_COUNTRY if strict else LIKE_IN_GOVERNORATE)
            and fuzz.ratio(key(text), self._keys[index]) >= letters
        )

    def _fewest_bones_across(self, index: int, *, arabic: bool) -> float:
        """Give how many consonants speak across two scripts, where short vowels are missing on one side.

        A place's own names in the script of the text say more than those in the other: to an Arabic text all, to a
        Latin one, whose vowels vary, much.
        """
        least = BONES_ACROSS_IN_GOVERNORATE if self._in_governorate else BONES_ACROSS_IN_COUNTRY
        if arabic:
            return float("inf") if self._rows[index] in self._with_arabic else least
        return max(least, BONES_AGAINST_LATIN_NAMES) if self._rows[index] in self._with_latin else least

    def written_alike(self, text: str) -> dict[int, float]:
        """Give the rows whose name sounds almost like a Latin text, with the likeness of the sounds (0-100)."""
        wanted = sound(text)
        if len(wanted) < FUZZY_LETTERS or is_arabic(text):
            return {}
        if not self._in_governorate and len(skeleton(text)) < BONES_IN_COUNTRY:
            return {}
        least = FUZZY_IN_GOVERNORATE if self._in_governorate else FUZZY_IN_COUNTRY
        core, hits = distinctive(wanted), dict[int, float]()
        for row, score, index in self._nearest(wanted, least, 12):
            alike = fuzz.ratio(core, distinctive(self._sounds[index]))
            if alike >= least - FUZZY_SLACK and endings_agree(text, self._keys[index]):
                hits[row] = max(hits.get(row, 0.0), score)
        return hits

    def look_alikes(self, text: str, least: float, limit: int) -> list[tuple[int, float]]:
        """List rows whose name sounds somewhat like a text, with the likeness (0-100), for a person to judge."""
        return [(row, score) for row, score, _ in self._nearest(sound(text), least, limit)]

    def _nearest(self, wanted: str, least: float, limit: int) -> list[tuple[int, float, int]]:
        found = process.extract(wanted, self._sounds, scorer=fuzz.ratio, score_cutoff=least, limit=limit)
        return [(self._rows[index], score, index) for _, score, index in found]
