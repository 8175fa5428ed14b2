"""Storing what we are about to ask, and what was answered."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from payments.calls.models import ProviderCall
from payments.provider import Answer, Request

# The provider may forget a key after a day: a repeat would then be a new act.
KEYS_ARE_KEPT = timedelta(hours=24)
FAILED = "failed"
# Done twice these do no harm: at most something unused stays behind at the provider.
HARMLESS = frozenset(
    {
        "customers.create",
        "checkout.sessions.create",
        "payment_intents.create",
        "payment_intents.cancel",
        "payment_methods.detach",
        "v2.core.accounts.create",
        "v2.core.account_links.create",
    }
)


class KeyUsedOtherwise(Exception):
    """Our own mistake: one idempotency key, two different requests (invariant I8)."""


@dataclass(frozen=True, slots=True)
class BegunCall:
    """A stored request, its answer when known, and whether its key is spent.

    A key is spent when the provider answered 5xx (it would repeat that), or may have forgotten it.
    """

    request: Request
    answer: Answer | None = None
    is_spent: bool = False


_INSERT = (
    insert(ProviderCall)
    .on_conflict_do_nothing(index_elements=[ProviderCall.idempotency_key])
    .returning(ProviderCall.idempotency_key)
)
_FIND = select(
    ProviderCall.operation,
    ProviderCall.target,
    ProviderCall.parameters,
    ProviderCall.outcome,
    ProviderCall.answer,
    ProviderCall.first_sent_at,
).where(ProviderCall.idempotency_key == bindparam("key"))
_REPEAT = (
    update(ProviderCall)
    .where(ProviderCall.idempotency_key == bindparam("key"))
    .values(attempts=ProviderCall.attempts + 1, sent_at=bindparam("now"))
)
_ANSWER = (
    update(ProviderCall)
    .where(ProviderCall.idempotency_key == bindparam("key"), ProviderCall.outcome.is_(None))
    .values(
        outcome=bindparam("new_outcome"),
        answer=bindparam("facts", type_=ProviderCall.answer.type),
        answered_at=bindparam("now"),
    )
)


def begin_call(session: Session, *, request: Request, now: datetime, after_looking: bool = False) -> BegunCall:
    """Store `request` before it is sent, or find it as it was stored before.

    When its key is spent, what does no harm twice is stored anew under the next key; anything else only once the caller
    looked at the provider and found nothing (`after_looking`). Raises KeyUsedOtherwise when its key belongs to another
    request: nothing is sent then.
    """
    call = _stored(session, request=request, now=now)
    may_renew = after_looking or request.operation in HARMLESS
    renewal = 1
    while call.is_spent and may_renew:
        renewal += 1
        call = _stored(session, request=replace(request, key=f"{request.key}/again/{renewal}"), now=now)
    return call


def _stored(session: Session, *, request: Request, now: datetime) -> BegunCall:
    fresh = session.execute(
        _INSERT,
        {
            "idempotency_key": request.key,
            "operation": request.operation,
            "target": request.target,
            "parameters": dict(request.parameters),
            "first_sent_at": now,
            "sent_at": now,
        },
    ).first()
    if fresh is not None:
        return BegunCall(request)
    stored = session.execute(_FIND, {"key": request.key}).one()
    same = (stored.operation, stored.target, stored.parameters) == (
        request.operation,
        request.target,
        dict(request.parameters),
    )
    if not same:
        raise KeyUsedOtherwise(request.key)
    if stored.outcome == FAILED:
        return BegunCall(request, is_spent=True)
    if stored.outcome is not None:
        return BegunCall(request, answer=Answer(outcome=stored.outcome, facts=stored.answer))
    if now - stored.first_sent_at > KEYS_ARE_KEPT:
        return BegunCall(request, is_spent=True)
    session.execute(_REPEAT, {"key": request.key, "now": now})
    return BegunCall(request)


def stored_request(session: Session, *, key: str) -> Request | None:
    """Return the request that was stored under `key`, or None when none was."""
    stored = session.execute(_FIND, {"key": key}).first()
    if stored is None:
        return None
    return Request(operation=stored.operation, key=key, parameters=stored.parameters, target=stored.target)


def was_refused_for(session: Session, *, key: str, other_than: str) -> bool:
    """Whether the provider definitely refused a request under `key`, or its renewals, to another account than this.

    Then nothing was done under it, and the same may be asked for this account under a key of its own.
    """
    found = session.execute(
        select(ProviderCall.id)
        .where(
            or_(ProviderCall.idempotency_key == key, ProviderCall.idempotency_key.like(f"{key}/again/%")),
            ProviderCall.outcome == "refused",
            ProviderCall.parameters["destination"].astext != other_than,
        )
        .limit(1)
    )
    return found.first() is not None


def record_failed(session: Session, *, key: str, now: datetime) -> None:
    """Remember that the provider answered 5xx: this key says nothing any more."""
    session.execute(_ANSWER, {"key": key, "new_outcome": FAILED, "facts": {}, "now": now})


def finish_call(session: Session, *, key: str, answer: Answer, now: datetime) -> None:
    """Store the known outcome of a call; the first one stored stays."""
    session.execute(_ANSWER, {"key": key, "new_outcome": answer.outcome, "facts": dict(answer.facts), "now": now})
