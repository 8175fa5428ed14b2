"""The acts of which schedules are made: what donors, banks and the treasurer do, and what goes wrong meanwhile."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import httpx2

from crowd.closing.gap_operations import promise_gift
from crowd.pledges.operations import Promise
from crowd.rewards.operations import add_reward
from crowd.rewards.rules import RewardForm
from crowd.shared.actor import Actor, operator
from crowd.shared.errors import DomainError
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.collection import workflow as collecting
from payments.payouts.queries import payee, payout_facts
from payments.payouts.refund_operations import try_refund_again
from payments.payouts.reversal_operations import ask_back
from payments.provider import OutcomeUnknown
from tests import gifts, near_misses, payouts
from tests import money as ways
from tests.schedules.mortal import Died, Meanwhile
from tests.schedules.people import ACCOUNTS, CARDS, Beginning, Gift
from tests.schedules.service import ACTS, Service
from tests.schedules.trouble import Trouble

# How a campaign comes from one stage to the next.
_BEFORE: Final = {"planned": "open", "collecting": "planned", "late": "collecting"}
_LIVED: Final = {"planned": ("close", "plan"), "collecting": ACTS}
MINIMUM: Final = 50_00
_RETURN_URL: Final = "https://loket.example/terug"


Lived = tuple[ways.MoneyWorld, list[UUID], list[Gift]]


def _copied(lived: Lived) -> Lived:
    world, campaigns, given = lived
    return replace(world), list(campaigns), [replace(gift, saved=list(gift.saved)) for gift in given]


class Town(Service):
    """Donors, their banks and the treasurer, without saying when they act; and the trouble on the way."""

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
            if stage == "planned":
                self.pass_deadline(0)
            if stage == "late":
                self.let_pass(timedelta(days=8))
            else:
                self.work(*_LIVED[stage])
        if stage != "late":
            self.ground.shelf.keep((beginning, stage), _copied((self.world, self.campaigns, self.gifts)))

    def _settle(self, beginning: Beginning) -> None:
        self.world.settle_in()
        self.campaigns = [self.world.campaign(MINIMUM)]
        if beginning.match:
            self.world.award_match(self.campaigns[0], up_to_cents=20_00)
        reward = self.offer_reward(self.campaigns[0])
        for number, way in enumerate(beginning.saved):
            self.give(0, way, cents=beginning.cents, reward=None if number else reward)

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
        """Bring the payout of a funded campaign one part further: payee, share, plan or report, and approval."""
        world = self.world
        with world.database.reading() as session:
            facts = payout_facts(session, initiative_id=campaign)
            known = payee(session, initiative_id=campaign)
        if facts.state != "funded":
            return
        if known is None or known.state != "ready":
            payouts.name_payee(world, campaign)
        with suppress(DomainError):
            payouts.receive_match(world, campaign)
        if facts.number == 1:
            with suppress(DomainError):
                payouts.plan_parts(world, campaign, *parts)
        else:
            payouts.report_and_approve(world, campaign)
        payouts.approve(world, campaign, facts.number)

    # --- A campaign that nearly made it -------------------------------------------------------------------

    def nearly(self) -> list[UUID]:
        """The campaigns that nearly made it and are not decided yet."""
        return [one for one in self.campaigns if self.oracle.campaigns.get(str(one)) == "near_miss"]

    def answer_smaller_plan(self, campaign: UUID, *, agrees: bool) -> None:
        """The initiator hands in a plan of twenty euros, and a clerk answers it."""
        near_misses.hand_in(self.world, campaign, 20_00)
        why = "Zo past het niet in het park."
        near_misses.answer(self.world, campaign, "confirmed" if agrees else "refused", why)

    def send_refunds_back(self) -> None:
        """The donors' banks send back every refund."""
        for refund in self.ground.sandbox.control.rows()["refund"]:
            if refund["status"] in {"pending", "succeeded"}:
                self.ground.sandbox.control.fail_refund(refund["id"])

    def ask_losses_back(self) -> None:
        """A treasurer asks back what left for gifts that were lost afterwards."""
        treasurer = self.world.staff("treasurer")
        for gift in self.gifts:
            with suppress(DomainError), self.world.database.transaction() as session:
                ask_back(session, pledge_id=gift.id, actor=treasurer, now=self.world.now)

    def try_refunds_again(self) -> None:
        """A treasurer tries what came back once more."""
        treasurer = self.world.staff("treasurer")
        for gift in self.gifts:
            with suppress(DomainError), self.world.database.transaction() as session:
                try_refund_again(session, pledge_id=gift.id, actor=treasurer, now=self.world.now)

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
            if self.ground.sandbox.control.rows()["refund"]:
                self.try_refunds_again()
            # Reversals come weeks after a debit, and a debit days after its announcement.
            self.let_pass(timedelta(days=45 if weeks_later and number == 2 else 8))
            weeks_later = weeks_later and number <= 2
        self.let_pass(timedelta(hours=2))
        self.work("fees", "forget cards")
