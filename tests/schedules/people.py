"""Donors, what they save to pay with, and the campaigns that schedules begin with."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from tests import money as ways

CARDS: Final = {
    "good": ways.GOOD,
    "declined": ways.DECLINED_WHEN_CHARGED,
    "declined twice": ways.DECLINED_TWICE,
    "asks": ways.ASKS_ALWAYS,
    "asks, then declines": ways.ASKS_AND_DECLINES,
    "lost": ways.LOST,
}
ACCOUNTS: Final = {
    "account": ways.GOOD_ACCOUNT,
    "account that fails": ways.FAILS,
    "slow account": ways.SLOW,
    "slow and empty account": ways.SLOW_EMPTY,
    "account that is empty once": ways.EMPTY_ONCE,
    "debit taken back at once": ways.TAKEN_BACK_AT_ONCE,
    "debit taken back after weeks": ways.TAKEN_BACK_LATER,
}


@dataclass(frozen=True)
class Beginning:
    """The first donors of a campaign of fifty euros, each with as much (25), by what they saved."""

    saved: tuple[str, ...]
    match: bool = False
    cents: int = 25_00

    def __str__(self) -> str:
        match = " with a match" if self.match else ""
        return f"a campaign of 50 euros{match}, donors of {self.cents // 100} euros: {', '.join(self.saved)}"


@dataclass
class Gift:
    """One donor's contribution, as the donor knows it. `bank_page` is one they left open."""

    id: UUID
    name: str
    campaign: UUID
    withdrew: bool = False
    saved: list[str] = field(default_factory=list)
    bank_page: str = ""


BEGINNINGS: Final = (
    Beginning(("good", "good")),
    Beginning(("good", "asks"), match=True),
    Beginning(("good", "good", "declined")),
    Beginning(("good", "good", "account"), match=True),
    Beginning(("asks, then declines", "good")),
    Beginning(("good", "lost", "debit taken back at once")),
    Beginning(("slow account", "good", "asks")),
    # Forty-two of the fifty euros come in: it nearly makes it.
    Beginning(("good", "good", "lost"), cents=21_00),
)
