"""A sandbox for these tests, and short ways to save a card and to charge it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx2
import pytest
import stripe

from tests.sandbox_process import Sandbox, running_sandbox

RETURN_URL = "http://127.0.0.1:9/terug"
ALL_WAYS = ["card", "ideal", "sepa_debit"]
DEBIT_SECONDS = 6
"""Longer than a debit of a quick test account takes."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox per file of tests; each test makes its own customers."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[stripe.StripeClient]:
    """Stripe's SDK on the sandbox; planned faults do not outlive the test."""
    yield sandbox.client()
    sandbox.control.forget_faults()


@dataclass(kw_only=True)
class Donor:
    """Somebody with a customer at the sandbox, who can save a card and be charged."""

    sandbox: Sandbox
    client: stripe.StripeClient
    customer: str

    def session(self, **more: object) -> stripe.checkout.Session:
        """A hosted page to save a card on."""
        params: dict[str, object] = {
            "mode": "setup",
            "customer": self.customer,
            "currency": "eur",
            "allowed_payment_method_types": ["card"],
            "success_url": "http://127.0.0.1:9/gelukt?sessie={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:9/afgebroken",
            "setup_intent_data": {"metadata": {"pledge_id": "p-1"}, "description": "Buurtmoestuin"},
            **more,
        }
        return self.client.v1.checkout.sessions.create(params)  # type: ignore[arg-type]  # built from pieces

    def choose(self, session: stripe.checkout.Session, number: str) -> str:
        """Click a test card on the page; the address the browser is sent to."""
        return self.fill_in(session, test_card=number)

    def fill_in(self, session: stripe.checkout.Session, **form: str) -> str:
        """Send the page's form; the address the browser is sent to."""
        assert session.url is not None
        with self.sandbox.browser() as browser:
            response = browser.post(session.url, data=form)
        assert response.status_code == httpx2.codes.SEE_OTHER, response.text
        return response.headers["location"]

    def answer_bank(self, address: str, outcome: str, **more: str) -> str:
        """Confirm (`complete`) or refuse (`fail`, `cancel`) on the bank's page; the address one is sent to."""
        with self.sandbox.browser() as browser:
            response = browser.post(address, data={"outcome": outcome, **more})
        assert response.status_code == httpx2.codes.SEE_OTHER, response.text
        return response.headers["location"]

    def save(self, number: str) -> str:
        """Save a card on the hosted page, confirming with the bank when asked; the payment method's id."""
        session = self.session()
        address = self.choose(session, number)
        if "/3ds/" in address:
            address = self.answer_bank(address, "complete")
        assert address == f"http://127.0.0.1:9/gelukt?sessie={session.id}"
        done = self.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
        assert isinstance(done.setup_intent, stripe.SetupIntent)
        return str(done.setup_intent.payment_method)

    def save_account(self, iban: str) -> str:
        """Save a bank account on the hosted page; the payment method's id."""
        session = self.session(allowed_payment_method_types=ALL_WAYS)
        assert self.fill_in(session, test_iban=iban) == f"http://127.0.0.1:9/gelukt?sessie={session.id}"
        done = self.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
        assert isinstance(done.setup_intent, stripe.SetupIntent)
        return str(done.setup_intent.payment_method)

    def debited(self, iban: str, amount: int = 2500) -> stripe.PaymentIntent:
        """A payment from a bank account whose debit has ended."""
        intent = self.charge(self.save_account(iban), amount)
        self.sandbox.control.advance(DEBIT_SECONDS)
        return self.client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})

    def event_types(self, about: str) -> list[str]:
        """The types of the events about objects of one payment, oldest first."""
        events = self.client.v1.events.list({"limit": 100}).data
        return [event.type for event in reversed(events) if about in str(event.data.object)]

    def intent(self, amount: int = 2500, **metadata: str) -> stripe.PaymentIntent:
        """An unconfirmed payment."""
        return self.client.v1.payment_intents.create(
            {
                "amount": amount,
                "currency": "eur",
                "customer": self.customer,
                "allowed_payment_method_types": ["card", "ideal", "sepa_debit"],
                "transfer_group": "campagne-1",
                "metadata": {"pledge_id": "p-1", **metadata},
            }
        )

    def charge(self, method: str, amount: int = 2500) -> stripe.PaymentIntent:
        """A payment taken while the donor is away; raises CardError when the bank refuses."""
        intent = self.intent(amount)
        return self.client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})


@pytest.fixture
def donor(sandbox: Sandbox, client: stripe.StripeClient) -> Donor:
    customer = client.v1.customers.create({"metadata": {"person_id": "1"}})
    return Donor(sandbox=sandbox, client=client, customer=customer.id)


def eventually(true: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Wait until `true()`; fails when it takes longer than `seconds`."""
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.02)
