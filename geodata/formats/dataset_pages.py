"""Write a page about each known dataset from the tables it is read with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from geodata.formats.datasets import BY_CODE
from geodata.formats.profile import DATE_ORDER, NOTES, Profile, Rule

#: Name of a page, and the profiles it is about: releases of one dataset share a page.
PAGES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "acled": ("acled", "acled-before-2023"),
        "ucdp-ged": ("ucdp-ged", "ucdp-ged-old"),
        "gtd": ("gtd",),
        "gdelt": ("gdelt-2", "gdelt-1"),
        "timemap": ("timemap",),
        "atlos": ("atlos",),
        "airwars": ("airwars",),
        "liveuamap": ("liveuamap",),
        "own": ("own", "own-research"),
    }
)
_INTRODUCTION: Final = """\
# {title}

Generated from `geodata/formats/datasets/`; `tests/test_dataset_pages.py` fails when the two differ.
What holds for every file stands in [Datasets and files](../datasets.md).
"""


def dataset_page(name: str) -> str:
    """Return the page of a dataset as Markdown: releases, fields, codes and traps."""
    profiles = [BY_CODE[code] for code in PAGES[name]]
    first = profiles[0]
    parts = [_INTRODUCTION.format(title=first.title), _releases(profiles), _fields(first)]
    parts += [_codes(rule) for rule in first.rules if rule.codes]
    said = [*first.traps, *first.said]
    if said:
        parts.append("## What to know\n\n" + "".join(f"- {sentence.rstrip('.')}.\n" for sentence in said))
    parts += [_columns(profile) for profile in profiles]
    return "\n".join(parts)


def _releases(profiles: list[Profile]) -> str:
    lines = ["## How it is recognised\n", "| profile | release | columns | told by |", "| --- | --- | --- | --- |"]
    for profile in profiles:
        told = ", ".join(f"`{column}`" for column in sorted(profile.signature))
        without = "; without a header line: ".join(["", *(layout.evidence for layout in profile.layouts)])
        lines.append(f"| `{profile.code}` | {profile.title} | {len(profile.columns)} | {told}{without} |")
    return "\n".join(lines) + "\n"


def _fields(profile: Profile) -> str:
    lines = ["## Fields\n", "| ours | from |", "| --- | --- |"]
    lines += [f"| {ours} | {source} |" for ours, source in _taken(profile)]
    carried = "A column that none of ours repeats cell for cell rides along under its own name and comes out again."
    return "\n".join(lines) + f"\n\n{carried}\n"


def _taken(profile: Profile) -> Iterator[tuple[str, str]]:
    for rule in profile.rules:
        ours = ", ".join(f"`{name}`" for name in rule.fills if name != NOTES or rule.how is None)
        read = ", ".join(f"`{name}`" for name in rule.reads if name != DATE_ORDER and name not in profile.derived)
        if ours:
            yield ours, read
    if profile.coordinates:
        north, east = (_origin(profile, name) for name in profile.coordinates)
        yield "`latitude`, `longitude`", f"{north}, {east}; degrees, WGS 84"
    for ours, text in profile.constants.items():
        yield f"`{ours}`", f"always “{text}”, unless a rule says otherwise"


def _origin(profile: Profile, name: str) -> str:
    return f"the {name} that is marked as the primary one" if name in profile.derived else f"`{name}`"


def _codes(rule: Rule) -> str:
    lines = [
        f"## Codes: {', '.join(f'`{name}`' for name in rule.fills if name != NOTES)}\n",
        f"From {', '.join(f'`{name}`' for name in rule.reads if ' ' not in name)}.\n",
        "| code | ours |",
        "| --- | --- |",
        *(f"| {code} | `{ours}` |" for code, ours in (rule.codes or {}).items()),
    ]
    return "\n".join(lines) + "\n"


def _columns(profile: Profile) -> str:
    return f"## Columns of `{profile.code}`\n\n" + ", ".join(f"`{name}`" for name in profile.columns) + "\n"
