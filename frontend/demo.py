"""The demonstration: its made-up people, one for each part one can play, and its clock that can be moved.

Nothing here works unless DEMO=yes, and that is refused together with a live key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx2
from sqlalchemy.orm import Session

from crowd.initiatives.queries import next_deadline
from crowd.pledges.rules import GRACE_TO_FINISH
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.db import refuse_inside_transaction
from crowd.shared.errors import Conflict, NotFound, msg
from crowd.shared.outbox import Job
from crowd.shared.settings import Settings
from frontend.runtime import Runtime

FOLLOW_CLOCK: Final = "demo_clock.follow"
# The sandbox answers once everything that fell due on the way has happened.
_TIMEOUT_SECONDS: Final = 60.0
# A campaign closes once whoever was on the payment page at the deadline had the time to finish there.
_PAST: Final = GRACE_TO_FINISH + timedelta(minutes=1)


class OnlyInDemonstration(NotFound):
    """Outside a demonstration these addresses do not exist."""

    sentence = msg("We cannot find this.")


class NoDeadlineAhead(Conflict):
    """No campaign is running, so there is no deadline to go to."""

    sentence = msg("No campaign is open for support now, so there is no deadline to go to. Choose a number of days.")


class SandboxDidNotFollow(Exception):
    """The sandbox's clock could not be set now; the worker does it when the sandbox answers again."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody made up. `role` is municipal or empty; `mandate_cents` what an approver may award."""

    name: str
    email: str
    role: str = ""
    mandate_cents: int = 0


PEOPLE: Final[Mapping[str, DemoPerson]] = {
    "resident": DemoPerson("Roos Voorbeeld", "roos@voorbeeldstad.example"),
    "donor": DemoPerson("Dirk Voorbeeld", "dirk@voorbeeldstad.example"),
    "volunteer": DemoPerson("Vera Voorbeeld", "vera@voorbeeldstad.example"),
    "clerk": DemoPerson("Karim Loket", "karim@voorbeeldstad.example", "clerk"),
    "assessor": DemoPerson("Bea Beoordelaar", "bea@voorbeeldstad.example", "assessor"),
    "approver": DemoPerson("Mo Mandaat", "mo@voorbeeldstad.example", "approver", 10_000_00),
    "treasurer": DemoPerson("Pim Penning", "pim@voorbeeldstad.example", "treasurer"),
    "administrator": DemoPerson("Ada Beheer", "ada@voorbeeldstad.example", "administrator"),
}


def person_playing(part: str) -> DemoPerson:
    """Return who plays "clerk" or another part; raise OnlyInDemonstration for a part that nobody plays."""
    if part not in PEOPLE:
        raise OnlyInDemonstration
    return PEOPLE[part]


def refuse_outside_demonstration(settings: Settings) -> None:
    """Raise OnlyInDemonstration unless this is one."""
    if not settings.demo:
        raise OnlyInDemonstration


def until_next_deadline(session: Session, *, now: datetime) -> timedelta:
    """Return how long it is until the next live campaign closes, just after its deadline; raise NoDeadlineAhead."""
    deadline = next_deadline(session, now=now)
    if deadline is None:
        raise NoDeadlineAhead
    return deadline - now + _PAST


def move_clock(runtime: Runtime, session: Session, *, by: timedelta, actor: Actor) -> datetime:
    """Move business time in this transaction, and remember that the sandbox must follow; return the new time.

    Call `set_sandbox_clock` after the commit; the outbox makes up for a sandbox that is away. Raises JumpTooFar,
    ClockIsFixed.
    """
    offset = runtime.clock.advance(session, by=by)
    now = runtime.clock.now(session)
    outbox.add(session, kind=FOLLOW_CLOCK, args={}, dedupe_key=f"{FOLLOW_CLOCK}:{offset}")
    if actor.municipality_id is not None:
        audit.record(
            session,
            actor=actor,
            action="clock.moved",
            subject_type="municipality",
            subject_id=actor.municipality_id,
            now=now,
            facts={"seconds": int(by.total_seconds())},
        )
    return now


def set_sandbox_clock(runtime: Runtime) -> None:
    """Set the sandbox's clock to ours as it is now; raise SandboxDidNotFollow. Calls out: no transaction open.

    It sends the whole offset, so doing it twice, or late, is doing it once.
    """
    refuse_inside_transaction()
    settings = runtime.settings
    if not settings.sandbox_control_url:
        return
    with runtime.database.reading() as session:
        offset = runtime.clock.offset_seconds(session)
    try:
        httpx2.post(
            f"{settings.sandbox_control_url}/_sandbox/clock",
            json={"offset_seconds": offset},
            headers={"Authorization": f"Bearer {settings.sandbox_control_token}"},
            timeout=_TIMEOUT_SECONDS,
        ).raise_for_status()
    except httpx2.HTTPError as error:
        raise SandboxDidNotFollow from error


def follow_clock(runtime: Runtime, job: Job) -> None:
    """Handle one `demo_clock.follow` of the outbox."""
    del job
    set_sandbox_clock(runtime)
