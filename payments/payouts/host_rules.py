"""Who may be a fiscal host, and who may say so; and who may close a payee. Pure."""

from typing import Final
from uuid import UUID

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, NotFound, msg

REASON_LENGTH: Final = 500


class NotYourOrganisation(NotFound):
    """Somebody else answers for it."""

    sentence = msg("We cannot find this organisation among those you answer for.")


class NoSuchHost(Invalid):
    """Not an organisation that receives money for others."""

    sentence = msg("Choose one of the organisations that receive money for groups.")


class PayeeKnown(Conflict):
    """The account of this initiative is known already."""

    sentence = msg("It is known already where the money of this initiative goes. Ask the treasurer to change that.")


class NothingAsked(Conflict):
    """Nobody asks this organisation, or it answered before."""

    sentence = msg("This initiative does not ask your organisation, or not any more.")


class ReasonMissing(Invalid):
    """Closing an account is explained."""

    sentence = msg("Write down why this account gets no more money.")


class NothingToClose(Conflict):
    """There is no payee, or it is closed."""

    sentence = msg("There is no account to close.")


class NothingToSendOn(Conflict):
    """Nothing of this payout is held by a closed account, or no new one is ready."""

    sentence = msg("Nothing is held here, or the new account is not known yet.")


class ClosedByYourself(Forbidden):
    """Four eyes: who closed an account does not send its money elsewhere."""

    sentence = msg("You closed the account yourself, so another treasurer sends the money on.")


def check_answers_for(*, actor: Actor, claimed_by: UUID | None) -> None:
    """Return when this actor answers for the organisation; raise NotYourOrganisation otherwise."""
    if actor.person_id is None or actor.person_id != claimed_by:
        raise NotYourOrganisation


def closing_reason(text: str) -> str:
    """Return why an account is closed, on one line; raise ReasonMissing."""
    reason = " ".join(text.split())[:REASON_LENGTH]
    if not reason:
        raise ReasonMissing(field="reason")
    return reason
