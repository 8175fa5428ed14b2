"""The Stripe sandbox: payments created and confirmed per second of one core, and whether that lasts as it fills."""

import itertools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from statistics import median
from typing import Final
from urllib.parse import urlencode, urlsplit

from benchmarks import processor
from benchmarks.client import Line
from benchmarks.measure import ALTERNATIONS, Measure
from tests.sandbox_process import API_KEY, Sandbox, running_sandbox

_PAIRS: Final = 150
_WARM: Final = 20
_PAYMENTS_WHEN_FULL: Final = 6_000
_VERSION: Final = "2026-10-28.endive"


class _Till:
    """Somebody who creates and confirms payments at one sandbox, as fast as it answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._line = Line(urlsplit(sandbox.base_url).port or 0)
        assert sandbox.process is not None  # noqa: S101  it was started just now
        self._pid = sandbox.process.pid
        self._keys = itertools.count()
        self._customer = str(self._post("/v1/customers")["id"])
        method = self._post("/v1/payment_methods/pm_card_visa/attach", customer=self._customer)
        self._method = str(method["id"])

    def pay(self, *, times: int) -> float:
        """Create and confirm so many payments; processor seconds of the sandbox for each."""
        before = processor.seconds_of([self._pid])
        for _ in range(times):
            intent = self._post("/v1/payment_intents", amount="2500", currency="eur", customer=self._customer)
            confirmed = self._post(
                f"/v1/payment_intents/{intent['id']}/confirm", payment_method=self._method, off_session="true"
            )
            assert confirmed["status"] == "succeeded", confirmed  # noqa: S101  a refused payment would be no measure
        return (processor.seconds_of([self._pid]) - before) / times

    def close(self) -> None:
        self._line.close()

    def _post(self, path: str, **fields: str) -> dict[str, object]:
        body = urlencode(fields).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {API_KEY}\r\n"
            f"Stripe-Version: {_VERSION}\r\nIdempotency-Key: bench-{next(self._keys)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        answer: dict[str, object] = json.loads(self._line.ask(head.encode() + body))
        return answer


def measure() -> Iterator[Measure]:
    """Fill one sandbox, keep another empty, and let them take turns."""
    folders = [Path(tempfile.mkdtemp(prefix="buurtloket-bench-")) for _ in range(2)]
    try:
        with running_sandbox(folders[0]) as empty, running_sandbox(folders[1]) as full:
            tills = [_Till(full)]
            tills[0].pay(times=_PAYMENTS_WHEN_FULL)
            # Opened only now: a line that nobody uses is closed.
            tills.insert(0, _Till(empty))
            for till in tills:
                till.pay(times=_WARM)
            turns = [[till.pay(times=_PAIRS) for till in tills] for _ in range(ALTERNATIONS)]
            for till in tills:
                till.close()
    finally:
        for folder in folders:
            rmtree(folder, ignore_errors=True)
    yield Measure(
        name="sandbox: payments created and confirmed per second of one core",
        goal=300,
        measured=1 / median(first for first, _second in turns),
        unit="pairs/s",
        at_least=True,
    )
    yield Measure(
        name=f"sandbox with {_PAYMENTS_WHEN_FULL:,} payments in it: its pace against an empty one",
        goal=0.9,
        measured=median(first / second for first, second in turns),
        unit="times",
        at_least=True,
    )
