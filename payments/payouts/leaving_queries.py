"""Whether money that is to leave may have left already: it is being sent, or the answer was lost."""

from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from payments.calls.models import ProviderCall
from payments.payouts.models import FiscalHost, Payee, Payout, PayoutLine, Refund


def _may_have_moved(*keys: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether what was asked under one of these keys may have been done: the answer was not a clear no, or none came.

    After a 5xx it is asked anew, under a key that begins with the first, once nothing was found at the provider. A
    clear no to that ends the matter: nothing moved.
    """
    anew = aliased(ProviderCall)
    refused_anew = exists().where(
        anew.outcome == "refused", func.starts_with(anew.idempotency_key, ProviderCall.idempotency_key + "/again/")
    )
    return exists().where(
        ProviderCall.idempotency_key.in_(keys), ProviderCall.outcome.is_distinct_from("refused"), ~refused_anew
    )


_ACCOUNT = (
    select(func.coalesce(FiscalHost.account_ref, Payee.account_ref))
    .select_from(Payout)
    .join(Payee, Payee.id == Payout.payee_id)
    .outerjoin(FiscalHost, FiscalHost.organisation_id == Payee.host_id)
    .where(Payout.tranche_id == PayoutLine.tranche_id)
    .correlate(PayoutLine)
    .scalar_subquery()
)
_KEY = func.concat("transfer/", cast(PayoutLine.id, Text))
# A second account has a key of its own.
MAY_HAVE_LEFT = _may_have_moved(_KEY, func.concat(_KEY, "/to/", _ACCOUNT))
IS_LEASED = func.coalesce(PayoutLine.leased_until >= func.clock_timestamp(), false())


_REFUND = select(Refund.id).where(
    Refund.state == "planned",
    or_(
        Refund.leased_until >= func.clock_timestamp(),
        _may_have_moved(func.concat("refund/", cast(Refund.id, Text))),
    ),
)


def refund_may_have_left(session: Session, *, pledge_id: UUID) -> bool:
    """Whether a gift may be back with its donor by the provider, without our knowing yet."""
    return session.execute(_REFUND.where(Refund.pledge_id == pledge_id)).first() is not None
