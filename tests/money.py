"""A small world in which money really moves: real PostgreSQL, the sandbox as a process, the SDK over HTTP."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, insert, select, update

from crowd.accounts.models import Person
from crowd.closing.gap_operations import promise_gift
from crowd.cofunding.models import Scheme, SchemeNeighbourhood
from crowd.cofunding.operations import open_match
from crowd.grants.models import Application, Assessment, Decision
from crowd.initiatives.models import Initiative
from crowd.pledges.operations import Promise
from crowd.pledges.queries import pledge as pledge_row
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date, machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from crowd.shared.outbox import OutboxRow
from payments.books.rules import Verdict
from payments.books.workflow import check_books
from payments.cancelling.workflow import do_due_lines
from payments.collection.fee_workflow import record_fees
from payments.collection.models import Charge
from payments.collection.queries import charge
from payments.collection.workflow import (
    Addresses,
    finish_latest_checkout,
    open_checkout,
    refresh_charge,
)
from payments.gateway import Gateway
from payments.inbox.models import ProviderEvent
from payments.inbox.workflow import handle_events, sweep_events
from payments.payouts.models import PayoutLine, Refund, TransferReversal
from payments.payouts.workflow import send_payout_lines, send_refunds
from payments.provider import OutcomeUnknown
from payments.settlement.workflow import (
    close_due_campaigns,
    end_near_misses,
    end_settlements,
    plan_settlements,
    work_off_charges,
)
from tests import factories
from tests.sandbox_process import API_KEY, WEBHOOK_SECRET, Sandbox, running_sandbox

GOOD = "4242424242424242"
DECLINED_WHEN_CHARGED = "4000000000000341"
DECLINED_TWICE = "4000000099900013"
ASKS_ALWAYS = "4000002760003184"
ASKS_AND_DECLINES = "4000008260003178"
LOST = "4000000099900021"
GOOD_ACCOUNT = "NL39RABO0300065264"
FAILS = "NL91ABNA0417164300"
SLOW, SLOW_EMPTY = "NL96ZAND0000000001", "NL69ZAND0000000002"
EMPTY_ONCE = "NL15ZAND0000000004"
NOT_AUTHORIZED = "NL85ZAND0000000005"
TAKEN_BACK_AT_ONCE, TAKEN_BACK_LATER = "NL82RABO0300065266", "NL42ZAND0000000003"
REFUND_FAILS = "NL58ZAND0000000006"
ADDRESSES = Addresses(success_url="https://loket.example/klaar", cancel_url="https://loket.example/terug")


@dataclass(kw_only=True)
class MoneyWorld:
    """The rooms that handle money, with a clock the test moves. Nothing happens unless a method is called."""

    database: Database
    gateway: Gateway
    sandbox: Sandbox
    now: datetime
    municipality_id: UUID = field(default_factory=new_id)
    neighbourhood_id: UUID = field(default_factory=new_id)
    initiator_id: UUID = field(default_factory=new_id)

    def settle_in(self) -> None:
        """Make the municipality and its people."""
        with self.database.transaction() as session:
            self.municipality_id = factories.make_municipality(session)
            self.neighbourhood_id = factories.make_neighbourhood(session, municipality_id=self.municipality_id)
            self.initiator_id = factories.make_person(session, municipality_id=self.municipality_id)

    def campaign(self, minimum_cents: int, *, days: int = 30) -> UUID:
        """A live campaign that ends in so many days."""
        with self.database.transaction() as session:
            return factories.make_initiative(
                session,
                municipality_id=self.municipality_id,
                initiator_id=self.initiator_id,
                neighbourhood_id=self.neighbourhood_id,
                minimum_cents=minimum_cents,
                budget=(("Alles", minimum_cents),),
                ends_on=local_date(self.now) + timedelta(days=days),
                now=self.now,
            )

    def staff(self, role: str) -> Actor:
        """Somebody who holds this municipal role."""
        with self.database.transaction() as session:
            person_id = factories.make_person(session, municipality_id=self.municipality_id)
        return Actor(
            municipality_id=self.municipality_id,
            person_id=person_id,
            roles=frozenset({role}),
            mandate_cents=1_000_000_00 if role == "approver" else 0,
        )

    # --- Donors -------------------------------------------------------------------------------------------

    def promise(self, initiative_id: UUID, cents: int = 25_00) -> UUID:
        """A donor fills in the form."""
        pledge_id = new_id()
        with self.database.transaction() as session:
            promise_gift(
                session,
                initiative_id=initiative_id,
                promise=Promise(
                    pledge_id=pledge_id,
                    email=f"donor-{pledge_id.hex[-12:]}@voorbeeld.example",
                    amount=Money(cents),
                ),
                actor=Actor(municipality_id=self.municipality_id),
                now=self.now,
            )
        return pledge_id

    def pay(self, pledge_id: UUID, card: str = GOOD, *, finish: bool = True) -> None:
        """The donor chooses a card on the hosted page; `finish` is the way back to our page."""
        url = open_checkout(self.database, self.gateway, pledge_id=pledge_id, addresses=ADDRESSES, now=self.now)
        self.choose_card(url, card)
        if finish:
            finish_latest_checkout(self.database, self.gateway, pledge_id=pledge_id, now=self.now)

    def choose_card(self, url: str, card: str) -> None:
        """Choose a card on a hosted page, and say yes at the bank when it asks."""
        with self.sandbox.browser() as browser:
            answer = browser.post(url, data={"test_card": card})
            if answer.status_code == 303 and answer.headers["location"].startswith(self.sandbox.base_url):
                self.say_yes(answer.headers["location"])

    def say_yes(self, url: str) -> None:
        """Confirm at the bank that it is really you."""
        with self.sandbox.browser() as browser:
            answer = browser.post(url, data={"outcome": "complete"})
        assert answer.status_code == 303, answer.text

    def pay_from_account(self, pledge_id: UUID, iban: str = GOOD_ACCOUNT, *, by_ideal: bool = False) -> None:
        """The donor chooses a bank account on the hosted page, by iDEAL or by its number, and comes back."""
        url = open_checkout(self.database, self.gateway, pledge_id=pledge_id, addresses=ADDRESSES, now=self.now)
        with self.sandbox.browser() as browser:
            if by_ideal:
                bank = browser.post(url, data={"way": "ideal"}).headers["location"]
                answer = browser.post(bank, data={"test_iban": iban})
            else:
                answer = browser.post(url, data={"test_iban": iban})
        assert answer.status_code == 303, answer.text
        finish_latest_checkout(self.database, self.gateway, pledge_id=pledge_id, now=self.now)

    def debited_pledge(self, initiative_id: UUID, cents: int = 25_00, iban: str = GOOD_ACCOUNT) -> UUID:
        """A donor goes all the way with a bank account, known by iDEAL."""
        pledge_id = self.promise(initiative_id, cents)
        self.pay_from_account(pledge_id, iban, by_ideal=True)
        return pledge_id

    def look_at_payment(self, pledge_id: UUID) -> None:
        """Look at the provider how a payment stands: what the return page, a webhook and a sweep do."""
        with self.database.reading() as session:
            row = charge(session, pledge_id=pledge_id)
        assert row is not None
        refresh_charge(self.database, self.gateway, pledge_id=pledge_id, intent_ref=str(row.intent_ref), now=self.now)

    def pledge(self, initiative_id: UUID, cents: int = 25_00, card: str = GOOD) -> UUID:
        """A donor goes all the way."""
        pledge_id = self.promise(initiative_id, cents)
        self.pay(pledge_id, card)
        return pledge_id

    # --- Looking ------------------------------------------------------------------------------------------

    def state_of(self, pledge_id: UUID) -> str:
        """The state of a pledge."""
        with self.database.reading() as session:
            return pledge_row(session, pledge_id=pledge_id).state

    def state_of_campaign(self, initiative_id: UUID) -> str:
        """The state of an initiative."""
        with self.database.reading() as session:
            return session.execute(select(Initiative.state).where(Initiative.id == initiative_id)).scalar_one()

    def charges_at_provider(self, pledge_id: UUID) -> int:
        """How many succeeded payments the provider has for a pledge, however our own tables look."""
        return sum(
            payment.status == "succeeded" and payment.pledge_id == str(pledge_id) for payment in self.gateway.payments()
        )

    def verdict(self) -> Verdict:
        """What check-books says, once the provider has named every cost."""
        self.sandbox.control.advance(5)
        record_fees(self.database, self.gateway, now=self.now)
        return check_books(self.database, self.gateway)

    def mails(self, kind: str) -> list[str]:
        """The pledges that a mail of this kind is or was to be sent about."""
        with self.database.reading() as session:
            rows = session.execute(select(OutboxRow.args).where(OutboxRow.kind == kind))
            return [str(args["pledge_id"]) for (args,) in rows]

    # --- Time, and what the worker does -------------------------------------------------------------------

    def advance(self, **by: float) -> None:
        """Let time pass, at the sandbox too."""
        self.now += timedelta(**by)
        self.sandbox.control.set_clock(now=int(self.now.timestamp()))

    def skip(self, **by: float) -> None:
        """Let time pass here and not at the sandbox: whatever was to happen there does not."""
        self.now += timedelta(**by)

    def pass_deadline(self, initiative_id: UUID) -> None:
        """Let time pass until the campaign is due to be closed."""
        with self.database.reading() as session:
            deadline = session.execute(
                select(Initiative.deadline_at).where(Initiative.id == initiative_id)
            ).scalar_one()
        assert deadline is not None
        self.advance(seconds=(deadline - self.now).total_seconds() + 16 * 60)

    def work(self, *, rounds: int = 3) -> None:
        """Let the worker do, a few times over, what it would do by itself at this moment."""
        for _ in range(rounds):
            with suppress(OutcomeUnknown):
                sweep_events(self.database, self.gateway)
            handle_events(self.database, self.gateway, now=self.now, most=200)
            close_due_campaigns(self.database, now=self.now)
            plan_settlements(self.database, now=self.now)
            work_off_charges(self.database, self.gateway, now=self.now, most=200, at_once=4)
            end_settlements(self.database, self.gateway, now=self.now)
            end_near_misses(self.database, now=self.now)
            do_due_lines(self.database, now=self.now, most=200)
            send_refunds(self.database, self.gateway, now=self.now, most=200, at_once=4)
            send_payout_lines(self.database, self.gateway, now=self.now, most=200, at_once=4)

    def end_leases(self) -> None:
        """Let every lease run out at once: what a crashed worker held may be taken up again."""
        with self.database.transaction() as session:
            for table in (Charge, Refund, PayoutLine, TransferReversal, ProviderEvent):
                session.execute(update(table).values(leased_until=None))
            session.execute(update(ProviderEvent).where(ProviderEvent.handled_at.is_(None)).values(due_at=func.now()))

    def live_through_collecting(self) -> None:
        """Let eight days pass, the worker working every day."""
        for _ in range(8):
            self.advance(days=1)
            self.work()

    # --- Co-funding, without its own rules: those have their own tests ------------------------------------

    def award_match(self, initiative_id: UUID, *, up_to_cents: int, percent: int = 50) -> None:
        """A scheme applies to the campaign, and somebody with mandate awarded up to an amount."""
        assessor, approver = self.staff("assessor"), self.staff("approver")
        today = local_date(self.now)
        with self.database.transaction() as session:
            scheme_id = session.execute(
                insert(Scheme)
                .values(
                    municipality_id=self.municipality_id,
                    name="Buurtinitiatieven",
                    legal_basis="Subsidieregeling buurtinitiatieven, artikel 3",
                    ratio_percent=percent,
                    donor_cap_cents=1_000_00,
                    project_cap_cents=10_000_00,
                    pot_cents=50_000_00,
                    opens_on=today - timedelta(days=10),
                    closes_on=today + timedelta(days=100),
                )
                .returning(Scheme.id)
            ).scalar_one()
            session.execute(
                insert(SchemeNeighbourhood).values(scheme_id=scheme_id, neighbourhood_id=self.neighbourhood_id)
            )
            open_match(session, initiative_id=initiative_id, scheme_id=scheme_id, now=self.now)
            application_id = session.execute(
                insert(Application)
                .values(
                    municipality_id=self.municipality_id,
                    initiative_id=initiative_id,
                    scheme_id=scheme_id,
                    state="awarded",
                    asked_cents=up_to_cents,
                    received_at=self.now,
                    decide_by=today + timedelta(days=56),
                )
                .returning(Application.id)
            ).scalar_one()
            session.execute(
                insert(Assessment).values(
                    application_id=application_id,
                    assessor_id=assessor.person_id,
                    scores={},
                    advice_cents=up_to_cents,
                    advice="Doen.",
                    no_interest_declared=True,
                    assessed_at=self.now,
                )
            )
            session.execute(
                insert(Decision).values(
                    application_id=application_id,
                    decided_by=approver.person_id,
                    outcome="awarded",
                    up_to_cents=up_to_cents,
                    reasons="Het past in de regeling.",
                    legal_ground="artikel 3",
                    decided_at=self.now,
                )
            )

    def confirm_everyone(self) -> None:
        """Every donor has clicked the button in the receipt."""
        with self.database.transaction() as session:
            session.execute(update(Person).values(email_confirmed_at=self.now))


def lose_dispute(world: MoneyWorld, pledge_id: UUID) -> None:
    """The donor disputes a collected card payment, and their bank decides for them."""
    with world.database.reading() as session:
        row = charge(session, pledge_id=pledge_id)
    assert row is not None
    disputed = world.sandbox.control.call("POST", f"/_sandbox/charges/{row.charge_ref}/dispute", {})
    world.sandbox.control.call("POST", f"/_sandbox/disputes/{disputed['id']}/verdict", {"status": "lost"})
    world.work()
    assert world.state_of(pledge_id) == "charged_back"


@contextmanager
def money_world_on(database: Database, sandbox: Sandbox) -> Iterator[MoneyWorld]:
    """A world on this database and this sandbox, both empty."""
    gateway = Gateway(api_key=API_KEY, api_base=sandbox.base_url, timeout_seconds=5, webhook_secret=WEBHOOK_SECRET)
    world = MoneyWorld(database=database, gateway=gateway, sandbox=sandbox, now=machine_now())
    world.settle_in()
    with closing(gateway):
        yield world


@contextmanager
def money_world(database: Database, folder: Path) -> Iterator[MoneyWorld]:
    """A world on this database, with a sandbox of its own that keeps its file in `folder`."""
    with running_sandbox(folder) as sandbox, money_world_on(database, sandbox) as world:
        yield world
