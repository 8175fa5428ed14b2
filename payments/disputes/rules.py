"""What a dispute's state at the provider means, who bears a lost one, and when evidence may be sent."""

from datetime import datetime
from typing import Final, Literal

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, NotFound, msg

State = Literal["inquiry", "open", "under_review", "won", "lost", "closed"]
Bearer = Literal["campaign", "platform"]
STATES: Final = ("inquiry", "open", "under_review", "won", "lost", "closed")
FINAL: Final = frozenset({"won", "lost", "closed"})
BEARERS: Final = ("campaign", "platform")
EVIDENCE_LENGTH: Final = 20_000
_STATE_OF: Final[dict[str, State]] = {
    # An inquiry moves no money: it is closed, or becomes a dispute after all.
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "closed",
    "prevented": "closed",
    "needs_response": "open",
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
}


class DisputeNotFound(NotFound):
    """No dispute has this id."""

    sentence = msg("We cannot find this dispute.")


class OnlyTheTreasurerAnswers(Forbidden):
    """The municipality's word to the bank is a treasurer's."""

    sentence = msg("Only the municipality's treasurer can answer a dispute.")


class NoAnswerExpected(Conflict):
    """Closed, answered before, or a debit that was taken back: nobody asks us anything."""

    sentence = msg("This dispute cannot be answered, or not any more.")


class EvidenceMissing(Invalid):
    """An answer says something."""

    sentence = msg("Write down why the payment was right.")


class EvidenceTooLong(Invalid):
    """The provider passes on no more."""

    sentence = msg("Use at most {most} characters.")


def read_state(status: str) -> State | None:
    """Return what the provider's word for a dispute's state means; None for a word we do not know."""
    return _STATE_OF.get(status)


def who_bears(*, was_paid_out: bool, was_refunded: bool) -> Bearer:
    """Return who bears a lost dispute: the campaign, unless its money has left it already."""
    return "platform" if was_paid_out or was_refunded else "campaign"


def may_answer(*, state: str, due_at: datetime | None, now: datetime) -> bool:
    """Whether the bank still awaits our word."""
    return state in {"open", "inquiry"} and due_at is not None and now <= due_at


def check_evidence(*, actor: Actor, state: str, due_at: datetime | None, evidence: str, now: datetime) -> str:
    """Return the evidence without surrounding space when this actor may send it; raise what is wrong otherwise."""
    if "treasurer" not in actor.roles:
        raise OnlyTheTreasurerAnswers
    if not may_answer(state=state, due_at=due_at, now=now):
        raise NoAnswerExpected
    if not evidence.strip():
        raise EvidenceMissing(field="evidence")
    if len(evidence.strip()) > EVIDENCE_LENGTH:
        raise EvidenceTooLong(field="evidence", most=EVIDENCE_LENGTH)
    return evidence.strip()
