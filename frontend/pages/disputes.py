"""Disputes, for the treasurer: what a bank took back, why, by when to answer, and the answer."""

from datetime import datetime
from typing import Annotated, Final, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.shared.actor import Actor
from crowd.shared.errors import msg
from crowd.shared.money import Money
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.formats import Language
from frontend.i18n import refusals, say
from frontend.pages.pledges import PROVIDER_AWAY
from frontend.runtime import RuntimeDep
from frontend.views.disputes import AskingBack, DisputePage, DisputesPage, DisputeState, DisputeView
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of
from payments.bank.queries import money_terms
from payments.disputes import queries
from payments.disputes.queries import DisputeRow
from payments.disputes.rules import DisputeNotFound, EvidenceMissing, EvidenceTooLong, may_answer
from payments.disputes.workflow import submit_evidence
from payments.payouts.reversal_operations import approve_asking, ask_back
from payments.payouts.reversal_queries import asked_back
from payments.provider import OutcomeUnknown

router: Final = APIRouter()
DISPUTES: Final = "/loket/betwistingen"

Treasurer = Annotated[Actor, Depends(requires("payout:approve"))]

# The provider's word for why a payment is wanted back -> what it means.
REASONS: Final = {
    "fraudulent": msg("The cardholder says they did not make this payment."),
    "unrecognized": msg("The cardholder does not recognise this payment."),
    "duplicate": msg("The donor says they paid twice."),
    "product_not_received": msg("The donor says they did not get what they paid for."),
    "product_unacceptable": msg("The donor is not content with what they got."),
    "credit_not_processed": msg("The donor says they were promised their money back."),
    "customer_initiated": msg("The donor had their bank take the debit back, for which no reason is needed."),
    "debit_not_authorized": msg("The donor says they never allowed this debit."),
    "insufficient_funds": msg("There was too little money in the account after all."),
    "bank_cannot_process": msg("The bank could not process the debit."),
}
_OTHER_REASON: Final = msg("The bank gave no reason.")


@router.get(DISPUTES)
def show_disputes(request: Request, runtime: RuntimeDep, actor: Treasurer) -> Response:
    """Show every dispute, first what awaits an answer."""
    if actor.municipality_id is None:
        raise DisputeNotFound
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = queries.disputes(session, municipality_id=actor.municipality_id)
    language = visit_of(request).language
    return page(request, DisputesPage(disputes=[_view(one, language) for one in found]), now=now)


@router.get(DISPUTES + "/{dispute_id}")
def show_dispute(request: Request, runtime: RuntimeDep, actor: Treasurer, dispute_id: UUID) -> Response:
    """Show one dispute, and what can be done about it."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _page(session, request, actor, dispute_id=dispute_id, form=Typed(), now=now)
    return page(request, shown, now=now)


@router.post(DISPUTES + "/{dispute_id}/antwoord")
def answer(
    request: Request, runtime: RuntimeDep, actor: Treasurer, dispute_id: UUID, evidence: Annotated[str, Form()] = ""
) -> Response:
    """Send our answer to the bank. It is taken once."""
    own_path = f"{DISPUTES}/{dispute_id}"
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
    try:
        submit_evidence(
            runtime.database, runtime.gateway, dispute_id=dispute_id, evidence=evidence, actor=actor, now=now
        )
    except (EvidenceMissing, EvidenceTooLong) as refused:
        form = Typed(values={"evidence": evidence}, errors=refusals((refused,), visit_of(request).language))
        with runtime.database.reading() as session:
            shown = _page(session, request, actor, dispute_id=dispute_id, form=form, now=now)
        return page(request, shown, now=now, status=400)
    except OutcomeUnknown:
        return see_other(request, own_path, said=PROVIDER_AWAY, tone="warning")
    return see_other(request, own_path, said=msg("Your answer has been sent to the bank."))


@router.post(DISPUTES + "/{dispute_id}/terugvordering")
def ask_for_it_back(request: Request, runtime: RuntimeDep, actor: Treasurer, dispute_id: UUID) -> Response:
    """Ask the payee's account for the money of a lost gift."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        found = queries.dispute(session, dispute_id=dispute_id, municipality_id=actor.municipality_id)
        done = ask_back(session, pledge_id=found.pledge_id, actor=actor, now=now)
    said = msg("It is being taken back. You see here how it ends.")
    if done == "waits":
        said = msg("You asked for it. It is taken back once somebody else has approved it too.")
    return see_other(request, f"{DISPUTES}/{dispute_id}", said=said)


@router.post(DISPUTES + "/{dispute_id}/terugvordering/goedkeuring")
def approve_asking_back(request: Request, runtime: RuntimeDep, actor: Treasurer, dispute_id: UUID) -> Response:
    """Approve as the second person that the money is asked back."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        found = queries.dispute(session, dispute_id=dispute_id, municipality_id=actor.municipality_id)
        approve_asking(session, pledge_id=found.pledge_id, actor=actor, now=now)
    said = msg("It is being taken back. You see here how it ends.")
    return see_other(request, f"{DISPUTES}/{dispute_id}", said=said)


def _page(
    session: Session, request: Request, actor: Actor, *, dispute_id: UUID, form: Typed, now: datetime
) -> DisputePage:
    found = queries.dispute(session, dispute_id=dispute_id, municipality_id=actor.municipality_id)
    return DisputePage(
        one=_view(found, visit_of(request).language),
        form=form,
        asking=_asking(session, actor, found) if found.borne_by == "platform" else None,
        may_answer=may_answer(state=found.state, due_at=found.due_at, now=now) and found.evidence_at is None,
    )


def _asking(session: Session, actor: Actor, found: DisputeRow) -> AskingBack:
    stands = asked_back(session, pledge_id=found.pledge_id)
    terms = money_terms(session, municipality_id=found.municipality_id)
    return AskingBack(
        standing=stands.standing,
        amount=Money(stands.open_cents),
        came_back=Money(stands.came_back_cents),
        limit=Money(terms.payout_alone_cents),
        is_refused=bool(stands.refusal),
        may_ask=stands.standing == "nothing" and stands.open_cents > 0,
        may_approve=stands.standing == "waits" and stands.asked_by != actor.person_id,
    )


def _view(row: DisputeRow, language: Language) -> DisputeView:
    return DisputeView(
        href=f"{DISPUTES}/{row.id}",
        title=row.title,
        initiative_href=f"/initiatieven/{row.slug}",
        reference=row.pledge_id.hex[-8:].upper(),
        amount=Money(row.amount_cents),
        fee=Money(row.fee_cents),
        reason=say(REASONS.get(row.reason, _OTHER_REASON), language),
        state=cast("DisputeState", row.state),
        is_debit=row.way == "sepa_debit",
        opened_at=row.opened_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        borne_by=cast("Literal['campaign', 'platform'] | None", row.borne_by),
        evidence=row.evidence,
        evidence_at=row.evidence_at,
    )
