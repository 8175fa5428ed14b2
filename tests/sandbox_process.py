"""The Stripe sandbox as a test starts it: the real program, on a free port, in a folder of its own."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import stripe

from tests.loopback import is_local

API_KEY = "sk_test_sandbox"
CONTROL_TOKEN = "control"
WEBHOOK_SECRET = "whsec_test"
_ROOT = Path(__file__).parent.parent
_SECONDS_TO_STOP = 5.0
# The sandbox speaks plain HTTP; reading the machine's certificates for each client would cost more than all it asks.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(kw_only=True)
class Control:
    """The sandbox's control door: plan a fault, move the clock, read the sums."""

    base_url: str

    def fault(self, kind: str, **details: object) -> dict[str, Any]:
        """Plan a fault: `fault("drop_after", operation="payment_intents.confirm", count=2)`."""
        return self.call("POST", "/_sandbox/faults", {"kind": kind, **details})

    def forget_faults(self) -> None:
        self.call("DELETE", "/_sandbox/faults")

    def planned_faults(self) -> list[dict[str, Any]]:
        planned: list[dict[str, Any]] = self.call("GET", "/_sandbox/faults")["data"]
        return planned

    def now(self) -> int:
        return int(self.call("GET", "/_sandbox/clock")["now"])

    def advance(self, seconds: int) -> None:
        """Move the sandbox's clock on; what became due has happened when this returns."""
        self.call("POST", "/_sandbox/clock", {"advance_seconds": seconds})

    def set_clock(self, **to: int) -> dict[str, Any]:
        """Set `offset_seconds` from real time, or the time itself as `now`."""
        return self.call("POST", "/_sandbox/clock", to)

    def dispute(self, charge: str, **how: object) -> dict[str, Any]:
        """Have a charge (or a payment intent's) disputed, a debit reversed: `reason`, `amount`, `inquiry`."""
        return self.call("POST", f"/_sandbox/charges/{charge}/dispute", how)

    def decide(self, dispute: str, status: str) -> dict[str, Any]:
        """Let the bank decide an open dispute: `won` or `lost`."""
        return self.call("POST", f"/_sandbox/disputes/{dispute}/verdict", {"status": status})

    def fail_refund(self, refund: str, **why: object) -> dict[str, Any]:
        """Let a refund come back; `reason` as the provider says it."""
        return self.call("POST", f"/_sandbox/refunds/{refund}/failure", why)

    def end_debit(self, intent: str, status: str, **why: object) -> dict[str, Any]:
        """End a debit that is under way now: `succeeded`, or `failed` with a `code`."""
        return self.call("POST", f"/_sandbox/payment_intents/{intent}/result", {"status": status, **why})

    def forget_everything(self) -> None:
        """Empty the sandbox, as if it had just been started."""
        self.call("DELETE", "/_sandbox/objects")

    def summary(self) -> dict[str, Any]:
        return self.call("GET", "/_sandbox/summary")

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        response = httpx2.request(
            method,
            self.base_url + path,
            json=body,
            headers={"Authorization": f"Bearer {CONTROL_TOKEN}"},
            trust_env=False,
            verify=_NO_CERTIFICATES,
            timeout=30.0,
        )
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer


@dataclass(kw_only=True)
class Sandbox:
    """A sandbox that was started. `kill` and `start` let a test play a crash; the address stays the same."""

    data: Path
    environment: dict[str, str]
    base_url: str = ""
    process: subprocess.Popen[str] | None = None
    control: Control = field(default_factory=lambda: Control(base_url=""))

    def start(self) -> None:
        """Start the program and return when it answers; raises with its own words when it does not."""
        process = subprocess.Popen(
            [sys.executable, "-m", "payments.sandbox"],
            env=self.environment,
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.process = process
        assert process.stdout is not None
        ready = process.stdout.readline()
        if "ready on" not in ready:
            process.kill()
            process.wait()
            process.stdout.close()
            raise AssertionError(f"the sandbox did not start: {ready!r}")
        self.base_url = ready.split("ready on ")[1].split(" ")[0].strip()
        self.environment["SANDBOX_PORT"] = self.base_url.rpartition(":")[2]
        self.control = Control(base_url=self.base_url)

    def kill(self) -> None:
        """Send kill -9: nothing is tidied up."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop and return its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, signal_number: int) -> int:
        process = self.process
        if process is None:
            return 0
        self.process = None
        process.send_signal(signal_number)
        try:
            code = process.wait(_SECONDS_TO_STOP)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        return code

    def client(self) -> stripe.StripeClient:
        """Stripe's own SDK, pointed at this sandbox; it repeats nothing by itself."""
        return stripe.StripeClient(
            API_KEY,
            base_addresses={"api": self.base_url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=20),
        )

    def browser(self) -> httpx2.Client:
        """A visitor without JavaScript, who does not follow redirects by itself."""
        return httpx2.Client(trust_env=False, verify=_NO_CERTIFICATES, timeout=20.0, headers={"Accept-Language": "nl"})


@contextmanager
def running_sandbox(
    data: Path, *, webhook_url: str | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Sandbox]:
    """A sandbox that keeps its file in `data`, and has ended when the block is left."""
    assert webhook_url is None or is_local(webhook_url.split("/")[2].rpartition(":")[0])
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
        "SANDBOX_PORT": "0",
        "SANDBOX_DATA": str(data),
        "SANDBOX_CONTROL_TOKEN": CONTROL_TOKEN,
        "SANDBOX_WEBHOOK_SECRET": WEBHOOK_SECRET,
        **({} if webhook_url is None else {"SANDBOX_WEBHOOK_URL": webhook_url}),
        **(environment or {}),
    }
    sandbox = Sandbox(data=data, environment=settings)
    sandbox.start()
    try:
        yield sandbox
    finally:
        sandbox.stop()
