"""Asking the provider: store, send with no transaction open, store the answer."""

from dataclasses import replace
from datetime import datetime

from crowd.shared.db import Database
from payments.calls.operations import BegunCall, begin_call, finish_call, record_failed
from payments.gateway import Gateway
from payments.provider import Answer, FailedAtProvider, OutcomeUnknown, Request

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
    may_renew = after_looking or request.operation in HARMLESS
    call = _begin(database, request=request, now=now)
    renewal = 1
    while call.is_spent and may_renew:
        renewal += 1
        call = _begin(database, request=replace(request, key=f"{request.key}/again/{renewal}"), now=now)
    if call.is_spent:
        raise KeySpent(request.key)
    if call.answer is not None:
        return call.answer
    key = call.request.key
    try:
        answer = gateway.send(call.request)
    except FailedAtProvider:
        with database.transaction() as session:
            record_failed(session, key=key, now=now)
        raise
    with database.transaction() as session:
        finish_call(session, key=key, answer=answer, now=now)
    return answer


def _begin(database: Database, *, request: Request, now: datetime) -> BegunCall:
    with database.transaction() as session:
        return begin_call(session, request=request, now=now)
