"""The same key: the same answer, or a refusal that says why. After the documentation, case by case."""

import threading
from collections.abc import Mapping

import httpx2
import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor
from tests.sandbox_process import API_KEY, Sandbox


def post(sandbox: Sandbox, path: str, data: Mapping[str, str], key: str) -> httpx2.Response:
    """A bare v1 request, to see status and headers."""
    return httpx2.post(
        sandbox.base_url + path,
        data=data,
        headers={"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": key},
        trust_env=False,
    )


def test_a_repeated_request_gets_the_first_answer_and_says_so(sandbox: Sandbox) -> None:
    first = post(sandbox, "/v1/customers", {"name": "A"}, "twice")
    second = post(sandbox, "/v1/customers", {"name": "A"}, "twice")
    assert second.content == first.content
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert second.headers["Request-Id"] != first.headers["Request-Id"]


def test_the_order_of_parameters_makes_no_other_request(sandbox: Sandbox) -> None:
    first = post(sandbox, "/v1/customers", {"name": "A", "phone": "1"}, "order")
    second = post(sandbox, "/v1/customers", {"phone": "1", "name": "A"}, "order")
    assert second.json() == first.json()


def test_other_parameters_under_the_same_key_are_refused(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "A"}, {"idempotency_key": "other"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters") as refused:
        client.v1.customers.create({"name": "B"}, {"idempotency_key": "other"})
    assert refused.value.http_status == 400


def test_another_endpoint_under_the_same_key_is_refused(donor: Donor, client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "A"}, {"idempotency_key": "elsewhere"})
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.payment_intents.cancel(donor.intent().id, {}, {"idempotency_key": "elsewhere"})


def test_a_decline_is_replayed_even_when_the_card_would_now_be_good(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save("4000000099900013")
    intent = donor.intent()
    refusals = []
    for _ in range(3):
        with pytest.raises(stripe.CardError) as refused:
            client.v1.payment_intents.confirm(
                intent.id, {"payment_method": method, "off_session": True}, {"idempotency_key": f"{intent.id}/1"}
            )
        refusals.append(refused.value.headers or {})
    assert [headers.get("Idempotent-Replayed") for headers in refusals] == [None, "true", "true"]
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_a_refusal_after_the_operation_began_is_replayed(sandbox: Sandbox) -> None:
    first = post(sandbox, "/v1/payment_methods/pm_none/detach", {}, "refused")
    second = post(sandbox, "/v1/payment_methods/pm_none/detach", {}, "refused")
    assert first.status_code == second.status_code == 404
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_server_error_is_replayed(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.control.fault("server_error", operation="customers.create")
    failures = []
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            client.v1.customers.create({"name": "A"}, {"idempotency_key": "five hundred"})
        failures.append(failed.value)
    assert [failure.http_status for failure in failures] == [500, 500]
    assert [(failure.headers or {}).get("Idempotent-Replayed") for failure in failures] == [None, "true"]


def test_parameters_that_fail_validation_use_up_no_key(client: stripe.StripeClient) -> None:
    wrong: dict[str, object] = {"nome": "A"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.create(wrong, {"idempotency_key": "corrected"})  # type: ignore[arg-type]  # on purpose
    assert client.v1.customers.create({"name": "A"}, {"idempotency_key": "corrected"}).name == "A"


def test_a_rate_limited_request_uses_up_no_key(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.control.fault("rate_limit", operation="customers.create")
    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.create({"name": "A"}, {"idempotency_key": "patience"})
    assert client.v1.customers.create({"name": "A"}, {"idempotency_key": "patience"}).name == "A"


def test_a_second_request_while_the_first_runs_gets_409(sandbox: Sandbox) -> None:
    sandbox.control.fault("latency", operation="customers.create", milliseconds=1500)
    answers: list[httpx2.Response] = []
    first = threading.Thread(target=lambda: answers.append(post(sandbox, "/v1/customers", {"name": "A"}, "busy")))
    first.start()
    while sandbox.control.planned_faults():
        pass
    second = post(sandbox, "/v1/customers", {"name": "A"}, "busy")
    first.join()
    third = post(sandbox, "/v1/customers", {"name": "A"}, "busy")
    assert second.status_code == 409
    assert second.json()["error"]["code"] == "idempotency_key_in_use"
    assert second.headers["Stripe-Should-Retry"] == "true"
    assert third.json() == answers[0].json()


def test_a_key_is_forgotten_after_24_hours_and_not_before(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    first = client.v1.customers.create({"name": "A"}, {"idempotency_key": "a day"})
    sandbox.control.advance(24 * 3600 - 60)
    assert client.v1.customers.create({"name": "A"}, {"idempotency_key": "a day"}).id == first.id
    sandbox.control.advance(120)
    assert client.v1.customers.create({"name": "B"}, {"idempotency_key": "a day"}).id != first.id


def test_a_key_that_is_too_long_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.IdempotencyError, match="255"):
        client.v1.customers.create({}, {"idempotency_key": "k" * 256})


def test_v2_repeats_a_success_with_the_account_as_it_is_now(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    def ask() -> stripe.v2.core.Account:
        return client.v2.core.accounts.create(
            {
                "configuration": {
                    "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
                },
                "include": ["configuration.recipient"],
            },
            {"idempotency_key": "payee/1/account"},
        )

    first = ask()
    link = client.v2.core.account_links.create(
        {
            "account": first.id,
            "use_case": {"type": "account_onboarding", "account_onboarding": {"refresh_url": "http://127.0.0.1:9/"}},
        }
    )
    with sandbox.browser() as browser:
        browser.post(link.url, data={"fill": "test"})
    again = ask()
    assert again.id == first.id
    assert again.configuration is not None
    assert again.configuration.recipient is not None
    capabilities = again.configuration.recipient.capabilities
    assert capabilities is not None
    assert capabilities.stripe_balance is not None
    assert capabilities.stripe_balance.stripe_transfers is not None
    assert capabilities.stripe_balance.stripe_transfers.status == "active"


def test_v2_tries_a_failed_request_again(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.control.fault("server_error", operation="v2.core.accounts.create")
    with pytest.raises(stripe.APIError):
        client.v2.core.accounts.create({}, {"idempotency_key": "payee/2/account"})
    assert client.v2.core.accounts.create({}, {"idempotency_key": "payee/2/account"}).id.startswith("acct_")
