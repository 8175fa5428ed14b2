"""The acts of which schedules are made: what donors, banks, the worker, the webhook and the treasurer do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from threading import current_thread, main_thread
from typing import Any, ClassVar, Final
from uuid import UUID

import httpx2
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from crowd.closing.gap_operations import promise_gift
from crowd.initiatives.models import Initiative
from crowd.pledges.operations import Promise
from crowd.rewards.operations import add_reward
from crowd.rewards.rules import RewardForm
from crowd.shared.actor import Actor, operator
from crowd.shared.clock import machine_now
from crowd.shared.errors import DomainError
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.collection import workflow as collecting
from payments.inbox import workflow as inbox
from payments.inbox.operations import store_events
from payments.payouts.queries import payee, payout_facts
from payments.payouts.workflow import send_payout_lines, send_refunds
from payments.provider import OutcomeUnknown, read_event
from payments.settlement import workflow as settlement
from tests import gifts, payouts
from tests import money as ways
from tests.schedules.ground import Ground
from tests.schedules.mortal import Died, Meanwhile
from tests.schedules.oracle import Oracle
from tests.schedules.people import ACCOUNTS, CARDS, Beginning, Gift
from tests.schedules.trouble import Trouble

ACTS: Final = ("close", "plan", "charge", "end", "refund", "pay out", "fees", "forget cards")
# How a campaign comes from one stage to the next.
_BEFORE: Final = {"due": "open", "planned": "due", "collecting": "planned"}
_LIVED: Final = {"planned": ("close", "plan"), "collecting": ACTS}
MINIMUM: Final = 50_00
_RETURN_URL: Final = "https://loket.example/terug"


Lived = tuple[ways.MoneyWorld, list[UUID], list[Gift]]


def _copied(lived: Lived) -> Lived:
    world, campaigns, given = lived
    return replace(world), list(campaigns), [replace(gift, saved=list(gift.saved)) for gift in given]


class Town(RuleBasedStateMachine):
    """The acts, without saying when. `ground` is set on the class: the database and the sandbox serve all schedules."""

    ground: ClassVar[Ground]

    def __init__(self) -> None:
        super().__init__()
        self.ground.empty()
        self.world = self.ground.world()
        self.oracle = Oracle(self.ground)
        self.began = self.world.now
        self.campaigns: list[UUID] = []
        self.gifts: list[Gift] = []
        self.acted = False
        self.delivered: set[str] = set()
        self._unsaid: list[str] = []

    def donor(self) -> Actor:
        """Anybody: donors need no account."""
        return Actor(municipality_id=self.world.municipality_id)

    # --- Beginnings ---------------------------------------------------------------------------------------

    def begin_with(self, beginning: Beginning, stage: str) -> None:
        """Live to this stage, or put it back when a schedule before this one did."""
        kept = self.ground.shelf.put_back((beginning, stage))
        if kept is not None:
            self.world, self.campaigns, self.gifts = _copied(kept)
            return
        if stage == "open":
            self._settle(beginning)
        else:
            self.begin_with(beginning, _BEFORE[stage])
            if stage == "due":
                self.pass_deadline(0)
            else:
                self.work(*_LIVED[stage])
        self.ground.shelf.keep((beginning, stage), _copied((self.world, self.campaigns, self.gifts)))

    def _settle(self, beginning: Beginning) -> None:
        self.world.settle_in()
        self.campaigns = [self.world.campaign(MINIMUM)]
        if beginning.match:
            self.world.award_match(self.campaigns[0], up_to_cents=20_00)
        reward = self.offer_reward(self.campaigns[0])
        for number, way in enumerate(beginning.saved):
            self.give(0, way, cents=25_00, reward=None if number else reward)

    def tell(self, words: str) -> None:
        """Say in words what happens; printed with a schedule that fails."""
        self.acted = True
        self._unsaid.append(f"{self.world.now - self.began}: {words}")
        # A worker's thread cannot take notes: what happened on it is written down by the next who can.
        if current_thread() is main_thread():
            while self._unsaid:
                note(self._unsaid.pop(0))

    @contextmanager
    def accepted(self, trouble: Trouble | None = None) -> Iterator[None]:
        """A refusal with a sentence, no answer of the provider, and the death of the process are all part of life.

        `trouble` is laid in wait first; what it waits for may come now, or later.
        """
        if trouble is not None:
            self.lay_in_wait(trouble)
        with suppress(DomainError, OutcomeUnknown, Died):
            yield

    def lay_in_wait(self, trouble: Trouble) -> None:
        """Let this go wrong at a call to come."""
        self.tell(f"lying in wait: {trouble}")
        if trouble.moment is None:
            executed = {"executed": True} if trouble.what.startswith("executed") else {}
            kind = trouble.what.rpartition(" ")[2]
            self.ground.sandbox.control.fault(kind, operation=trouble.call, **executed)
        else:
            act = trouble.what
            self.ground.gateway.fate.meanwhile = Meanwhile(trouble.number, trouble.moment, lambda: self.meanwhile(act))

    def meanwhile(self, what: str) -> None:
        """While a call is under way, with no transaction open, anybody may act."""
        self.tell(f"meanwhile: {what}")
        if what == "the process dies":
            raise Died
        gift = self.gifts[0] if self.gifts else None
        with self.accepted():
            if what == "the webhooks arrive":
                self.deliver(0, backwards=False, twice=False)
            elif what == "the sweeps run":
                self.sweep()
            elif what == "another worker works":
                self.ground.end_leases()
                self.work(*ACTS)
            elif what == "a donor withdraws" and gift:
                self.withdraw(gift)
            elif what == "a donor uses the link" and gift:
                self.pay_by_link(gift, says="yes", by_ideal=False)
            elif what == "three days pass":
                self.let_pass(timedelta(days=3))

    # --- Donors and their banks ---------------------------------------------------------------------------

    def offer_reward(self, campaign: UUID) -> UUID:
        """One jar of honey, for whoever gives ten euros first."""
        reward_id = new_id()
        form = RewardForm(title="Pot honing", description="", from_amount=Money(10_00), stock="1")
        with self.world.database.transaction() as session:
            actor = operator(self.world.municipality_id)
            add_reward(session, reward_id=reward_id, initiative_id=campaign, form=form, actor=actor, now=self.world.now)
        return reward_id

    def give(self, campaign: int, way: str, *, cents: int, comes_back: bool = True, reward: UUID | None = None) -> None:
        """Somebody promises, and saves a card or an account, or leaves the page."""
        pledge_id = new_id()
        promise = Promise(
            pledge_id=pledge_id,
            email=f"donor-{len(self.gifts)}@voorbeeld.example",
            amount=Money(cents),
            reward_id=reward,
        )
        with self.world.database.transaction() as session:
            promise_gift(
                session,
                initiative_id=self.campaigns[campaign],
                promise=promise,
                actor=self.donor(),
                now=self.world.now,
            )
        gift = Gift(pledge_id, f"donor {len(self.gifts) + 1}", self.campaigns[campaign])
        self.gifts.append(gift)
        self.tell(f"{gift.name} promises {cents // 100} euros to campaign {campaign + 1}")
        self.world.confirm_everyone()
        self.save(gift, way, comes_back=comes_back)

    def save(self, gift: Gift, way: str, *, comes_back: bool) -> None:
        """A donor saves this card or account; `comes_back`: to our page, so that we need no webhook to know."""
        self.tell(f"{gift.name} saves a way to pay: {way}{'' if comes_back else ', and does not come back'}")
        database, gateway, now = self.world.database, self.world.gateway, self.world.now
        url = collecting.open_checkout(database, gateway, pledge_id=gift.id, addresses=ways.ADDRESSES, now=now)
        gift.saved.append(way)
        if way in CARDS:
            self.ground.choose_card(url, CARDS[way])
        else:
            self.ground.choose_account(url, ACCOUNTS[way])
        if comes_back:
            collecting.finish_latest_checkout(database, gateway, pledge_id=gift.id, now=self.world.now)

    def give_cash(self, campaign: int, *, returned: bool) -> None:
        """Somebody gives cash at the desk, and perhaps takes it back."""
        pledge_id = gifts.take_cash(self.world, self.campaigns[campaign], 10_00)
        gift = Gift(pledge_id, f"donor {len(self.gifts) + 1}", self.campaigns[campaign], saved=["cash"])
        self.gifts.append(gift)
        if returned:
            gift.withdrew = True
            gifts.withdraw_and_give_back(self.world, pledge_id)

    def withdraw(self, gift: Gift) -> None:
        """A donor takes a contribution back."""
        gift.withdrew = True
        collecting.withdraw(
            self.world.database, self.world.gateway, pledge_id=gift.id, actor=self.donor(), now=self.world.now
        )

    def pay_by_link(self, gift: Gift, *, says: str, by_ideal: bool) -> None:
        """A donor pays from the mailed link; at the bank they say yes, no, or nothing yet."""
        url = collecting.pay_now(
            self.world.database,
            self.world.gateway,
            pledge_id=gift.id,
            return_url=_RETURN_URL,
            now=self.world.now,
            by_ideal=by_ideal,
        )
        gift.bank_page = url or gift.bank_page
        if url is not None and says != "nothing yet":
            self.ground.answer_bank(url, "complete" if says == "yes" else "fail")

    def dispute(self, gift: Gift) -> None:
        """A donor asks their bank for the money back."""
        taken = [
            charge
            for charge in self.ground.sandbox.control.rows()["charge"]
            if charge["status"] == "succeeded" and charge["metadata"].get("pledge_id") == str(gift.id)
        ]
        if taken and not taken[-1]["refunded"]:
            # What cannot be disputed is refused at the sandbox's own door.
            with suppress(httpx2.HTTPStatusError):
                self.ground.sandbox.control.dispute(taken[-1]["id"])

    def decide_disputes(self, verdict: str) -> None:
        """The banks decide every open dispute."""
        for dispute in self.ground.sandbox.control.rows()["dispute"]:
            if dispute["status"] in {"needs_response", "under_review"}:
                self.ground.sandbox.control.decide(dispute["id"], verdict)

    # --- The treasurer ------------------------------------------------------------------------------------

    def take_next_step_of_payout(self, campaign: UUID, *, parts: Sequence[int]) -> None:
        """Bring the payout of a funded campaign one step further: payee, share, plan, report or approval."""
        world = self.world
        with world.database.reading() as session:
            facts = payout_facts(session, initiative_id=campaign)
            known = payee(session, initiative_id=campaign)
        if facts.state != "funded":
            return
        if known is None or known.state != "ready":
            payouts.name_payee(world, campaign)
            return
        with suppress(DomainError):
            payouts.receive_match(world, campaign)
        if facts.number == 1:
            with suppress(DomainError):
                payouts.plan_parts(world, campaign, *parts)
        else:
            payouts.report_and_approve(world, campaign)
        payouts.approve(world, campaign, facts.number)

    # --- The worker, webhooks and sweeps ------------------------------------------------------------------

    def work(self, *acts: str) -> None:
        """One turn of the worker, one line at a time, so that a schedule happens again as it happened before."""
        database, gateway = self.world.database, self.world.gateway
        do: dict[str, Callable[[datetime], int]] = {
            "close": lambda now: settlement.close_due_campaigns(database, now=now),
            "plan": lambda now: settlement.plan_settlements(database, now=now),
            "charge": lambda now: settlement.work_off_charges(database, gateway, now=now, most=1, at_once=1),
            "end": lambda now: settlement.end_settlements(database, gateway, now=now),
            "refund": lambda now: send_refunds(database, gateway, now=now, most=1, at_once=1),
            "pay out": lambda now: send_payout_lines(database, gateway, now=now, most=1, at_once=1),
            "fees": lambda now: collecting.record_fees(database, gateway, now=now),
            "forget cards": self._forget_cards,
        }
        for act in acts:
            many = act in {"charge", "refund", "pay out"}
            while do[act](self.world.now) and many:
                pass

    def _forget_cards(self, now: datetime) -> int:
        return collecting.forget_unneeded_cards(
            self.world.database, self.world.gateway, machine_now=self._machine_now(), now=now
        )

    def _machine_now(self) -> datetime:
        """Machine time as far on as the schedule is: sweeps look at the same thing only now and then."""
        return machine_now() + (self.world.now - self.began)

    def deliver(self, first: int, *, backwards: bool, twice: bool) -> None:
        """Hand in the events that were not handed in yet, as the webhook does once their signature was verified."""
        late = [event for event in self.ground.events()[first:] if event["id"] not in self.delivered]
        self.delivered.update(event["id"] for event in late)
        for turn in range(2 if twice else 1):
            self._store(late[::-1] if backwards else late, again="")
            self.handle()
            if turn == 0 and twice:
                # Known by its number, the second is not even stored; so another one says the same once more.
                self._store(late, again="_twin")
                self.handle()

    def deliver_again(self) -> None:
        """Hand in, backwards, one more event about everything that there ever was an event about."""
        about = {event["data"]["object"]["id"]: event for event in self.ground.events()}
        self._store(list(reversed(about.values())), again="_again")
        self.handle()

    def _store(self, events: Sequence[dict[str, Any]], *, again: str) -> None:
        read = [read_event({**event, "id": event["id"] + again}) for event in events]
        with self.world.database.transaction() as session:
            store_events(session, events=read)

    def handle(self) -> None:
        """The worker handles what came in."""
        while inbox.handle_events(self.world.database, self.world.gateway, now=self.world.now, most=20):
            pass

    def sweep(self) -> None:
        """The sweeps look for what webhooks did not tell."""
        with suppress(OutcomeUnknown):
            inbox.sweep_events(self.world.database, self.world.gateway)
        self.handle()
        self._look()

    def _look(self) -> None:
        database, gateway, now = self.world.database, self.world.gateway, self.world.now
        inbox.sweep_checkouts(database, gateway, machine_now=self._machine_now(), now=now)
        inbox.sweep_charges(database, gateway, machine_now=self._machine_now(), now=now)

    # --- Time ---------------------------------------------------------------------------------------------

    def let_pass(self, by: timedelta) -> None:
        """Time passes, at the provider too; a lease lasts a minute or two, so all have run out."""
        self.world.advance(seconds=by.total_seconds())
        self.ground.end_leases()

    def pass_deadline(self, campaign: int) -> None:
        """Time passes until this campaign is due."""
        by = self._deadline(self.campaigns[campaign]) + timedelta(minutes=16) - self.world.now
        if by > timedelta(0):
            self.tell(f"time passes until campaign {campaign + 1} is due")
            self.let_pass(by)

    def _deadline(self, campaign: UUID) -> datetime:
        with self.world.database.reading() as session:
            deadline = session.execute(select(Initiative.deadline_at).where(Initiative.id == campaign)).scalar_one()
        assert deadline is not None
        return deadline

    def turn(self) -> None:
        """Whatever the service does by itself at this moment, as far as there is something to do.

        What a look at the payment tells is not also listened for: events come once more at the very end. Only of
        disputes and payees events alone tell.
        """
        self.ground.end_leases()
        if self.ground.sandbox.control.rows()["dispute"]:
            self.sweep()
        else:
            self._look()
        self.work(*ACTS)

    def come_to_rest(self) -> None:
        """The provider is well again, and no webhook ever comes: only sweeps and the worker, until nothing is open."""
        self.tell("everything comes to rest")
        self.ground.sandbox.control.forget_faults()
        self.ground.gateway.fate.meanwhile = None
        self.pass_deadline(len(self.campaigns) - 1)
        self.decide_disputes("lost")
        weeks_later = any("debit taken back after weeks" in gift.saved for gift in self.gifts)
        for number in range(7):
            self.turn()
            if self.oracle.is_at_rest() and not weeks_later:
                break
            # Reversals come weeks after a debit, and a debit days after its announcement.
            self.let_pass(timedelta(days=45 if weeks_later and number == 2 else 8))
            weeks_later = weeks_later and number <= 2
        self.let_pass(timedelta(hours=2))
        self.work("fees")
