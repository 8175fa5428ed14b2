"""Changing initiatives. Every change of state goes through `change_state`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative, InitiativeTransition
from crowd.initiatives.rules import InitiativeNotFound, check_transition
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.clock import end_of
from crowd.shared.errors import Conflict, msg


class EndDateGone(Conflict):
    """The end date passed, or was never chosen, while the initiative waited to go live."""

    sentence = msg("The end date has passed or is missing. Choose a new one before this goes online.")


_LOCKED = (
    select(Initiative.state, Initiative.live_at, Initiative.ends_on)
    .where(Initiative.id == bindparam("initiative_id"))
    .with_for_update()
)


def change_state(
    session: Session, *, initiative_id: UUID, to: str, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Bring the initiative to state `to`, keeping who, when and why, and lock its row until the end.

    Sets `submitted_at` at each submission; at the first going live `live_at` and the deadline: the end of
    `ends_on` in the Netherlands. `now` is business time. Who may do this is the caller's question (`may_...`).
    Raises InitiativeNotFound, InitiativeCannotBecome, ReasonMissing, EndDateGone.
    """
    row = session.execute(_LOCKED, {"initiative_id": initiative_id}).first()
    if row is None:
        raise InitiativeNotFound
    check_transition(current=row.state, to=to, reason=reason)
    moments: dict[str, datetime] = {}
    if to == "submitted":
        moments["submitted_at"] = now
    if to == "live" and row.live_at is None:
        if row.ends_on is None or end_of(row.ends_on) <= now:
            raise EndDateGone(field="ends_on")
        moments |= {"live_at": now, "deadline_at": end_of(row.ends_on)}
    session.execute(update(Initiative).where(Initiative.id == initiative_id).values(state=to, **moments))
    session.execute(
        insert(InitiativeTransition).values(
            initiative_id=initiative_id,
            from_state=row.state,
            to_state=to,
            at=now,
            by_person_id=actor.person_id,
            reason=reason.strip(),
        )
    )
    audit.record(
        session,
        actor=actor,
        action=f"initiative.became_{to}",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"from": row.state, "reason": reason.strip()},
    )
