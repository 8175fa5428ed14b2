"""Never 7: nothing leaves the machine while rows are locked. Whatever could is refused when it runs, not by review."""

import ast
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from crowd.shared.db import CalledOutInsideTransaction, Database, refuse_inside_transaction
from frontend import broker, smtp
from frontend.demo import set_sandbox_clock
from frontend.limits import FORM_BY_ADDRESS
from frontend.runtime import Runtime, build_runtime
from payments.provider import OutcomeUnknown
from payments.requests import create_customer
from tests.source import Module, dotted, imported, modules, nothing_wrong, sample
from tests.tools import NOBODY, settings_for_tests

# Libraries that talk to something outside the process; the database's own driver is the transaction itself.
TALKS = ("smtplib", "redis", "httpx2", "requests", "urllib.request", "http.client", "stripe", "kombu", "limits.storage")
# Processes of their own, or started before there is a transaction to hold.
NEVER_HOLDS_ONE = {
    "frontend/cli.py": "only names an error",
    "frontend/commands/settings.py": "only names an error",
    "frontend/local/": "the launcher and the mail catcher, processes without our database's sessions",
    "frontend/simulation/": "visitors from outside, over HTTP",
    "frontend/commands/simulate.py": "starts those visitors",
    "payments/requests.py": "only names the types of parameters",
    "payments/sandbox/": "a program of its own",
}


def unguarded(module: Module) -> Iterator[str]:
    if module.name.startswith(tuple(NEVER_HOLDS_ONE)):
        return
    talks = [(node, name) for node, name in imported(module) if name.startswith(TALKS)]
    guards = any(isinstance(n, ast.Call) and dotted(n.func) == "refuse_inside_transaction" for n in module.nodes())
    if talks and not guards:
        node, name = talks[0]
        yield module.at(node, f"{name} talks to the outside: call refuse_inside_transaction() before it does")


def test_every_file_that_talks_to_the_outside_refuses_inside_a_transaction() -> None:
    assert nothing_wrong(unguarded, modules())


@pytest.mark.parametrize("code", ["import smtplib", "from redis import Redis", "import httpx2", "import requests"])
def test_a_file_that_talks_unguarded_is_noticed(code: str) -> None:
    assert list(unguarded(sample(code, "frontend/letters.py")))


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = build_runtime(
        settings_for_tests(SANDBOX_CONTROL_URL=f"http://{NOBODY}", SANDBOX_CONTROL_TOKEN="t"), process="test"
    )
    yield made
    made.close()


CALLS: dict[str, Callable[[Runtime], object]] = {
    "the provider, to act": lambda runtime: runtime.gateway.send(create_customer(person_id=UUID(int=1))),
    "the provider, to look": lambda runtime: runtime.gateway.fetch_intent("pi_1"),
    "the mail server": lambda runtime: smtp.send(EmailMessage(), runtime.settings.smtp_url),
    "the mail server, to try": lambda runtime: smtp.can_connect(runtime.settings.smtp_url),
    "the worker": lambda runtime: broker.WakeUp(runtime.settings)(),
    "the broker, to beat": lambda runtime: broker.beat_heart(runtime.settings.broker_url),
    "the broker, to listen": lambda runtime: broker.heart_beats(runtime.settings.broker_url),
    "the limiter": lambda runtime: runtime.limiter.take(FORM_BY_ADDRESS, "127.0.0.1"),
    "the limiter, for a turn": lambda runtime: runtime.limiter.wait_for_turn("provider", per_second=1),
    "the limiter, to ping": lambda runtime: runtime.limiter.ping(),
    "the sandbox's clock": set_sandbox_clock,
}


@pytest.mark.parametrize("name", CALLS)
def test_calling_out_with_a_transaction_open_is_refused(runtime: Runtime, name: str) -> None:
    with runtime.database.transaction(), pytest.raises(CalledOutInsideTransaction):
        CALLS[name](runtime)


def test_without_a_transaction_the_call_is_made_and_fails_by_itself(runtime: Runtime) -> None:
    with pytest.raises(OutcomeUnknown):
        CALLS["the provider, to act"](runtime)
    with pytest.raises(OSError):  # noqa: PT011  whichever the mail library raises
        CALLS["the mail server"](runtime)


def test_reading_holds_no_transaction() -> None:
    database = Database("postgresql+psycopg://nobody@/nothing")
    with database.reading():
        refuse_inside_transaction()
    database.close()


def test_a_transaction_that_failed_is_over() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    with pytest.raises(OperationalError), database.transaction() as session:
        session.connection()

    refuse_inside_transaction()
    database.close()
