"""What all schedules stand on: one database, one sandbox, emptied before each, which takes a few milliseconds."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import stripe
import structlog
from psycopg.rows import namedtuple_row

from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from payments.gateway import Gateway
from payments.inbox.workflow import SUBSCRIBED
from tests.database import Server, emptying_statement
from tests.money import MoneyWorld
from tests.sandbox_process import API_KEY, WEBHOOK_SECRET, Sandbox, running_sandbox
from tests.schedules.mortal import Fate, MortalGateway

_NUMBERS = count(1)


@dataclass(kw_only=True)
class Ground:
    """`gateway` is what the worker and the doors use, and may die; `eyes` only look."""

    database: Database
    sandbox: Sandbox
    gateway: MortalGateway
    eyes: Gateway
    browser: httpx2.Client
    client: stripe.StripeClient
    asking: psycopg.Connection[Any]
    emptying_statement: str

    def fresh_world(self) -> MoneyWorld:
        """An empty town, an empty provider, and the clock at this moment."""
        self.asking.execute(self.emptying_statement.encode())
        self.sandbox.control.forget_everything()
        self.gateway.fate = Fate()
        world = MoneyWorld(
            database=self.database, gateway=self.gateway, sandbox=self.sandbox, now=machine_now().replace(microsecond=0)
        )
        world.settle_in()
        return world

    def choose_card(self, url: str, number: str) -> None:
        """Choose a card on a hosted page, and say yes at the bank when it asks."""
        answer = self.browser.post(url, data={"test_card": number})
        bank = answer.headers.get("location", "")
        if bank.startswith(self.sandbox.base_url):
            self.answer_bank(bank, "complete")

    def answer_bank(self, url: str, outcome: str) -> None:
        """Answer the bank: `complete` or `fail`. A page that is no longer open is left as it is."""
        self.browser.post(url, data={"outcome": outcome})

    def events(self) -> list[dict[str, Any]]:
        """Every event our webhook would be told of, oldest first, in the order in which they happened."""
        found = [event.to_dict() for event in self.client.v1.events.list({"limit": 100}).auto_paging_iter()]
        return [event for event in found[::-1] if event["type"].startswith(SUBSCRIBED)]


@contextmanager
def ground(server: Server, name: str, folder: Path, *, way: type[MortalGateway] = MortalGateway) -> Iterator[Ground]:
    """The ground on a database of its own; `way` is the gateway that the worker and the doors use."""
    name = f"schedules_{name}_{next(_NUMBERS)}"
    url = server.clone(name)
    with (
        running_sandbox(folder) as sandbox,
        closing(Database(url, pool_size=12)) as database,
        psycopg.connect(
            url.replace("postgresql+psycopg", "postgresql"),
            autocommit=True,
            prepare_threshold=1,
            row_factory=namedtuple_row,
        ) as connection,
        sandbox.browser() as browser,
        closing(way(api_base=sandbox.base_url, webhook_secret=WEBHOOK_SECRET)) as gateway,
        closing(Gateway(api_key=API_KEY, api_base=sandbox.base_url, timeout_seconds=5)) as eyes,
        _quiet(),
    ):
        yield Ground(
            database=database,
            sandbox=sandbox,
            gateway=gateway,
            eyes=eyes,
            browser=browser,
            client=sandbox.client(),
            asking=connection,
            emptying_statement=emptying_statement(server.cluster(), name),
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """A line per call to the provider would be most of what hundreds of schedules do, and bury the one that failed."""
    before = structlog.get_config()
    structlog.configure(processors=[_drop])
    try:
        yield
    finally:
        structlog.configure(**before)


def _drop(_logger: object, _method: str, _event: object) -> dict[str, Any]:
    raise structlog.DropEvent
