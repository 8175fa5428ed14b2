"""Plays schedules. A new act is a new rule; how it is done: town.py and service.py; what must hold: oracle.py.

Most schedules begin when it matters, with money about to move: chance alone hardly ever came there in a few steps. A
trouble is drawn together with the act it shall strike.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests import near_misses
from tests.schedules.people import ACCOUNTS, BEGINNINGS, CARDS, Beginning, Gift
from tests.schedules.service import ACTS
from tests.schedules.town import MINIMUM, Town
from tests.schedules.trouble import TROUBLES, TROUBLES_AT_CHARGE, Trouble

STAGES: Final = ("planned", "late", "collecting", "planned", "open")
WAYS: Final = ("good",) * 8 + tuple(CARDS) + tuple(ACCOUNTS)
JUMPS: Final = (timedelta(minutes=11), timedelta(hours=5), timedelta(hours=25), timedelta(days=3), timedelta(days=8))
_MOST_GIFTS: Final = 6
_which = st.integers(0, 5)
_ways = st.sampled_from(WAYS)
_anything = st.booleans()


class Schedule(Town):
    """One schedule: it begins in an empty town, and must end with every pledge final, whatever happened between."""

    # A kind of schedule may begin at fewer places.
    stages: ClassVar[Sequence[str]] = STAGES
    beginnings: ClassVar[Sequence[Beginning]] = BEGINNINGS

    @initialize(
        beginning=st.runner().flatmap(lambda self: st.sampled_from(self.beginnings)),
        stage=st.runner().flatmap(lambda self: st.sampled_from(self.stages)),
        trouble=TROUBLES_AT_CHARGE,
    )
    def begin(self, beginning: Beginning, stage: str, trouble: Trouble) -> None:
        """A campaign with donors, at a stage of its life; trouble lies in wait when money is about to move."""
        self.begin_with(beginning, stage)
        self.tell(f"{beginning}; {stage}")
        if stage == "planned":
            with self.accepted(trouble):
                self.work("charge")
        elif stage == "late":
            # The grace is over, and whoever paid may get it back.
            with self.accepted(replace(trouble, call="refunds.create")):
                self.work(*ACTS)

    def pledges_are(self, *states: str) -> bool:
        """Whether any pledge was in one of these states at the last look: an act that can do nothing is not drawn."""
        return any(state in states for state in self.oracle.states.values())

    # --- Donors and banks ---------------------------------------------------------------------------------

    @rule(way=_ways, big=_anything, comes_back=_anything, other=_anything, trouble=TROUBLES)
    @precondition(lambda self: len(self.gifts) < _MOST_GIFTS)
    def somebody_gives(self, way: str, *, big: bool, comes_back: bool, other: bool, trouble: Trouble | None) -> None:
        if other and len(self.campaigns) == 1:
            self.campaigns.append(self.world.campaign(MINIMUM, days=35))
        with self.accepted(trouble):
            self.give(len(self.campaigns) - 1, way, cents=50_00 if big else 25_00, comes_back=comes_back)

    @rule(returned=_anything)
    @precondition(lambda self: len(self.gifts) < _MOST_GIFTS)
    def somebody_gives_cash(self, *, returned: bool) -> None:
        self.tell(f"somebody gives 10 euros in cash{' and takes it back' if returned else ''}")
        with self.accepted():
            self.give_cash(len(self.campaigns) - 1, returned=returned)

    @rule(which=_which, trouble=TROUBLES)
    @precondition(lambda self: self.gifts)
    def donor_withdraws(self, which: int, trouble: Trouble | None) -> None:
        gift = self._gift(which)
        self.tell(f"{gift.name} withdraws")
        with self.accepted(trouble):
            self.withdraw(gift)

    @rule(which=_which, says=st.sampled_from(["nothing yet", "yes", "no"]), by_ideal=_anything, trouble=TROUBLES)
    @precondition(lambda self: self.pledges_are("declined", "needs_action"))
    def donor_uses_link(self, which: int, says: str, *, by_ideal: bool, trouble: Trouble | None) -> None:
        gift = self._gift(which, "declined", "needs_action")
        self.tell(f"{gift.name} uses the link{' to pay by iDEAL' if by_ideal else ''}, and at the bank: {says}")
        with self.accepted(trouble):
            self.pay_by_link(gift, says=says, by_ideal=by_ideal)

    @rule(outcome=st.sampled_from(["complete", "complete", "fail"]))
    @precondition(lambda self: any(gift.bank_page for gift in self.gifts))
    def donor_answers_a_page_left_open(self, outcome: str) -> None:
        gift = next(gift for gift in self.gifts if gift.bank_page)
        self.tell(f"{gift.name} goes back to a page of the bank: {outcome}")
        url, gift.bank_page = gift.bank_page, ""
        self.ground.answer_bank(url, outcome)

    @rule(which=_which, way=_ways, comes_back=_anything, trouble=TROUBLES)
    @precondition(lambda self: self.gifts)
    def donor_saves_another(self, which: int, way: str, *, comes_back: bool, trouble: Trouble | None) -> None:
        with self.accepted(trouble):
            self.save(self._gift(which), way, comes_back=comes_back)

    @rule(which=_which)
    @precondition(lambda self: self.pledges_are("collected"))
    def donor_wants_it_back(self, which: int) -> None:
        gift = self._gift(which, "collected")
        self.tell(f"{gift.name} asks the bank for the money back")
        self.dispute(gift)

    @rule(verdict=st.sampled_from(["won", "lost"]))
    @precondition(lambda self: self.pledges_are("disputed"))
    def bank_decides(self, verdict: str) -> None:
        self.tell(f"every open dispute is {verdict}")
        self.decide_disputes(verdict)

    @rule(agrees=_anything)
    @precondition(lambda self: self.nearly())
    def smaller_plan_is_answered(self, *, agrees: bool) -> None:
        self.tell(f"a smaller plan is handed in, and {'confirmed' if agrees else 'refused'}")
        with self.accepted():
            self.answer_smaller_plan(self.nearly()[0], agrees=agrees)

    @rule(which=_which)
    @precondition(lambda self: self.nearly() and self.gifts)
    def donor_takes_back(self, which: int) -> None:
        gift = self._gift(which, "collected")
        self.tell(f"{gift.name} takes the money back, should the plan be smaller")
        with self.accepted():
            near_misses.take_back(self.world, gift.id)

    @rule()
    @precondition(lambda self: self.pledges_are("refunded"))
    def refunds_come_back(self) -> None:
        self.tell("the banks of the donors send every refund back")
        self.send_refunds_back()

    # --- The service --------------------------------------------------------------------------------------

    @rule(trouble=TROUBLES)
    def worker_turns(self, trouble: Trouble | None) -> None:
        self.tell("the worker does all there is to do")
        with self.accepted(trouble):
            self.handle()
            self.work(*ACTS)

    @rule(act=st.sampled_from(ACTS), trouble=TROUBLES)
    def worker_does(self, act: str, trouble: Trouble | None) -> None:
        self.tell(f"the worker does: {act}")
        with self.accepted(trouble):
            self.work(act)

    @rule(in_two=_anything, trouble=TROUBLES)
    @precondition(lambda self: "funded" in self.oracle.campaigns.values())
    def treasurer_pays(self, *, in_two: bool, trouble: Trouble | None) -> None:
        self.tell(f"a treasurer brings the payout{' in two parts' if in_two else ''} a step further")
        with self.accepted(trouble):
            self.try_refunds_again()
            self.take_next_step_of_payout(self.campaigns[0], parts=(50, 50) if in_two else (100,))
            self.ask_losses_back()
            self.work("pay out", "take back")

    @rule(first=st.integers(0, 12), backwards=_anything, twice=_anything, trouble=TROUBLES)
    def webhooks_arrive(self, first: int, *, backwards: bool, twice: bool, trouble: Trouble | None) -> None:
        """Every event from `first` on that did not come yet: those before it are late, or lost for ever."""
        how = (", backwards" if backwards else "") + (", twice" if twice else "")
        self.tell(f"webhooks arrive from number {first}{how}")
        with self.accepted(trouble):
            self.deliver(first, backwards=backwards, twice=twice)

    @rule(trouble=TROUBLES)
    def sweeps_run(self, trouble: Trouble | None) -> None:
        self.tell("the sweeps run")
        with self.accepted(trouble):
            self.sweep()

    @rule(by=st.sampled_from(JUMPS), works=_anything, trouble=TROUBLES)
    def time_passes(self, by: timedelta, *, works: bool, trouble: Trouble | None) -> None:
        self.tell(f"time passes: {by}{', and the worker works' if works else ''}")
        self.let_pass(by)
        if works:
            with self.accepted(trouble):
                self.work(*ACTS)

    @rule()
    @precondition(lambda self: "live" in self.oracle.campaigns.values())
    def deadline_passes(self) -> None:
        self.pass_deadline(len(self.campaigns) - 1)

    @rule()
    def leases_end(self) -> None:
        self.tell("the leases of whoever died or waits run out")
        self.ground.end_leases()

    # --- What must hold -----------------------------------------------------------------------------------

    @invariant()
    def money_is_where_it_belongs(self) -> None:
        """I1 to I8, as long as something happened at all."""
        if self.acted:
            self.oracle.check()
        self.acted = False

    def teardown(self) -> None:
        """Come to rest, look at everything, and hear every event once more: nothing may move (I3)."""
        if sys.exc_info()[0] is not None:
            return
        self.come_to_rest()
        self.oracle.check_rest(must_be_collected={str(gift.id) for gift in self.gifts if _did_all(gift)})
        before = self.oracle.rest()
        self.deliver_again()
        after = self.oracle.rest()
        assert before == after, f"I3: events handled again changed {set(after) ^ set(before)}"

    def _gift(self, which: int, *states: str) -> Gift:
        """One of the gifts, of those in these states where there are any."""
        found = [gift for gift in self.gifts if self.oracle.states.get(str(gift.id)) in states] or self.gifts
        return found[which % len(found)]


def _did_all(gift: Gift) -> bool:
    """Whether nothing was left to the donor or the bank: only good cards, and never taken back."""
    return not gift.withdrew and set(gift.saved) == {"good"}
