"""Asking the provider: store, send with no transaction open, store the answer."""

from datetime import datetime

from crowd.shared.db import Database
from payments.calls.operations import begin_call, finish_call
from payments.gateway import Answer, Gateway, Request


class TooOldToRepeat(Exception):
    """Sent more than a day ago with no answer: look at the provider what became of it, never send it again."""


def ask(database: Database, gateway: Gateway, *, request: Request, now: datetime) -> Answer:
    """Return the outcome of `request`, sending it only when it is not known already.

    Whatever crashes on the way, calling this again with the same request does it at most once. Raises
    OutcomeUnknown when the provider gave no usable answer, TooOldToRepeat when the key may be forgotten.
    """
    with database.transaction() as session:
        call = begin_call(session, request=request, now=now)
    if call.answer is not None:
        return call.answer
    if call.is_too_old_to_repeat:
        raise TooOldToRepeat(request.key)
    answer = gateway.send(call.request)
    with database.transaction() as session:
        finish_call(session, key=request.key, answer=answer, now=now)
    return answer
