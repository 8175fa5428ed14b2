"""Whether money that is to leave may have left already: it is being sent, or the answer was lost."""

from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Text, cast, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from payments.calls.models import ProviderCall
from payments.payouts.models import FiscalHost, Payee, Payout, PayoutLine, Refund


def _refused_anew(key: ColumnElement[str]) -> Exists:
    """Asked once more after a 5xx, when nothing was found at the provider, and clearly refused: nothing left."""
    anew = aliased(ProviderCall)
    return exists().where(anew.idempotency_key == func.concat(key, "/again/2"), anew.outcome == "refused")


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
# A clear no moved nothing; any other answer, or none, may have. A second account has a key of its own.
MAY_HAVE_LEFT = (
    exists()
    .where(
        ProviderCall.idempotency_key.in_((_KEY, func.concat(_KEY, "/to/", _ACCOUNT))),
        ProviderCall.outcome.is_distinct_from("refused"),
    )
    .correlate(PayoutLine)
) & ~_refused_anew(_KEY).correlate(PayoutLine)
IS_LEASED = func.coalesce(PayoutLine.leased_until >= func.clock_timestamp(), false())


_REFUND = select(Refund.id).where(
    Refund.state == "planned",
    or_(
        Refund.leased_until >= func.clock_timestamp(),
        exists().where(
            ProviderCall.idempotency_key == func.concat("refund/", cast(Refund.id, Text)),
            ProviderCall.outcome.is_distinct_from("refused"),
        ),
    ),
)


def refund_may_have_left(session: Session, *, pledge_id: UUID) -> bool:
    """Whether a gift may be back with its donor by the provider, without our knowing yet."""
    return session.execute(_REFUND.where(Refund.pledge_id == pledge_id)).first() is not None
