"""Global Terrorism Database, 135 columns: the one dataset here that has a model of claims.

Sources: GTD codebook; the header of two public parsers. Unknown is written 0 in a month or day and -9 or -99 elsewhere.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from geodata.errors import RowError
from geodata.formats.daytext import read_day
from geodata.formats.profile import DEGREES_PATTERN, YEAR_PATTERN, Profile, Rule, copy, layout_of
from geodata.formats.wording import WEAPON_WORDS, best_figure, listed, one_sentence, source, sources

_SLOTS: Final = " ".join(
    f"targtype{n} targtype{n}_txt targsubtype{n} targsubtype{n}_txt corp{n} target{n} natlty{n} natlty{n}_txt"
    for n in (1, 2, 3)
)
_WEAPONS: Final = " ".join(f"weaptype{n} weaptype{n}_txt weapsubtype{n} weapsubtype{n}_txt" for n in (1, 2, 3, 4))
COLUMNS: Final = tuple(
    (
        "eventid iyear imonth iday approxdate extended resolution country country_txt region region_txt provstate "
        "city latitude longitude specificity vicinity location summary crit1 crit2 crit3 doubtterr alternative "
        "alternative_txt multiple success suicide attacktype1 attacktype1_txt attacktype2 attacktype2_txt "
        f"attacktype3 attacktype3_txt {_SLOTS} gname gsubname gname2 gsubname2 gname3 gsubname3 motive guncertain1 "
        "guncertain2 guncertain3 "
        "individual nperps nperpcap claimed claimmode claimmode_txt claim2 claimmode2 claimmode2_txt claim3 claimmode3 "
        f"claimmode3_txt compclaim {_WEAPONS} weapdetail nkill nkillus nkillter nwound nwoundus nwoundte property "
        "propextent propextent_txt propvalue propcomment ishostkid nhostkid nhostkidus nhours ndays divert "
        "kidhijcountry ransom ransomamt ransomamtus ransompaid ransompaidus ransomnote hostkidoutcome "
        "hostkidoutcome_txt nreleased addnotes scite1 scite2 scite3 dbsource INT_LOG INT_IDEO INT_MISC INT_ANY related"
    ).split()
)

#: weapsubtype1_txt: planted devices; projectiles are told apart by the words of weapdetail.
PLANTED: Final = frozenset({"landmine", "pressure trigger", "remote trigger", "sticky bomb"})
#: targsubtype1_txt and targtype1_txt, in that order.
TARGETS: Final = MappingProxyType(
    {
        "embassy/consulate": "embassy",
        "airport": "airport",
        "aircraft (not at an airport)": "aircraft",
        "military barracks/base/headquarters/checkpost": "base",
        "military maritime": "vessel",
        "government (general)": "government",
        "government (diplomatic)": "embassy",
        "terrorists/non-state militia": "militia_facility",
        "maritime": "vessel",
    }
)
#: Codes of specificity; 1 with vicinity 1 is `near`.
PRECISIONS: Final = MappingProxyType(
    {"1": "town", "2": "district", "3": "district", "4": "governorate", "5": "unknown"}
)
WORD_NOTE: Final = "event type read from a word in GTD's details of the weapon"
SUSPECTED_NOTE: Final = "GTD marks the group as suspected, not established"
CENTRE_NOTE: Final = "the point is the centre of the smallest area GTD could name"
UNKNOWN: Final = frozenset({"", "-9", "-99", "unknown", "not applicable"})


def _known(text: str) -> str:
    return "" if text.strip().casefold() in UNKNOWN else text.strip()


def _is(text: str, code: str) -> bool:
    return text.strip().removesuffix(".0") == code


def _days(year: str, month: str, day: str, extended: str, resolution: str) -> tuple[str, str, str]:
    parts = [int(float(part)) if re.fullmatch(r"\d+(\.0+)?", part.strip()) else 0 for part in (year, month, day)]
    if not 1000 <= parts[0] <= 9999:
        if _known(year) not in ("", "0"):
            msg = f"{year[:40]!r} is not a year; write four digits"
            raise RowError(msg)
        return "", "", ""
    if parts[1] > 12:
        msg = f"{month!r} is no month; write 1 to 12, or 0 when it is not known"
        raise RowError(msg)
    written = f"{parts[0]:04d}" + (f"-{parts[1]:02d}" + (f"-{parts[2]:02d}" if parts[2] else "") if parts[1] else "")
    try:
        start = read_day(written).start
    except RowError as error:
        msg = f"{day!r} is no day of {written[:7]}; write a day of that month, or 0 when it is not known"
        raise RowError(msg) from error
    if not (_is(extended, "1") and resolution.strip()):
        return start, "", ""
    end = read_day(resolution, "month-first")
    return start, "" if end.start < start else end.start, end.note


def _type(attack: str, weapon: str, kind: str, detail: str) -> tuple[str, str, str]:
    weapon, kind = weapon.strip().casefold(), kind.strip().casefold()
    named = _known(detail) or _known(kind).capitalize() or attack
    if kind in PLANTED:
        return "ied_attack", named, ""
    if kind.startswith("projectile"):
        found = [code for code, pattern in WEAPON_WORDS if re.search(pattern, detail)]
        return (found[0], named, WORD_NOTE) if len(found) == 1 else ("other", named, "")
    if weapon == "firearms" and attack.strip().casefold() in {"armed assault", "assassination"}:
        return "small_arms_attack", named, ""
    return "other", named, ""


def _claims(*cells: str) -> tuple[str, str]:
    """Return who claimed it and how: `claimed` is about the first group, `claim2` and `claim3` about the others."""
    groups, claimed, modes, competing = cells[0:3], cells[3:6], cells[6:9], cells[9]
    who = [_known(group) for group, said in zip(groups, claimed, strict=True) if _is(said, "1")]
    how = [_known(mode) for mode, said in zip(modes, claimed, strict=True) if _is(said, "1")]
    notes = [mode for mode in how if mode]
    if who and _is(competing, "1"):
        notes.append("competing claims, as coded by GTD")
    return listed(*who), one_sentence(*notes)


def _actors(*cells: str) -> tuple[str, str, str]:
    groups, doubts = cells[0:3], cells[3:6]
    named = [_known(group) for group in groups]
    if not any(named):
        return "", "", ""
    doubted = any(name and _is(doubt, "1") for name, doubt in zip(named, doubts, strict=True))
    return listed(*named), "GTD coding", SUSPECTED_NOTE if doubted else "as coded by GTD"


def _target(name: str, kind: str, sub_kind: str) -> tuple[str, str]:
    folded = [text.strip().casefold() for text in (sub_kind, kind)]
    code = next((TARGETS[text] for text in folded if text in TARGETS), "other" if _known(kind) else "")
    return _known(name), code


def _place(city: str, province: str, location: str) -> tuple[str]:
    return (_known(city) or _known(location) or _known(province),)


def _precision(specificity: str, vicinity: str) -> tuple[str, str]:
    code = PRECISIONS.get(specificity.strip().removesuffix(".0"), "")
    if code == "town" and _is(vicinity, "1"):
        return "near", ""
    return code, CENTRE_NOTE if code in ("district", "governorate") else ""


def _cited(*texts: str) -> tuple[str]:
    return (sources(*(source(_known(text), via="GTD") for text in texts)),)


def _figure(text: str) -> tuple[str]:
    return (best_figure(text),)


GTD: Final = Profile(
    code="gtd",
    title="Global Terrorism Database",
    columns=COLUMNS,
    signature=frozenset({"eventid", "iyear", "imonth", "iday", "attacktype1_txt", "gname"}),
    rules=(
        copy("id", "eventid"),
        Rule(("date_start", "date_end", "notes"), ("iyear", "imonth", "iday", "extended", "resolution"), _days),
        Rule(
            ("event_type", "weapon", "notes"),
            ("attacktype1_txt", "weaptype1_txt", "weapsubtype1_txt", "weapdetail"),
            _type,
        ),
        Rule(
            ("claimed_by", "claim_note"),
            ("gname", "gname2", "gname3", "claimed", "claim2", "claim3", "claimmode_txt", "claimmode2_txt",
             "claimmode3_txt", "compclaim"),
            _claims,
        ),
        Rule(
            ("attributed_to", "attribution_basis", "attribution_note"),
            ("gname", "gname2", "gname3", "guncertain1", "guncertain2", "guncertain3"),
            _actors,
        ),
        Rule(("target", "target_type"), ("target1", "targtype1_txt", "targsubtype1_txt"), _target, TARGETS),
        Rule(("place",), ("city", "provstate", "location"), _place),
        Rule(("admin1",), ("provstate",), lambda text: (_known(text),)),
        copy("country", "country_txt"),
        Rule(("location_precision", "notes"), ("specificity", "vicinity"), _precision, PRECISIONS),
        Rule(("killed",), ("nkill",), _figure),
        Rule(("wounded",), ("nwound",), _figure),
        Rule(("summary",), ("summary", "addnotes"), lambda *texts: (one_sentence(*texts),)),
        Rule(("sources",), ("scite1", "scite2", "scite3"), _cited),
    ),
    old_names=MappingProxyType({name.casefold(): name for name in COLUMNS}),
    layouts=(
        layout_of(COLUMNS, "GTD", eventid=r"\d{12}", iyear=YEAR_PATTERN, imonth=r"\d\d?", iday=r"\d\d?",
                  latitude=f"(?:{DEGREES_PATTERN})?", longitude=f"(?:{DEGREES_PATTERN})?", specificity="[1-5]?"),
    ),
    said=("GTD: a group is GTD's coding; it counts as a claim only where GTD's own column 'claimed' says so",),
    traps=(
        ("A month or day of 0 is not known: the date is written as far as it is. `resolution` is the "
        "last day only where "
        "`extended` is 1."),
        "A file without a header line is told by its 135 columns with an id of 12 digits and a day in their places.",
        "-9 and -99 are not known, never numbers of people.",
        ("It is the one dataset with a model of claims: `claimed_by` is filled only where `claimed`, `claim2` or "
        "`claim3` is 1; `compclaim` 1 is said in `claim_note`. `guncertain1` 1 is said in `attribution_note`."),
        ("`specificity` 2 to 4 give the centre of an area for a point: the record is known to that area "
        "only, and flagged."),
        ("Projectiles are one code. The type is taken from `weapdetail` where it names one weapon only, which is "
        "flagged; a landmine, a trigger or a sticky bomb is `ied_attack`, firearms in an assault `small_arms_attack`, "
        "everything else `other`."),
    ),
)  # fmt: skip
