"""Which postings on our bank account a line of it carried out: by a reference, or by a person who says so. Pure.

A posting on the account is *booked*; it is *cleared* once a line of a statement was tied to it. Amounts are whole
cents, negative when money left.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from crowd.shared.errors import Conflict, Invalid, msg
from crowd.shared.money import Money
from payments.bank.rules import LINE_RETURN, PAYOUT, RETURN, TOWN, reference, references_in
from payments.bank.statement_rules import MoneyLeft, euros

# A note shorter than this could stand in any description by chance.
_NOTE_LEAST: Final = 6
# What belongs together is paid by one transfer: the parts of one payout, and what the town gets at one moment.
_TOGETHER: Final = {
    "payout_match": "payout",
    "payout_deposits": "payout",
    "match_returned": "town",
    "gift_left": "town",
}


class NotBooked(Conflict):
    """What was chosen is not waiting for a line any more, or never was."""

    sentence = msg("This is not waiting for a line of our account any more. Look at the page again.")


class BookedOtherwise(Invalid):
    """The line and what was booked are not the same amount, or go the other way."""

    sentence = msg("The line is € {line} and what was booked is € {booked}: only equal amounts belong together.")


class NotSoMuchCosts(Invalid):
    """More than the provider's costs that nobody bore yet."""

    sentence = msg("Only € {euros} of the provider's costs is still to be borne, so this line cannot be that.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One posting on our bank account that no line was tied to. `noted` is the reference written down with it."""

    id: int
    kind: str
    source_id: str
    initiative_id: UUID | None
    title: str
    cents: int
    booked_on: date
    noted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What is to be seen on our account as one line: one posting, or several that are paid together.

    `reference` is what we ask to be written in the transfer's description, empty where the other side writes it.
    """

    transfer_ids: tuple[int, ...]
    kind: str
    title: str
    cents: int
    booked_on: date
    reference: str
    notes: tuple[str, ...]

    @property
    def key(self) -> str:
        """What names it in a form."""
        return "+".join(str(one) for one in self.transfer_ids)


def together(posted: Iterable[Posted]) -> list[Booked]:
    """Return what is awaited on our account, the oldest first; postings that are paid together as one."""
    groups: dict[tuple[str, ...], list[Posted]] = {}
    for one in sorted(posted, key=lambda one: (one.booked_on, one.id)):
        family = _TOGETHER.get(one.kind)
        if family == "payout":
            named: tuple[str, ...] = (family, one.source_id)
        elif family == "town":
            named = (family, str(one.initiative_id), str(one.booked_on), one.noted)
        else:
            named = (one.kind, one.source_id)
        groups.setdefault(named, []).append(one)
    return [_booked(group) for group in groups.values()]


def _booked(group: Sequence[Posted]) -> Booked:
    first = group[0]
    return Booked(
        transfer_ids=tuple(one.id for one in group),
        kind=_TOGETHER.get(first.kind, first.kind),
        title=first.title,
        cents=sum(one.cents for one in group),
        booked_on=first.booked_on,
        reference=_reference(first),
        notes=tuple(dict.fromkeys(one.noted for one in group if one.noted)),
    )


def _reference(one: Posted) -> str:
    kinds = {
        "payout_match": PAYOUT,
        "payout_deposits": PAYOUT,
        "deposit_returned": RETURN,
        "refund_by_bank": RETURN,
        "line_returned": LINE_RETURN,
    }
    if one.kind in kinds:
        try:
            return reference(kind=kinds[one.kind], subject_id=UUID(one.source_id))
        except ValueError:
            return ""
    if _TOGETHER.get(one.kind) == "town" and one.initiative_id is not None:
        return reference(kind=TOWN, subject_id=one.initiative_id)
    return ""


def judge_booked(*, amount_cents: int, description: str, booked: Iterable[Booked]) -> Booked | None:
    """Return which booking a line carried out: the one whose reference it names, for exactly its amount; else None.

    Ours, or what a person or the provider calls it. Two bookings that both fit are left to a person.
    """
    named, bare = set(references_in(description)), _bare(description)
    found = [
        one
        for one in booked
        if one.cents == amount_cents and (one.reference in named or any(_is_named(note, bare) for note in one.notes))
    ]
    return found[0] if len(found) == 1 else None


def _is_named(note: str, bare: str) -> bool:
    wanted = _bare(note)
    return len(wanted) >= _NOTE_LEAST and wanted in bare


def _bare(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def read_key(key: str) -> tuple[int, ...]:
    """Return the postings that a form names; raise NotBooked."""
    parts = key.split("+")
    if not all(part.isascii() and part.isdigit() and len(part) < len(str(2**63)) for part in parts):
        raise NotBooked
    return tuple(sorted({int(part) for part in parts}))


def check_booked(*, line_cents: int, wanted: Sequence[int], found: Sequence[Posted]) -> None:
    """Return when a line carried out exactly these postings; raise NotBooked or BookedOtherwise."""
    if {one.id for one in found} != set(wanted):
        raise NotBooked
    total = sum(one.cents for one in found)
    if total != line_cents:
        raise BookedOtherwise(line=_signed(line_cents), booked=_signed(total))


def _signed(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{euros(abs(cents))}"


def check_costs(*, line_cents: int, unborne: Money) -> None:
    """Return when a line can be the municipality bearing the provider's costs; raise MoneyLeft or NotSoMuchCosts."""
    if line_cents < 0:
        raise MoneyLeft
    if line_cents > unborne.cents:
        raise NotSoMuchCosts(euros=euros(max(0, unborne.cents)))
