"""Compare two versions of a dataset, field by field: new, changed, withdrawn; and take over what is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.provenance import FILE_COLUMN

_ASIDE = frozenset({"id", "line", FILE_COLUMN})


@dataclass(frozen=True, slots=True)
class Change:
    """Name one field of one record that differs."""

    id: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold what became of each record from one version to the next.

    `old == len(changed_ids) + same + len(withdrawn)` and `new == len(changed_ids) + same + len(added)`.
    """

    old: int
    new: int
    added: tuple[str, ...]
    withdrawn: tuple[str, ...]
    changes: tuple[Change, ...]
    same: int
    columns_added: tuple[str, ...] = ()
    columns_withdrawn: tuple[str, ...] = ()

    @property
    def changed_ids(self) -> tuple[str, ...]:
        """Ids of the records with at least one other field."""
        return tuple(dict.fromkeys(change.id for change in self.changes))

    def sentence(self) -> str:
        """Say it in one sentence."""
        fields = f"{len(self.changes):,} field{'s' if len(self.changes) != 1 else ''}"
        return (
            f"{len(self.added):,} new, {len(self.changed_ids):,} changed in {fields}, "
            f"{len(self.withdrawn):,} withdrawn, {self.same:,} the same"
        )


def compare(old: pd.DataFrame, new: pd.DataFrame) -> Difference:
    """Compare records by their ids; ids are unique in each of the two tables.

    A column that only one version has counts as columns added or withdrawn, not as a change of every record.
    """
    old_ids, new_ids = pd.Index(old["id"]), pd.Index(new["id"])
    both = old_ids.intersection(new_ids, sort=False)
    before, after = old_ids.get_indexer(both), new_ids.get_indexer(both)
    columns = [name for name in new.columns if name in old.columns and name not in _ASIDE]
    names = both.to_numpy(dtype=object)
    changes: list[Change] = []
    changed = np.zeros(len(both), dtype=bool)
    for column in columns:
        one = pa.array(old[column].iloc[before], pa.large_string())
        two = pa.array(new[column].iloc[after], pa.large_string())
        differs = np.flatnonzero(pc.not_equal(one, two).to_numpy(zero_copy_only=False))
        changed[differs] = True
        changes += [Change(str(names[row]), column, one[row].as_py(), two[row].as_py()) for row in differs.tolist()]
    order = {name: row for row, name in enumerate(names.tolist())}
    changes.sort(key=lambda change: order[change.id])
    return Difference(
        old=len(old),
        new=len(new),
        added=tuple(new_ids.difference(old_ids, sort=False).tolist()),
        withdrawn=tuple(old_ids.difference(new_ids, sort=False).tolist()),
        changes=tuple(changes),
        same=int((~changed).sum()),
        columns_added=tuple(name for name in new.columns if name not in old.columns and name not in _ASIDE),
        columns_withdrawn=tuple(name for name in old.columns if name not in new.columns and name not in _ASIDE),
    )


def accept(
    old: pd.DataFrame, new: pd.DataFrame, difference: Difference, *, ids: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return the old records with the differences of some records taken over; with `ids` left out, of all.

    A record that is not named stays as it was: its change is not taken, a new one is not added, a withdrawn one stays.
    """
    wanted = set(ids) if ids is not None else {*difference.added, *difference.withdrawn, *difference.changed_ids}
    gone = wanted & set(difference.withdrawn)
    taken = wanted & ({*difference.changed_ids} | {*difference.added})
    kept = old[~old["id"].isin(gone | taken)]
    joined = pd.concat([kept, new[new["id"].isin(taken)]], ignore_index=True)
    ours = [name for name in joined.columns if name != "line"]
    joined[ours] = joined[ours].fillna("")
    places = {name: place for place, name in enumerate([*old["id"], *new["id"][~new["id"].isin(set(old["id"]))]])}
    return joined.iloc[np.argsort(joined["id"].map(places).to_numpy(), kind="stable")].reset_index(drop=True)
