"""A storm: faults by chance, that outlive a crash and are counted."""

from pathlib import Path

import stripe

from tests.sandbox_process import running_sandbox

EVERY_OTHER = 500
CALLS = 12


def test_a_storm_goes_on_after_kill_9_until_it_is_calmed_and_counts_what_it_did(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        sandbox.control.call("POST", "/_sandbox/storm", {"seed": 7, "per_mille": EVERY_OTHER})
        failed = _failures(sandbox.client())
        sandbox.kill()
        sandbox.start()
        before = sandbox.control.call("GET", "/_sandbox/storm")
        failed += _failures(sandbox.client())
        after = sandbox.control.call("DELETE", "/_sandbox/storm")
        calm = _failures(sandbox.client())

    assert (before["seed"], before["per_mille"]) == (7, EVERY_OTHER)
    assert 0 < before["total"] < after["total"] == sum(after["injected"].values())
    # Latency is a fault too, and fails nothing.
    assert failed == after["total"] - after["injected"].get("latency", 0)
    assert calm == 0


def _failures(client: stripe.StripeClient) -> int:
    """How many of some harmless calls fail."""
    failed = 0
    for _ in range(CALLS):
        try:
            client.v1.balance.retrieve()
        except stripe.StripeError:
            failed += 1
    return failed
