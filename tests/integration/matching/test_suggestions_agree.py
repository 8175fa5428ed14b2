"""SQL and Python find the same people and shifts, in the same order, for the same reasons."""

import math
import random
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from crowd.municipalities.models import PostcodeArea
from crowd.shared.errors import Conflict
from crowd.shared.ids import new_id
from matching.placements import operations, queries, suggestions
from matching.placements.models import Placement
from matching.placements.rules import may_be_asked
from matching.placements.score import Policy, Score, failures, score
from matching.roles.operations import take_place
from matching.roles.queries import shift
from matching.vocabulary.queries import parents, skills
from matching.vocabulary.rules import offers
from matching.volunteers.operations import record_credential
from tests.depth import deep
from tests.factories import NOW, acting, make_initiative, make_theme
from tests.people_at_work import lay_town, make_role, make_shift, make_volunteer

SEEDS = deep(sample=[1], full=list(range(40)))


class Country:
    """A random town: everything that enters a score or a constraint differs from one to the next."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.dice = session, random.Random(seed)  # noqa: S311  a seeded town, no secret
        self.here = lay_town(session)
        self.codes = self._lay_postcodes()
        self.skills = [skill.id for skill in skills(session, municipality_id=self.here)][:12]
        self.themes = [make_theme(session, municipality_id=self.here) for _ in range(3)]
        self.shifts = [self._shift() for _ in range(30)]
        self.volunteers = [self._volunteer() for _ in range(24)]
        self._place_people()

    def _lay_postcodes(self) -> list[str]:
        codes = [str(1100 + number) for number in range(12)]
        for code in codes:
            self.session.add(
                PostcodeArea(
                    municipality_id=self.here,
                    pc4=code,
                    place="Waterrade",
                    latitude=52.37 + self.dice.uniform(-0.1, 0.1),
                    longitude=4.9 + self.dice.uniform(-0.15, 0.15),
                )
            )
        self.session.flush()
        return codes

    def _some(self, things: list[Any], most: int) -> list[Any]:
        return self.dice.sample(things, self.dice.randint(0, most))

    def _shift(self) -> UUID:
        dice = self.dice
        initiative = make_initiative(
            self.session,
            municipality_id=self.here,
            theme_id=dice.choice([*self.themes, None]),
            state=dice.choice(["live", "live", "collecting", "near_miss", "funded", "suspended"]),
        )
        chosen = self._some(self.skills, 4)
        role = make_role(
            self.session,
            self.here,
            initiative_id=initiative,
            required_skills=frozenset(chosen[:1] if dice.random() < 0.3 else []),
            desired_skills=frozenset(chosen),
            required_languages=dice.choice([0, 0, 0, 1, 2]),
            desired_languages=dice.choice([0, 1, 3, 7]),
            minimum_age=dice.choice([None, None, None, 18]),
            needs_credential=dice.choice([None, None, None, None, "vog"]),
            is_remote=dice.random() < 0.1,
        )
        starts = dice.randint(7, 20)
        shift = make_shift(
            self.session,
            self.here,
            role_id=role,
            days=dice.randint(1, 40),
            starts=time(starts),
            ends=time(starts + dice.randint(1, 3)),
            capacity=dice.randint(1, 9),
            pc4=dice.choice(self.codes),
        )
        if dice.random() < 0.3:
            take_place(self.session, shift_id=shift, now=NOW)
        return shift

    def _volunteer(self) -> UUID:
        dice = self.dice
        person = make_volunteer(
            self.session,
            self.here,
            pc4=dice.choice(self.codes),
            radius_km=dice.choice([2, 5, 10, 40]),
            languages=dice.choice([1, 3, 5, 7]),
            cells=dice.getrandbits(21) | dice.getrandbits(21) | 1,
            skills={skill: dice.randint(1, 3) for skill in self._some(self.skills, 5)},
            themes=frozenset(self._some(self.themes, 2)),
            born_on=dice.choice([None, date(2008, 12, 3), date(1980, 2, 29)]),
            wants_at_most=dice.randint(1, 3),
            is_paused=dice.random() < 0.1,
        )
        if dice.random() < 0.5:
            record_credential(
                self.session,
                volunteer_id=person,
                kind="vog",
                seen_on=date(2026, 1, 1),
                valid_until=dice.choice([None, date(2026, 12, 1), date(2027, 12, 1)]),
                actor=acting(self.here, person),
                now=NOW,
            )
        return person

    def _place_people(self) -> None:
        """Some are at work, some were asked, some said no."""
        for person in self.volunteers:
            for task in self._some(self.shifts, 4):
                placement = new_id()
                try:
                    with self.session.begin_nested():
                        operations.invite(
                            self.session,
                            placement_id=placement,
                            volunteer_id=person,
                            shift_id=task,
                            actor=acting(self.here, person),
                            now=NOW - timedelta(days=self.dice.randint(0, 9)),
                        )
                        answer = self.dice.choice([operations.accept, operations.leave, None])
                        if answer is not None:
                            answer(self.session, placement_id=placement, actor=acting(self.here, person), now=NOW)
                except Conflict:
                    continue


def every_score(country: Country) -> dict[tuple[UUID, UUID], Score]:
    """The score of every possible pair (person, shift), by the rules in Python."""
    session = country.session
    people = {one: queries.volunteer_side(session, volunteer_id=one, now=NOW) for one in country.volunteers}
    tasks = {one: queries.shift_side(session, shift_id=one) for one in country.shifts}
    wider = parents(session)
    return {
        (person, task): score(side, other, parents=wider, policy=Policy(), now=NOW)
        for person, side in people.items()
        for task, other in tasks.items()
        if side is not None and other is not None and not failures(side, other, parents=wider, now=NOW)
    }


def last_asked(session: Session) -> dict[UUID, float]:
    rows = session.execute(
        select(Placement.volunteer_id, func.max(Placement.asked_at)).group_by(Placement.volunteer_id)
    )
    return {person: at.timestamp() for person, at in rows if at is not None}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_top_tens_are_those_of_the_rules_in_order_and_term_by_term(session: Session, seed: int) -> None:
    country = Country(session, seed)
    scores = every_score(country)
    assert len(scores) > len(country.volunteers)
    begins = {one: shift(session, shift_id=one).starts_at for one in country.shifts}
    for person in country.volunteers:
        fits = [(task, fit) for (who, task), fit in scores.items() if who == person]
        fits.sort(key=lambda pair: (-pair[1].total, begins[pair[0]], pair[0]))
        found = suggestions.shifts_for(session, volunteer_id=person, policy=Policy(), now=NOW)
        assert [(hit.id, hit.score) for hit in found] == fits[:10]
    asked = last_asked(session)
    open_to_it = {
        one for one in country.volunteers if may_be_asked(queries.openness(session, volunteer_id=one, now=NOW))
    }
    for task in country.shifts:
        fits = [(who, fit) for (who, one), fit in scores.items() if one == task and who in open_to_it]
        fits.sort(key=lambda pair: (-pair[1].total, asked.get(pair[0], 0.0), pair[0]))
        found = suggestions.volunteers_for(session, shift_id=task, policy=Policy(), now=NOW)
        assert [(hit.id, hit.score) for hit in found] == fits[:10]


def test_the_distance_term_is_the_same_number_at_every_metre_of_a_hundred_kilometres(session: Session) -> None:
    rows = session.execute(
        text("SELECT m, round(220 * exp(-m / 8000::double precision))::int FROM generate_series(0, 100000) m")
    )
    assert all(points == round(220 * math.exp(-metres / 8000)) for metres, points in rows)


def test_somebody_without_a_profile_gets_no_suggestions(session: Session) -> None:
    here = lay_town(session)
    make_shift(session, here)
    assert suggestions.shifts_for(session, volunteer_id=new_id(), policy=Policy(), now=NOW) == []


def test_another_municipality_is_another_world(session: Session) -> None:
    here, there = lay_town(session), lay_town(session, pc4="1012")
    shift = make_shift(session, here)
    stranger = make_volunteer(session, there, pc4="1012")
    assert suggestions.shifts_for(session, volunteer_id=stranger, policy=Policy(), now=NOW) == []
    assert suggestions.volunteers_for(session, shift_id=shift, policy=Policy(), now=NOW) == []


def test_the_mask_in_the_database_is_the_mask_of_the_rules(session: Session) -> None:
    here = lay_town(session)
    for paused in (False, True):
        person = make_volunteer(session, here, cells=0b1011, languages=0b101, is_paused=paused)
        side = queries.volunteer_side(session, volunteer_id=person, now=NOW)
        assert side is not None
        assert side.offers == offers(cells=0b1011, languages=0b101, is_open=not paused)


def test_a_new_policy_counts_from_its_decision_on(session: Session) -> None:
    assert queries.policy(session) == Policy()
    session.execute(
        text(
            "INSERT INTO match_policies VALUES (2, 400, 120, 150, 150, 120, 60, 4000, :now, NULL, 'Vaardigheid telt')"
        ),
        {"now": NOW},
    )
    assert queries.policy(session) == Policy(version=2, skills=400, distance=120, decay_metres=4000)
