"""The machine that plays schedules. A new act is a new rule; what must hold stands in oracle.py."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from crowd.initiatives.models import Initiative
from crowd.shared.actor import Actor
from crowd.shared.clock import machine_now
from crowd.shared.errors import DomainError
from payments.collection import workflow as collecting
from payments.inbox import workflow as inbox
from payments.inbox.operations import store_events
from payments.payouts.workflow import send_refunds
from payments.provider import OutcomeUnknown, read_event
from payments.settlement import workflow as settlement
from tests import gifts
from tests.money import (
    ADDRESSES,
    ASKS_ALWAYS,
    ASKS_AND_DECLINES,
    DECLINED_TWICE,
    DECLINED_WHEN_CHARGED,
    GOOD,
    LOST,
    MoneyWorld,
)
from tests.schedules.ground import Ground
from tests.schedules.mortal import Died, Meanwhile, Moment
from tests.schedules.oracle import Oracle

CARDS: Final = {
    "good": GOOD,
    "declined": DECLINED_WHEN_CHARGED,
    "declined twice": DECLINED_TWICE,
    "asks": ASKS_ALWAYS,
    "asks, then declines": ASKS_AND_DECLINES,
    "lost": LOST,
}
FAULTS: Final = ("drop_before", "drop_after", "server_error", "executed, then server_error", "rate_limit")
CALLS: Final = (
    "customers.create",
    "checkout.sessions.*",
    "payment_intents.create",
    "payment_intents.confirm",
    "payment_intents.confirm",
    "payment_intents.cancel",
    "payment_intents.retrieve",
    "refunds.*",
    "balance_transactions.list",
)
JUMPS: Final = (timedelta(minutes=11), timedelta(hours=5), timedelta(hours=25), timedelta(days=3), timedelta(days=8))
ACTS: Final = ("everything", "everything", "close", "plan", "charge", "end", "refund", "fees", "forget cards")
MEANWHILE: Final = ("dies", "dies", "webhooks", "sweep", "another worker", "withdrawal", "link", "days pass")
MINIMUM: Final = 50_00
_RETURN_URL: Final = "https://loket.example/terug"
_most = st.integers(0, 5)


@dataclass
class Gift:
    """One donor's contribution, as the donor knows it."""

    id: UUID
    name: str
    campaign: UUID
    card: str
    withdrew: bool = False
    saved: list[str] = field(default_factory=list)


class Schedule(RuleBasedStateMachine):
    """One schedule: it begins with an empty town, and must end with every pledge final, whatever happened between.

    `ground` is set on the class before it runs: the database and the sandbox are there once for all schedules.
    """

    ground: ClassVar[Ground]

    def __init__(self) -> None:
        super().__init__()
        self.world: MoneyWorld = self.ground.fresh_world()
        self.oracle = Oracle(self.world, self.ground.eyes, self.ground.asking)
        self.began = self.world.now
        self.campaigns: list[UUID] = []
        self.gifts: list[Gift] = []
        self.acted = False
        self.delivered: set[str] = set()

    # --- What happens -------------------------------------------------------------------------------------

    @initialize(
        cards=st.lists(st.sampled_from(list(CARDS)), min_size=1, max_size=3),
        match=st.booleans(),
        due=st.booleans(),
    )
    def begin(self, cards: list[str], *, match: bool, due: bool) -> None:
        """Two campaigns; the first has donors, perhaps a match, and its deadline has perhaps passed."""
        self.tell(f"two campaigns of 50 euros{', the first with a match' if match else ''}")
        self.campaigns = [self.world.campaign(MINIMUM), self.world.campaign(MINIMUM, days=35)]
        if match:
            self.world.award_match(self.campaigns[0], up_to_cents=20_00)
        for card in cards:
            self._give(0, card, cents=25_00, comes_back=True)
        if due:
            self.deadline_passes(0)

    @rule(campaign=st.integers(0, 1), card=st.sampled_from(list(CARDS)), big=st.booleans(), comes_back=st.booleans())
    @precondition(lambda self: len(self.gifts) < 7)
    def somebody_gives(self, campaign: int, card: str, *, big: bool, comes_back: bool) -> None:
        self._give(campaign, card, cents=50_00 if big else 25_00, comes_back=comes_back)

    @rule(campaign=st.integers(0, 1), returned=st.booleans())
    @precondition(lambda self: len(self.gifts) < 7)
    def somebody_gives_cash(self, campaign: int, *, returned: bool) -> None:
        with self._accepted():
            pledge_id = gifts.take_cash(self.world, self.campaigns[campaign], 10_00)
            gift = Gift(pledge_id, f"donor {len(self.gifts) + 1}", self.campaigns[campaign], "cash")
            self.gifts.append(gift)
            self.tell(f"{gift.name} gives 10.00 in cash{' and takes it back' if returned else ''}")
            if returned:
                gift.withdrew = True
                gifts.withdraw_and_give_back(self.world, pledge_id)

    @rule(which=_most)
    @precondition(lambda self: self.gifts)
    def donor_withdraws(self, which: int) -> None:
        gift = self._gift(which)
        self.tell(f"{gift.name} withdraws")
        with self._accepted():
            self._withdraw(gift)

    @rule(which=_most, says=st.sampled_from(["yes", "yes", "no", "leaves"]))
    @precondition(lambda self: self.gifts)
    def donor_uses_link(self, which: int, says: str) -> None:
        gift = self._gift(which)
        self.tell(f"{gift.name} uses the link, and at the bank: {says}")
        with self._accepted():
            self._pay_by_link(gift, says)

    @rule(which=_most, card=st.sampled_from(list(CARDS)), comes_back=st.booleans())
    @precondition(lambda self: self.gifts)
    def donor_saves_another_card(self, which: int, card: str, *, comes_back: bool) -> None:
        gift = self._gift(which)
        self.tell(f"{gift.name} saves another card ({card}){'' if comes_back else ' and does not come back'}")
        with self._accepted():
            self._save_card(gift, card, comes_back=comes_back)

    @rule(act=st.sampled_from(ACTS))
    def worker_works(self, act: str) -> None:
        self.tell(f"the worker works: {act}")
        with self._accepted():
            self._work(act)

    @rule(first=st.integers(0, 20), backwards=st.booleans(), twice=st.booleans())
    def webhooks_arrive(self, first: int, *, backwards: bool, twice: bool) -> None:
        """Every event from `first` on that did not come yet: those before it are late, or lost for ever."""
        how = (", backwards" if backwards else "") + (", twice" if twice else "")
        self.tell(f"webhooks arrive from number {first}{how}")
        with self._accepted():
            self._deliver(first, backwards=backwards, twice=twice)

    @rule()
    def sweeps_run(self) -> None:
        self.tell("the sweeps run")
        with self._accepted():
            self._sweep()

    @rule(by=st.sampled_from(JUMPS))
    def time_passes(self, by: timedelta) -> None:
        self.tell(f"time passes: {by}")
        self._pass(by)

    @rule(campaign=st.integers(0, 1))
    def deadline_passes(self, campaign: int) -> None:
        deadline = self._deadline(self.campaigns[campaign])
        by = deadline + timedelta(minutes=16) - self.world.now
        if by > timedelta(0):
            self.tell(f"time passes until campaign {campaign + 1} is due")
            self._pass(by)

    @rule()
    def leases_end(self) -> None:
        self.tell("the leases of whoever died or waits run out")
        self.world.end_leases()

    @rule(kind=st.sampled_from(FAULTS), operation=st.sampled_from(CALLS), count=st.integers(1, 2))
    def provider_will_fail(self, kind: str, operation: str, count: int) -> None:
        self.tell(f"the provider will fail, {count} times: {kind} at {operation}")
        self.acted = False
        executed = {"executed": True} if kind.startswith("executed") else {}
        self.world.sandbox.control.fault(kind.rpartition(" ")[2], operation=operation, count=count, **executed)

    @rule(
        calls=st.integers(1, 4),
        moment=st.sampled_from(["before sending", "after sending"]),
        what=st.sampled_from(MEANWHILE),
        which=_most,
    )
    def something_will_happen_on_the_way(self, calls: int, moment: Moment, what: str, which: int) -> None:
        """At a call to come, the process dies, or others act: no transaction is open then, so anybody may."""
        self.tell(f"at call {calls} from now, {moment}: {what}")
        self.acted = False
        self.ground.gateway.fate.meanwhile = Meanwhile(calls, moment, lambda: self._meanwhile(what, which))

    # --- What must hold -----------------------------------------------------------------------------------

    @invariant()
    def books_balance(self) -> None:
        # A plan for later changes nothing yet.
        if self.acted:
            self.oracle.check()
        self.acted = False

    def teardown(self) -> None:
        """Drive everything to rest: the provider is well again, no webhook ever comes, only sweeps and the worker."""
        if sys.exc_info()[0] is not None:
            return
        self.tell("everything comes to rest")
        self.world.sandbox.control.forget_faults()
        self.ground.gateway.fate.meanwhile = None
        self.deadline_passes(1)
        for _ in range(3):
            self._turn()
            self._pass(timedelta(days=8))
        self._turn()
        self.world.sandbox.control.advance(5)
        collecting.record_fees(self.world.database, self.ground.eyes, now=self.world.now)
        self.oracle.check_rest(must_be_collected={str(gift.id) for gift in self.gifts if self._did_all(gift)})
        before = self.oracle.rest()
        self._deliver_again()
        after = self.oracle.rest()
        assert before == after, f"I3: events handled again changed {set(after) ^ set(before)}"

    # --- How it happens -----------------------------------------------------------------------------------

    def tell(self, words: str) -> None:
        """Say in words what happens; printed with a schedule that fails."""
        self.acted = True
        note(f"{self.world.now - self.began}: {words}")

    @contextmanager
    def _accepted(self) -> Iterator[None]:
        """A refusal with a sentence, no answer of the provider, and the death of the process are all part of life."""
        with suppress(DomainError, OutcomeUnknown, Died):
            yield

    def _gift(self, which: int) -> Gift:
        return self.gifts[which % len(self.gifts)]

    def _did_all(self, gift: Gift) -> bool:
        """Whether nothing was left to the donor or the bank: only good cards, and never taken back."""
        return not gift.withdrew and set(gift.saved) == {"good"}

    def _give(self, campaign: int, card: str, *, cents: int, comes_back: bool) -> None:
        with self._accepted():
            pledge_id = self.world.promise(self.campaigns[campaign], cents)
            gift = Gift(pledge_id, f"donor {len(self.gifts) + 1}", self.campaigns[campaign], card)
            self.gifts.append(gift)
            way = "" if comes_back else " and does not come back"
            self.tell(f"{gift.name} promises {cents // 100} euros to campaign {campaign + 1}, card: {card}{way}")
            self.world.confirm_everyone()
            self._save_card(gift, card, comes_back=comes_back)

    def _save_card(self, gift: Gift, card: str, *, comes_back: bool) -> None:
        database, gateway, now = self.world.database, self.world.gateway, self.world.now
        url = collecting.open_checkout(database, gateway, pledge_id=gift.id, addresses=ADDRESSES, now=now)
        gift.saved.append(card)
        self.ground.choose_card(url, CARDS[card])
        if comes_back:
            collecting.finish_latest_checkout(database, gateway, pledge_id=gift.id, now=self.world.now)

    def _withdraw(self, gift: Gift) -> None:
        donor = Actor(municipality_id=self.world.municipality_id)
        gift.withdrew = True
        collecting.withdraw(self.world.database, self.world.gateway, pledge_id=gift.id, actor=donor, now=self.world.now)

    def _pay_by_link(self, gift: Gift, says: str) -> None:
        url = collecting.pay_now(
            self.world.database, self.world.gateway, pledge_id=gift.id, return_url=_RETURN_URL, now=self.world.now
        )
        if url is not None and says != "leaves":
            self.ground.answer_bank(url, "complete" if says == "yes" else "fail")

    def _work(self, act: str) -> None:
        """One turn of the worker, one line at a time, so that a schedule happens again as it happened before."""
        if act == "everything":
            self._handle()
        database, gateway = self.world.database, self.world.gateway
        acts: Sequence[tuple[str, Callable[[datetime], int]]] = (
            ("close", lambda now: settlement.close_due_campaigns(database, now=now)),
            ("plan", lambda now: settlement.plan_settlements(database, now=now)),
            ("charge", lambda now: settlement.work_off_charges(database, gateway, now=now, most=1, at_once=1)),
            ("end", lambda now: settlement.end_settlements(database, gateway, now=now)),
            ("refund", lambda now: send_refunds(database, gateway, now=now, most=1, at_once=1)),
            ("fees", lambda now: collecting.record_fees(database, gateway, now=now)),
            ("forget cards", self._forget_cards),
        )
        for name, do in acts:
            if act in {"everything", name}:
                many = name in {"charge", "refund"}
                while do(self.world.now) and many:
                    pass

    def _forget_cards(self, now: datetime) -> int:
        return collecting.forget_unneeded_cards(
            self.world.database, self.world.gateway, machine_now=self._machine_now(), now=now
        )

    def _machine_now(self) -> datetime:
        """Machine time as far on as the schedule is: sweeps look at the same thing only now and then."""
        return machine_now() + (self.world.now - self.began)

    def _handle(self) -> None:
        while inbox.handle_events(self.world.database, self.world.gateway, now=self.world.now, most=20):
            pass

    def _deliver(self, first: int, *, backwards: bool, twice: bool) -> None:
        """Hand in the events that were not handed in yet, as the webhook does once their signature was verified."""
        late = [event for event in self.ground.events()[first:] if event["id"] not in self.delivered]
        for event in (list(reversed(late)) if backwards else late) * (2 if twice else 1):
            self.delivered.add(event["id"])
            self._store(event, event_id=event["id"])
        self._handle()

    def _deliver_again(self) -> None:
        """Hand in, backwards, one more event about everything that there ever was an event about."""
        about = {event["data"]["object"]["id"]: event for event in self.ground.events()}
        for event in reversed(about.values()):
            self._store(event, event_id=f"{event['id']}_again")
        self._handle()

    def _store(self, event: dict[str, Any], *, event_id: str) -> None:
        with self.world.database.transaction() as session:
            store_events(session, events=[read_event({**event, "id": event_id})])

    def _sweep(self) -> None:
        database, gateway, now = self.world.database, self.world.gateway, self.world.now
        with suppress(OutcomeUnknown):
            inbox.sweep_events(database, gateway)
        self._handle()
        inbox.sweep_checkouts(database, gateway, machine_now=self._machine_now(), now=now)
        inbox.sweep_charges(database, gateway, machine_now=self._machine_now(), now=now)

    def _pass(self, by: timedelta) -> None:
        self.world.advance(seconds=by.total_seconds())
        # A lease lasts a minute or two.
        self.world.end_leases()

    def _turn(self) -> None:
        self.world.end_leases()
        self._sweep()
        self._work("everything")

    def _deadline(self, campaign: UUID) -> datetime:
        with self.world.database.reading() as session:
            deadline = session.execute(select(Initiative.deadline_at).where(Initiative.id == campaign)).scalar_one()
        assert deadline is not None
        return deadline

    def _meanwhile(self, what: str, which: int) -> None:
        self.tell(f"meanwhile: {what}")
        if what == "dies":
            raise Died
        with self._accepted():
            if what == "webhooks":
                self._deliver(0, backwards=False, twice=False)
            elif what == "sweep":
                self._sweep()
            elif what == "another worker":
                self.world.end_leases()
                self._work("everything")
            elif what == "withdrawal":
                self._withdraw(self._gift(which))
            elif what == "link":
                self._pay_by_link(self._gift(which), "yes")
            else:
                self._pass(timedelta(days=3))
