"""Events that are sent: signed, again until acknowledged, and wrong in the ways the network can be."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor, eventually
from tests.sandbox_process import WEBHOOK_SECRET, Sandbox, running_sandbox


@dataclass
class Receiver:
    """A webhook endpoint that remembers what it got; `failures` requests are answered with 500 first."""

    url: str = ""
    failures: int = 0
    received: list[tuple[bytes, str]] = field(default_factory=list)

    def events(self) -> list[stripe.Event]:
        """What came in, its signature verified by Stripe's own code."""
        return [stripe.Webhook.construct_event(body, header, WEBHOOK_SECRET) for body, header in self.received]

    def types(self) -> list[str]:
        return [event.type for event in self.events()]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.received.append((body, self.headers["Stripe-Signature"]))
            broken = found.failures > 0
            found.failures -= broken
            self.send_response(500 if broken else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found.url = f"http://127.0.0.1:{server.server_port}/webhook"
        yield found
        server.shutdown()


@pytest.fixture
def sandbox(tmp_path: Path, receiver: Receiver) -> Iterator[Sandbox]:
    retries = {"SANDBOX_WEBHOOK_RETRY_SECONDS": "0,0,0"}
    with running_sandbox(tmp_path, webhook_url=receiver.url, environment=retries) as running:
        yield running


def test_an_event_is_sent_signed_and_equals_the_listed_one(sandbox: Sandbox, receiver: Receiver) -> None:
    client = sandbox.client()
    customer = client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
    eventually(lambda: len(receiver.received) == 1)
    event = receiver.events()[0]
    assert event.type == "customer.created"
    assert event.api_version == "2026-10-28.endive"
    assert event.data.object["id"] == customer.id
    assert event.request is not None
    assert event.request.idempotency_key == "k"
    eventually(lambda: client.v1.events.retrieve(event.id).pending_webhooks == 0)


def test_another_secret_does_not_verify(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.client().v1.customers.create({})
    eventually(lambda: len(receiver.received) == 1)
    body, header = receiver.received[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, header, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", header, WEBHOOK_SECRET)


def test_the_signature_keeps_real_time_when_the_sandboxs_clock_is_moved(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control.advance(40 * 86_400)
    sandbox.client().v1.customers.create({})
    eventually(lambda: len(receiver.received) == 1)
    assert receiver.events()[0].created >= sandbox.control.now() - 60


def test_an_event_is_sent_again_until_it_is_acknowledged(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.failures = 2
    client = sandbox.client()
    client.v1.customers.create({})
    eventually(lambda: len(receiver.received) == 3)
    assert len({event.id for event in receiver.events()}) == 1
    eventually(lambda: client.v1.events.list().data[0].pending_webhooks == 0)


def test_an_event_given_up_is_listed_as_undelivered_and_can_be_sent_again(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.failures = 4
    client = sandbox.client()
    client.v1.customers.create({})
    eventually(lambda: len(receiver.received) == 4)
    event = client.v1.events.list({"delivery_success": False}).data[0]
    sandbox.control.call("POST", f"/_sandbox/events/{event.id}/delivery")
    eventually(lambda: client.v1.events.list({"delivery_success": False}).data == [])
    assert len(receiver.received) == 5


def test_a_lost_event_is_never_sent_but_is_listed(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control.fault("webhook_lose", event_type="customer.created")
    client = sandbox.client()
    lost = client.v1.customers.create({})
    client.v1.customers.create({})
    eventually(lambda: len(receiver.received) == 1)
    assert receiver.events()[0].data.object["id"] != lost.id
    assert len(client.v1.events.list({"type": "customer.created"}).data) == 2


def test_an_event_can_come_twice(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control.fault("webhook_duplicate")
    sandbox.client().v1.customers.create({})
    eventually(lambda: len(receiver.received) == 2)
    first, second = receiver.events()
    assert first.id == second.id


def test_an_event_can_come_after_a_later_one(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control.fault("webhook_reorder", event_type="setup_intent.created")
    client = sandbox.client()
    client.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "eur", "success_url": "http://127.0.0.1:9/", "customer_creation": "always"}
    )
    client.v1.customers.create({})
    eventually(lambda: len(receiver.received) == 2)
    assert receiver.types() == ["customer.created", "setup_intent.created"]


def test_an_event_can_come_late_while_others_pass_it(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control.fault("webhook_late", event_type="customer.created", milliseconds=1000)
    client = sandbox.client()
    late = client.v1.customers.create({})
    for _ in range(20):
        client.v1.customers.create({})
    eventually(lambda: len(receiver.received) == 21)
    assert receiver.events()[-1].data.object["id"] == late.id


def test_the_events_of_disputes_debits_and_refunds_can_go_wrong_too(sandbox: Sandbox, receiver: Receiver) -> None:
    client = sandbox.client()
    donor = Donor(sandbox=sandbox, client=client, customer=client.v1.customers.create({}).id)
    sandbox.control.fault("webhook_duplicate", event_type="charge.dispute.closed")
    sandbox.control.fault("webhook_reorder", event_type="payment_intent.processing")
    sandbox.control.fault("webhook_lose", event_type="refund.*")
    paid = donor.debited("NL82RABO0300065266")
    charged = donor.charge(donor.save("4000000000005126"))
    client.v1.refunds.create({"payment_intent": charged.id})
    eventually(lambda: "charge.refunded" in receiver.types() and sandbox.control.planned_faults() == [])
    eventually(lambda: sandbox.control.summary()["undelivered_events"] == 0)
    types = [event.type for event in receiver.events() if paid.id in str(event.data.object)]
    assert types.count("charge.dispute.closed") == 2
    assert types.index("payment_intent.processing") > types.index("charge.pending")
    assert "refund.created" not in receiver.types()


def test_an_undelivered_event_is_sent_after_a_crash(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> None:
    receiver.failures = 1
    patient = {"SANDBOX_WEBHOOK_RETRY_SECONDS": "2"}
    folder = tmp_path_factory.mktemp("crash")
    with running_sandbox(folder, webhook_url=receiver.url, environment=patient) as running:
        client = running.client()
        client.v1.customers.create({})
        eventually(lambda: running.control.summary()["undelivered_events"] == 1 and len(receiver.received) == 1)
        running.kill()
        running.start()
        eventually(lambda: len(receiver.received) == 2)
    assert len({event.id for event in receiver.events()}) == 1


def test_only_the_types_asked_for_are_sent(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> None:
    only = {"SANDBOX_WEBHOOK_EVENTS": "payment_method.attached"}
    folder = tmp_path_factory.mktemp("only")
    with running_sandbox(folder, webhook_url=receiver.url, environment=only) as running:
        client = running.client()
        customer = client.v1.customers.create({})
        client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        eventually(lambda: receiver.types() == ["payment_method.attached"])


def test_events_of_several_types_are_listed_in_order(sandbox: Sandbox) -> None:
    client = sandbox.client()
    for number in range(3):
        customer = client.v1.customers.create({"name": str(number)})
        client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        client.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    kinds = ["customer.created", "payment_method.attached"]
    found = client.v1.events.list({"types": kinds, "limit": 4})
    assert [event.type for event in found.data] == [kinds[1], kinds[0], kinds[1], kinds[0]]
    assert found.has_more
    rest = client.v1.events.list({"types": kinds, "starting_after": found.data[-1].id})
    assert [event.type for event in rest.data] == [kinds[1], kinds[0]]
