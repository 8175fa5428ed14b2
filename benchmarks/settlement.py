"""Settlement's pace: against the rate the provider permits, against the bare SDK, and against the number of pledges.

The pace is that of the real worker, beat and web of `make run` (the web takes the webhooks) on the real sandbox. The
other two rows run the worker's own act in this process, so that exactly as many requests are under way on both sides.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import rmtree
from statistics import median
from typing import Final

import requests
import stripe
from requests.adapters import HTTPAdapter

from benchmarks import processor
from benchmarks.collecting import Card, fill
from benchmarks.measure import ALTERNATIONS, Measure, ratio_of
from benchmarks.stand import DATABASE_SETTINGS, ROOT, SECRET_KEY, Server, serve
from crowd.shared.settings import Settings
from frontend import settling
from frontend.local.broker import lay_broker
from frontend.local.plan import answers
from frontend.local.postgres import Cluster, lay_cluster
from frontend.local.processes import Child, Program, wait_until
from frontend.runtime import Runtime, build_runtime
from payments.gateway import CONNECTIONS_MAX
from tests.database import migrate
from tests.sandbox_process import API_KEY, WEBHOOK_SECRET, Sandbox, running_sandbox

_FEW: Final = 10_000
_MANY: Final = 100_000
# The provider counts 25 calls a second, and a charge is two of them.
_CALLS_PER_SECOND: Final = 25
_PERMITTED: Final = min(_CALLS_PER_SECOND / 2, 25)
_NO_LIMIT: Final = 1_000_000
_WARM_SECONDS: Final = 6.0
_WINDOW_SECONDS: Final = 12.0
_SECONDS_TO_START: Final = 120.0
# While 120 charges go out at the permitted pace ten seconds pass, in which settlements are looked at three times.
_LOOKS_A_TURN: Final = 3


def measure() -> Iterator[Measure]:
    """Start everything on a campaign of 10,000 and one of 100,000 pledges."""
    with _running_counter() as counter:
        yield _pace(counter)
        few, many = counter.runtime("few"), counter.runtime("many")
        try:
            yield _against_sdk(counter, few)
            yield _whatever_the_number(counter, few, many)
        finally:
            few.close()
            many.close()


@dataclass(kw_only=True)
class _Counter:
    """The running database, broker and sandboxes. `busy` sends its events to our web, `silent` to nobody."""

    cluster: Cluster
    broker_url: str
    busy: Sandbox
    silent: Sandbox
    web_port: int
    start: Callable[[Program], Child]
    environments: dict[str, dict[str, str]] = field(default_factory=dict)

    def runtime(self, database: str) -> Runtime:
        """Return what a worker works with, on this database and the silent sandbox, without a limit."""
        return build_runtime(Settings.from_environment(self.environment(database)), process="bench")

    def environment(self, database: str) -> dict[str, str]:
        """Return the settings of a process on this database."""
        sandbox = self.busy if database == "pace" else self.silent
        return {
            "DATABASE_URL": self.cluster.url(database),
            "BROKER_URL": self.broker_url,
            "SMTP_URL": "smtp://127.0.0.1:9",
            "BASE_URL": "http://127.0.0.1",
            "SECRET_KEY": SECRET_KEY,
            "STRIPE_API_KEY": API_KEY,
            "STRIPE_API_BASE": sandbox.base_url,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "PROVIDER_CALLS_PER_SECOND": str(_CALLS_PER_SECOND if database == "pace" else _NO_LIMIT),
            "LOG_LEVEL": "error",
            "DEMO": "no",
        }

    def succeeded(self, database: str) -> int:
        """Return how many charges went through by now."""
        with self.cluster.connect(database) as connection:
            row = connection.execute("SELECT count(*) FROM charges WHERE state = 'succeeded'").fetchone()
        return int(str(row[0])) if row else 0

    def backends(self, database: str) -> list[int]:
        """Return the processes of PostgreSQL that serve this database's connections."""
        with self.cluster.connect(database) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
                [database],
            )
            return [int(str(row[0])) for row in found]


def _pace(counter: _Counter) -> Measure:
    """Charges a second of the real processes, once they are warm, against what the provider permits."""
    environment = {**counter.environment("pace"), "PYTHONPATH": str(ROOT)}
    celery = (sys.executable, "-m", "celery", "--quiet", "--app", "frontend.worker")
    beat_file = str(counter.cluster.folder.parent / "beat")
    programs = [
        Program(
            name="worker",
            argv=(*celery, "worker", "--concurrency", "3", "--without-gossip", "--without-mingle"),
            env={**environment, "PYTHONWARNINGS": "ignore"},
            cwd=ROOT,
        ),
        Program(
            name="beat", argv=(*celery, "beat", "--schedule", beat_file, "--pidfile", ""), env=environment, cwd=ROOT
        ),
    ]
    children = [counter.start(program) for program in programs]
    wait_until(lambda: counter.succeeded("pace") > 0, children[0], seconds=_SECONDS_TO_START)
    time.sleep(_WARM_SECONDS)
    rates = []
    for _ in range(ALTERNATIONS):
        before, began = counter.succeeded("pace"), time.monotonic()
        time.sleep(_WINDOW_SECONDS)
        rates.append((counter.succeeded("pace") - before) / (time.monotonic() - began))
    for child in children:
        child.stop()
    return Measure(
        name=f"settlement: charges per second against the {_PERMITTED:g} that {_CALLS_PER_SECOND} calls permit",
        goal=0.95,
        measured=median(rates) / _PERMITTED,
        unit="times",
        at_least=True,
        note=f"{median(rates):.2f} charges/s, with webhooks, events and fees",
    )


def _against_sdk(counter: _Counter, runtime: Runtime) -> Measure:
    """The worker's act without a limit, against the bare SDK with as many requests under way."""
    card = _save_card(counter.silent)
    at_once = runtime.settings.database_pool_size - 2
    rates: dict[str, list[float]] = {"ours": [], "bare": []}

    def ours() -> float:
        before, began = counter.succeeded("few"), time.monotonic()
        settling.work_off_charges(runtime)
        rates["ours"].append((counter.succeeded("few") - before) / (time.monotonic() - began))
        return rates["ours"][-1]

    def bare() -> float:
        rates["bare"].append(_bare_rate(counter.silent, card, at_once=at_once))
        return rates["bare"][-1]

    ours()
    return Measure(
        name=f"settlement without a limit: charges per second against the bare SDK, {at_once} at once on both sides",
        goal=0.7,
        measured=ratio_of(ours, bare),
        unit="times",
        at_least=True,
        note=f"{median(rates['ours']):.0f} charges/s against {median(rates['bare']):.0f}",
    )


_keys = count()


def _bare_rate(sandbox: Sandbox, card: Card, *, at_once: int) -> float:
    """Charges per second of the SDK alone: created and confirmed, over connections that are kept as ours are."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", HTTPAdapter(pool_maxsize=CONNECTIONS_MAX, pool_block=True))
    client = stripe.StripeClient(
        API_KEY,
        base_addresses={"api": sandbox.base_url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=20, session=session),
    )

    def pay(number: int) -> None:
        intent = client.v1.payment_intents.create(
            {"amount": 2500, "currency": "eur", "customer": card.customer, "allowed_payment_method_types": ["card"]},
            {"idempotency_key": f"bare/{number}/pi"},
        )
        client.v1.payment_intents.confirm(
            intent.id,
            {"payment_method": card.method, "off_session": True},
            {"idempotency_key": f"bare/{number}/confirm"},
        )

    numbers = [next(_keys) for _ in range(settling.LINES_A_TURN)]
    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(pay, numbers))
    seconds = time.monotonic() - began
    session.close()
    return len(numbers) / seconds


def _whatever_the_number(counter: _Counter, few: Runtime, many: Runtime) -> Measure:
    """Processor time of a charge, ours and PostgreSQL's, in a campaign of 100,000 pledges against one of 10,000."""
    costs: dict[str, list[float]] = {"few": [], "many": []}

    def cost(runtime: Runtime, database: str) -> float:
        backends = counter.backends(database)
        before = counter.succeeded(database)
        began = processor.seconds_of(backends) + time.process_time()
        settling.work_off_charges(runtime)
        for _ in range(_LOOKS_A_TURN):
            settling.end_settlements(runtime)
        spent = processor.seconds_of(backends) + time.process_time() - began
        costs[database].append(spent / (counter.succeeded(database) - before))
        return costs[database][-1]

    for runtime, database in ((few, "few"), (many, "many")):
        # The first turn opens every connection, so that none is opened and counted later.
        settling.work_off_charges(runtime)
        cost(runtime, database)
        costs[database].clear()
    return Measure(
        name=f"settlement: processor time of a charge among {_MANY:,} pledges against {_FEW:,}",
        goal=1.1,
        measured=ratio_of(lambda: cost(many, "many"), lambda: cost(few, "few"), times=5),
        unit="times",
        note=f"{median(costs['many']) * 1000:.1f} ms against {median(costs['few']) * 1000:.1f}",
    )


@contextmanager
def _running_counter() -> Iterator[_Counter]:
    # Root lends PostgreSQL another user, who must be able to reach the data.
    folder = Path(tempfile.mkdtemp(prefix="buurtloket-bench-"))
    folder.chmod(0o755)
    children: list[Child] = []

    def start(program: Program) -> Child:
        children.append(Child(program))
        return children[-1]

    try:
        cluster, broker = lay_cluster(folder), lay_broker(folder)
        postgres, broker_child = start(cluster.program(settings=DATABASE_SETTINGS)), start(broker.program())
        wait_until(cluster.is_ready, postgres)
        wait_until(broker.is_ready, broker_child)
        with running_sandbox(folder / "silent") as silent:
            counter = _Counter(
                cluster=cluster, broker_url=broker.url, busy=silent, silent=silent, web_port=0, start=start
            )
            for database in ("few", "many", "pace"):
                cluster.create_database(database)
                migrate(cluster.url(database))
            with _busy_sandbox(counter, folder):
                for database, pledges in (("few", _FEW), ("many", _MANY), ("pace", _FEW)):
                    sandbox = counter.busy if database == "pace" else silent
                    with cluster.connect(database) as connection:
                        fill(connection, pledges=pledges, card=_save_card(sandbox))
                yield counter
    finally:
        for child in reversed(children):
            child.stop()
        rmtree(folder, ignore_errors=True)


@contextmanager
def _busy_sandbox(counter: _Counter, folder: Path) -> Iterator[None]:
    """A sandbox that tells our web what happened, and the web that listens to it."""
    web: Server = serve(counter.start, "frontend.web:create_app", counter.environment("pace"), folder / "metrics")
    wait_until(answers(web.port, "/health/live"), web.child, seconds=_SECONDS_TO_START)
    with running_sandbox(folder / "busy", webhook_url=f"http://127.0.0.1:{web.port}/webhooks/stripe") as busy:
        counter.busy = busy
        yield


def _save_card(sandbox: Sandbox) -> Card:
    client = sandbox.client()
    customer = client.v1.customers.create({})
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    return Card(customer=customer.id, method=method.id)
