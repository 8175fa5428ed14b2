"""A register for a play that needs no city's: as many dossiers as asked, sized so that some are funded and some not."""

from typing import Final

from crowd.initiatives.import_operations import Dossier
from crowd.shared.money import Money
from frontend.imports.register import Row
from frontend.seed.town import QUARTERS, TOPICS
from frontend.simulation.dice import Dice

# What an average donor gives in the whole month, and how much of an average campaign's share each one asks.
_EUROS_A_DONOR: Final = 80
_SHARES: Final = (0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.5, 4.0)
# Small enough that one treasurer may approve every payout alone.
_EUROS_MAX: Final = 15_000
_EUROS_MIN: Final = 50
_PLANS_AN_ORGANISATION: Final = 2


def made_up_rows(*, campaigns: int, donors: int, seed: int) -> list[Row]:
    """Return the rows of a made-up register; the same arguments give the same rows."""
    dice = Dice("register", seed)
    fair = donors * _EUROS_A_DONOR / campaigns
    rows = []
    for number in range(1, campaigns + 1):
        euros = max(_EUROS_MIN, min(_EUROS_MAX, 10 * round(fair * dice.choice(_SHARES) / 10)))
        dossier = Dossier(
            number=f"PROEF-{seed}-{number}",
            applicant=f"Stichting Proefbuurt {number // _PLANS_AN_ORGANISATION}",
            project=f"Proefplan {number}",
            scheme="",
            year="",
            theme=dice.choice(TOPICS).label_nl,
            neighbourhood=dice.choice(QUARTERS).name,
            asked=Money(euros * 100),
        )
        rows.append(Row(number, dossier=dossier))
    return rows
