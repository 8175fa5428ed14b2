"""What a statement of our bank account is, which files are refused and why, and what a line of it pays for. Pure.

A file is taken whole or not at all. Amounts are whole cents, negative when money left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Invalid, NotFound, msg
from crowd.shared.money import Money
from payments.bank.rules import references_in

BYTES_MAX: Final = 10_000_000
LINES_MAX: Final = 50_000
CURRENCY: Final = "EUR"


class FileMissing(Invalid):
    """Nothing was chosen."""

    sentence = msg("Choose a bank file first.")


class FileTooLarge(Invalid):
    """More than a year of a busy account."""

    sentence = msg("This file is too large. Download a shorter period from your bank, at most 10 MB.")


class FileUnreadable(Invalid):
    """Not CAMT.053, and no CSV layout we know."""

    sentence = msg(
        "We cannot read this file. Download it from your bank as CAMT.053 (XML), or as CSV of ING or Rabobank."
    )


class FileUnsafe(Invalid):
    """XML that defines its own entities: no bank does, and it can be used to attack."""

    sentence = msg("This file contains instructions that do not belong in a bank file, so we did not read it.")


class FileIncomplete(Invalid):
    """A field that every statement has is missing or unreadable; the line says where."""

    sentence = msg("This bank file is damaged near line {line}: download it again.")


class NoBalance(Invalid):
    """Without both balances nobody can see that a line is missing."""

    sentence = msg("This file names no opening and closing balance. Choose a download with the balance in it.")


class WrongCurrency(Invalid):
    """The books are in euros."""

    sentence = msg("This statement is in {currency}, and our account is in euros.")


class ForeignAccount(Invalid):
    """A statement of somebody else's account."""

    sentence = msg("This statement is of account {account}, which is not the municipality's account.")


class AccountNotSet(Conflict):
    """Nobody said which account is ours."""

    sentence = msg("First say which bank account is the municipality's: then statements can be read.")


class DoesNotAddUp(Invalid):
    """The opening balance and the movements are not the closing balance."""

    sentence = msg("This statement does not add up: € {difference} is missing between its balances. Download it again.")


class StatementKnown(Conflict):
    """This file, or this statement in another file, was read before."""

    sentence = msg("This statement was read before, so nothing was changed.")


class TooManyLines(Invalid):
    """More lines than a statement has."""

    sentence = msg("This file has too many lines. Download a shorter period from your bank.")


class NoSuchLine(NotFound):
    """Not a line of our account."""

    sentence = msg("We cannot find this line.")


class LineMatched(Conflict):
    """Somebody said meanwhile what this line is."""

    sentence = msg("Somebody already said what this line is.")


class AmountDiffers(Invalid):
    """The line and the gift are not for the same amount."""

    sentence = msg("The line is € {line} and what is awaited is € {awaited}: only equal amounts can be matched.")


class NotAwaited(Conflict):
    """That gift is not a transfer that is still to come."""

    sentence = msg("This gift is not waiting for a transfer.")


class MoneyLeft(Conflict):
    """A line by which money left pays for no gift."""

    sentence = msg("By this line money left our account, so it cannot pay for anything.")


class NotSoMuchCash(Invalid):
    """More than the drawer held."""

    sentence = msg("There is only € {euros} in the cash drawer, so this line cannot be our cash.")


class ReferenceUnknown(Invalid):
    """What was typed is no reference of a transfer that is awaited."""

    sentence = msg("There is no awaited transfer with this reference. Check it, digit by digit.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One movement as a bank's file tells it.

    `bank_ref` is the bank's own name for it, or what stands in for one; empty when there is nothing.
    """

    booked_on: date
    amount_cents: int
    counterparty_name: str = ""
    counterparty_iban: str = ""
    description: str = ""
    bank_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement as a bank's file tells it; `ref` is its own name in the file, or made of what tells it apart."""

    layout: str
    ref: str
    account: str
    currency: str
    opening_cents: int
    closing_cents: int
    from_on: date
    to_on: date
    lines: tuple[Line, ...]


class Reason(StrEnum):
    """Why a line was not matched by itself."""

    MONEY_OUT = "money_out"
    NO_REFERENCE = "no_reference"
    NOT_AWAITED = "not_awaited"
    SEVERAL = "several"
    AMOUNT_DIFFERS = "amount_differs"


SENTENCES: Final[dict[Reason, str]] = {
    Reason.MONEY_OUT: msg("Money left our account."),
    Reason.NO_REFERENCE: msg("There is no reference of ours in the description."),
    Reason.NOT_AWAITED: msg("The reference is ours, but nothing is awaited with it: perhaps it was paid before."),
    Reason.SEVERAL: msg("The description names several references."),
    Reason.AMOUNT_DIFFERS: msg("The reference is known, but the amount differs from what is awaited."),
}


@dataclass(frozen=True, slots=True)
class Awaited:
    """A transfer that is still to come: a gift's pledge, or the campaign of a municipality's share."""

    subject_id: UUID
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What a line pays for, or why nothing by itself."""

    found: Awaited | None
    reason: Reason | None


# --- Taking a file --------------------------------------------------------------------------------------------


def file_hash(content: bytes) -> str:
    """Return what tells this file from every other."""
    return sha256(content).hexdigest()


def check_statement(statement: Statement, *, our_account: str) -> None:
    """Return when a statement can be taken; raise WrongCurrency, ForeignAccount, DoesNotAddUp or TooManyLines."""
    if statement.currency != CURRENCY:
        raise WrongCurrency(currency=statement.currency[:3])
    if statement.account != our_account:
        raise ForeignAccount(account=statement.account[:34])
    if len(statement.lines) > LINES_MAX:
        raise TooManyLines
    missing = statement.closing_cents - statement.opening_cents - sum(line.amount_cents for line in statement.lines)
    if missing:
        raise DoesNotAddUp(difference=euros(abs(missing)))


def keyed(statement: Statement) -> Iterable[tuple[str, Line]]:
    """Return each line with what tells it from every other line of our account, whatever file it comes in.

    Everything that is known of it, with the bank's own name for it (or, where it has none, the statement's), and the
    how-manieth such line it is. So overlapping downloads of one layout store a line once, and two equal movements
    stay two. The layout is part of it: two layouts tell one movement differently.
    """
    seen: dict[tuple[str, ...], int] = {}
    for line in statement.lines:
        known = (
            str(line.booked_on),
            str(line.amount_cents),
            line.bank_ref or statement.ref,
            line.counterparty_iban,
            line.counterparty_name,
            line.description,
        )
        seen[known] = seen.get(known, 0) + 1
        yield sha256("\n".join((statement.layout, *known, str(seen[known]))).encode()).hexdigest(), line


def euros(cents: int) -> str:
    """Return an amount as a sentence writes it: 12,50."""
    return f"{cents // 100},{cents % 100:02d}"


# --- Matching -------------------------------------------------------------------------------------------------


def judge(*, amount_cents: int, description: str, awaited: Mapping[str, Awaited]) -> Judged:
    """Return which awaited transfer (by reference) a line pays for, or why none by itself.

    Only money that came in, with exactly one awaited reference in its description, for exactly its amount.
    """
    if amount_cents < 0:
        return Judged(None, Reason.MONEY_OUT)
    named = references_in(description)
    if not named:
        return Judged(None, Reason.NO_REFERENCE)
    found = [awaited[one] for one in named if one in awaited]
    if len(found) > 1:
        return Judged(None, Reason.SEVERAL)
    if not found:
        return Judged(None, Reason.NOT_AWAITED)
    if found[0].amount_cents != amount_cents:
        return Judged(found[0], Reason.AMOUNT_DIFFERS)
    return Judged(found[0], None)


def check_same_amount(*, line_cents: int, awaited_cents: int) -> None:
    """Return when a person may say that this line pays for that; raise MoneyLeft or AmountDiffers."""
    if line_cents < 0:
        raise MoneyLeft
    if line_cents != awaited_cents:
        raise AmountDiffers(line=euros(line_cents), awaited=euros(awaited_cents))


def check_cash_banked(*, line_cents: int, in_drawer: Money) -> None:
    """Return when a line can be our own cash, brought to the bank; raise MoneyLeft or NotSoMuchCash."""
    if line_cents < 0:
        raise MoneyLeft
    if line_cents > in_drawer.cents:
        raise NotSoMuchCash(euros=euros(in_drawer.cents))


def uploader(*, municipality_id: UUID, person_id: UUID) -> Actor:
    """Return the treasurer in whose name a statement they uploaded is matched by itself."""
    return Actor(municipality_id=municipality_id, person_id=person_id, roles=frozenset({"treasurer"}))
