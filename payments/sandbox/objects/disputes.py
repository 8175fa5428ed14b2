"""Disputes: a payer asks the money back from the bank; with a card one can answer, with a direct debit one cannot.

Card: needs_response -> under_review -> won or lost; closing, or no answer in time, is losing. An inquiry moves no
money: warning_needs_response -> warning_under_review -> warning_closed, or it becomes a chargeback after all.
SEPA direct debit: lost at once. A withdrawn amount takes a fee along, and the fee never comes back.
"""

from payments.sandbox.act import Act
from payments.sandbox.cards import FRAUDULENT, Complaint
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects.balance import DAY, add_movement, settled
from payments.sandbox.objects.mandates import end_mandate
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import boolean, group, metadata, text

DECISION_TASK, DEADLINE_TASK = "dispute_decision", "dispute_deadline"
FEES = {"card": 2000, "sepa_debit": 750}
"""What a withdrawal costs on top, in cents; the sandbox's own numbers."""
ANSWER_DAYS = 8
INQUIRY_DAYS = 120
"""An inquiry nobody pursues ends by itself."""
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "needs_response"}
"""The bank's answer to evidence whose `uncategorized_text` is one of these, as in Stripe's test mode."""
MOST_LETTERS, MOST_LETTERS_TOGETHER = 20_000, 150_000
EVIDENCE_TEXTS = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)
EVIDENCE_FILES = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)
"""Shown, always empty: this sandbox takes no files, so it does not know these as parameters."""
UPDATE_FIELDS = {
    "evidence": group({name: text(longest=MOST_LETTERS) for name in EVIDENCE_TEXTS}),
    "metadata": metadata(),
    "submit": boolean(),
}


def reverse(act: Act, charge: Json, *, reason: str = "customer_initiated", amount: int | None = None) -> None:
    """The holder of a debited account had the debit reversed: a dispute that is lost at once.

    What was refunded before is not taken again, unless an `amount` says so (banks do make that mistake).
    """
    left = charge["amount"] - charge["amount_refunded"] if amount is None else amount
    if left > 0 and charge.get("_dispute") is None:
        dispute = _add(act, charge, status="lost", reason=reason, amount=left, due_by=None, details=None)
        record(act, "charge.dispute.created", dispute)
        _withdraw(act, dispute, charge)
        record(act, "charge.dispute.closed", dispute)
        if reason == "debit_not_authorized":
            end_mandate(act, charge["payment_method_details"]["sepa_debit"]["mandate"])


def reverse_later(act: Act, identifier: str) -> None:
    """The alarm weeks after a debit succeeded."""
    charge = act.store.get("charge", identifier)
    if charge is not None and charge["status"] == "succeeded":
        reverse(act, charge)


def open_dispute(act: Act, charge: Json, complaint: Complaint = FRAUDULENT, *, amount: int | None = None) -> None:
    """The cardholder complained about a succeeded card charge."""
    left = charge["amount"] - charge["amount_refunded"] if amount is None else amount
    brand = charge["payment_method_details"]["card"]["brand"]
    details = {
        "card": {
            "brand": brand,
            "case_type": "inquiry" if complaint.inquiry else "chargeback",
            "network": brand,
            "network_reason_code": complaint.network_code,
        },
        "type": "card",
    }
    dispute = _add(
        act,
        charge,
        status="warning_needs_response" if complaint.inquiry else "needs_response",
        reason=complaint.reason,
        amount=left,
        due_by=_end_of_day(act.now, ANSWER_DAYS),
        details=details,
    )
    record(act, "charge.dispute.created", dispute)
    if complaint.inquiry:
        act.store.schedule(DEADLINE_TASK, dispute["id"], at=act.after(INQUIRY_DAYS * DAY))
    else:
        _withdraw(act, dispute, charge)
        act.store.schedule(DEADLINE_TASK, dispute["id"], at=dispute["evidence_details"]["due_by"])


def _end_of_day(now: int, days: int) -> int:
    return (now // DAY + days + 1) * DAY - 1


def _add(
    act: Act, charge: Json, *, status: str, reason: str, amount: int, due_by: int | None, details: Json | None
) -> Json:
    dispute: Json = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": act.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys((*EVIDENCE_TEXTS, *EVIDENCE_FILES)) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": status == "warning_needs_response",
        "livemode": False,
        "metadata": {},
        "network_reason_code": details and details["card"]["network_reason_code"],
        "payment_intent": charge["payment_intent"],
        "payment_method_details": details,
        "reason": reason,
        "status": status,
    }
    links = {name: dispute[name] for name in ("charge", "payment_intent")}
    act.store.insert(dispute, created=act.now, links=links)
    charge |= {"disputed": True, "_dispute": dispute["id"]}
    act.store.update(charge)
    return dispute


def _withdraw(act: Act, dispute: Json, charge: Json) -> None:
    """Takes the disputed amount and the fee from the balance, at once."""
    movement = add_movement(
        act,
        kind="adjustment",
        category="dispute",
        amount=-dispute["amount"],
        fee=FEES[charge["payment_method_details"]["type"]],
        source=dispute["id"],
        available_on=act.now // DAY * DAY,
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    dispute["balance_transactions"].append(settled(act, movement))
    dispute["is_charge_refundable"] = False
    act.store.update(dispute)
    record(act, "charge.dispute.funds_withdrawn", dispute)


def update(act: Act, call: Call) -> Json:
    dispute, given = retrieve(act, call), call.params
    evidence = given.get("evidence", {})
    submits = given.get("submit", bool(evidence))
    _check_open(dispute)
    if (evidence or submits) and dispute["status"] not in {"needs_response", "warning_needs_response"}:
        raise ApiError("The evidence of this dispute was submitted before; it can be submitted once.")
    together = dispute["evidence"] | evidence
    if sum(len(value) for value in together.values() if isinstance(value, str)) > MOST_LETTERS_TOGETHER:
        raise InvalidParameters(
            f"All evidence together can have at most {MOST_LETTERS_TOGETHER} characters.", param="evidence"
        )
    dispute["evidence"] = together
    dispute["metadata"] |= given.get("metadata", {})
    details = dispute["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or bool(evidence)
    if submits:
        inquiry = dispute["status"].startswith("warning_")
        dispute["status"] = "warning_under_review" if inquiry else "under_review"
        details["submission_count"] += 1
        details["submission_method"] = "manual"
        if together["uncategorized_text"] in VERDICTS:
            act.store.schedule(DECISION_TASK, dispute["id"], at=act.after(act.settings.dispute_review_seconds))
    act.store.update(dispute)
    record(act, "charge.dispute.updated", dispute)
    return dispute


def decided(act: Act, identifier: str) -> None:
    """The alarm some time after test evidence was submitted: the bank says what the evidence asks for."""
    dispute = act.store.get("dispute", identifier)
    if dispute is not None and dispute["status"] in {"under_review", "warning_under_review"}:
        decide(act, dispute, VERDICTS[dispute["evidence"]["uncategorized_text"]])


def decide(act: Act, dispute: Json, verdict: str) -> None:
    """The bank decides an open dispute: `won`, `lost`, or an inquiry becomes a chargeback (`needs_response`)."""
    charge = act.load("charge", dispute["charge"], param="charge")
    inquiry = dispute["status"].startswith("warning_")
    if verdict == "needs_response":
        if inquiry:
            _escalate(act, dispute, charge)
        return
    if inquiry:
        dispute["status"] = "warning_closed"
    else:
        dispute["status"] = verdict
        if verdict == "won":
            _reinstate(act, dispute, charge)
    dispute["is_charge_refundable"] = inquiry or verdict == "won"
    act.store.update(dispute)
    record(act, "charge.dispute.closed", dispute)


def _escalate(act: Act, dispute: Json, charge: Json) -> None:
    dispute["status"] = "needs_response"
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    dispute["evidence_details"]["due_by"] = _end_of_day(act.now, ANSWER_DAYS)
    _withdraw(act, dispute, charge)
    record(act, "charge.dispute.updated", dispute)
    act.store.schedule(DEADLINE_TASK, dispute["id"], at=dispute["evidence_details"]["due_by"])


def _reinstate(act: Act, dispute: Json, charge: Json) -> None:
    movement = add_movement(
        act,
        kind="adjustment",
        category="dispute_reversal",
        amount=dispute["amount"],
        source=dispute["id"],
        available_on=act.now // DAY * DAY,
        description=f"Chargeback reversal for {charge['id']}",
    )
    dispute["balance_transactions"].append(settled(act, movement))
    act.store.update(dispute)
    record(act, "charge.dispute.funds_reinstated", dispute)


def missed(act: Act, identifier: str) -> None:
    """The alarm at the deadline: nobody answered, so the bank decides without us."""
    dispute = act.store.get("dispute", identifier)
    if dispute is None:
        return
    inquiry = dispute["status"].startswith("warning_")
    over = inquiry or dispute["evidence_details"]["due_by"] <= act.now
    if over and dispute["status"] in OPEN and dispute["status"] != "under_review":
        dispute["evidence_details"]["past_due"] = dispute["evidence_details"]["submission_count"] == 0
        decide(act, dispute, "lost")


def charge_refunded(act: Act, charge: Json) -> None:
    """A charge that was wholly refunded has nothing left to inquire about."""
    dispute = None if charge.get("_dispute") is None else act.store.get("dispute", charge["_dispute"])
    if dispute is not None and dispute["status"] in {"warning_needs_response", "warning_under_review"}:
        decide(act, dispute, "lost")


def close(act: Act, call: Call) -> Json:
    dispute = retrieve(act, call)
    _check_open(dispute)
    if dispute["status"].startswith("warning_"):
        raise ApiError("An inquiry cannot be closed: submit evidence, or refund the charge.")
    decide(act, dispute, "lost")
    return dispute


def _check_open(dispute: Json) -> None:
    if dispute["status"] not in OPEN:
        raise ApiError("This dispute is already closed")


def retrieve(act: Act, call: Call) -> Json:
    return act.load("dispute", call.ids["id"], param="dispute", in_path=True)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "dispute", "/v1/disputes", ["charge", "payment_intent"])


def is_refundable(act: Act, charge: Json) -> bool:
    """Whether no dispute stands in the way of a refund."""
    dispute = None if charge.get("_dispute") is None else act.store.get("dispute", charge["_dispute"])
    return dispute is None or bool(dispute["is_charge_refundable"])


OPERATIONS = (
    get("disputes.list", "/v1/disputes", list_all, list_fields(charge=text(), payment_intent=text())),
    get("disputes.retrieve", "/v1/disputes/{id}", retrieve),
    post("disputes.update", "/v1/disputes/{id}", update, UPDATE_FIELDS),
    post("disputes.close", "/v1/disputes/{id}/close", close),
)
