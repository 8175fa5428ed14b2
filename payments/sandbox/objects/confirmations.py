"""Confirming a payment: what a card's bank says at once, iDEAL on its own page, and a direct debit days later.

A card or iDEAL payment that is refused, and a debit that comes back, lead to requires_payment_method again and
forget the method, as at Stripe.
"""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

from payments.sandbox.act import Act
from payments.sandbox.bank_accounts import ACCOUNT_BY_NAME, BankAccount, Failure
from payments.sandbox.cards import AUTHENTICATION_REQUIRED, Decline
from payments.sandbox.documents import Json, public
from payments.sandbox.errors import ApiError, CardRefused, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.objects import challenges, disputes, fraud_warnings, mandates
from payments.sandbox.objects.charges import add_bank_charge, add_card_charge, fail_pending, succeed_pending
from payments.sandbox.objects.checkout_sessions import is_web_address, read_types
from payments.sandbox.objects.instruments import account_of, card_of
from payments.sandbox.objects.payment_methods import TEST_HOLDER, decline_error, find_or_make, make, used_up

DEBIT_TASK, REVERSAL_TASK = "debit_result", "debit_reversal"
MOST_DEBIT_CENTS = 1_000_000
"""A SEPA debit can be at most 10,000 euros."""
UNFINISHED = ("requires_payment_method", "requires_confirmation", "requires_action")
AUTHENTICATION_FAILED: Json = {
    "code": "payment_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a"
    " new PaymentMethod to attempt to fulfill this PaymentIntent again.",
    "type": "invalid_request_error",
}
DECLINED_BY_HOLDER: Json = {
    "code": "payment_method_customer_decline",
    "message": "The customer cancelled the payment on the bank's page.",
    "type": "invalid_request_error",
}


def unexpected(intent: Json, message: str) -> ApiError:
    """The intent is not in a state in which that can be done."""
    return ApiError(message, code="payment_intent_unexpected_state", extra={"payment_intent": public(intent)})


def confirm_intent(act: Act, intent: Json, given: Json) -> Json:
    """Tries to take the payment, with checked CONFIRM_FIELDS; answers the intent, or raises CardRefused."""
    if intent["status"] not in UNFINISHED:
        why = (
            "it has already succeeded after being previously confirmed"
            if intent["status"] == "succeeded"
            else f"it has a status of {intent['status']}"
        )
        raise unexpected(intent, f"You cannot confirm this PaymentIntent because {why}.")
    if "allowed_payment_method_types" in given:
        types = read_types(given, [])
        intent |= {"allowed_payment_method_types": types, "payment_method_types": types}
    if not ({"payment_method", "payment_method_data"} & given.keys() or intent["payment_method"]):
        raise unexpected(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either"
            " update the PaymentIntent with a payment method and then confirm it again, or confirm it again"
            " directly with a payment method or ConfirmationToken.",
        )
    _check_return_url(given)
    method = _find_method(act, intent, given)
    check_usable(method, customer=intent["customer"])
    if method["type"] not in intent["payment_method_types"]:
        raise ApiError(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. Please attach a"
            f" PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}.",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )
    if {"mandate", "mandate_data"} & given.keys() and method["type"] != "sepa_debit":
        raise ApiError(f"A payment with {method['type']} needs no mandate.", param="mandate")
    if "receipt_email" in given:
        intent["receipt_email"] = given["receipt_email"]
    intent |= {"payment_method": method["id"], "next_action": None}
    return PAY_BY[method["type"]](act, intent, method, given)


def _off_session(given: Json) -> bool:
    return bool(given.get("off_session", "false") != "false")


def _check_return_url(given: Json) -> None:
    return_url, off_session = given.get("return_url"), _off_session(given)
    if return_url is not None and (off_session or not is_web_address(return_url)):
        raise ApiError(
            "`return_url` must be a web address and cannot be used with off_session.",
            code=None if off_session else "url_invalid",
            param="return_url",
        )


def _find_method(act: Act, intent: Json, given: Json) -> Json:
    if "payment_method_data" not in given:
        return find_or_make(act, given.get("payment_method") or intent["payment_method"])
    if "payment_method" in given:
        raise InvalidParameters(
            "You may only specify one of these parameters: payment_method, payment_method_data.",
            param="payment_method",
        )
    return make(act, given["payment_method_data"], within="payment_method_data")


def check_usable(method: Json, *, customer: str | None) -> None:
    """Raises ApiError when the method was used up, or is another customer's."""
    if method["_used_up"]:
        raise used_up(method)
    if method["customer"] is not None and method["customer"] != customer:
        raise ApiError(
            f"The provided PaymentMethod {method['id']} belongs to another Customer. Please include that"
            " Customer in the `customer` parameter on the PaymentIntent.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )


def _pay_by_card(act: Act, intent: Json, method: Json, given: Json) -> Json:
    off_session = _off_session(given)
    if not card_of(method).wants_authentication(off_session=off_session, set_up=method["_set_up"]):
        return _settle_card(act, intent, method, authenticated=False)
    if off_session:
        return _decline_card(act, intent, method, AUTHENTICATION_REQUIRED, authenticated=False)
    return _visit_bank(act, intent, method, given, why="This card asks for 3-D Secure.")


def _pay_by_ideal(act: Act, intent: Json, method: Json, given: Json) -> Json:
    if _off_session(given):
        raise ApiError(
            "A PaymentMethod of type ideal cannot be used off-session: the customer approves each payment.",
            param="off_session",
        )
    return _visit_bank(act, intent, method, given, why="An iDEAL payment is approved on the bank's page.")


def _visit_bank(act: Act, intent: Json, method: Json, given: Json, *, why: str) -> Json:
    return_url = given.get("return_url")
    if return_url is None:
        raise ApiError(
            f"{why} Without Stripe.js there is only the hosted page, so this sandbox needs a `return_url` to"
            " send the customer back to.",
            code="parameter_missing",
            param="return_url",
        )
    challenge = challenges.add_challenge(act, intent=intent, method=method, return_url=return_url)
    intent |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": challenge["url"], "return_url": return_url},
        },
        "_challenge": challenge["id"],
    }
    act.store.update(intent)
    record(act, "payment_intent.requires_action", intent)
    return intent


def _pay_by_debit(act: Act, intent: Json, method: Json, given: Json) -> Json:
    """The debit is on its way; its result comes by the sandbox's clock (`debit_result`)."""
    if intent["amount"] > MOST_DEBIT_CENTS:
        raise ApiError(
            "A SEPA Direct Debit can be at most €10,000.00.",
            code="charge_exceeds_transaction_limit",
            param="amount",
        )
    mandate = _find_mandate(act, intent, method, given)
    account = account_of(method)
    result_at = act.after(act.settings.sepa_delay_seconds + account.extra_seconds)
    told = ("bank_code", "branch_code", "country", "fingerprint", "last4")
    details = {name: method["sepa_debit"][name] for name in told} | {
        "expected_debit_date": datetime.fromtimestamp(result_at, tz=UTC).date().isoformat(),
        "mandate": mandate,
    }
    charge = add_bank_charge(act, intent, method, status="pending", details=details, early=account.early)
    act.store.schedule(DEBIT_TASK, charge["id"], at=result_at)
    intent |= {"status": "processing", "latest_charge": charge["id"], "last_payment_error": None}
    act.store.update(intent)
    _use_up_unless_saved(act, method)
    record(act, "payment_intent.processing", intent)
    return intent


PAY_BY: dict[str, Callable[[Act, Json, Json, Json], Json]] = {
    "card": _pay_by_card,
    "ideal": _pay_by_ideal,
    "sepa_debit": _pay_by_debit,
}


def _find_mandate(act: Act, intent: Json, method: Json, given: Json) -> str:
    """The mandate to debit with: the one named, a new one for this payment alone, or the method's own."""
    if "mandate_data" in given:
        if "mandate" in given:
            raise InvalidParameters("You may only specify one of these parameters: mandate, mandate_data.")
        acceptance = given["mandate_data"]["customer_acceptance"]
        single_use = {"amount": intent["amount"], "currency": intent["currency"]}
        return str(mandates.add_mandate(act, method, acceptance=acceptance, single_use=single_use)["id"])
    identifier = given.get("mandate") or method["_mandate"]
    if identifier is None:
        raise ApiError(
            "A payment with sepa_debit needs a mandate: save the account on the hosted page, or give mandate_data.",
            code="parameter_missing",
            param="mandate_data",
        )
    mandate = act.load("mandate", identifier, param="mandate")
    fits = mandate["payment_method"] == method["id"] and mandate["type"] == "multi_use"
    if not fits or mandate["status"] != "active":
        raise ApiError(
            f"The provided mandate {identifier} is invalid and can not be used for the payment intent.",
            code="payment_intent_mandate_invalid",
            param="mandate",
        )
    return str(identifier)


def _use_up_unless_saved(act: Act, method: Json) -> None:
    if method["customer"] is None:
        method["_used_up"] = True
        act.store.update(method)


def _settle_card(act: Act, intent: Json, method: Json, *, authenticated: bool) -> Json:
    """The bank decides: the charge succeeds, or a CardRefused tells why not."""
    card = card_of(method)
    decline = card.charge_decline(method["_declines"])
    if decline is not None:
        return _decline_card(act, intent, method, decline, authenticated=authenticated)
    charge = add_card_charge(act, intent, method, decline=None, authenticated=authenticated)
    if card.complaint is not None:
        disputes.open_dispute(act, charge, card.complaint)
    if card.warns:
        fraud_warnings.warn(act, charge)
    return _succeed(act, intent, method, charge)


def _succeed(act: Act, intent: Json, method: Json, charge: Json) -> Json:
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
    }
    act.store.update(intent)
    _use_up_unless_saved(act, method)
    record(act, "payment_intent.succeeded", intent)
    return intent


def _decline_card(act: Act, intent: Json, method: Json, decline: Decline, *, authenticated: bool) -> Json:
    charge = add_card_charge(act, intent, method, decline=decline, authenticated=authenticated)
    if decline is not AUTHENTICATION_REQUIRED:
        method["_declines"] += 1
        act.store.update(method)
    error = decline_error(decline, method, charge=charge["id"])
    _back_to_start(act, intent, error, latest_charge=charge["id"])
    raise CardRefused(error, intent=public(intent))


def _back_to_start(act: Act, intent: Json, error: Json, *, latest_charge: str | None) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "latest_charge": latest_charge,
        "last_payment_error": {key: value for key, value in error.items() if value is not None},
    }
    act.store.update(intent)
    record(act, "payment_intent.payment_failed", intent)


def debit_result(act: Act, identifier: str) -> None:
    """The alarm some time after a debit began: it ends as its account behaves, unless it has ended already."""
    charge = act.store.get("charge", identifier)
    if charge is not None and charge["status"] == "pending":
        method = act.load("payment_method", charge["payment_method"], param="payment_method")
        end_debit(act, charge, account_of(method).failure(method["_declines"]))


def end_debit(act: Act, charge: Json, failure: Failure | None) -> None:
    """A pending debit succeeds, or fails with `failure`; a failure may end the mandate too."""
    intent = act.load("payment_intent", charge["payment_intent"], param="payment_intent")
    method = act.load("payment_method", charge["payment_method"], param="payment_method")
    if failure is None:
        succeed_pending(act, charge)
        wait = account_of(method).reversed_after
        if wait == 0:
            disputes.reverse(act, charge)
        elif wait is not None:
            act.store.schedule(REVERSAL_TASK, charge["id"], at=act.after(wait))
        _succeed(act, intent, method, charge)
        return
    method["_declines"] += 1
    act.store.update(method)
    fail_pending(act, charge, failure)
    error = {
        "charge": charge["id"],
        "code": failure.code,
        "message": failure.message,
        "payment_method": public(method),
        "type": "invalid_request_error",
    }
    _back_to_start(act, intent, error, latest_charge=charge["id"])
    if failure.ends_mandate:
        mandates.end_mandate(act, charge["payment_method_details"]["sepa_debit"]["mandate"])


def authenticated(act: Act, challenge: Json, *, outcome: str, account: BankAccount | None = None) -> str:
    """The donor came back from the bank's page; answers the address to send the browser to.

    `outcome` is `complete`, `fail` or `cancel`; with iDEAL `account` is the one that was chosen at the bank. Only
    the challenge the intent waits for decides anything: an older page in another tab does not.
    """
    intent = act.load("payment_intent", challenge["intent"], param="intent")
    challenges.close(act, challenge, status="succeeded" if outcome == "complete" else "failed")
    if intent["status"] == "requires_action" and intent.get("_challenge") == challenge["id"]:
        method = act.load("payment_method", challenge["payment_method"], param="payment_method")
        latest = intent["latest_charge"]
        if outcome != "complete":
            error = DECLINED_BY_HOLDER if outcome == "cancel" else AUTHENTICATION_FAILED
            _back_to_start(act, intent, error | {"payment_method": public(method)}, latest_charge=latest)
        elif method["_used_up"]:
            _back_to_start(act, intent, used_up(method).body["error"], latest_charge=latest)
        elif method["type"] == "ideal":
            _settle_ideal(act, intent, method, account or ACCOUNT_BY_NAME["good"])
        else:
            # The page answers with a redirect either way; the intent itself tells what went wrong.
            with contextlib.suppress(CardRefused):
                _settle_card(act, intent, method, authenticated=True)
    redirect_status = "succeeded" if intent["status"] == "succeeded" else "failed"
    address, _, fragment = str(challenge["return_url"]).partition("#")
    joint = "&" if "?" in address else "?"
    return (
        f"{address}{joint}payment_intent={intent['id']}"
        f"&payment_intent_client_secret={intent['client_secret']}&redirect_status={redirect_status}"
        + (f"#{fragment}" if fragment else "")
    )


def _settle_ideal(act: Act, intent: Json, method: Json, account: BankAccount) -> None:
    """The bank has paid: with iDEAL that is final, nobody can take it back."""
    bank, bic = account.bank
    method["ideal"] |= {"bank": bank, "bic": bic}
    method["_account"] = account.name
    act.store.update(method)
    details = {
        "bank": bank,
        "bic": bic,
        "generated_sepa_debit": None,
        "generated_sepa_debit_mandate": None,
        "iban_last4": account.last4,
        "verified_name": method["billing_details"]["name"] or TEST_HOLDER,
    }
    charge = add_bank_charge(act, intent, method, status="succeeded", details=details)
    _succeed(act, intent, method, charge)
