"""Fiscal hosts asked and agreeing, payees closed, and what a closed one held sent on.

Locks: the campaign, then the payee.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from crowd.accounts.organisation_queries import organisation
from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.initiatives.rules import InitiativeNotFound
from crowd.shared import audit
from crowd.shared.actor import Actor
from payments.calls.models import ProviderCall
from payments.payouts import queries
from payments.payouts.host_rules import (
    ClosedByYourself,
    NoSuchHost,
    NothingAsked,
    NothingToClose,
    NothingToSendOn,
    NotYourOrganisation,
    PayeeKnown,
    check_answers_for,
    closing_reason,
)
from payments.payouts.models import FiscalHost, Payee, Payout, PayoutLine
from payments.payouts.rules import OwnMoney, check_treasurer

# What was asked for may have left, unless the last word about it was a refusal.
_REFUSAL = aliased(ProviderCall)
_KEYS = func.concat("transfer/", cast(PayoutLine.id, Text), "%")
_ASKED = select(PayoutLine.id).where(
    PayoutLine.id.in_(bindparam("lines", expanding=True)),
    exists().where(
        ProviderCall.idempotency_key.like(_KEYS),
        ProviderCall.outcome.is_distinct_from("refused"),
        ~exists().where(
            _REFUSAL.idempotency_key.like(_KEYS), _REFUSAL.outcome == "refused", _REFUSAL.id > ProviderCall.id
        ),
    ),
)


def start_host(session: Session, *, organisation_id: UUID, actor: Actor, now: datetime) -> FiscalHost:
    """Begin letting an organisation receive for groups, and return it as a host. Raises NotYourOrganisation."""
    found = organisation(session, organisation_id=organisation_id)
    check_answers_for(actor=actor, claimed_by=found.claimed_by if found else None)
    added = session.execute(
        insert(FiscalHost)
        .values(organisation_id=organisation_id, started_at=now)
        .on_conflict_do_nothing()
        .returning(FiscalHost.organisation_id)
    ).first()
    if added is not None:
        _note(session, "host.started", actor=actor, subject=("organisation", organisation_id), now=now)
    return session.scalars(select(FiscalHost).where(FiscalHost.organisation_id == organisation_id)).one()


def record_host_account(session: Session, *, organisation_id: UUID, account_ref: str) -> None:
    """Remember the provider's account of a host; the first one stays."""
    session.execute(
        update(FiscalHost)
        .where(FiscalHost.organisation_id == organisation_id, FiscalHost.account_ref.is_(None))
        .values(account_ref=account_ref)
    )


def count_host_link(session: Session, *, organisation_id: UUID) -> int:
    """Return the number of the next onboarding link of a host, so that each has its own key."""
    return session.execute(
        update(FiscalHost)
        .where(FiscalHost.organisation_id == organisation_id)
        .values(links_made=FiscalHost.links_made + 1)
        .returning(FiscalHost.links_made)
    ).scalar_one()


def record_host_ready(session: Session, *, account_ref: str, now: datetime) -> None:
    """Mark a host ready, and with it every initiative it agreed to receive for."""
    ready = session.scalars(
        update(FiscalHost)
        .where(FiscalHost.account_ref == account_ref, FiscalHost.state == "started")
        .values(state="ready", ready_at=now)
        .returning(FiscalHost.organisation_id)
    ).one_or_none()
    if ready is not None:
        session.execute(
            update(Payee)
            .where(Payee.host_id == ready, Payee.agreed_at.is_not(None), Payee.state == "started")
            .values(state="ready", ready_at=now)
        )


def ask_host(
    session: Session, *, payee_id: UUID, initiative_id: UUID, organisation_id: UUID, actor: Actor, now: datetime
) -> None:
    """Ask a fiscal host to receive the money of an initiative: the initiator's word, until an account is known.

    Raises InitiativeNotFound, NoSuchHost, PayeeKnown.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    if facts_for(session, initiative_id=initiative_id, person_id=actor.person_id).part != "initiator":
        raise InitiativeNotFound
    host = organisation(session, organisation_id=organisation_id)
    if (
        host is None
        or host.municipality_id != campaign.municipality_id
        or session.get(FiscalHost, organisation_id) is None
    ):
        raise NoSuchHost(field="host")
    payee = queries.payee(session, initiative_id=initiative_id)
    if payee is None or payee.state == "closed":
        session.execute(
            insert(Payee).values(id=payee_id, initiative_id=initiative_id, started_at=now, host_id=organisation_id)
        )
    elif payee.account_ref is not None or payee.agreed_at is not None:
        raise PayeeKnown
    else:
        session.execute(update(Payee).where(Payee.id == payee.id).values(host_id=organisation_id))
    _note(session, "host.asked", actor=actor, subject=("initiative", initiative_id), now=now, host=organisation_id)


def answer_as_host(session: Session, *, initiative_id: UUID, agrees: bool, actor: Actor, now: datetime) -> None:
    """Agree, or not, to receive the money of an initiative that asks: the word of who answers for the host.

    Raises NothingAsked, NotYourOrganisation.
    """
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    payee = queries.payee(session, initiative_id=initiative_id)
    if payee is None or payee.host_id is None or payee.agreed_at is not None or payee.state != "started":
        raise NothingAsked
    found = organisation(session, organisation_id=payee.host_id)
    check_answers_for(actor=actor, claimed_by=found.claimed_by if found else None)
    host = session.get(FiscalHost, payee.host_id)
    if host is None:
        raise NotYourOrganisation
    is_ready = agrees and host.state == "ready"
    session.execute(
        update(Payee)
        .where(Payee.id == payee.id)
        .values(
            host_id=host.organisation_id if agrees else None,
            agreed_at=now if agrees else None,
            agreed_by=actor.person_id if agrees else None,
            state="ready" if is_ready else "started",
            ready_at=now if is_ready else None,
        )
    )
    action = "host.agreed" if agrees else "host.declined"
    _note(session, action, actor=actor, subject=("initiative", initiative_id), now=now, host=host.organisation_id)


def close_payee(session: Session, *, initiative_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Let nothing more go to the account of an initiative: a treasurer's word, with a reason.

    What was approved and did not leave yet is held. The initiator may name another account. Raises OnlyTheTreasurer,
    OwnMoney, ReasonMissing, NothingToClose.
    """
    check_treasurer(actor=actor)
    why = closing_reason(reason)
    _check_not_own(session, initiative_id=initiative_id, actor=actor)
    payee = queries.payee(session, initiative_id=initiative_id)
    if payee is None or payee.state == "closed":
        raise NothingToClose
    session.execute(
        update(Payee)
        .where(Payee.id == payee.id)
        .values(state="closed", closed_at=now, closed_by=actor.person_id, closed_reason=why)
    )
    _note(session, "payee.closed", actor=actor, subject=("initiative", initiative_id), now=now, reason=why)


def send_on(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime) -> int:
    """Let what a closed account held go to the one that was named since, and return how many transfers that is.

    A part of which a transfer was asked for before the account was closed is left alone, because it may have left;
    one that the provider refused did not, and goes. Raises OnlyTheTreasurer, OwnMoney, ClosedByYourself,
    NothingToSendOn.
    """
    check_treasurer(actor=actor)
    _check_not_own(session, initiative_id=initiative_id, actor=actor)
    payee = queries.payee(session, initiative_id=initiative_id)
    held = session.execute(
        select(Payee.id, Payee.closed_by, PayoutLine.id.label("line_id"), PayoutLine.tranche_id)
        .join(Payout, Payout.payee_id == Payee.id)
        .join(PayoutLine, PayoutLine.tranche_id == Payout.tranche_id)
        .where(
            Payee.initiative_id == initiative_id,
            Payee.state == "closed",
            PayoutLine.state == "planned",
        )
    ).all()
    asked = set(session.scalars(_ASKED, {"lines": [one.line_id for one in held]}))
    held = [one for one in held if one.tranche_id not in {other.tranche_id for other in held if other.line_id in asked}]
    if payee is None or payee.state != "ready" or not held:
        raise NothingToSendOn
    if any(one.closed_by == actor.person_id for one in held):
        raise ClosedByYourself
    session.execute(
        update(Payout).where(Payout.tranche_id.in_({one.tranche_id for one in held})).values(payee_id=payee.id)
    )
    _note(session, "payout.sent_on", actor=actor, subject=("initiative", initiative_id), now=now, lines=len(held))
    return len(held)


def _check_not_own(session: Session, *, initiative_id: UUID, actor: Actor) -> None:
    """Lock a campaign; raise OwnMoney when this is somebody of its own team."""
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    if actor.person_id in queries.payout_facts(session, initiative_id=initiative_id).team:
        raise OwnMoney


def _note(
    session: Session,
    action: str,
    *,
    actor: Actor,
    subject: tuple[str, UUID],
    now: datetime,
    host: UUID | None = None,
    **facts: str | int,
) -> None:
    if host is not None:
        facts["organisation_id"] = str(host)
    audit.record(
        session, actor=actor, action=action, subject_type=subject[0], subject_id=subject[1], now=now, facts={**facts}
    )
