"""Payers who ask their money back: chargebacks one can answer, inquiries, warnings, and debits that are reversed."""

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import DEBIT_SECONDS, Donor
from tests.sandbox_process import Sandbox

FRAUDULENT, NOT_RECEIVED, INQUIRY = "4000000000000259", "4000000000002685", "4000000000001976"
DAY = 86_400


def disputed(donor: Donor, number: str, amount: int = 2500) -> stripe.Dispute:
    """Charge a card whose holder complains; the dispute."""
    paid = donor.charge(donor.save(number), amount)
    assert paid.status == "succeeded"
    return donor.client.v1.disputes.list({"payment_intent": paid.id}).data[0]


def say(donor: Donor, dispute: str, text: str) -> stripe.Dispute:
    """Submit evidence and let the bank think; the dispute afterwards."""
    said = donor.client.v1.disputes.update(dispute, {"evidence": {"uncategorized_text": text}})
    assert said.status in {"under_review", "warning_under_review"}
    donor.sandbox.control.advance(DEBIT_SECONDS)
    return donor.client.v1.disputes.retrieve(dispute)


def movements(dispute: stripe.Dispute) -> list[tuple[str, str, int, int]]:
    return [(one.type, one.reporting_category, one.amount, one.fee) for one in dispute.balance_transactions]


WITHDRAWN = ("adjustment", "dispute", -2500, 2000)
REINSTATED = ("adjustment", "dispute_reversal", 2500, 0)


@pytest.mark.parametrize(
    ("number", "reason", "code"), [(FRAUDULENT, "fraudulent", "10.4"), (NOT_RECEIVED, "product_not_received", "13.1")]
)
def test_a_chargeback_takes_the_money_and_a_fee(
    donor: Donor, client: stripe.StripeClient, number: str, reason: str, code: str
) -> None:
    before = client.v1.balance.retrieve().available[0].amount
    dispute = disputed(donor, number)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", reason, 2500)
    assert dispute.payment_method_details is not None
    assert dispute.payment_method_details.card is not None
    assert (dispute.payment_method_details.card.case_type, dispute.network_reason_code) == ("chargeback", code)
    assert movements(dispute) == [WITHDRAWN]
    assert client.v1.balance.retrieve().available[0].amount == before - 4500
    charge = client.v1.charges.retrieve(str(dispute.charge))
    assert (charge.disputed, charge.status) == (True, "succeeded")
    assert client.v1.balance_transactions.list({"source": dispute.id}).data[0].net == -4500


def test_the_events_of_a_chargeback_come_between_charge_and_payment(donor: Donor) -> None:
    dispute = disputed(donor, FRAUDULENT)
    types = donor.event_types(str(dispute.payment_intent))
    assert types[:5] == [
        "payment_intent.created",
        "charge.succeeded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "payment_intent.succeeded",
    ]


def test_winning_evidence_brings_the_money_back_but_not_the_fee(donor: Donor, client: stripe.StripeClient) -> None:
    dispute = say(donor, disputed(donor, FRAUDULENT).id, "winning_evidence")
    assert (dispute.status, dispute.is_charge_refundable) == ("won", True)
    assert movements(dispute) == [WITHDRAWN, REINSTATED]
    assert (dispute.evidence_details.has_evidence, dispute.evidence_details.submission_count) == (True, 1)
    assert [kind for kind in donor.event_types(dispute.id) if kind.startswith("charge.dispute")] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    assert client.v1.refunds.create({"charge": str(dispute.charge)}).status == "succeeded"


def test_losing_evidence_leaves_the_money_gone(donor: Donor, client: stripe.StripeClient) -> None:
    dispute = say(donor, disputed(donor, FRAUDULENT).id, "losing_evidence")
    assert (dispute.status, dispute.is_charge_refundable) == ("lost", False)
    assert movements(dispute) == [WITHDRAWN]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": str(dispute.charge)})
    assert refused.value.code == "charge_disputed"


def test_other_evidence_waits_for_the_bank_which_a_test_can_be(donor: Donor, sandbox: Sandbox) -> None:
    dispute = say(donor, disputed(donor, FRAUDULENT).id, "Zij hebben de moestuin zelf geopend.")
    assert dispute.status == "under_review"
    assert sandbox.control.decide(dispute.id, "won")["status"] == "won"


def test_evidence_is_staged_until_it_is_submitted_and_submitted_once(donor: Donor, client: stripe.StripeClient) -> None:
    dispute = disputed(donor, FRAUDULENT)
    staged = client.v1.disputes.update(
        dispute.id,
        {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": False, "metadata": {"case": "z-1"}},
    )
    assert (staged.status, staged.evidence_details.submission_count) == ("needs_response", 0)
    submitted = client.v1.disputes.update(dispute.id, {"submit": True})
    assert (submitted.status, submitted.evidence_details.submission_method) == ("under_review", "manual")
    assert submitted.metadata["case"] == "z-1"
    with pytest.raises(stripe.InvalidRequestError, match="submitted once"):
        client.v1.disputes.update(dispute.id, {"evidence": {"customer_name": "Proef"}})


def test_closing_a_dispute_is_losing_it(donor: Donor, client: stripe.StripeClient) -> None:
    dispute = disputed(donor, FRAUDULENT)
    assert client.v1.disputes.close(dispute.id).status == "lost"
    for act in (client.v1.disputes.close, client.v1.disputes.update):
        with pytest.raises(stripe.InvalidRequestError, match="already closed"):
            act(dispute.id)


def test_who_does_not_answer_in_time_has_lost(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    silent, busy = disputed(donor, FRAUDULENT), disputed(donor, NOT_RECEIVED)
    client.v1.disputes.update(busy.id, {"evidence": {"uncategorized_text": "Wij leveren morgen."}})
    assert silent.evidence_details.due_by is not None
    sandbox.control.advance(silent.evidence_details.due_by - sandbox.control.now() - 60)
    assert client.v1.disputes.retrieve(silent.id).status == "needs_response"
    sandbox.control.advance(120)
    missed = client.v1.disputes.retrieve(silent.id)
    assert (missed.status, missed.evidence_details.past_due) == ("lost", True)
    assert client.v1.disputes.retrieve(busy.id).status == "under_review"


def test_an_inquiry_moves_no_money(donor: Donor, client: stripe.StripeClient) -> None:
    inquiry = disputed(donor, INQUIRY)
    assert (inquiry.status, inquiry.is_charge_refundable) == ("warning_needs_response", True)
    assert movements(inquiry) == []
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.close(inquiry.id)
    answered = say(donor, inquiry.id, "losing_evidence")
    assert (answered.status, movements(answered)) == ("warning_closed", [])


def test_an_inquiry_can_become_a_chargeback(donor: Donor) -> None:
    inquiry = disputed(donor, INQUIRY)
    escalated = say(donor, inquiry.id, "escalate_inquiry_evidence")
    assert (escalated.status, escalated.is_charge_refundable) == ("needs_response", False)
    assert movements(escalated) == [WITHDRAWN]
    assert say(donor, inquiry.id, "winning_evidence").status == "won"


def test_a_full_refund_ends_an_inquiry(donor: Donor, client: stripe.StripeClient) -> None:
    inquiry = disputed(donor, INQUIRY)
    client.v1.refunds.create({"charge": str(inquiry.charge), "amount": 1000})
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_needs_response"
    client.v1.refunds.create({"charge": str(inquiry.charge)})
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_closed"


def test_an_inquiry_nobody_pursues_ends_by_itself(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    inquiry = disputed(donor, INQUIRY)
    sandbox.control.advance(121 * DAY)
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_closed"


def test_an_early_fraud_warning_only_warns(donor: Donor, client: stripe.StripeClient) -> None:
    paid = donor.charge(donor.save("4000000000005423"))
    warning = client.v1.radar.early_fraud_warnings.list({"payment_intent": paid.id}).data[0]
    assert (warning.actionable, warning.charge) == (True, str(paid.latest_charge))
    assert client.v1.disputes.list({"payment_intent": paid.id}).data == []
    assert "radar.early_fraud_warning.created" in donor.event_types(paid.id)
    client.v1.refunds.create({"payment_intent": paid.id})
    assert not client.v1.radar.early_fraud_warnings.retrieve(warning.id).actionable


def test_a_debit_that_is_reversed_is_lost_at_once(donor: Donor, client: stripe.StripeClient) -> None:
    paid = donor.debited("NL82RABO0300065266")
    assert paid.status == "succeeded"
    dispute = client.v1.disputes.list({"payment_intent": paid.id}).data[0]
    assert (dispute.status, dispute.reason) == ("lost", "customer_initiated")
    assert (dispute.is_charge_refundable, dispute.evidence_details.due_by) == (False, None)
    assert movements(dispute) == [("adjustment", "dispute", -2500, 750)]
    assert [kind for kind in donor.event_types(paid.id) if "dispute" in kind] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})


@pytest.mark.parametrize("steps", [1, 50])
def test_a_debit_can_be_reversed_weeks_later_however_the_weeks_pass(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient, steps: int
) -> None:
    begun = donor.charge(donor.save_account("NL42ZAND0000000003"))
    sandbox.control.advance(41 * DAY)
    assert client.v1.disputes.list({"payment_intent": begun.id}).data == []
    for _ in range(steps):
        sandbox.control.advance(2 * DAY // steps)
    assert client.v1.disputes.list({"payment_intent": begun.id}).data[0].status == "lost"


def test_weeks_in_one_step_end_as_weeks_of_days_do(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    begun = donor.charge(donor.save_account("NL42ZAND0000000003"))
    sandbox.control.advance(43 * DAY)
    assert client.v1.payment_intents.retrieve(begun.id).status == "succeeded"
    assert client.v1.disputes.list({"payment_intent": begun.id}).data[0].status == "lost"


def test_what_was_refunded_before_is_not_taken_again(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    paid = donor.debited("NL39RABO0300065264")
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 1000})
    dispute = sandbox.control.dispute(paid.id, reason="debit_not_authorized")
    assert (dispute["amount"], dispute["status"], dispute["reason"]) == (1500, "lost", "debit_not_authorized")
    charge = client.v1.charges.retrieve(dispute["charge"])
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.sepa_debit is not None
    mandate = client.v1.mandates.retrieve(str(charge.payment_method_details.sepa_debit.mandate))
    assert mandate.status == "inactive"


def test_any_charge_can_be_disputed_by_a_test_once(donor: Donor, sandbox: Sandbox) -> None:
    paid = donor.charge(donor.save("4242424242424242"))
    dispute = sandbox.control.dispute(str(paid.latest_charge), reason="duplicate", amount=700)
    assert (dispute["status"], dispute["reason"], dispute["amount"]) == ("needs_response", "duplicate", 700)
    inquiry = sandbox.control.dispute(donor.charge(donor.save("4242424242424242")).id, inquiry=True)
    assert inquiry["status"] == "warning_needs_response"
    with pytest.raises(Exception, match="400"):
        sandbox.control.dispute(paid.id)
    assert sandbox.control.summary()["disputes"]["needs_response"]["count"] >= 1


@pytest.mark.parametrize("how", [{"amount": 2501}, {"reason": "customer_initiated"}, {"uur": 1}])
def test_a_dispute_that_makes_no_sense_is_refused(donor: Donor, sandbox: Sandbox, how: dict[str, object]) -> None:
    paid = donor.charge(donor.save("4242424242424242"))
    with pytest.raises(Exception, match="400"):
        sandbox.control.dispute(paid.id, **how)


@pytest.mark.parametrize("evidence", [{"receipt": "file_1"}, {"uncategorized_text": "x" * 20_001}])
def test_evidence_the_sandbox_cannot_take_is_refused(donor: Donor, evidence: dict[str, str]) -> None:
    dispute = disputed(donor, FRAUDULENT)
    with pytest.raises(stripe.InvalidRequestError):
        donor.client.v1.disputes.update(dispute.id, {"evidence": evidence})  # type: ignore[arg-type]  # on purpose


def test_a_dispute_shows_its_charge_when_asked(donor: Donor, client: stripe.StripeClient) -> None:
    dispute = disputed(donor, FRAUDULENT)
    whole = client.v1.disputes.retrieve(dispute.id, {"expand": ["charge", "payment_intent"]})
    assert isinstance(whole.charge, stripe.Charge)
    assert isinstance(whole.payment_intent, stripe.PaymentIntent)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.retrieve("du_none")
