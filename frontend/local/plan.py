"""What the stack is made of: the table of processes, and the settings they share.

A setting that is already in the environment wins, and then no twin is started for it: with `DATABASE_URL`,
`BROKER_URL`, `SMTP_URL` or `STRIPE_API_KEY` the same code runs against the real thing. A new process is a
new row in `_doors`.
"""

import http.client
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from frontend.local.broker import lay_broker
from frontend.local.data_folder import HOST, DataFolder
from frontend.local.postgres import Cluster, lay_cluster
from frontend.local.processes import Program

DATABASE = "buurtloket"
WEB_PROCESSES = 2
WEBHOOK_PATH = "/webhooks/stripe"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A program that is kept running, and how to know that it serves; None where nothing can be asked."""

    program: Program
    is_ready: Callable[[], bool] | None = None


@dataclass(kw_only=True)
class Plan:
    """The services in the order they start: foundations first, doors when the database is migrated."""

    base_url: str
    environment: dict[str, str]
    cluster: Cluster | None = None
    foundations: list[Service] = field(default_factory=list)
    doors: list[Service] = field(default_factory=list)

    @property
    def is_demo(self) -> bool:
        return self.environment.get("DEMO") == "yes"


def make_plan(data: DataFolder, environ: Mapping[str, str], *, listener: int, port: int) -> Plan:
    """Decide which services run and with which settings; `listener` is the web's open socket."""
    plan = Plan(base_url=f"http://{HOST}:{port}", environment={})
    environment = plan.environment
    environment["BASE_URL"] = environ.get("BASE_URL") or plan.base_url
    environment["SECRET_KEY"] = environ.get("SECRET_KEY") or data.secret("sessions")
    environment["BUURTLOKET_DATA"] = str(data.path)
    environment["PORT"] = str(port)
    environment["PROMETHEUS_MULTIPROC_DIR"] = environ.get("PROMETHEUS_MULTIPROC_DIR") or str(
        data.empty_folder("metrics")
    )
    for decide in (_database, _broker, _mail, _provider):
        decide(plan, data, environ)
    everything_embedded = len(plan.foundations) == len(_TWINS)
    environment["DEMO"] = environ.get("DEMO") or ("yes" if everything_embedded else "no")
    plan.doors = _doors(plan, data, listener=listener)
    return plan


_SANDBOX_CALLS_PER_SECOND = "200"
# What we act on, of the many things a provider can tell: the same list is ticked at Stripe (docs/settings.md).
# Kept here because the launcher starts without loading the money rooms; a test compares it with the handlers.
WEBHOOK_EVENTS = (
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.canceled",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "refund.updated",
    "refund.failed",
    "account.updated",
)
_TWINS = ("DATABASE_URL", "BROKER_URL", "SMTP_URL", "STRIPE_API_KEY")


def _database(plan: Plan, data: DataFolder, environ: Mapping[str, str]) -> None:
    if environ.get("DATABASE_URL"):
        plan.environment["DATABASE_URL"] = environ["DATABASE_URL"]
        return
    cluster = lay_cluster(data.path)
    plan.cluster = cluster
    plan.environment["DATABASE_URL"] = cluster.url(DATABASE)
    plan.foundations.append(Service(program=cluster.program(), is_ready=cluster.is_ready))


def _broker(plan: Plan, data: DataFolder, environ: Mapping[str, str]) -> None:
    if environ.get("BROKER_URL"):
        plan.environment["BROKER_URL"] = environ["BROKER_URL"]
        return
    broker = lay_broker(data.path)
    plan.environment["BROKER_URL"] = broker.url
    plan.foundations.append(Service(program=broker.program(), is_ready=broker.is_ready))


def _mail(plan: Plan, data: DataFolder, environ: Mapping[str, str]) -> None:
    if environ.get("SMTP_URL"):
        plan.environment["SMTP_URL"] = environ["SMTP_URL"]
        return
    smtp, page = data.port("smtp"), data.port("mailbox")
    plan.environment["SMTP_URL"] = f"smtp://{HOST}:{smtp}"
    plan.environment["MAILBOX_URL"] = f"http://{HOST}:{page}"
    program = Program(
        name="mail",
        argv=(sys.executable, "-m", "frontend.local.mail"),
        env={
            "MAIL_SMTP_PORT": str(smtp),
            "MAIL_HTTP_PORT": str(page),
            "MAIL_DATA": str(data.folder("mail")),
        },
        # A line per message it keeps is for its file; the mailbox page shows them.
        quiet=True,
    )
    plan.foundations.append(Service(program=program, is_ready=answers(page, "/health/ready")))


def _provider(plan: Plan, data: DataFolder, environ: Mapping[str, str]) -> None:
    if environ.get("STRIPE_API_KEY"):
        plan.environment["STRIPE_API_KEY"] = environ["STRIPE_API_KEY"]
        return
    port = data.port("sandbox")
    url = f"http://{HOST}:{port}"
    api_key = data.secret("provider key", prefix="sk_test_")
    webhook_secret = data.secret("webhook", prefix="whsec_")
    control_token = data.secret("sandbox control")
    plan.environment |= {
        "STRIPE_API_KEY": api_key,
        "STRIPE_API_BASE": environ.get("STRIPE_API_BASE") or url,
        "STRIPE_WEBHOOK_SECRET": webhook_secret,
        "STRIPE_CHECKOUT_ORIGIN": url,
        "STRIPE_CONNECT_ORIGIN": url,
        "SANDBOX_CONTROL_URL": url,
        "SANDBOX_CONTROL_TOKEN": control_token,
        # The sandbox permits what this machine can do; only Stripe itself counts calls.
        "PROVIDER_CALLS_PER_SECOND": environ.get("PROVIDER_CALLS_PER_SECOND") or _SANDBOX_CALLS_PER_SECOND,
    }
    program = Program(
        name="sandbox",
        argv=(sys.executable, "-m", "payments.sandbox"),
        env={
            "SANDBOX_PORT": str(port),
            "SANDBOX_PUBLIC_URL": url,
            "SANDBOX_DATA": str(data.folder("sandbox")),
            "SANDBOX_API_KEY": api_key,
            "SANDBOX_WEBHOOK_URL": plan.base_url + WEBHOOK_PATH,
            "SANDBOX_WEBHOOK_SECRET": webhook_secret,
            "SANDBOX_WEBHOOK_EVENTS": ",".join(WEBHOOK_EVENTS),
            "SANDBOX_CONTROL_TOKEN": control_token,
        },
    )
    plan.foundations.append(Service(program=program, is_ready=accepts(port)))


def _doors(plan: Plan, data: DataFolder, *, listener: int) -> list[Service]:
    port = int(plan.environment["PORT"])
    celery = (sys.executable, "-m", "celery", "--quiet", "--app", "frontend.worker")
    schedule = data.folder("beat") / "schedule"
    webs = [
        Program(
            name=f"web-{number}",
            argv=(sys.executable, "-m", "frontend.local.web", str(listener)),
            passes=(listener,),
        )
        for number in range(1, WEB_PROCESSES + 1)
    ]
    worker = Program(
        name="worker",
        argv=(*celery, "worker", "--concurrency", "3", "--without-gossip", "--without-mingle"),
        # Tasks are JSON, so being root is no more dangerous than for the other processes here.
        env={"PYTHONWARNINGS": "ignore:You're running the worker with superuser"},
        # SIGTERM lets it finish its tasks, waiting on a broker that is gone too. What it was doing is a row
        # with a lease, so a killed worker loses nothing.
        death_signal=signal.SIGKILL,
    )
    beat = Program(
        name="beat",
        argv=(*celery, "beat", "--schedule", str(schedule), "--pidfile", ""),
        death_signal=signal.SIGKILL,
    )
    ready = answers(port, "/health/ready")
    return [
        *(Service(program=web, is_ready=ready) for web in webs),
        # Letters wait for it, so "ready" is not said before: whoever gives at once has a receipt at once.
        Service(program=worker, is_ready=answers(port, "/health/ready", saying=b'"worker":"ok"')),
        Service(program=beat),
    ]


def accepts(port: int) -> Callable[[], bool]:
    """A question: does this loopback port take connections?"""

    def ask() -> bool:
        try:
            socket.create_connection((HOST, port), timeout=3).close()
        except OSError:
            return False
        return True

    return ask


def answers(port: int, path: str, *, saying: bytes = b"") -> Callable[[], bool]:
    """A question: does this loopback port answer GET `path` with 200, and these bytes in it?"""

    def ask() -> bool:
        connection = http.client.HTTPConnection(HOST, port, timeout=3)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status == http.client.OK and saying in answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask
