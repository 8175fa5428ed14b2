"""What a gift outside the provider may be, the reference it is known by, and who may say that it arrived. Pure.

A reference is a structured creditor reference (ISO 11649): "RF", two check digits, and twelve digits of ours. Only
digits, so that it can be dictated on the phone; every bank accepts it in the description of a transfer, and a typing
mistake almost never yields another valid one. The first of the twelve says what the money is: 1 a gift, 2 the
municipality's share; of what leaves: 3 a payout, 4 money back to a donor, 5 a transfer that goes back where it came
from, 6 what the municipality gets of a stopped initiative.
"""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, InvalidFields, NotFound, msg
from crowd.shared.money import Money

DEPOSIT_STATES: Final = ("announced", "to_confirm", "held", "collected", "returned", "refused")
LAYOUTS: Final = ("camt053", "ing_csv", "rabobank_csv")
OUTCOMES: Final = ("deposit", "share", "cash_banked", "not_ours", "booked", "costs", "sent_back")
RETURN_STATES: Final = ("planned", "ready", "paid", "cancelled")
# A pledge that ended in one of these keeps nothing that was received for it.
GOES_BACK: Final = ("abandoned", "withdrawn", "released", "dropped")

REFERENCE_LENGTH: Final = 16
NAME_LENGTH: Final = 70
# Above this, cash counts only after a second person counted it, unless the municipality says otherwise.
CASH_ALONE: Final = Money(100_00)
# An initiative that gets more is paid once two people approved. The default of `money_terms.payout_alone_cents` too.
PAYOUT_ALONE: Final = Money(25_000_00)
NOTE_LENGTH: Final = 140
GIFT: Final = 1
SHARE: Final = 2
PAYOUT: Final = 3
RETURN: Final = 4
LINE_RETURN: Final = 5
TOWN: Final = 6

_MODULUS: Final = 97
_BODY: Final = 10**11
_REFERENCE: Final = re.compile(r"RF[0-9]{14}")
_POSTCODE: Final = re.compile(r"([1-9][0-9]{3})\s*([A-Z]{2})")
_HOUSE: Final = re.compile(r"[0-9]{1,5}[A-Z0-9 -]{0,8}")


class DonorNameMissing(Invalid):
    """Somebody stands there: we write down who."""

    sentence = msg("Fill in the name of the donor.")


class PostcodeWrong(Invalid):
    """Not a Dutch postcode."""

    sentence = msg("Fill in a postcode, for example 1234 AB.")


class HouseNumberWrong(Invalid):
    """Not a house number."""

    sentence = msg("Fill in a house number, for example 12 or 12 B.")


class AmountNegative(Invalid):
    """A limit is zero or more."""

    sentence = msg("This amount cannot be below zero.")


class WayMissing(Invalid):
    """Cash, or a bank transfer."""

    sentence = msg("Choose whether the money is given in cash or comes by bank transfer.")


class CashNeedsTheDesk(Invalid):
    """Nobody hands over cash on the phone."""

    sentence = msg("Cash can only be taken from somebody who is at the desk.")


class OnlyAClerk(Forbidden):
    """A gift at the counter is written down by who stands there."""

    sentence = msg("Only a clerk of the municipality can write this down.")


class OnlyStaffCounts(Forbidden):
    """Cash is counted by a second clerk, or a treasurer."""

    sentence = msg("Only a clerk or a treasurer can confirm cash.")


class SecondPersonNeeded(Forbidden):
    """Four eyes: who wrote a gift down does not confirm it."""

    sentence = msg("You wrote this gift down yourself, so a colleague confirms that the cash is there.")


class NothingToConfirm(Conflict):
    """It was confirmed or refused meanwhile, or it never needed a second person."""

    sentence = msg("This gift does not wait for a confirmation.")


class NoSuchDeposit(NotFound):
    """No gift at the counter with this id."""

    sentence = msg("We cannot find this gift.")


class NoBankAccount(Conflict):
    """Nobody said which account donors may transfer to."""

    sentence = msg("The municipality has not entered its bank account, so transfers cannot be taken yet.")


class AccountHolderMissing(Invalid):
    """A bank compares the name with the number."""

    sentence = msg("Fill in the name the account is held in.")


class NothingToReturn(Conflict):
    """Nothing of this pledge goes back by bank."""

    sentence = msg("Nothing goes back to this donor by bank.")


class AccountUnknown(Conflict):
    """It is not known where the money goes."""

    sentence = msg("First ask the donor for an account: we do not know where this money should go.")


class AccountByYourself(Forbidden):
    """Four eyes: who wrote an account down does not pay to it."""

    sentence = msg("You wrote this account number down yourself, so another treasurer pays it.")


class AccountChanged(Conflict):
    """Between looking and noting, another account was given: which of the two was paid is not known."""

    sentence = msg("Another account was given meanwhile. Look at it again; did you pay already, then tell the donor.")


class OnlyTheTreasurerPays(Forbidden):
    """Money leaves on a treasurer's word."""

    sentence = msg("Only the municipality's treasurer can do this.")


class PaymentReferenceMissing(Invalid):
    """A payment is found again by its reference."""

    sentence = msg("Fill in the reference of the payment, as it stands in the bank's program.")


@dataclass(frozen=True, slots=True)
class Household:
    """Where a donor lives, as far as it tells one household from another: nothing is sent there."""

    postcode: str
    house_number: str

    def __str__(self) -> str:
        return f"{self.postcode} {self.house_number}"


# --- References ------------------------------------------------------------------------------------------------


def reference(*, kind: int, subject_id: UUID, attempt: int = 0) -> str:
    """Return the reference of a gift or a share: the same for the same id; `attempt` gives another one.

    Sixteen characters, without spaces.
    """
    body = f"{kind}{(subject_id.int + attempt) % _BODY:011d}"
    return f"RF{_check_digits(body):02d}{body}"


def spaced(reference: str) -> str:
    """Return a reference or an account number in groups of four, as it is read aloud."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def references_in(text: str) -> tuple[str, ...]:
    """Return every correct reference of ours in what somebody typed, however they spaced it; each once, in order."""
    bare = re.sub(r"[^A-Z0-9]", "", text.upper())
    found = (bare[at : at + REFERENCE_LENGTH] for at in range(len(bare) - REFERENCE_LENGTH + 1))
    return tuple(dict.fromkeys(one for one in found if _REFERENCE.fullmatch(one) and _is_right(one)))


def _check_digits(body: str) -> int:
    # ISO 7064: letters are two digits (R is 27, F is 15), the check digits come last as 00.
    return 98 - int(f"{body}271500") % _MODULUS


def _is_right(found: str) -> bool:
    return int(f"{found[4:]}2715{found[2:4]}") % _MODULUS == 1


# --- Gifts at the counter -------------------------------------------------------------------------------------


def household(*, postcode: str, house_number: str) -> Household:
    """Return where a donor lives, written in one way; raise InvalidFields naming what is wrong."""
    code = _POSTCODE.fullmatch(postcode.strip().upper())
    house = " ".join(house_number.upper().split())
    errors: list[Invalid] = []
    if code is None:
        errors.append(PostcodeWrong(field="postcode"))
    if not _HOUSE.fullmatch(house):
        errors.append(HouseNumberWrong(field="house_number"))
    if errors or code is None:
        raise InvalidFields(tuple(errors))
    return Household(postcode=f"{code[1]}{code[2]}", house_number=house)


def donor_name(text: str) -> str:
    """Return the name of a donor on one line; raise DonorNameMissing."""
    name = " ".join(text.split())[:NAME_LENGTH]
    if not name or not name.isprintable():
        raise DonorNameMissing(field="name")
    return name


def needs_second(*, amount: Money, alone: Money) -> bool:
    """Whether cash of this amount counts only after a second person counted it: above what one may take alone."""
    return amount > alone


def check_cash_alone(amount: Money) -> None:
    """Return when one person may take cash up to this amount alone, zero for never; raise AmountNegative."""
    if amount.cents < 0:
        raise AmountNegative(field="cash_alone")


def check_clerk(*, actor: Actor) -> None:
    """Return when the actor is a clerk; raise OnlyAClerk otherwise."""
    if "clerk" not in actor.roles or actor.person_id is None:
        raise OnlyAClerk


def check_second(*, actor: Actor, recorded_by: UUID) -> None:
    """Return when this actor may confirm cash that somebody else wrote down; raise the refusal that says why not."""
    if not actor.roles & {"clerk", "treasurer"} or actor.person_id is None:
        raise OnlyStaffCounts
    if actor.person_id == recorded_by:
        raise SecondPersonNeeded


def check_treasurer(*, actor: Actor) -> None:
    """Return when the actor is a treasurer; raise OnlyTheTreasurerPays otherwise."""
    if "treasurer" not in actor.roles or actor.person_id is None:
        raise OnlyTheTreasurerPays


def account_holder(text: str) -> str:
    """Return the name an account is held in, on one line; raise AccountHolderMissing."""
    name = " ".join(text.split())[:NAME_LENGTH]
    if not name or not name.isprintable():
        raise AccountHolderMissing(field="holder")
    return name


def check_return_paid(
    *, actor: Actor, state: str, account_by: UUID | None, is_same_account: bool, reference: str
) -> str:
    """Return the reference under which a treasurer paid a return; raise what forbids it."""
    check_treasurer(actor=actor)
    if state == "paid":
        raise NothingToReturn
    if state == "planned":
        raise AccountUnknown
    if actor.person_id == account_by:
        raise AccountByYourself
    if not is_same_account:
        raise AccountChanged
    written = " ".join(reference.split())[:NOTE_LENGTH]
    if not written:
        raise PaymentReferenceMissing(field="reference")
    return written
