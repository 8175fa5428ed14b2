"""What the service does by itself: the worker, the webhook and the sweeps, as time passes."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from threading import current_thread, main_thread
from typing import Any, ClassVar, Final
from uuid import UUID

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from crowd.initiatives.models import Initiative
from crowd.shared.clock import machine_now
from payments.collection import workflow as collecting
from payments.collection.fee_workflow import record_fees
from payments.inbox import workflow as inbox
from payments.inbox.operations import store_events
from payments.payouts.reversal_workflow import send_reversals
from payments.payouts.workflow import send_payout_lines, send_refunds
from payments.provider import OutcomeUnknown, read_event
from payments.settlement import workflow as settlement
from tests.schedules.ground import Ground
from tests.schedules.oracle import Oracle
from tests.schedules.people import Gift

MOVES_MONEY: Final = ("close", "plan", "charge", "end", "end near misses", "refund", "pay out", "take back")
ACTS: Final = (*MOVES_MONEY, "fees", "forget cards")


class Service(RuleBasedStateMachine):
    """What happens without anybody asking for it.

    `ground` is set on the class before it runs: the database and the sandbox are there once for all schedules.
    """

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

    def tell(self, words: str) -> None:
        """Say in words what happens; printed with a schedule that fails."""
        self.acted = True
        self._unsaid.append(f"{self.world.now - self.began}: {words}")
        # A worker's thread cannot take notes: what happened on it is written down by the next who can.
        if current_thread() is main_thread():
            while self._unsaid:
                note(self._unsaid.pop(0))

    # --- The worker, webhooks and sweeps ------------------------------------------------------------------

    def work(self, *acts: str) -> None:
        """One turn of the worker, one line at a time, so that a schedule happens again as it happened before."""
        database, gateway = self.world.database, self.world.gateway
        do: dict[str, Callable[[datetime], int]] = {
            "close": lambda now: settlement.close_due_campaigns(database, now=now),
            "plan": lambda now: settlement.plan_settlements(database, now=now),
            "charge": lambda now: settlement.work_off_charges(database, gateway, now=now, most=1, at_once=1),
            "end": lambda now: settlement.end_settlements(database, gateway, now=now),
            "end near misses": lambda now: settlement.end_near_misses(database, now=now),
            "refund": lambda now: send_refunds(database, gateway, now=now, most=1, at_once=1),
            "pay out": lambda now: send_payout_lines(database, gateway, now=now, most=1, at_once=1),
            "take back": lambda now: send_reversals(database, gateway, now=now, most=1),
            "fees": lambda now: record_fees(database, gateway, now=now),
            "forget cards": self._forget_cards,
        }
        for act in acts:
            many = act in {"charge", "refund", "pay out", "take back"}
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
        if self.ground.sandbox.control.rows()["refund"]:
            inbox.sweep_refunds(database, gateway, now=now)

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
        self.work(*MOVES_MONEY)
