"""Payment methods: made from what was typed or named by token, attached to a customer or not."""

from payments.sandbox.act import Act
from payments.sandbox.bank_accounts import ACCOUNT_BY_IBAN, ACCOUNT_BY_TOKEN, compact, is_iban
from payments.sandbox.cards import BY_TOKEN, Asks, Decline
from payments.sandbox.documents import Json, public
from payments.sandbox.errors import ApiError, CardRefused, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects.customers import ADDRESS
from payments.sandbox.objects.instruments import TYPES, add_bank_account, add_card, add_ideal, card_of
from payments.sandbox.objects.mandates import end_mandate
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import choice, group, metadata, text

TEST_HOLDER = "Proefrekening"
DATA_FIELDS = {
    "type": choice("ideal", "sepa_debit", required=True),
    "billing_details": group(
        {
            "address": ADDRESS,
            "email": text(longest=512),
            "name": text(longest=256),
            "phone": text(longest=20),
        }
    ),
    "ideal": group({}),
    "metadata": metadata(),
    "sepa_debit": group({"iban": text(required=True, longest=64)}),
}
"""A payment method told in the call itself. Cards come from the hosted page or as a token, as Stripe prefers."""


def make(act: Act, given: Json, *, within: str = "") -> Json:
    """The payment method that checked DATA_FIELDS describe; `within` is the parameter they came in."""
    kind = given["type"]
    other = {"ideal", "sepa_debit"} & given.keys() - {kind}
    if other:
        raise InvalidParameters(f"A payment method of type {kind} has no {other.pop()}.", param=within or "type")
    about = given.get("billing_details", {})
    if kind == "ideal":
        method = add_ideal(act, name=about.get("name"), email=about.get("email"))
    else:
        method = _make_sepa_debit(act, given, within=within)
    filled = {name: value for name, value in about.items() if name != "address"}
    method["billing_details"] |= filled
    method["billing_details"]["address"] |= about.get("address", {})
    method["metadata"] = given.get("metadata", {})
    act.store.update(method)
    return method


def _make_sepa_debit(act: Act, given: Json, *, within: str) -> Json:
    def param(name: str) -> str:
        first, *rest = [*([within] if within else []), *name.split(".")]
        return first + "".join(f"[{part}]" for part in rest)

    about = given.get("billing_details", {})
    for name in ("name", "email"):
        if name not in about:
            missing = param(f"billing_details.{name}")
            raise InvalidParameters(f"Missing required param: {missing}.", code="parameter_missing", param=missing)
    where = param("sepa_debit.iban")
    if "sepa_debit" not in given:
        raise InvalidParameters(f"Missing required param: {where}.", code="parameter_missing", param=where)
    if not is_iban(given["sepa_debit"]["iban"]):
        raise ApiError("The IBAN you provided is invalid.", code="account_number_invalid", param=where)
    account = ACCOUNT_BY_IBAN.get(compact(given["sepa_debit"]["iban"]))
    if account is None:
        raise ApiError("This sandbox only takes test account numbers; see its README.md.", param=where)
    if account.saving is not None:
        raise ApiError(account.saving.message, code=account.saving.code, param=where)
    return add_bank_account(act, account, name=about["name"], email=about["email"])


def create(act: Act, call: Call) -> Json:
    return make(act, call.params)


def find_or_make(act: Act, identifier: str) -> Json:
    """The payment method an id or a token such as `pm_card_visa` stands for; a token makes a new one."""
    card = BY_TOKEN.get(identifier)
    if card is not None:
        return add_card(act, card)
    account = ACCOUNT_BY_TOKEN.get(identifier)
    if account is not None:
        return add_bank_account(act, account, name=TEST_HOLDER)
    return act.load("payment_method", identifier, param="payment_method")


def attach_to(act: Act, method: Json, customer: str) -> None:
    """Gives the payment method to a customer and says so in an event."""
    method["customer"] = customer
    act.store.update(method)
    act.store.link(method, "customer", customer)
    act.store.link(method, "type", method["type"])
    record(act, "payment_method.attached", method)


def decline_error(decline: Decline, method: Json, *, charge: str | None = None) -> Json:
    """The error Stripe keeps on an intent (and answers with) when a bank refuses."""
    return {
        "advice_code": decline.advice,
        "charge": charge,
        "code": decline.code,
        "decline_code": decline.reason,
        "message": decline.message,
        "payment_method": public(method),
        "type": "card_error",
    }


def attach(act: Act, call: Call) -> Json:
    method = find_or_make(act, call.ids["id"])
    customer = act.load("customer", call.params["customer"], param="customer")
    if method["customer"] not in (None, customer["id"]):
        raise ApiError("The payment method you provided has already been attached to a customer.")
    if method["_used_up"]:
        raise used_up(method)
    if method["type"] == "ideal":
        raise ApiError("A PaymentMethod of type ideal cannot be saved to a customer: it is used once.")
    decline = card_of(method).saving if method["type"] == "card" else None
    if decline is not None:
        raise CardRefused(decline_error(decline, method), intent=method)
    if method["customer"] is None:
        attach_to(act, method, customer["id"])
    return method


def detach(act: Act, call: Call) -> Json:
    method = act.load("payment_method", call.ids["id"], param="payment_method", in_path=True)
    if method["customer"] is None:
        raise ApiError("The payment method you provided is not attached to a customer so detachment is impossible.")
    method |= {"customer": None, "_used_up": True}
    act.store.update(method)
    act.store.unlink(method, "customer")
    record(act, "payment_method.detached", method)
    end_mandate(act, method.get("_mandate"))
    return method


def used_up(method: Json) -> ApiError:
    """A payment method that was detached, or used once unattached, may not be used again."""
    return ApiError(
        f"The provided PaymentMethod {method['id']} was previously used with a PaymentIntent without Customer"
        " attachment or was detached from a Customer. It may not be used again. To use a PaymentMethod"
        " multiple times, you must attach it to a Customer first.",
        code="payment_method_unexpected_state",
        param="payment_method",
    )


def three_d_secure_result(method: Json, *, authenticated: bool) -> Json | None:
    """What a charge tells about 3-D Secure: None when the bank was not asked."""
    if card_of(method).asks is Asks.NEVER or not authenticated:
        return None
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("dst"),
        "version": "2.2.0",
    }


def retrieve(act: Act, call: Call) -> Json:
    return act.load("payment_method", call.ids["id"], param="payment_method", in_path=True)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "payment_method", "/v1/payment_methods", ["customer", "type"])


OPERATIONS = (
    get(
        "payment_methods.list",
        "/v1/payment_methods",
        list_all,
        list_fields(customer=text(required=True), type=choice(*TYPES)),
    ),
    post("payment_methods.create", "/v1/payment_methods", create, DATA_FIELDS),
    get("payment_methods.retrieve", "/v1/payment_methods/{id}", retrieve),
    post(
        "payment_methods.attach",
        "/v1/payment_methods/{id}/attach",
        attach,
        {"customer": text(required=True)},
    ),
    post("payment_methods.detach", "/v1/payment_methods/{id}/detach", detach),
)
