"""The month itself: who acts when, and when the clock moves on. Everything here goes over HTTP."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, TypeVar

from frontend.simulation import donors, initiators, nearly, staff, volunteers
from frontend.simulation.browser import Browser
from frontend.simulation.cards import Trouble
from frontend.simulation.city import City
from frontend.simulation.donors import Given
from frontend.simulation.havoc import Asked, Havoc
from frontend.simulation.initiators import Initiator
from frontend.simulation.plan import Answer, Plan
from frontend.simulation.volunteers import Helper

T = TypeVar("T")

# When nothing was mailed for so long, the worker has done what was due.
_QUIET_SECONDS: Final = 3.0
_QUIET_AT_MOST_SECONDS: Final = 600.0
# A worker that is killed and started again is silent for longer.
_QUIET_IN_HAVOC_SECONDS: Final = 10.0
_TRIES_IN_HAVOC: Final = 3
_MAIL_PATIENCE_IN_HAVOC_SECONDS: Final = 5.0
# Every minute the worker looks at payment pages of which it never heard.
_SWEEP_SECONDS: Final = 75.0
_WORKER_SECONDS: Final = 900.0
# Every few seconds some initiatives apply; when none did for so long, all have.
_APPLYING_SECONDS: Final = 12.0
_COLLECTING_DAYS: Final = 7
# After the decisions: long enough for the last shifts to be over.
_LAST_DAYS: Final = 7
_INVITED_A_SHIFT: Final = 3
# A little over two weeks, in steps short enough to note who came to which shift.
_TERM_IN_STEPS: Final = (8, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSite:
    """An imported campaign as the site shows it."""

    id: str
    slug: str
    neighbourhood: str


@dataclass(kw_only=True)
class Month:
    """One play of a plan. `days_live` is how many days the campaigns still run, the last one included."""

    city: City
    plan: Plan
    sites: Mapping[str, OnSite]
    today: date
    days_live: int
    seed: int
    given: dict[int, Given] = field(default_factory=dict)
    initiators: list[Initiator] = field(default_factory=list)
    helpers: list[Helper] = field(default_factory=list)
    staff: dict[str, Browser] = field(default_factory=dict)
    day: int = 0
    collecting: frozenset[str] = frozenset()
    nearly: frozenset[str] = frozenset()
    mail_before: int = 0
    havoc: Havoc | None = None
    asked: Asked | None = None

    def play(self) -> None:
        """Live through the whole month. Raises ServiceAway."""
        self._open_the_counter()
        self._hand_over()
        self._ask_for_hands()
        self._assess()
        if self.havoc is None or self.asked is None:
            self._live_on()
        else:
            # A letter that a killed worker held comes two minutes later; nobody sits and waits for their receipt.
            self.city.mail_patience_seconds = _MAIL_PATIENCE_IN_HAVOC_SECONDS
            with self.havoc.raging(gifts=sum(map(len, self.plan.gifts)), asked=self.asked):
                self._live_on()
                self._await_kills(self.havoc, self.asked)
        self._move_on(_LAST_DAYS)
        self._settle_down()
        self._note_absence()

    def _live_on(self) -> None:
        """Four weeks of giving, a week of collecting, and the payouts: with havoc, this is where it rages."""
        rounds = len(self.plan.gifts)
        step = max(1, self.days_live // rounds)
        for turn in range(rounds):
            self._spend_a_week(turn)
            if turn + 1 < rounds:
                self._move_on(step)
        self._pass_the_deadline()
        self._collect()
        if self.nearly:
            self._revise()
        self._pay_out()

    def _await_kills(self, havoc: Havoc, asked: Asked) -> None:
        """Refunds, fees and mails are still under way; go on until as many were killed as were asked for."""
        self.city.wait(
            "More processes are killed", lambda: havoc.kills.killed.total() >= asked.kills, seconds=_WORKER_SECONDS
        )

    # --- The municipality ---------------------------------------------------------------------------------------

    def _open_the_counter(self) -> None:
        for part in ("clerk", "assessor", "approver", "treasurer", "administrator"):
            self.staff[part] = staff.enter(self.city, part)
        staff.open_scheme(
            self.staff["administrator"],
            self.plan.scheme,
            places=sorted({site.neighbourhood for site in self.sites.values()}),
            opens=self.today.replace(month=1, day=1),
            closes=self.today + timedelta(days=365),
        )
        self.city.say(f"The scheme is open: {self.plan.scheme.name}")

    def _assess(self) -> None:
        """Assess and decide on every application, screen by screen: the queue shows what is most urgent."""
        by_slug = {site.slug: key for key, site in self.sites.items()}
        assessor, approver = self.staff["assessor"], self.staff["approver"]
        done = 0
        self._await_applications()
        while True:
            # One person, one application after another; but an office has several, and one session serves them all.
            scored = self.city.play(
                "Assessing applications",
                [one for one in staff.waiting(assessor, "beoordeling") if one.slug in by_slug],
                lambda one: staff.assess(assessor, one, self.plan.grants[by_slug[one.slug]]),
            )
            decided = self.city.play(
                "Deciding on applications",
                [one for one in staff.waiting(approver, "besluit") if one.slug in by_slug],
                lambda one: staff.decide(approver, one),
            )
            done += len(decided)
            if not scored and not decided:
                break
        self.city.say(f"{done} of {len(self.sites)} applications were decided on")

    def _await_applications(self) -> None:
        """Initiatives apply by themselves, a while after the scheme opened: wait until no more come in."""
        seen, since = 0, time.monotonic()

        def look() -> bool:
            nonlocal seen, since
            count = len(staff.waiting(self.staff["assessor"], "beoordeling"))
            if count != seen:
                seen, since = count, time.monotonic()
            return count >= len(self.sites) or (count > 0 and time.monotonic() - since > _APPLYING_SECONDS)

        self.city.wait("Applications come in", look, seconds=_WORKER_SECONDS, every=2)

    # --- Organisations ------------------------------------------------------------------------------------------

    def _hand_over(self) -> None:
        by_organisation: dict[str, list[str]] = defaultdict(list)
        for campaign in self.plan.campaigns:
            if campaign.key in self.plan.claimed:
                by_organisation[campaign.organisation].append(campaign.key)
        self.initiators = [
            Initiator(number, name, keys, self.city.browser(initiators.KIND, number))
            for number, (name, keys) in enumerate(sorted(by_organisation.items()))
        ]
        clerk = self.staff["clerk"]
        invitations = [(one, key) for one in self.initiators for key in one.keys]
        self.city.play(
            "The counter invites organisations",
            invitations,
            lambda both: staff.hand_over(clerk, initiative_id=self.sites[both[1]].id, email=both[0].email),
        )
        self.city.mailbox.await_quiet(seconds=_QUIET_SECONDS, at_most=120)
        slugs = {key: site.slug for key, site in self.sites.items()}
        self.city.play(
            "Organisations take over", self.initiators, lambda one: initiators.take_over(self.city, one, slugs)
        )

    def _ask_for_hands(self) -> None:
        asked = [
            (one, key, self.plan.shifts[key]) for one in self.initiators for key in one.slugs if key in self.plan.shifts
        ]
        by_person = _by_person(asked, lambda task: task[0].number)
        self.city.play(
            "Initiators plan shifts",
            by_person,
            lambda tasks: [initiators.ask_for_hands(one, key, plans, today=self.today) for one, key, plans in tasks],
        )

    def _invite(self) -> None:
        asking = [
            (one, shift)
            for one in self.initiators
            for shifts in one.shifts.values()
            for shift in shifts
            if shift.day > self.day + 1
        ]
        self.city.play(
            "Initiators invite helpers",
            _by_person(asking, lambda task: task[0].number),
            lambda tasks: [initiators.invite(one, shift, most=_INVITED_A_SHIFT) for one, shift in tasks],
        )

    def _note_absence(self) -> None:
        absent = frozenset(helper.email for helper in self.helpers if not helper.plan.comes)
        over = [
            (one, shift)
            for one in self.initiators
            for shifts in one.shifts.values()
            for shift in shifts
            if self.day - 8 <= shift.day < self.day
        ]
        if over:
            self.city.play(
                "Initiators note who came",
                _by_person(over, lambda task: task[0].number),
                lambda tasks: [initiators.note_absence(one, shift, absent=absent) for one, shift in tasks],
            )

    # --- Weeks of giving ----------------------------------------------------------------------------------------

    def _spend_a_week(self, turn: int) -> None:
        if turn == 0:
            self.helpers = [Helper(one, self.city.browser(volunteers.KIND, one.number)) for one in self.plan.volunteers]
            self.city.play(
                "Volunteers sign up", self.helpers, lambda one: volunteers.join(self.city, one, seed=self.seed)
            )
        if turn <= 1:
            self._invite()
        self._note_absence()
        self._give(turn)
        if self.helpers:
            self.city.play("Volunteers read their mail", self.helpers, lambda one: volunteers.read_mail(self.city, one))

    def _give(self, turn: int) -> None:
        leaving = [one for one in self.given.values() if one.gift.withdraws_on == turn and one.finished]
        if leaving:
            self.city.play("Donors change their mind", leaving, lambda one: donors.withdraw(self.city, one))
        came = self.city.play(
            f"Donors give, week {turn + 1}",
            self.plan.gifts[turn],
            lambda gift: donors.give(self.city, gift, self.sites[gift.campaign].slug),
        )
        self.given |= {one.gift.number: one for one in came if one.own_path}
        reading = [one for one in came if one.finished and one.gift.confirms]
        self.city.play("Donors confirm their address", reading, lambda one: donors.confirm(self.city, one))

    # --- The deadline and after ---------------------------------------------------------------------------------

    def _pass_the_deadline(self) -> None:
        self._settle_down()
        if self.havoc is not None:
            # The last gifts were weeks ago by the calendar and seconds by the watch: let the sweep find lost ones too.
            self._move_on(max(0, self.days_live - 1 - self.day))
            time.sleep(_SWEEP_SECONDS)
        self.mail_before = self.city.mailbox.newest()
        self._move_on(self.days_live + 1 - self.day)
        self.collecting = self._await_states("live", "Campaigns close")
        self._await_charges()

    def _collect(self) -> None:
        """Seven days, day by day: the worker tries again what it may, donors do what their mail asks."""
        mending = [
            one
            for one in self.given.values()
            if one.finished
            and one.gift.campaign in self.collecting
            and one.gift.card.trouble in {Trouble.ASKS_BANK, Trouble.REFUSED}
            and one.gift.answer is not Answer.NOTHING
        ]
        for day in range(_COLLECTING_DAYS):
            self._settle_down()
            acting = [one for one in mending if one.gift.answers_on <= day and not one.mended]
            if acting:
                self.city.play(
                    f"Donors react, day {day + 1}",
                    acting,
                    lambda one: donors.react(self.city, one, after=self.mail_before),
                )
            self._move_on(1)
        self.nearly = self._await_states("collecting", "Campaigns are decided", then="near_miss")
        self._settle_down()

    def _revise(self) -> None:
        """Let some who nearly made it go on. Each term lasts two weeks, so after those every one has ended."""
        nearly.revise(self.city, self.initiators, nearly=self.nearly, clerk=self.staff["clerk"])
        for days in _TERM_IN_STEPS:
            self._move_on(days)
            self._note_absence()
        self._await_states("near_miss", "Near misses end")
        self._settle_down()

    def _await_states(self, leaving: str, what: str, *, then: str = "collecting") -> frozenset[str]:
        """Wait until no campaign is in the state `leaving`; return those that are in the state `then`."""
        open_ones, states = list(self.sites), dict[str, str]()
        reader = self.city.browser(staff.KIND, 30)
        reader.open("/?lang=en")

        def look() -> bool:
            nonlocal open_ones
            found = self.city.play(
                what, open_ones, lambda key: (key, staff.state_of(reader, self.sites[key].slug)), quietly=True
            )
            states.update(found)
            open_ones = [key for key in self.sites if states.get(key, leaving) == leaving]
            return not open_ones

        if not self.city.wait(what, look, seconds=_WORKER_SECONDS, every=2):
            self.city.say(f"{len(open_ones)} campaigns are still {leaving}")
        return frozenset(key for key, state in states.items() if state == then)

    def _await_charges(self) -> None:
        """Wait until the first attempt of every charge is over, as its donor sees it.

        In life a week is long enough for a worker that was killed to come back; here a week lasts a minute. One
        donor of each campaign looks first, so that not everybody asks again and again.
        """
        everybody = [
            one
            for one in self.given.values()
            if one.finished and one.gift.is_secured and one.gift.campaign in self.collecting
        ]
        for watching in ({one.gift.campaign: one for one in everybody}.values(), everybody):
            self._await_still(list(watching))

    def _await_still(self, watching: list[Given]) -> None:
        waiting = watching

        def look() -> bool:
            nonlocal waiting
            moving = self.city.play(
                "First attempts",
                waiting,
                lambda one: (one, donors.is_moving(self.city, one)),
                quietly=True,
            )
            waiting = [one for one, still in moving if still]
            return not waiting

        self.city.wait("Cards are charged", look, seconds=_WORKER_SECONDS, every=3)

    def _pay_out(self) -> None:
        reader = self.city.browser(staff.KIND, 31)
        reader.open("/?lang=en")
        mine = [(one, key) for one in self.initiators for key in one.slugs if key in self.collecting]
        states = dict(
            self.city.play(
                "Reading outcomes",
                [key for _, key in mine],
                lambda key: (key, staff.state_of(reader, self.sites[key].slug)),
                quietly=True,
            )
        )
        funded = [(one, key) for one, key in mine if states.get(key) == "funded"]
        treasurer, approved = self.staff["treasurer"], set[str]()
        for _ in range(_TRIES_IN_HAVOC if self.havoc else 1):
            # Who is in the middle of it when everything breaks comes back later; who has done it finds no form.
            self.city.play(
                "Initiators fill in their account",
                _by_person(funded, lambda task: task[0].number),
                lambda tasks: [initiators.fill_in_account(one, self.sites[key].slug) for one, key in tasks],
            )
            unpaid = [slug for _, key in funded if (slug := self.sites[key].slug) not in approved]
            paid = self.city.play("The treasurer pays out", unpaid, lambda slug: (slug, staff.pay_out(treasurer, slug)))
            approved.update(slug for slug, was_approved in paid if was_approved)
        self.city.wait(
            "Payouts are sent",
            lambda: all(staff.is_paid_out(treasurer, slug) for slug in approved),
            seconds=_WORKER_SECONDS,
            every=3,
        )

    # --- Time ---------------------------------------------------------------------------------------------------

    def _move_on(self, days: int) -> None:
        # The button moves the clock by so many days each time it is pressed: nobody dies between press and answer.
        with self.havoc.kills.held() if self.havoc else nullcontext():
            staff.move_clock(self.staff["administrator"], days=days)
        self.day += days
        self.city.say(f"Day {self.day}: {self.today + timedelta(days=self.day):%d-%m-%Y}")

    def _settle_down(self) -> None:
        with self.city.console.status("The worker does what is due"):
            quiet = _QUIET_SECONDS if self.havoc is None else _QUIET_IN_HAVOC_SECONDS
            self.city.mailbox.await_quiet(seconds=quiet, at_most=_QUIET_AT_MOST_SECONDS)


def _by_person(tasks: Sequence[T], who: Callable[[T], int]) -> list[list[T]]:
    """Return the tasks person by person: nobody does two things at once in one browser."""
    grouped: dict[int, list[T]] = defaultdict(list)
    for task in tasks:
        grouped[who(task)].append(task)
    return list(grouped.values())
