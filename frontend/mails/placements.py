"""What volunteers, and the people who asked for hands, hear about one place on one shift."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from crowd.accounts import queries as accounts
from crowd.initiatives import letter_queries as letters
from crowd.shared.outbox import Job, parse_id
from frontend import i18n, links
from frontend.letters import Attachment, Letter
from frontend.mails import calendar
from frontend.mails.kinds import Compose, Mail, Part
from frontend.runtime import Runtime
from matching.placements import queries as placements
from matching.placements.queries import PlacementFacts
from matching.roles import queries as roles
from matching.roles.queries import ShiftLine


def to_organisers(session: Session, job: Job) -> Sequence[Part] | None:
    """Return one letter for each person of the initiative the shift belongs to."""
    if "person_id" in job.args:
        return None
    known = placements.placement(session, placement_id=parse_id(job.args["placement_id"]))
    line = roles.shift(session, shift_id=known.shift_id)
    team = letters.team_of(session, initiative_id=line.initiative_id)
    return [Part(job.kind, {**job.args, "person_id": str(who)}, f"{job.dedupe_key}/{who}") for who in team]


def to_volunteer(*states: str, in_calendar: bool = False, is_cancelled: bool = False) -> Compose:
    """Return what writes to the volunteer while their placement is still in one of `states`. Args: placement_id."""

    def compose(runtime: Runtime, session: Session, job: Job) -> Letter | None:
        known = placements.placement(session, placement_id=parse_id(job.args["placement_id"]))
        person = accounts.person(session, person_id=known.volunteer_id)
        if person is None or known.state not in states:
            return None
        line = roles.shift(session, shift_id=known.shift_id)
        url = runtime.settings.base_url + links.own_placement_path(known.id, runtime.keys)
        return Letter(
            to=person.email,
            language=i18n.chosen(known.locale),
            facts={**_shift(runtime, line), "url": url, "answer_by": known.expires_at},
            attachments=(_entry(runtime, known, line, url, is_cancelled=is_cancelled),) if in_calendar else (),
        )

    return compose


def compose_for_organiser(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: placement_id, person_id of somebody of the initiative."""
    known = placements.placement(session, placement_id=parse_id(job.args["placement_id"]))
    person = accounts.person(session, person_id=parse_id(job.args["person_id"]))
    volunteer = accounts.person(session, person_id=known.volunteer_id)
    if person is None or volunteer is None:
        return None
    line = roles.shift(session, shift_id=known.shift_id)
    return Letter(
        to=person.email,
        language=i18n.chosen(person.locale),
        facts={
            **_shift(runtime, line),
            "volunteer": volunteer.name,
            "filled": line.filled,
            "capacity": line.capacity,
            "url": f"{runtime.settings.base_url}/initiatieven/{line.initiative_slug}/diensten",
        },
    )


def compose_not_placed(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: volunteer_id, shift_id, reason. Only the mail tells why: the page says the same to everyone."""
    person = accounts.person(session, person_id=parse_id(job.args["volunteer_id"]))
    if person is None:
        return None
    line = roles.shift(session, shift_id=parse_id(job.args["shift_id"]))
    return Letter(
        to=person.email,
        language=i18n.chosen(person.locale),
        facts={**_shift(runtime, line), "is_there_already": job.args.get("reason") == "AlreadyThere"},
    )


def _shift(runtime: Runtime, line: ShiftLine) -> dict[str, object]:
    return {
        "role": line.role_title,
        "title": line.initiative_title,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "place": line.meeting_point,
        "is_remote": line.is_remote,
        "initiative_url": f"{runtime.settings.base_url}/initiatieven/{line.initiative_slug}",
        "help_url": f"{runtime.settings.base_url}/meehelpen",
        "hours_url": f"{runtime.settings.base_url}/mijn",
    }


def _entry(runtime: Runtime, known: PlacementFacts, line: ShiftLine, url: str, *, is_cancelled: bool) -> Attachment:
    return calendar.entry(
        placement_id=known.id,
        domain=urlsplit(runtime.settings.base_url).hostname or "buurtloket",
        title=f"{line.role_title}: {line.initiative_title}",
        place=line.meeting_point,
        url=url,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        changed_at=known.changed_at,
        is_cancelled=is_cancelled,
    )


MAILS: Final = {
    "placement.accepted": Mail(to_volunteer("accepted", in_calendar=True)),
    "placement.applied": Mail(to_volunteer("applied")),
    "placement.waitlisted": Mail(to_volunteer("waitlisted")),
    "placement.invited": Mail(to_volunteer("invited")),
    "placement.not_chosen": Mail(to_volunteer("declined")),
    "placement.expired": Mail(to_volunteer("expired")),
    "placement.cancelled": Mail(to_volunteer("cancelled", in_calendar=True, is_cancelled=True)),
    "placement.withdrawn": Mail(to_volunteer("withdrawn", "expired")),
    "placement.not_placed": Mail(compose_not_placed),
    "placement.reminder": Mail(to_volunteer("accepted", in_calendar=True)),
    "placement.thanks": Mail(to_volunteer("completed")),
    "placement.joined": Mail(compose_for_organiser, to_organisers),
    "placement.application": Mail(compose_for_organiser, to_organisers),
    "placement.declined": Mail(compose_for_organiser, to_organisers),
    "placement.silent": Mail(compose_for_organiser, to_organisers),
    "placement.left": Mail(compose_for_organiser, to_organisers),
}
