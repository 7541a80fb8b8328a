"""Named views of the shipped records: one click sets filters and map."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.view import View
from geodata.selection import Selection


@dataclass(frozen=True, slots=True)
class Campaign:
    """A named view and one sentence on what it shows."""

    key: str
    label: str
    meaning: str
    view: View


CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign(
        "baghdad",
        "Baghdad embassy rockets",
        "Rocket attacks on the US Embassy and the Green Zone around it.",
        View(
            selection=Selection(
                filters={
                    "type": frozenset({"rocket_attack"}),
                    "target": frozenset({"embassy"}),
                    "governorate": frozenset({"IQ.baghdad"}),
                }
            ),
            place=(44.387, 33.312, 12.4),
        ),
    ),
    Campaign(
        "syria",
        "Syria drone attacks",
        "Drone attacks recorded in Syria, on US forces and on others.",
        View(
            selection=Selection(filters={"type": frozenset({"drone_attack"}), "country": frozenset({"SY"})}),
            place=(40.0, 34.9, 7.6),
        ),
    ),
    Campaign(
        "erbil",
        "Erbil threats",
        "Threats against the bases at Erbil and Harir, and the attacks there that give them weight.",
        View(
            selection=Selection(
                filters={
                    "type": frozenset({"threat", "drone_attack", "rocket_attack", "missile_attack"}),
                    "governorate": frozenset({"IQ.erbil"}),
                }
            ),
            place=(44.1, 36.35, 9.2),
        ),
    ),
)
