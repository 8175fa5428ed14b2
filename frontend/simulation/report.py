"""What came of the month: one object for machines, one table for people, and whether it was the month we asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from frontend.simulation.browser import Traffic

# What a full month must show, so that every road through the money was walked.
AT_LEAST: Final = {"funded": 40, "unfunded": 40, "unfunded-after-collecting": 10, "matched": 1}
_UNDECIDED: Final = ("live", "collecting", "near_miss")


# A play with havoc is about what survives, but both ends must be there.
AT_LEAST_IN_HAVOC: Final = {"funded": 1, "unfunded": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Survived:
    """What a play with havoc went through, and what it must never have cost.

    `double_charges` counts pledges with more than one captured payment in the provider's rows; `lost_pledges` those
    whose donor was thanked and that the service does not know, forgot the card of, or never brought to an end.
    """

    kills: Mapping[str, int]
    kills_asked: int
    faults: Mapping[str, int]
    faults_asked: int
    double_charges: int
    lost_pledges: int

    def as_json(self) -> dict[str, int]:
        """Return the keys that `--json` adds."""
        return {
            "kills": sum(self.kills.values()),
            "faultsInjected": sum(self.faults.values()),
            "doubleCharges": self.double_charges,
            "lostPledges": self.lost_pledges,
        }

    def shortcomings(self) -> list[str]:
        """Return what was lost or too little, one sentence each."""
        wrong = [
            f"Only {found} {what}; at least {wanted} were asked for."
            for found, wanted, what in (
                (sum(self.kills.values()), self.kills_asked, "processes were killed"),
                (sum(self.faults.values()), self.faults_asked, "faults were injected"),
            )
            if found < wanted
        ]
        if self.double_charges:
            wrong.append(f"{self.double_charges} contributions were charged more than once.")
        if self.lost_pledges:
            wrong.append(f"{self.lost_pledges} contributions were lost after their donor was thanked.")
        return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The counts at the end. Amounts in cents; every state of its kind is there, zeros included."""

    campaigns: Mapping[str, int]
    unfunded_after_collecting: int
    funded_with_match: int
    pledges: Mapping[str, int]
    unfinished_pledges: int
    pledged_cents: int
    captured_cents: int
    refunded_cents: int
    matched_cents: int
    paid_out_cents: int
    placements: Mapping[str, int]
    unfinished_placements: int
    overfull_shifts: int
    overlaps: int
    books_balanced: bool
    differences: tuple[str, ...]
    duration_seconds: float
    survived: Survived | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` writes."""
        return {
            "campaigns": dict(self.campaigns),
            "pledges": dict(self.pledges),
            "pledgedCents": self.pledged_cents,
            "capturedCents": self.captured_cents,
            "refundedCents": self.refunded_cents,
            "matchedCents": self.matched_cents,
            "paidOutCents": self.paid_out_cents,
            "placements": dict(self.placements),
            "overfullShifts": self.overfull_shifts,
            "overlaps": self.overlaps,
            "booksBalanced": self.books_balanced,
            "durationSeconds": round(self.duration_seconds, 1),
            **(self.survived.as_json() if self.survived else {}),
        }


def read_at_least(text: str) -> dict[str, int]:
    """Return the thresholds in "funded=2,unfunded=2"; what is not named is not asked. Raises ValueError."""
    found = {}
    for part in text.split(","):
        name, equals, number = part.strip().partition("=")
        if name not in AT_LEAST or not equals or not number.isdecimal():
            raise ValueError(f"{part.strip()!r} is none of {', '.join(f'{name}=N' for name in AT_LEAST)}")
        found[name] = int(number)
    return found


def shortcomings(outcome: Outcome, *, at_least: Mapping[str, int]) -> list[str]:
    """Return why this was not the month that was asked for, one sentence each; nothing when it was."""
    counted = {
        "funded": (outcome.campaigns.get("funded", 0), "campaigns ended funded"),
        "unfunded": (
            outcome.campaigns.get("unfunded", 0) - outcome.unfunded_after_collecting,
            "campaigns ended unfunded at the deadline",
        ),
        "unfunded-after-collecting": (
            outcome.unfunded_after_collecting,
            "campaigns ended unfunded after collecting",
        ),
        "matched": (outcome.funded_with_match, "funded campaigns were matched by the municipality"),
    }
    wrong = [
        f"Only {counted[name][0]} {counted[name][1]}; at least {wanted} were asked for."
        for name, wanted in at_least.items()
        if counted[name][0] < wanted
    ]
    for count, sentence in (
        (sum(outcome.campaigns.get(state, 0) for state in _UNDECIDED), "campaigns have no outcome yet"),
        (outcome.unfinished_pledges, "contributions are in no final state"),
        (outcome.unfinished_placements, "placements of shifts that are over have no end"),
        (outcome.overfull_shifts, "shifts have more people than places"),
        (outcome.overlaps, "times somebody is in two places at once"),
    ):
        if count:
            wrong.append(f"{count} {sentence}.")
    if not outcome.books_balanced:
        wrong.append(f"The books do not balance: {len(outcome.differences)} differences.")
    if outcome.survived is not None:
        wrong += outcome.survived.shortcomings()
    return wrong


def show(outcome: Outcome, traffic: Traffic, console: Console) -> None:
    """Print the tables."""
    campaigns = Table("Campaigns", "", title="A month in the city", title_justify="left")
    campaigns.columns[1].justify = "right"
    at_deadline = outcome.campaigns.get("unfunded", 0) - outcome.unfunded_after_collecting
    for name, count in (
        ("funded", outcome.campaigns.get("funded", 0)),
        ("   with a share of the municipality", outcome.funded_with_match),
        ("unfunded at the deadline", at_deadline),
        ("unfunded after collecting", outcome.unfunded_after_collecting),
        *(
            (state, count)
            for state, count in outcome.campaigns.items()
            if state not in {"funded", "unfunded"} and count
        ),
    ):
        campaigns.add_row(name, f"{count:,}")
    console.print(campaigns)
    _print_counts(console, "Contributions", outcome.pledges)
    money = Table("Money", "euros")
    money.columns[1].justify = "right"
    for name, cents in (
        ("pledged", outcome.pledged_cents),
        ("captured", outcome.captured_cents),
        ("refunded", outcome.refunded_cents),
        ("co-funding", outcome.matched_cents),
        ("paid out", outcome.paid_out_cents),
    ):
        money.add_row(name, _euros(cents))
    console.print(money)
    _print_counts(console, "Placements", outcome.placements)
    if outcome.survived is not None:
        _print_counts(console, "Killed", outcome.survived.kills)
        _print_counts(console, "Faults at the provider", outcome.survived.faults)
        console.print(
            f"{outcome.survived.double_charges} charged twice, {outcome.survived.lost_pledges} lost.", highlight=False
        )
    statuses = ", ".join(f"{count:,} x {status}" for status, count in sorted(traffic.statuses.items()))
    console.print(f"{traffic.requests:,} requests ({statuses}); {traffic.retries:,} tried again.", highlight=False)
    for what, count in traffic.surprises.most_common(10):
        console.print(f"  {count} x {what}", highlight=False)
    for difference in outcome.differences[:20]:
        console.print(f"  {difference}", highlight=False)
    verdict = "Every book balances." if outcome.books_balanced else "THE BOOKS DO NOT BALANCE."
    console.print(f"{verdict} {outcome.duration_seconds:,.0f} seconds.", highlight=False)


def _print_counts(console: Console, name: str, counts: Mapping[str, int]) -> None:
    table = Table(name, "")
    table.columns[1].justify = "right"
    for state, count in counts.items():
        if count:
            table.add_row(state, f"{count:,}")
    console.print(table)


def _euros(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"
