"""When an initiator may report on progress, and who may approve it."""

from typing import Final

from crowd.initiatives.rules import InitiativeFacts, InitiativeNotFound, NotYourInitiative
from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, NotFound, msg

REPORT_LENGTH_MIN: Final = 40
REPORT_LENGTH_MAX: Final = 8000
NOTE_LENGTH_MAX: Final = 2000
PICTURE_ALT_LENGTH_MAX: Final = 200


class NothingToReportOn(Conflict):
    """Only a funded initiative has anything to tell about its money."""

    sentence = msg("You can report on progress once the initiative is funded.")


class ReportTooShort(Invalid):
    """A report somebody can judge by says something."""

    sentence = msg("Tell what was done, in at least {least} characters.")


class ReportTooLong(Invalid):
    """Longer than anybody reads."""

    sentence = msg("This report is too long: use at most {most} characters.")


class ReportWaiting(Conflict):
    """One report at a time."""

    sentence = msg("Your previous report is still being read. You can write the next one after that.")


class NoSuchReport(NotFound):
    """No such report, or not theirs to see."""

    sentence = msg("We cannot find this report.")


class ReportDecided(Conflict):
    """Somebody already answered it."""

    sentence = msg("This report was already answered.")


class OnlyAnAssessor(Forbidden):
    """Reports are read by the municipality's assessors."""

    sentence = msg("Only the municipality's assessor can do this.")


class OwnReport(Forbidden):
    """Four eyes: nobody approves a report about an initiative of their own."""

    sentence = msg("You belong to this initiative, so somebody else reads its report.")


class NoteMissing(Invalid):
    """A report that comes back says why."""

    sentence = msg("Write down what is missing, so that the initiator can add it.")


def check_report(*, facts: InitiativeFacts, body: str, is_waiting: bool) -> None:
    """Return when this initiator may hand in this report; raise what is in the way."""
    if facts.part is None:
        raise InitiativeNotFound
    if facts.part != "initiator":
        raise NotYourInitiative
    if facts.state != "funded":
        raise NothingToReportOn
    if is_waiting:
        raise ReportWaiting
    if len(body.strip()) < REPORT_LENGTH_MIN:
        raise ReportTooShort(field="body", least=REPORT_LENGTH_MIN)
    if len(body) > REPORT_LENGTH_MAX:
        raise ReportTooLong(field="body", most=REPORT_LENGTH_MAX)


def check_answer(*, actor: Actor, facts: InitiativeFacts, state: str, is_approved: bool, note: str) -> None:
    """Return when this assessor may approve a report, or send it back with a note; raise what is in the way."""
    if actor.municipality_id != facts.municipality_id:
        raise NoSuchReport
    if "assessor" not in actor.roles:
        raise OnlyAnAssessor
    if facts.part is not None:
        raise OwnReport
    if state != "submitted":
        raise ReportDecided
    if not is_approved and not note.strip():
        raise NoteMissing(field="note")
    if len(note) > NOTE_LENGTH_MAX:
        raise ReportTooLong(field="note", most=NOTE_LENGTH_MAX)
