"""Control doors that decide how money's stories end: what a payer or a bank does next, when a test asks for it.

Each answers with the object as it is afterwards. What cannot happen is refused, as it could not at a bank.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from payments.sandbox.bank_accounts import FAILURES
from payments.sandbox.cards import Complaint
from payments.sandbox.documents import Json, public
from payments.sandbox.errors import ApiError
from payments.sandbox.objects import confirmations, disputes, refunds
from payments.sandbox.parameters import Fields, boolean, check, choice, decode_json, integer
from payments.sandbox.world import World

CARD_REASONS = (
    "credit_not_processed",
    "duplicate",
    "fraudulent",
    "general",
    "product_not_received",
    "product_unacceptable",
    "unrecognized",
)
DEBIT_REASONS = ("bank_cannot_process", "customer_initiated", "debit_not_authorized", "general", "insufficient_funds")
DISPUTE_FIELDS: Fields = {
    "amount": integer(least=1),
    "inquiry": boolean(),
    "reason": choice(*sorted({*CARD_REASONS, *DEBIT_REASONS})),
}
VERDICT_FIELDS: Fields = {"status": choice("won", "lost", required=True)}
REFUND_FIELDS: Fields = {"reason": choice(*refunds.FAILURE_REASONS)}
RESULT_FIELDS: Fields = {
    "status": choice("succeeded", "failed", required=True),
    "code": choice(*FAILURES),
}


async def dispute(world: World, request: Request) -> Json:
    """The payer has a charge disputed, or a debit reversed; the address names a charge or its payment intent."""
    given = check(DISPUTE_FIELDS, decode_json(await request.body()))
    act = world.act()
    identifier = request.path_params["id"]
    if identifier.startswith("pi_"):
        intent = act.load("payment_intent", identifier, param="id", in_path=True)
        identifier = str(intent["latest_charge"])
    charge = act.load("charge", identifier, param="id", in_path=True)
    kind = charge["payment_method_details"]["type"]
    _check_disputable(charge, given, kind)
    with world.store.transaction():
        if kind == "card":
            complaint = Complaint(
                reason=given.get("reason", "fraudulent"), network_code="10.4", inquiry=given.get("inquiry", False)
            )
            disputes.open_dispute(act, charge, complaint, amount=given.get("amount"))
        else:
            reason = given.get("reason", "customer_initiated")
            disputes.reverse(act, charge, reason=reason, amount=given.get("amount"))
    world.committed()
    return _shown(world, "dispute", str(charge["_dispute"]))


def _check_disputable(charge: Json, given: Json, kind: str) -> None:
    if kind == "ideal":
        raise ApiError("A payment with iDEAL is final: no bank takes it back.")
    if charge["status"] != "succeeded" or charge.get("_dispute") is not None:
        raise ApiError("Only a succeeded charge can be disputed, and only once.")
    left = charge["amount"] - charge["amount_refunded"]
    if not 0 < given.get("amount", left) <= charge["amount"]:
        raise ApiError("There is nothing left to dispute, or not as much: at most the charge's amount.")
    reasons = CARD_REASONS if kind == "card" else DEBIT_REASONS
    if given.get("reason", reasons[0]) not in reasons or (kind != "card" and "inquiry" in given):
        raise ApiError(f"A {kind} is disputed with one of the reasons {', '.join(reasons)}; only cards know inquiries.")


async def verdict(world: World, request: Request) -> Json:
    """The bank decides an open dispute now, whatever evidence it has; a lost or won inquiry is just closed."""
    given = check(VERDICT_FIELDS, decode_json(await request.body()))
    act = world.act()
    found = act.load("dispute", request.path_params["id"], param="id", in_path=True)
    if found["status"] not in disputes.OPEN:
        raise ApiError("This dispute is already closed")
    with world.store.transaction():
        disputes.decide(act, found, given["status"])
    world.committed()
    return _shown(world, "dispute", found["id"])


async def refund_failure(world: World, request: Request) -> Json:
    """A refund comes back, pending or succeeded as it was."""
    given = check(REFUND_FIELDS, decode_json(await request.body()))
    act = world.act()
    found = act.load("refund", request.path_params["id"], param="id", in_path=True)
    if found["status"] not in {"pending", "succeeded"}:
        raise ApiError("This refund has failed already.")
    with world.store.transaction():
        refunds.fail(act, found, reason=given.get("reason", "unknown"))
    world.committed()
    return _shown(world, "refund", found["id"])


async def debit_result(world: World, request: Request) -> Json:
    """A debit that is under way ends now; the address names its payment intent."""
    given = check(RESULT_FIELDS, decode_json(await request.body()))
    act = world.act()
    intent = act.load("payment_intent", request.path_params["id"], param="id", in_path=True)
    if intent["status"] != "processing":
        raise ApiError("Only a payment that is processing waits for its result.")
    failed = given["status"] == "failed"
    if "code" in given and not failed:
        raise ApiError("Only a failure has a code.")
    charge = act.load("charge", intent["latest_charge"], param="id")
    with world.store.transaction():
        failure = FAILURES[given.get("code", "generic_could_not_process")] if failed else None
        confirmations.end_debit(act, charge, failure)
    world.committed()
    return _shown(world, "payment_intent", intent["id"])


def _shown(world: World, kind: str, identifier: str) -> Json:
    return public(world.act().load(kind, identifier, param="id"))


DOORS: tuple[tuple[str, Callable[[World, Request], Awaitable[Json]]], ...] = (
    ("/_sandbox/charges/{id}/dispute", dispute),
    ("/_sandbox/disputes/{id}/verdict", verdict),
    ("/_sandbox/refunds/{id}/failure", refund_failure),
    ("/_sandbox/payment_intents/{id}/result", debit_result),
)
"""Where each of them is; control.py puts them behind its token."""
