"""Planned faults: what a program sees, and what has really happened behind it."""

import time

import httpx2
import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor
from tests.sandbox_process import Sandbox


def confirm(donor: Donor, intent: str, method: str, key: str) -> stripe.PaymentIntent:
    return donor.client.v1.payment_intents.confirm(
        intent, {"payment_method": method, "off_session": True}, {"idempotency_key": key}
    )


def test_a_connection_dropped_before_has_done_nothing(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    method, intent = donor.save("4242424242424242"), donor.intent()
    sandbox.control.fault("drop_before", operation="payment_intents.confirm")
    with pytest.raises(stripe.APIConnectionError):
        confirm(donor, intent.id, method, f"{intent.id}/1")
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"
    assert confirm(donor, intent.id, method, f"{intent.id}/1").status == "succeeded"


def test_a_connection_dropped_after_has_done_everything_once(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    method, intent = donor.save("4242424242424242"), donor.intent()
    sandbox.control.fault("drop_after", operation="payment_intents.confirm", count=2)
    for _ in range(2):
        with pytest.raises(stripe.APIConnectionError):
            confirm(donor, intent.id, method, f"{intent.id}/1")
    assert confirm(donor, intent.id, method, f"{intent.id}/1").status == "succeeded"
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


@pytest.mark.parametrize(("executed", "status"), [(False, "requires_payment_method"), (True, "succeeded")])
def test_a_server_error_may_or_may_not_have_done_it(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient, *, executed: bool, status: str
) -> None:
    method, intent = donor.save("4242424242424242"), donor.intent()
    sandbox.control.fault("server_error", operation="payment_intents.confirm", executed=executed)
    with pytest.raises(stripe.APIError) as failed:
        confirm(donor, intent.id, method, f"{intent.id}/1")
    assert failed.value.http_status == 500
    assert client.v1.payment_intents.retrieve(intent.id).status == status


def test_a_rate_limit_has_done_nothing(donor: Donor, sandbox: Sandbox) -> None:
    sandbox.control.fault("rate_limit", path="/v1/payment_intents")
    with pytest.raises(stripe.RateLimitError) as limited:
        donor.intent()
    assert limited.value.http_status == 429
    assert donor.intent().status == "requires_payment_method"


def test_latency_delays_only_what_matches(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.control.fault("latency", operation="balance.*", milliseconds=300)
    started = time.monotonic()
    donor.intent()
    unhindered = time.monotonic() - started
    started = time.monotonic()
    client.v1.balance.retrieve()
    assert time.monotonic() - started >= 0.3
    assert unhindered < 5
    assert sandbox.control.planned_faults() == []


def test_faults_are_counted_listed_and_forgotten(donor: Donor, sandbox: Sandbox) -> None:
    sandbox.control.fault("rate_limit", operation="payment_intents.create", count=3)
    with pytest.raises(stripe.RateLimitError):
        donor.intent()
    assert [fault["left"] for fault in sandbox.control.planned_faults()] == [2]
    sandbox.control.forget_faults()
    assert donor.intent().id


@pytest.mark.parametrize("body", [{"kind": "fire"}, {}, {"kind": "latency", "count": 0}, {"kind": "latency", "x": 1}])
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox, body: dict[str, object]) -> None:
    with pytest.raises(httpx2.HTTPStatusError):
        sandbox.control.call("POST", "/_sandbox/faults", body)


@pytest.mark.parametrize("authorization", ["", "Bearer wrong"])
def test_the_control_door_needs_its_token(sandbox: Sandbox, authorization: str) -> None:
    for path in ("/_sandbox/faults", "/_sandbox/clock", "/_sandbox/summary"):
        answer = httpx2.get(
            sandbox.base_url + path,
            headers={"Authorization": authorization, "X-Forwarded-For": "127.0.0.1"},
            trust_env=False,
        )
        assert answer.status_code == 403


def test_health_needs_no_token(sandbox: Sandbox) -> None:
    assert httpx2.get(f"{sandbox.base_url}/_sandbox/health", trust_env=False).json()["status"] == "ok"
