"""Reduce a place name to what its spellings have in common, for Latin and for Arabic, Kurdish and Persian script.

Three steps, each coarser than the one before; a coarser step is trusted only where more is known about the place:

- `normalise`: case, diacritics, apostrophes, hyphens, articles and letter variants of one script do not count;
- `sound`: the same in one alphabet, with the spellings of a sound folded together ("ou" = "u" = "oo");
- `skeleton`: the consonants alone, which is what an Arabic spelling and its many Latin ones share.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: The longest text looked at; the longest name in GeoNames' cities files has 93 characters, a sentence is no place
#: name.
MAX_CHARACTERS = 300

#: Latin spellings of the Arabic article, assimilated or not. "us" is left out: it is a country more often than an
#: article.
ARTICLES = frozenset(
    [
        "al",
        "el",
        "il",
        "ar",
        "er",
        "as",
        "es",
        "ash",
        "esh",
        "ad",
        "ed",
        "at",
        "et",
        "az",
        "ez",
        "an",
        "en",
        "adh",
        "edh",
        "ath",
        "eth",
        "ul",
    ]
)

_APOSTROPHES = "'`´‘’‚‛′ʹʻʼʽʾʿˈˊˋ˒˓ʔʕ＇ـ"  # the last one is the Arabic tatweel, which only stretches a word
_ARABIC_FOLDS = {
    "ى": "ي", "ی": "ي", "ې": "ي", "ێ": "ي", "ۍ": "ي", "ے": "ي", "ة": "ه", "ۀ": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه",
    "ۂ": "ه", "ۃ": "ه", "ک": "ك", "ڪ": "ك", "ٱ": "ا", "ۆ": "و", "ۇ": "و", "ۈ": "و", "ۋ": "و", "ۊ": "و", "ڵ": "ل",
    "ڕ": "ر", "ڒ": "ر", "گ": "ك", "پ": "ب", "چ": "ج", "ژ": "ز", "ڤ": "ف", "ڨ": "ق", "ء": "",
}  # fmt: skip
_LATIN_FOLDS = {
    "ı": "i",
    "ə": "e",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "þ": "th",
    "ħ": "h",
}
_FOLDS = str.maketrans({**_ARABIC_FOLDS, **_LATIN_FOLDS, **dict.fromkeys(_APOSTROPHES, "")})

# Sounds that Latin letters write with two are one capital here (T as in thin, D as in this, G a voiced kh) or x and
# c, so that the two letters of "Dujayl" in Arabic script (d, j) are not read as one ("dj").
_SOUNDS_OF_ARABIC = str.maketrans(
    {
        "ا": "a", "ب": "b", "ت": "t", "ث": "T", "ج": "j", "ح": "h", "خ": "x", "د": "d", "ذ": "D", "ر": "r", "ز": "z",
        "س": "s", "ش": "c", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a", "غ": "G", "ف": "f", "ق": "k", "ك": "k",
        "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "u", "ي": "i",
    }
)  # fmt: skip
# Plain replacements, in this order: ten times faster than patterns, and a country has 10,000 names.
_LATIN_DIGRAPHS = (
    ("dsch", "j"), ("sch", "c"), ("tch", "c"), ("tsh", "c"), ("sh", "c"), ("ch", "c"), ("dzh", "j"), ("dj", "j"),
    ("kh", "x"), ("gh", "G"), ("th", "T"), ("dh", "D"), ("ph", "f"), ("ck", "k"),
)  # fmt: skip
_LATIN_LETTERS = str.maketrans({"q": "k", "v": "f", "p": "b", "g": "G"})
_VOWEL_PAIRS = (
    *((pair, "u") for pair in ("ou", "oo", "uw")),
    *((pair, "i") for pair in ("ee", "ei", "ey", "ai", "ay", "ae", "ie", "iy")),
    *((pair, "u") for pair in ("au", "aw", "ow", "ao")),
)
_VOWELS = str.maketrans({"o": "u", "w": "u", "e": "i", "y": "i"})
# The h of a written -ah, and then the vowel; an h between vowels is a consonant: "Kafr Naha" is not "Kafr Naya".
_FINAL_H, _FINAL_VOWEL = re.compile("(?<=..)h$"), re.compile("(?<=...)[ai]$")
_FINAL_E = re.compile("(?<=...)e(?=h?$)")  # Zayniyeh is Zayniyah
_RELATIVE_ENDING = re.compile("(?<=..)(?:[iey]{1,2}[ae]h?|يه)$")
_FEMININE_ENDING = re.compile("(?<=..)(?:[ae]h?|[اه])$")
_OTHER_VOWEL_ENDING = re.compile("[iouyوي]$")
_CONSONANTS, _NO_VOWELS = str.maketrans({"T": "t", "D": "d"}), str.maketrans(dict.fromkeys("aiuw", ""))
_DOUBLED = re.compile(r"(.)\1+")
_MARK = re.compile(
    "[" + "".join(re.escape(chr(c)) for c in range(0x0300, 0x11000) if unicodedata.category(chr(c))[0] == "M") + "]+"
)
_FOREIGN_DIGIT = re.compile("(?![0-9])\\d")
_NOT_A_WORD = re.compile(r"[\W_]+")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")


#: How common first words of place names sound: "Kafr", "Tall", "Ayn", "Dayr", "Khirbat", "Maarrat"...
_COMMON_START = re.compile(
    "^(?:kaf[aiu]?r|t[aiu]l|in|dir|xirb[aiu]?t?|x[aiu]rb[aiu]|ma?r[aiu]?t|um|ab[aiu]|bit|bani|jab[aiu]l|uadi|"
    "k[aiu]l[aiu]?t|cix|xan|burj|nahr|kariat|ras|bir|hai|mazr[aiu]?t?|camp|madin[aiu]?t|hamam|sahl|d[aiu]rat|albu)(?=...)"
)


def distinctive(sound_text: str) -> str:
    """Drop a common first word from a sound: two villages called "Kafr" are no more alike for it."""
    return _COMMON_START.sub("", sound_text)


def starts_a_name(word: str) -> bool:
    """Tell whether a word only begins names, as Tall, Kafr and Jabal do: what follows is half of a name."""
    return key(word) in _NAME_STARTS


def endings_agree(one: str, other: str) -> bool:
    """Tell whether two names can be one by their endings, which `sound` and `skeleton` drop.

    Hardly a consonant tells "Sijariyah" from "Sijar", or "Mansurah" from "Mansur". Two other vowels at the end are a
    matter of taste, as in "Shaddadi" and "Shaddadah".
    """
    kinds = {_ending(one), _ending(other)}
    return len(kinds) == 1 or not ("iyah" in kinds or kinds == {"ah", ""})


@lru_cache(maxsize=65_536)
def _ending(text: str) -> str:
    text = normalise(text)
    if _RELATIVE_ENDING.search(text):
        return "iyah"
    if _FEMININE_ENDING.search(text):
        return "ah"
    return "i" if _OTHER_VOWEL_ENDING.search(text) else ""


def is_arabic(text: str) -> bool:
    """Tell whether a text holds letters of the Arabic script (Arabic, Kurdish in Sorani, Persian)."""
    return _ARABIC.search(text) is not None


def plain(text: str) -> str:
    """Write a text in lower case, without marks, words apart by one space; articles stay (`normalise` drops them)."""
    text = text[:MAX_CHARACTERS]
    if text.isascii():  # nothing to decompose; most names, and 20 times faster
        return _NOT_A_WORD.sub(" ", text.lower().translate(_FOLDS)).strip()
    text = unicodedata.normalize("NFKD", text).casefold()
    text = _MARK.sub("", unicodedata.normalize("NFKD", text).translate(_FOLDS))
    text = _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    return _NOT_A_WORD.sub(" ", text).strip()


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """Write a name so that spellings of one script that differ in marks, case or articles become equal.

    Normalising a second time changes nothing.

    Examples
    --------
    >>> normalise("Al-Qā’im"), normalise("Deir ez-Zor"), normalise("الرَّمادي")
    ('qaim', 'deir zor', 'رمادي')
    """
    if text.isascii():
        return _without_articles(plain(text))
    for _ in range(6):  # a fold can open the way to another (an article behind an article); it settles in two rounds
        once = _without_articles(plain(text))
        if once == text:
            break
        text = once
    return text


def _without_articles(text: str) -> str:
    words = text.split()
    kept = [word for word in words[:-1] if word not in ARTICLES] + words[-1:]
    return " ".join(kept) if text.isascii() else " ".join(_without_arabic_article(word) for word in kept)


def _without_arabic_article(word: str) -> str:
    while word.startswith("ال") and len(word) > 4:
        word = word[2:]
    return word


def key(text: str) -> str:
    """Give the look-up key of a name: `normalise` without spaces, so that "Deir ez-Zor" and "Deirezzor" can meet."""
    return normalise(text).replace(" ", "")


@lru_cache(maxsize=65_536)
def sound(text: str) -> str:
    """Write a name as it sounds, in one alphabet and with one spelling for each sound.

    Examples
    --------
    >>> sound("Al-Hawijah") == sound("Hawija"), sound("Mayadeen") == sound("Mayadin")
    (True, True)
    """
    return sound_of_key(key(text))


def sound_of_key(text: str) -> str:
    """Do the same for what is a look-up key already."""
    if is_arabic(text):
        text = text.translate(_SOUNDS_OF_ARABIC)
    else:
        for pair, one in _LATIN_DIGRAPHS:
            text = text.replace(pair, one)
        text = _FINAL_E.sub("a", text.translate(_LATIN_LETTERS))
    for pair, one in _VOWEL_PAIRS:
        text = text.replace(pair, one)
    text = _DOUBLED.sub(r"\1", text.translate(_VOWELS))
    return _FINAL_VOWEL.sub("", _FINAL_H.sub("", text))


@lru_cache(maxsize=65_536)
def skeleton(text: str) -> str:
    """Keep the consonants of a name's sound: what Arabic, Kurdish and Latin spellings share.

    Examples
    --------
    >>> skeleton("الحويجة") == skeleton("Hawijah"), skeleton("القائم") == skeleton("Al-Qa'im")
    (True, True)
    """
    return skeleton_of_sound(sound(text))


def skeleton_of_sound(text: str) -> str:
    """Do the same for what is a sound already."""
    # Doubled is what stands side by side: Tabqaqah has one more q than Tabqah.
    return _DOUBLED.sub(r"\1", text.translate(_CONSONANTS)).translate(_NO_VOWELS)


def skeletons_of_sound(text: str) -> frozenset[str]:
    """Give the consonants of a sound in each way they are written: dh (ذ, ظ) is d to one writer and z to another."""
    spoken = (text, text.replace("D", "z")) if "D" in text else (text,)
    return frozenset(map(skeleton_of_sound, spoken))


#: Spellings of Tall, Kafr, Bir, Ayn, Dayr, Umm, Abu and other first words of names.
_NAME_STARTS = frozenset(
    map(
        key,
        """
        tall tal tel tell tulul kafr kafar kafer kfar bir beer bi'r ayn ain ein dayr deir der umm um abu abo abou bayt
        beit bait bet wadi khirbat khirbet kherbet khirba qalat qalaat burj borj ras jabal jebel jabel jbel jisr khan
        shaykh sheikh shekh nahr bani beni albu maarrat maarat hawayij hawijat rasm zawr zor darat jub jubb qasr hammam
        تل تلول كفر بئر بير عين دير أم أبو بيت وادي خربة قلعة برج رأس جبل جسر خان شيخ الشيخ نهر بني البو معرة حوايج
        حويجة رسم زور دارة جب قصر حمام
        """.split(),  # noqa: SIM905 - a list of 80 lines reads worse
    )
)
