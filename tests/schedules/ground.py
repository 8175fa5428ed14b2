"""What all schedules stand on: one database, one sandbox, emptied before each, which takes a few milliseconds."""

from collections.abc import Iterator, MutableMapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import structlog
from psycopg.rows import namedtuple_row

from crowd.shared.db import Database
from payments.gateway import Gateway
from payments.inbox.workflow import SUBSCRIBED
from tests.database import Server, emptying_statement
from tests.money import MoneyWorld
from tests.sandbox_process import API_KEY, WEBHOOK_SECRET
from tests.schedules.kept import Shelf
from tests.schedules.mortal import Fate, MortalGateway
from tests.schedules.near import BEGAN, NearSandbox, near_sandbox

_NUMBERS = count(1)
# Deleted rows stay in the way until somebody sweeps them up; nobody else does in this server.
_TIDY_EVERY = 50
_SWALLOWED = frozenset({"sweep_passed_over", "campaign_failed"})
_END_LEASES = (
    b"UPDATE charges SET leased_until = NULL WHERE leased_until IS NOT NULL;"
    b" UPDATE refunds SET leased_until = NULL WHERE leased_until IS NOT NULL;"
    b" UPDATE payout_lines SET leased_until = NULL WHERE leased_until IS NOT NULL;"
    b" UPDATE transfer_reversals SET leased_until = NULL WHERE leased_until IS NOT NULL;"
    b" UPDATE provider_events SET leased_until = NULL, due_at = now() WHERE handled_at IS NULL"
)


@dataclass(kw_only=True)
class Ground:
    """`gateway` is what the worker and the doors use, and may die; `eyes` only look.

    `heard` is what the service said of failures it put aside, to be mended at the next sweep: only silence of the
    provider may be that.
    """

    database: Database
    sandbox: NearSandbox
    gateway: MortalGateway
    eyes: Gateway
    asking: psycopg.Connection[Any]
    emptying_statement: str
    shelf: Shelf
    heard: list[str] = field(default_factory=list)
    worlds: int = 0

    def empty(self) -> None:
        """Forget everything, on both sides; nothing is planned to go wrong any more."""
        self.asking.execute(self.emptying_statement.encode())
        self.worlds += 1
        if self.worlds % _TIDY_EVERY == 0:
            self.asking.execute("VACUUM")
        self.sandbox.control.forget_everything()
        self.gateway.fate = Fate()
        self.heard.clear()

    def world(self) -> MoneyWorld:
        """A town nobody lives in yet, always on the same morning in March."""
        return MoneyWorld(database=self.database, gateway=self.gateway, sandbox=self.sandbox, now=BEGAN)

    def end_leases(self) -> None:
        """Let every lease run out at once: what a crashed worker held may be taken up again."""
        self.asking.execute(_END_LEASES)

    def choose_card(self, url: str, number: str) -> None:
        """Choose a card on a hosted page, and say yes at the bank when it asks."""
        answer = self.sandbox.visitor.post(url, data={"test_card": number})
        bank = answer.headers.get("location", "")
        if bank.startswith(self.sandbox.base_url):
            self.answer_bank(bank, "complete")

    def choose_account(self, url: str, iban: str) -> None:
        """Choose a bank account on a hosted page."""
        self.sandbox.visitor.post(url, data={"test_iban": iban})

    def answer_bank(self, url: str, outcome: str) -> None:
        """Answer the bank: `complete` or `fail`. A page that is no longer open is left as it is."""
        self.sandbox.visitor.post(url, data={"outcome": outcome})

    def events(self) -> list[dict[str, Any]]:
        """Every event our webhook would be told of, oldest first, in the order in which they happened."""
        return [event for event in self.sandbox.control.rows()["event"] if event["type"].startswith(SUBSCRIBED)]


@contextmanager
def ground(server: Server, name: str, folder: Path, *, way: type[MortalGateway] = MortalGateway) -> Iterator[Ground]:
    """The ground on a database of its own; `way` is the gateway that the worker and the doors use."""
    name = f"schedules_{name}_{next(_NUMBERS)}"
    url = server.clone(name)
    with (
        near_sandbox(folder) as sandbox,
        closing(Database(url, pool_size=12)) as database,
        psycopg.connect(
            url.replace("postgresql+psycopg", "postgresql"),
            autocommit=True,
            prepare_threshold=1,
            row_factory=namedtuple_row,
        ) as connection,
        closing(way(api_base=sandbox.base_url, webhook_secret=WEBHOOK_SECRET)) as gateway,
        closing(Gateway(api_key=API_KEY, api_base=sandbox.base_url, timeout_seconds=5)) as eyes,
    ):
        made = Ground(
            database=database,
            sandbox=sandbox,
            gateway=gateway,
            eyes=eyes,
            asking=connection,
            emptying_statement=emptying_statement(server.cluster(), name),
            shelf=Shelf(connection, sandbox.control),
        )
        with _quiet(made.heard):
            yield made


@contextmanager
def _quiet(heard: list[str]) -> Iterator[None]:
    """A line per call to the provider would be most of what hundreds of schedules do, and bury the one that failed."""

    def listen(_logger: object, _method: str, said: MutableMapping[str, Any]) -> dict[str, Any]:
        silent = said.get("error") in {"OutcomeUnknown", "FailedAtProvider", "KeySpent"}
        if said.get("event") in _SWALLOWED and not silent:
            heard.append(f"{said['event']}: {said.get('error')}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[listen])
    try:
        yield
    finally:
        structlog.configure(**before)
