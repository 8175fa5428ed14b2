"""The sandbox's clock: moved on request, kept over a restart, and what is due by it."""

import time
from pathlib import Path

import httpx2
import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor
from tests.sandbox_process import Sandbox, running_sandbox


def test_new_objects_carry_the_moved_time(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.control.set_clock(now=2_000_000_000)
    assert 2_000_000_000 <= client.v1.customers.create({}).created < 2_000_000_060
    sandbox.control.set_clock(offset_seconds=0)
    assert abs(client.v1.customers.create({}).created - time.time()) < 60


def test_moving_the_clock_twice_to_the_same_offset_moves_it_once(sandbox: Sandbox) -> None:
    answers = [sandbox.control.set_clock(offset_seconds=3600)["offset_seconds"] for _ in range(2)]
    assert answers == [3600, 3600]
    sandbox.control.set_clock(offset_seconds=0)


@pytest.mark.parametrize("body", [{}, {"now": 1, "offset_seconds": 2}, {"now": "morgen"}, {"uur": 1}, {"now": 10**15}])
def test_an_unclear_time_is_refused(sandbox: Sandbox, body: dict[str, object]) -> None:
    with pytest.raises(httpx2.HTTPStatusError):
        sandbox.control.call("POST", "/_sandbox/clock", body)


def test_an_open_session_expires_when_its_time_comes(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = donor.session(expires_at=sandbox.control.now() + 1800)
    saved = donor.session()
    donor.choose(saved, "4242424242424242")
    sandbox.control.advance(1790)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    sandbox.control.advance(20)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    sandbox.control.advance(24 * 3600)
    assert client.v1.checkout.sessions.retrieve(saved.id).status == "complete"
    expired = client.v1.events.list({"type": "checkout.session.expired"}).data
    assert [event.data.object["id"] for event in expired] == [session.id]


@pytest.mark.parametrize("seconds", [60, 25 * 3600])
def test_a_session_lasts_between_half_an_hour_and_a_day(donor: Donor, sandbox: Sandbox, seconds: int) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="between 30 minutes and 24 hours"):
        donor.session(expires_at=sandbox.control.now() + seconds)


def test_the_clock_is_kept_over_a_restart(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        sandbox.control.advance(86_400)
        sandbox.kill()
        sandbox.start()
        assert sandbox.control.call("GET", "/_sandbox/clock")["offset_seconds"] == 86_400


def test_a_sandbox_that_forgot_everything_is_as_good_as_new(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    donor.choose(donor.session(), "4242424242424242")
    sandbox.control.fault("rate_limit")
    sandbox.control.set_clock(offset_seconds=86_400)
    sandbox.control.forget_everything()
    assert client.v1.events.list().data == []
    assert sandbox.control.planned_faults() == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.retrieve(donor.customer)
    assert abs(client.v1.customers.create({}).created - time.time()) < 60
