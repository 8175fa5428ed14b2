"""A transfer that came otherwise than announced: a gift of what came, a second one, or money sent back. Pure."""

from typing import Final

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, msg
from payments.bank.rules import NOTE_LENGTH, AccountChanged, NothingToReturn, PaymentReferenceMissing, check_treasurer

# A gift whose money is still to come: what came is its amount. Of any other the money came before, so this is a second.
ANNOUNCED: Final = "announced"


class NoGiftNamed(Invalid):
    """Whose gift it is must be beyond doubt."""

    sentence = msg("The description names no gift of ours, or several, so we do not know whose gift this is.")


class ComesFromElsewhere(Invalid):
    """Money goes back to the account it came from, never to another one that somebody names."""

    sentence = msg("This money came from another account, and goes back only to that one.")


class DecidedByYourself(Forbidden):
    """Four eyes: who decided that money goes back does not pay it."""

    sentence = msg("You decided yourself that this goes back, so another treasurer pays it.")


class NotToSendBack(Conflict):
    """Nobody decided that this line goes back."""

    sentence = msg("This transfer does not go back.")


def check_where_to(*, account: str, came_from: str) -> None:
    """Return when money may go back to `account`: where it came from, or anywhere when the bank did not say where."""
    if came_from and account != came_from:
        raise ComesFromElsewhere(field="account")


def check_sent_back(*, actor: Actor, is_paid: bool, decided_by: object, is_same_account: bool, reference: str) -> str:
    """Return the reference under which a treasurer sent a transfer back; raise what forbids it."""
    check_treasurer(actor=actor)
    if is_paid:
        raise NothingToReturn
    if actor.person_id == decided_by:
        raise DecidedByYourself
    if not is_same_account:
        raise AccountChanged
    written = " ".join(reference.split())[:NOTE_LENGTH]
    if not written:
        raise PaymentReferenceMissing(field="reference")
    return written
