"""The known datasets, one table of rules each."""

from __future__ import annotations

from typing import Final

from geodata.formats.datasets.acled import ACLED, ACLED_BEFORE_2023
from geodata.formats.datasets.airwars import AIRWARS
from geodata.formats.datasets.atlos import ATLOS
from geodata.formats.datasets.gdelt import GDELT_1, GDELT_2
from geodata.formats.datasets.gtd import GTD
from geodata.formats.datasets.liveuamap import LIVEUAMAP
from geodata.formats.datasets.own import OWN, OWN_RESEARCH
from geodata.formats.datasets.timemap import TIMEMAP
from geodata.formats.datasets.ucdp import UCDP, UCDP_OLD
from geodata.formats.profile import Profile

#: In the order in which they are tried; the better match wins, not the first.
PROFILES: Final[tuple[Profile, ...]] = (
    OWN, OWN_RESEARCH, ACLED, ACLED_BEFORE_2023, UCDP, UCDP_OLD, GTD, GDELT_2, GDELT_1, AIRWARS, LIVEUAMAP, TIMEMAP,
    ATLOS,
)  # fmt: skip
BY_CODE: Final = {profile.code: profile for profile in PROFILES}
