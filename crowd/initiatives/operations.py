"""Changing initiatives. Every change of state goes through `change_state`."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from crowd.initiatives import content_rules, queries, rules
from crowd.initiatives.models import Initiative, InitiativeTransition, ReviewNote
from crowd.initiatives.rules import InitiativeNotFound, check_transition
from crowd.municipalities.models import Municipality
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.clock import end_of, local_date
from crowd.shared.errors import Conflict, InvalidFields, msg


class EndDateGone(Conflict):
    """The end date passed, or was never chosen, while the initiative waited to go live."""

    sentence = msg("The end date has passed or is missing. Choose a new one before this goes online.")


_LOCKED = (
    select(Initiative.state, Initiative.live_at, Initiative.ends_on)
    .where(Initiative.id == bindparam("initiative_id"))
    .with_for_update()
)


# Frozen at going live, so that what donors read when they gave is what decides.
_TOLERANCE = (
    select(Municipality.tolerance_percent)
    .where(Municipality.id == Initiative.municipality_id)
    .correlate(Initiative)
    .scalar_subquery()
)


def change_state(
    session: Session, *, initiative_id: UUID, to: str, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Bring the initiative to state `to`, keeping who, when and why, and lock its row until the end.

    Sets `submitted_at` at each submission; at the first going live `live_at`, the deadline (the end of `ends_on` in the
    Netherlands) and the tolerance, as the municipality has it then. `now` is business time. Who may do this is the
    caller's question (`may_...`).
    Raises InitiativeNotFound, InitiativeCannotBecome, ReasonMissing, ReasonTooLong, EndDateGone.
    """
    _step(session, initiative_id=initiative_id, to=to, actor=actor, now=now, reason=reason)


def _step(session: Session, *, initiative_id: UUID, to: str, actor: Actor, now: datetime, reason: str) -> int:
    """Do what `change_state` promises and return the id of the transition's row."""
    row = session.execute(_LOCKED, {"initiative_id": initiative_id}).first()
    if row is None:
        raise InitiativeNotFound
    check_transition(current=row.state, to=to, reason=reason)
    values: dict[str, object] = {}
    if to == "submitted":
        values["submitted_at"] = now
    if to == "live" and row.live_at is None:
        if row.ends_on is None or end_of(row.ends_on) <= now:
            raise EndDateGone(field="ends_on")
        values |= {"live_at": now, "deadline_at": end_of(row.ends_on), "tolerance_percent": _TOLERANCE}
    session.execute(update(Initiative).where(Initiative.id == initiative_id).values(state=to, **values))
    transition_id = session.execute(
        insert(InitiativeTransition)
        .values(
            initiative_id=initiative_id,
            from_state=row.state,
            to_state=to,
            at=now,
            by_person_id=actor.person_id,
            reason=reason.strip(),
        )
        .returning(InitiativeTransition.id)
    ).scalar_one()
    audit.record(
        session,
        actor=actor,
        action=f"initiative.became_{to}",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"from": row.state, "reason": reason.strip()},
    )
    return transition_id


def approve(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime) -> None:
    """Say yes to an initiative as it was handed in, and tell its initiator. Raises what `_permitted` raises."""
    _permitted(session, initiative_id=initiative_id, actor=actor, may=rules.may_review)
    transition_id = _step(session, initiative_id=initiative_id, to="approved", actor=actor, now=now, reason="")
    _tell(session, kind="initiative.approved", initiative_id=initiative_id, transition_id=transition_id)


def request_changes(
    session: Session,
    *,
    initiative_id: UUID,
    actor: Actor,
    now: datetime,
    reason: str,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Send an initiative back with a reason, and a note per section where there is one to make.

    Raises ReasonMissing when neither is given, ReasonTooLong, InitiativeCannotBecome, and as `_permitted`.
    """
    _permitted(session, initiative_id=initiative_id, actor=actor, may=rules.may_review)
    kept = {section: body.strip() for section, body in (notes or {}).items() if body.strip()}
    # Notes alone are reason enough; the road then says where to read on.
    why = reason.strip() or ", ".join(kept)
    transition_id = _step(
        session, initiative_id=initiative_id, to="changes_requested", actor=actor, now=now, reason=why
    )
    for section, body in kept.items():
        if len(body) > rules.REASON_LENGTH_MAX:
            raise rules.ReasonTooLong(field=f"note_{section}", length=rules.REASON_LENGTH_MAX)
        session.execute(insert(ReviewNote).values(transition_id=transition_id, section=section, body=body))
    _tell(session, kind="initiative.changes_requested", initiative_id=initiative_id, transition_id=transition_id)


def publish(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime, ends_on: date | None = None) -> None:
    """Put an approved initiative online, if asked with a new end date, since the review took its time.

    Raises InvalidFields for a date out of range, EndDateGone, InitiativeCannotBecome, and as `_permitted`.
    """
    facts = _permitted(session, initiative_id=initiative_id, actor=actor, may=rules.may_publish)
    if facts.state == "live":
        return
    if ends_on is not None and facts.state == "approved":
        if errors := content_rules.end_date_errors(ends_on, today=local_date(now)):
            raise InvalidFields(tuple(errors))
        session.execute(update(Initiative).where(Initiative.id == initiative_id).values(ends_on=ends_on))
    transition_id = _step(session, initiative_id=initiative_id, to="live", actor=actor, now=now, reason="")
    _tell(session, kind="initiative.live", initiative_id=initiative_id, transition_id=transition_id)


def suspend(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime, reason: str) -> None:
    """Pause a live campaign: nobody can give until it is resumed. Its deadline stays. Raises as `_permitted`."""
    _permitted(session, initiative_id=initiative_id, actor=actor, may=rules.may_suspend)
    transition_id = _step(session, initiative_id=initiative_id, to="suspended", actor=actor, now=now, reason=reason)
    _tell(session, kind="initiative.suspended", initiative_id=initiative_id, transition_id=transition_id)


def resume(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime, reason: str = "") -> None:
    """Let a suspended campaign go on with the deadline it had. Raises as `_permitted`."""
    facts = _permitted(session, initiative_id=initiative_id, actor=actor, may=rules.may_suspend)
    if facts.state != "suspended":
        raise rules.InitiativeCannotBecome
    transition_id = _step(session, initiative_id=initiative_id, to="live", actor=actor, now=now, reason=reason)
    _tell(session, kind="initiative.resumed", initiative_id=initiative_id, transition_id=transition_id)


def cancel(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime, reason: str = "") -> None:
    """End an initiative for good. The caller releases the pledges of a campaign in the same transaction.

    Raises ReasonMissing for a public one, InitiativeCannotBecome, also for a funded one: that takes a plan that says
    where the money goes. And as `_permitted`.
    """
    facts = _permitted(session, initiative_id=initiative_id, actor=actor, may=rules.may_cancel)
    if facts.state not in rules.CANCELLED_AT_ONCE:
        raise rules.InitiativeCannotBecome
    transition_id = _step(session, initiative_id=initiative_id, to="cancelled", actor=actor, now=now, reason=reason)
    _tell(session, kind="initiative.cancelled", initiative_id=initiative_id, transition_id=transition_id)


def cancel_funded(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime, reason: str) -> None:
    """End a funded initiative for good, and tell its team; who may, and where the money goes, the caller settled.

    Raises InitiativeCannotBecome when it is not funded, ReasonMissing, ReasonTooLong.
    """
    facts = queries.facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if facts.state != "funded":
        raise rules.InitiativeCannotBecome
    transition_id = _step(session, initiative_id=initiative_id, to="cancelled", actor=actor, now=now, reason=reason)
    _tell(session, kind="initiative.cancelled", initiative_id=initiative_id, transition_id=transition_id)


def _permitted(
    session: Session,
    *,
    initiative_id: UUID,
    actor: Actor,
    may: Callable[[Actor, rules.InitiativeFacts], rules.Denial | None],
) -> rules.InitiativeFacts:
    """Lock the initiative and return its facts when the actor may; raise the denial, or InitiativeNotFound."""
    queries.campaign_facts(session, initiative_id=initiative_id, lock="update")
    facts = queries.facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if denial := may(actor, facts):
        raise denial
    return facts


def _tell(session: Session, *, kind: str, initiative_id: UUID, transition_id: int) -> None:
    outbox.add(
        session,
        kind=kind,
        args={"initiative_id": str(initiative_id), "transition_id": transition_id},
        dedupe_key=f"{kind}/{transition_id}",
    )
