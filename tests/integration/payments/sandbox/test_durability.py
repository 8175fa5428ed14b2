"""The process: it survives kill -9 with everything it acknowledged, stops when asked, and starts only once."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor, eventually
from tests.sandbox_process import running_sandbox


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        client = sandbox.client()
        donor = Donor(sandbox=sandbox, client=client, customer=client.v1.customers.create({}).id)
        method = donor.save("4242424242424242")
        acknowledged: list[str] = []
        started: list[str] = []

        def keep_paying() -> None:
            try:
                while True:
                    intent = donor.intent()
                    started.append(intent.id)
                    params: stripe.params.PaymentIntentConfirmParams = {"payment_method": method, "off_session": True}
                    client.v1.payment_intents.confirm(intent.id, params, {"idempotency_key": intent.id})
                    acknowledged.append(intent.id)
            except stripe.APIConnectionError:
                return

        payer = threading.Thread(target=keep_paying)
        payer.start()
        eventually(lambda: len(acknowledged) >= 20)
        sandbox.kill()
        payer.join()
        sandbox.start()
        for intent_id in acknowledged:
            assert client.v1.payment_intents.retrieve(intent_id).status == "succeeded"
        for intent_id in started:
            client.v1.payment_intents.confirm(
                intent_id, {"payment_method": method, "off_session": True}, {"idempotency_key": intent_id}
            )
            assert len(client.v1.charges.list({"payment_intent": intent_id}).data) == 1
        eventually(lambda: sandbox.control.summary()["fees"] == 63 * len(started))


def test_a_session_opened_before_a_crash_is_finished_after_it(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        client = sandbox.client()
        donor = Donor(sandbox=sandbox, client=client, customer=client.v1.customers.create({}).id)
        session = donor.session()
        bank = donor.choose(session, "4000002500003155")
        sandbox.kill()
        sandbox.start()
        donor.answer_bank(bank, "complete")
        assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_what_was_under_way_goes_on_after_a_crash(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, environment={"SANDBOX_SEPA_DELAY_SECONDS": "60"}) as sandbox:
        client = sandbox.client()
        donor = Donor(sandbox=sandbox, client=client, customer=client.v1.customers.create({}).id)
        debit = donor.charge(donor.save_account("NL82RABO0300065266"))
        charged = donor.charge(donor.save("4000000000005126"))
        refund = client.v1.refunds.create({"payment_intent": charged.id})
        answered = client.v1.disputes.list({"payment_intent": donor.charge(donor.save("4000000000000259")).id}).data[0]
        client.v1.disputes.update(answered.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
        sandbox.kill()
        sandbox.start()
        assert client.v1.payment_intents.retrieve(debit.id).status == "processing"
        sandbox.control.advance(61)
        assert client.v1.payment_intents.retrieve(debit.id).status == "succeeded"
        assert client.v1.disputes.list({"payment_intent": debit.id}).data[0].status == "lost"
        assert client.v1.refunds.retrieve(refund.id).status == "failed"
        assert client.v1.disputes.retrieve(answered.id).status == "won"


def test_sigterm_ends_it_although_a_request_waits_for_a_minute(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        sandbox.control.fault("latency", milliseconds=60_000)
        waiting = socket.create_connection(("127.0.0.1", int(sandbox.base_url.rpartition(":")[2])))
        waiting.sendall(b"GET /v1/balance HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk_test_x\r\n\r\n")
        eventually(lambda: sandbox.control.planned_faults() == [])
        # The helper waits five seconds and then gives up: the sixty of the request would be far too long.
        assert sandbox.stop() == 0
        waiting.close()


def test_it_stops_in_order_with_exit_code_zero(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        assert sandbox.stop() == 0


def start_another(environment: dict[str, str]) -> tuple[int, str]:
    """Start a second sandbox that is expected to refuse; its exit code and what it said."""
    ended = subprocess.run(
        [sys.executable, "-m", "payments.sandbox"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return ended.returncode, ended.stderr


def test_a_second_sandbox_on_the_same_folder_says_so_and_stops(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        code, said = start_another({**sandbox.environment, "SANDBOX_PORT": "0"})
    assert code == 2
    assert "Another sandbox already uses" in said


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with running_sandbox(tmp_path / "one") as sandbox:
        code, said = start_another({**sandbox.environment, "SANDBOX_DATA": str(tmp_path / "two")})
    assert code == 2
    assert "Cannot listen on" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("SANDBOX_API_KEY", "sk_live_1", "must start with sk_test_"),
        ("SANDBOX_WEBHOOK_URL", "webhook", "must be a web address"),
        ("SANDBOX_PORT", "poort", "must be a whole number"),
        ("SANDBOX_WEBHOOK_RETRY_SECONDS", "snel", "must be whole seconds"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(
    tmp_path: Path, setting: str, value: str, sentence: str
) -> None:
    code, said = start_another({**os.environ, "SANDBOX_DATA": str(tmp_path), setting: value})
    assert code == 2
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_callers_anywhere_on_loopback_are_answered(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        transport = httpx2.HTTPTransport(local_address="127.34.56.78")
        with httpx2.Client(transport=transport) as neighbour:
            assert neighbour.get(f"{sandbox.base_url}/_sandbox/health").status_code == 200
