"""A small world in which money really moves: real PostgreSQL, the sandbox as a process, the SDK over HTTP."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
from sqlalchemy import select

from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality
from crowd.pledges.operations import Promise, make_pledge
from crowd.pledges.queries import pledge as pledge_row
from crowd.shared.actor import Actor
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.collection.workflow import Addresses, finish_latest_checkout, open_checkout
from payments.gateway import Gateway
from payments.inbox.workflow import handle_events, sweep_events
from payments.payouts.workflow import send_payout_lines, send_refunds
from payments.settlement.workflow import close_due_campaigns, end_settlements, plan_settlements, work_off_charges

GOOD = "4242424242424242"
DECLINED_WHEN_CHARGED = "4000000000000341"
ASKS_ALWAYS = "4000002760003184"
ADDRESSES = Addresses(success_url="https://loket.example/klaar", cancel_url="https://loket.example/terug")


@dataclass(kw_only=True)
class MoneyWorld:
    """The rooms that handle money, with a clock the test moves. Nothing happens unless a method is called."""

    database: Database
    gateway: Gateway
    sandbox_url: str
    control_token: str
    now: datetime

    def promise(self, initiative_id: UUID, cents: int = 25_00, *, email: str | None = None) -> UUID:
        """A donor fills in the form."""
        pledge_id = new_id()
        with self.database.transaction() as session:
            municipality_id = session.execute(
                select(Initiative.municipality_id).where(Initiative.id == initiative_id)
            ).scalar_one()
            make_pledge(
                session,
                initiative_id=initiative_id,
                promise=Promise(
                    pledge_id=pledge_id,
                    email=email or f"donor-{pledge_id.hex[-12:]}@voorbeeld.example",
                    amount=Money(cents),
                ),
                actor=Actor(municipality_id=municipality_id),
                now=self.now,
            )
        return pledge_id

    def pay(self, pledge_id: UUID, card: str = GOOD, *, finish: bool = True) -> None:
        """The donor chooses a card on the hosted page; `finish` is the way back to our page."""
        url = open_checkout(self.database, self.gateway, pledge_id=pledge_id, addresses=ADDRESSES, now=self.now)
        self.fill_in(url, card)
        if finish:
            finish_latest_checkout(self.database, self.gateway, pledge_id=pledge_id, now=self.now)

    def fill_in(self, url: str, card: str) -> None:
        """Choose a card on a hosted page, and say yes at the bank when it asks."""
        with httpx2.Client(timeout=10) as browser:
            answer = browser.post(url, data={"test_card": card})
            while answer.status_code == 303 and answer.headers["location"].startswith(self.sandbox_url):
                address = answer.headers["location"]
                browser.get(address).raise_for_status()
                answer = browser.post(address, data={"outcome": "complete"})
        if answer.status_code not in {200, 303}:
            raise AssertionError(f"the hosted page answered {answer.status_code}")

    def pledge(self, initiative_id: UUID, cents: int = 25_00, card: str = GOOD) -> UUID:
        """A donor goes all the way."""
        pledge_id = self.promise(initiative_id, cents)
        self.pay(pledge_id, card)
        return pledge_id

    def state_of(self, pledge_id: UUID) -> str:
        """The state of a pledge."""
        with self.database.reading() as session:
            return pledge_row(session, pledge_id=pledge_id).state

    def state_of_campaign(self, initiative_id: UUID) -> str:
        """The state of an initiative."""
        with self.database.reading() as session:
            return session.execute(select(Initiative.state).where(Initiative.id == initiative_id)).scalar_one()

    def advance(self, **by: float) -> None:
        """Let time pass, at the sandbox too."""
        self.now += timedelta(**by)
        self.control("POST", "/_sandbox/clock", {"now": int(self.now.timestamp())})

    def pass_deadline(self, initiative_id: UUID) -> None:
        """Let time pass until the campaign is due."""
        with self.database.reading() as session:
            deadline = session.execute(
                select(Initiative.deadline_at).where(Initiative.id == initiative_id)
            ).scalar_one()
        assert deadline is not None
        self.advance(seconds=(deadline - self.now).total_seconds() + 16 * 60)

    def settle(self, *, rounds: int = 6) -> None:
        """Let the worker do what it would do by itself at this moment."""
        for _ in range(rounds):
            sweep_events(self.database, self.gateway)
            handle_events(self.database, self.gateway, now=self.now, most=200)
            close_due_campaigns(self.database, now=self.now)
            plan_settlements(self.database, now=self.now)
            work_off_charges(self.database, self.gateway, now=self.now, most=200, at_once=4)
            end_settlements(self.database, self.gateway, now=self.now)
            send_refunds(self.database, self.gateway, now=self.now, most=200, at_once=4)
            send_payout_lines(self.database, self.gateway, now=self.now, most=200, at_once=4)

    def control(self, method: str, path: str, body: object = None) -> object:
        """Bend the sandbox."""
        with httpx2.Client(timeout=10, headers={"authorization": f"Bearer {self.control_token}"}) as client:
            answer = client.request(method, f"{self.sandbox_url}{path}", json=body)
        if answer.status_code >= 400:
            raise AssertionError(f"{method} {urlsplit(path).path} answered {answer.status_code}: {answer.text}")
        return answer.json()

    def municipality_id(self) -> UUID:
        """The one municipality of this world."""
        with self.database.reading() as session:
            return session.execute(select(Municipality.id).limit(1)).scalar_one()
