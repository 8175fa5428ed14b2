"""Asking the provider: store, send with no transaction open, store the answer.

`ask` does the three; who has more to store begins a call within its own transaction and has it `answered`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from crowd.shared.db import Database
from payments.calls.operations import BegunCall, begin_call, finish_call, record_failed
from payments.gateway import Gateway
from payments.provider import Answer, FailedAtProvider, OutcomeUnknown, Request

_Result = TypeVar("_Result")


class KeySpent(OutcomeUnknown):
    """Answered 5xx, or unanswered for a day: look at the provider what became of it before asking anew."""


def ask(
    database: Database, gateway: Gateway, *, request: Request, now: datetime, after_looking: bool = False
) -> Answer:
    """Return the outcome of `request`, sending it only when it is not known already.

    Whatever crashes on the way, calling this again with the same request does it at most once. When its key is
    spent, a harmless request is sent anew under the next key; any other raises KeySpent, until the caller has
    looked at the provider and found nothing (`after_looking`). Raises OutcomeUnknown when there is no usable
    answer this time.
    """
    with database.transaction() as session:
        call = begin_call(session, request=request, now=now, after_looking=after_looking)
    return answered(database, gateway, call=call, now=now, record=lambda _session, answer: answer)


def answered(
    database: Database,
    gateway: Gateway,
    *,
    call: BegunCall,
    now: datetime,
    record: Callable[[Session, Answer], _Result],
) -> _Result:
    """Send a stored call unless its answer is known, and store the answer with what follows from it, in one go.

    What follows is what `record` does with the session and the answer; returns what that returns. It comes before the
    answer itself is stored, so locks are taken in the order of everybody else: what the call is about, then the call.
    Raises as `ask` does.
    """
    if call.is_spent:
        raise KeySpent(call.request.key)
    key = call.request.key
    answer = call.answer
    if answer is None:
        try:
            answer = gateway.send(call.request)
        except FailedAtProvider:
            with database.transaction() as session:
                record_failed(session, key=key, now=now)
            raise
    with database.transaction() as session:
        result = record(session, answer)
        if call.answer is None:
            finish_call(session, key=key, answer=answer, now=now)
    return result
