"""Starting and ending a wave, and asking one more person for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, func, insert, or_, update
from sqlalchemy.orm import Session

from crowd.shared import audit
from crowd.shared.actor import Actor, Channel, system
from crowd.shared.ids import new_id
from matching.placements import rules, wave_rules
from matching.placements.models import Placement, Wave
from matching.placements.operations import invite
from matching.placements.queries import policy
from matching.placements.steps import locked_shift
from matching.placements.suggestions import volunteers_for
from matching.placements.wave_queries import WaveLine, answers_before, running_wave, wave_facts
from matching.roles.queries import ShiftLine
from matching.roles.rules import NoHelpNow, OtherContent, check_is_ahead
from matching.volunteers.operations import lock_volunteer


def start_wave(session: Session, *, wave_id: UUID, shift_id: UUID, actor: Actor, now: datetime) -> None:
    """Start asking for a shift, best first, by itself. The same id again changes nothing.

    Who is asked comes by `ask_one`, one transaction for each. Raises ShiftNotFound, ShiftIsCancelled, ShiftIsOver,
    NoHelpNow, TooLateToAsk, WaveRuns, OtherContent.
    """
    line = locked_shift(session, shift_id=shift_id)
    known = session.get(Wave, wave_id)
    if known is not None:
        if known.shift_id != shift_id:
            raise OtherContent
        return
    check_is_ahead(line.cancelled_at, line.starts_at, now=now)
    if not line.is_open(now):
        raise NoHelpNow
    wave_rules.check_may_start(starts_at=line.starts_at, now=now)
    if running_wave(session, shift_id=shift_id) is not None:
        raise wave_rules.WaveRuns
    session.execute(
        insert(Wave).values(
            id=wave_id,
            municipality_id=line.municipality_id,
            shift_id=shift_id,
            started_at=now,
            started_by=actor.person_id,
        )
    )
    _note(session, wave_id, shift_id, action="wave.started", actor=actor, now=now)


def stop_wave(session: Session, *, shift_id: UUID, actor: Actor, now: datetime) -> None:
    """Ask nobody more for this shift; who was asked can still answer. Raises ShiftNotFound, WaveNotFound."""
    locked_shift(session, shift_id=shift_id)
    wave = running_wave(session, shift_id=shift_id)
    if wave is None:
        raise wave_rules.WaveNotFound
    _end(session, wave, ending="stopped", actor=actor, now=now)


def look_at(session: Session, *, shift_id: UUID, now: datetime) -> int:
    """Return how many more people this shift's wave should ask now; end the wave when its time is over.

    A wave that has asked enough rests, until something changes on the list or ten minutes have passed.
    """
    line = locked_shift(session, shift_id=shift_id)
    wave = running_wave(session, shift_id=shift_id)
    if wave is None:
        return 0
    ending = wave_rules.ending_of(wave_facts(session, line=line, now=now), now=now)
    if ending is not None:
        _end(session, wave, ending=ending, actor=system(wave.municipality_id), now=now)
        return 0
    more = _lacks(session, line, now=now)
    if more == 0:
        rest(session, shift_id=shift_id, now=now)
    return more


def rest(session: Session, *, shift_id: UUID, now: datetime) -> None:
    """Let the wave of this shift rest: enough were asked, or nobody is left to ask."""
    session.execute(
        update(Wave).where(Wave.shift_id == shift_id, Wave.ended_at.is_(None)).values(rests_until=now + wave_rules.REST)
    )


def ask_one(session: Session, *, shift_id: UUID, volunteer_id: UUID, now: datetime) -> bool:
    """Ask this volunteer for the wave that runs for this shift; return whether that was done.

    Everything is weighed again while volunteer and shift are held: another process may have asked the same person,
    or enough others, a moment ago. Then nothing happens.
    """
    lock_volunteer(session, person_id=volunteer_id)
    line = locked_shift(session, shift_id=shift_id)
    wave = running_wave(session, shift_id=shift_id)
    if wave is None or wave_rules.ending_of(wave_facts(session, line=line, now=now), now=now) is not None:
        return False
    if _lacks(session, line, now=now) == 0:
        return False
    asker = Actor(municipality_id=wave.municipality_id, person_id=wave.started_by, channel=Channel.SYSTEM)
    try:
        with session.begin_nested():
            invite(
                session,
                placement_id=new_id(),
                volunteer_id=volunteer_id,
                shift_id=shift_id,
                actor=asker,
                now=now,
            )
    except (rules.AlreadyAsked, rules.AskedEnough, rules.DoesNotFit):
        return False
    return True


def ask_next(session: Session, *, placement_id: UUID, shift_id: UUID, actor: Actor, now: datetime) -> None:
    """Ask whoever fits best of those not asked yet, whether a wave runs or not. The same id again changes nothing.

    Raises what `invite` does, and NobodyFits.
    """
    if session.get(Placement, placement_id) is not None:
        return
    best = volunteers_for(session, shift_id=shift_id, policy=policy(session), now=now)
    if not best:
        raise wave_rules.NobodyFits
    invite(session, placement_id=placement_id, volunteer_id=best[0].id, shift_id=shift_id, actor=actor, now=now)


def forget_invitations(session: Session, *, ended_before: datetime) -> int:
    """Forget who asked, when, and for which reasons, of shifts that ended before this; return of how many people."""
    ends = func.upper(Placement.during, type_=DateTime(timezone=True))
    forgotten = session.execute(
        update(Placement)
        .where(
            ends < ended_before,
            or_(Placement.terms.is_not(None), Placement.asked_at.is_not(None), Placement.asked_by.is_not(None)),
        )
        .values(terms=None, policy_version=None, asked_at=None, asked_by=None)
        .returning(Placement.id)
    )
    return len(forgotten.all())


def _lacks(session: Session, line: ShiftLine, *, now: datetime) -> int:
    own, town = answers_before(session, municipality_id=line.municipality_id, initiative_id=line.initiative_id, now=now)
    rate = wave_rules.accept_rate(own=own, town=town)
    return wave_rules.more_to_ask(wave_facts(session, line=line, now=now), rate=rate)


def _end(session: Session, wave: WaveLine, *, ending: wave_rules.Ending, actor: Actor, now: datetime) -> None:
    session.execute(
        update(Wave).where(Wave.id == wave.id).values(ended_at=now, ended_as=ending, ended_by=actor.person_id)
    )
    _note(session, wave.id, wave.shift_id, action=f"wave.{ending}", actor=actor, now=now)


def _note(session: Session, wave_id: UUID, shift_id: UUID, *, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="wave",
        subject_id=wave_id,
        now=now,
        facts={"shift_id": str(shift_id)},
    )
