"""What the door refuses, in Stripe's words: keys, versions, addresses, parameters."""

from collections.abc import Mapping

import httpx2
import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor
from tests.sandbox_process import API_KEY, Sandbox, running_sandbox


def ask(
    sandbox: Sandbox, method: str, path: str, *, content: str | bytes = b"", headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    return httpx2.request(
        method,
        sandbox.base_url + path,
        content=content,
        headers={"Authorization": f"Bearer {API_KEY}", **(headers or {})},
        trust_env=False,
    )


@pytest.mark.parametrize("key", ["", "sk_live_123", "pk_test_123", "hello"])
def test_only_test_keys_open_the_door(sandbox: Sandbox, key: str) -> None:
    answer = ask(sandbox, "GET", "/v1/balance", headers={"Authorization": f"Bearer {key}" if key else ""})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_key_may_come_as_basic_authentication(sandbox: Sandbox) -> None:
    answer = httpx2.get(f"{sandbox.base_url}/v1/balance", auth=(API_KEY, ""), trust_env=False)
    assert answer.status_code == 200


def test_a_sandbox_with_a_key_of_its_own_accepts_no_other(tmp_path_factory: pytest.TempPathFactory) -> None:
    own = {"SANDBOX_API_KEY": "sk_test_own"}
    with running_sandbox(tmp_path_factory.mktemp("own"), environment=own) as guarded:
        assert ask(guarded, "GET", "/v1/balance").status_code == 401
        good = ask(guarded, "GET", "/v1/balance", headers={"Authorization": "Bearer sk_test_own"})
        assert good.status_code == 200


def test_another_api_version_is_refused(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "GET", "/v1/balance", headers={"Stripe-Version": "2020-08-27"})
    assert answer.status_code == 400
    assert "Invalid Stripe API version" in answer.json()["error"]["message"]


def test_acting_for_another_account_is_refused(sandbox: Sandbox) -> None:
    assert ask(sandbox, "GET", "/v1/balance", headers={"Stripe-Account": "acct_1"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/invoices"), ("POST", "/v2/core/nothing"), ("DELETE", "/v1/customers/cus_1")]
)
def test_a_call_the_sandbox_does_not_know_is_404(sandbox: Sandbox, method: str, path: str) -> None:
    answer = ask(sandbox, method, path)
    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "content", "code", "param"),
    [
        ("/v1/customers", "nome=A", "parameter_unknown", "nome"),
        ("/v1/customers", "address[stad]=A", "parameter_unknown", "address[stad]"),
        ("/v1/customers", "name=", "parameter_invalid_empty", "name"),
        ("/v1/payment_intents", "currency=eur", "parameter_missing", "amount"),
        ("/v1/payment_intents", "amount=1.5&currency=eur", "parameter_invalid_integer", "amount"),
        ("/v1/payment_intents", "amount=" + "9" * 30 + "&currency=eur", "parameter_invalid_integer", "amount"),
        ("/v1/payment_intents", "amount=49&currency=eur", "amount_too_small", "amount"),
        ("/v1/payment_intents", "amount=-100&currency=eur", "amount_too_small", "amount"),
        ("/v1/payment_intents", "amount=100000000&currency=eur", "amount_too_large", "amount"),
        ("/v1/payment_intents", "amount=100&currency=eur&customer=cus_none", "resource_missing", "customer"),
        ("/v1/payment_intents", "amount=100&currency=eur&payment_method_types[]=card", "parameter_unknown", None),
        ("/v1/checkout/sessions", "mode=setup&currency=eur&success_url=klaar", "url_invalid", "success_url"),
    ],
)
def test_a_wrong_parameter_is_named(sandbox: Sandbox, path: str, content: str, code: str, param: str | None) -> None:
    answer = ask(sandbox, "POST", path, content=content)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error["code"]) == ("invalid_request_error", code)
    assert param is None or error["param"] == param
    assert error["doc_url"].startswith("https://stripe.com/docs/error-codes/")


@pytest.mark.parametrize(
    "content",
    [
        "amount=100&currency=usd",
        "amount=100&currency=eur&allowed_payment_method_types[]=klarna",
        "amount=100&currency=eur&off_session=true",
        "amount=100&currency=eur&confirm=misschien",
        "amount=100&currency=eur&metadata=tekst",
        "amount=100&currency=eur&metadata[" + "k" * 41 + "]=v",
        "a[b=1",
        "amount=100&amount[x]=1",
    ],
)
def test_what_cannot_be_is_refused(sandbox: Sandbox, content: str) -> None:
    assert ask(sandbox, "POST", "/v1/payment_intents", content=content).status_code == 400


@pytest.mark.parametrize("content", [b"\xff\xfe", b"name=\xff"])
def test_a_body_that_is_no_utf8_is_refused(sandbox: Sandbox, content: bytes) -> None:
    assert ask(sandbox, "POST", "/v1/customers", content=content).status_code == 400


def test_a_v2_body_that_is_no_json_object_is_refused(sandbox: Sandbox) -> None:
    for content in ("[]", "{", '"x"', "[" * 5000):
        assert ask(sandbox, "POST", "/v2/core/accounts", content=content).status_code == 400


def test_a_huge_body_is_refused(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST", "/v1/customers", content="a" * (1 << 20) + "b").status_code == 413


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/payment_intents/pi_none", "GET"),
        ("/v1/payment_intents/pi_none/confirm", "POST"),
        ("/v1/checkout/sessions/cs_none", "GET"),
        ("/v1/charges/ch_none", "GET"),
        ("/v1/refunds/re_none", "GET"),
        ("/v1/transfers/tr_none", "GET"),
        ("/v1/events/evt_none", "GET"),
        ("/v1/setup_intents/seti_none", "GET"),
        ("/v1/balance_transactions/txn_none", "GET"),
        ("/v2/core/accounts/acct_none", "GET"),
    ],
)
def test_an_object_that_does_not_exist_is_404(sandbox: Sandbox, path: str, method: str) -> None:
    answer = ask(sandbox, method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "resource_missing"


def test_a_property_that_cannot_be_expanded_is_refused(donor: Donor, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.retrieve(donor.intent().id, {"expand": ["metadata"]})


def test_the_sandboxs_own_notes_are_never_shown(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save("4242424242424242")
    paid = donor.charge(method)
    shown = [
        client.v1.payment_methods.retrieve(method),
        client.v1.payment_intents.retrieve(paid.id, {"expand": ["latest_charge", "payment_method", "customer"]}),
        *client.v1.charges.list({"expand": ["data.customer", "data.payment_intent"]}).data,
        *client.v1.events.list().data,
    ]
    assert all('"_' not in str(one) for one in shown)
