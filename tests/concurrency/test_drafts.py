"""Two people, or one person's two clicks, at the same moment; with real commits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import UUID

from sqlalchemy import func, select

from crowd.initiatives import content_rules, draft_operations
from crowd.initiatives.content_rules import Budget, ChangedElsewhere, Help, Idea, Line, Place
from crowd.initiatives.models import Initiative, InitiativeTransition, TeamMember
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from tests.factories import (
    NOW,
    acting,
    make_municipality,
    make_neighbourhood,
    make_person,
    make_postcode_area,
    make_theme,
)

AT_ONCE = 6


class Town:
    """A municipality and a resident, committed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.id = make_municipality(session)
            harbour = make_neighbourhood(session, municipality_id=self.id)
            make_postcode_area(session, municipality_id=self.id, neighbourhood_id=harbour)
            self.theme = make_theme(session, municipality_id=self.id)
            self.actor = acting(self.id, make_person(session, municipality_id=self.id))

    def start(self, initiative: UUID) -> None:
        with self.database.transaction() as session:
            draft_operations.start_draft(session, initiative_id=initiative, actor=self.actor, now=NOW)

    def written(self) -> UUID:
        initiative = new_id()
        self.start(initiative)
        with self.database.transaction() as session:
            for section in (
                Idea("Geveltuinen", "Groen in de straat.", "Wij gaan planten.", self.theme),
                Place("1011"),
                Budget((Line("Planten", Money(1_500_00)),), Money(1_000_00), date(2026, 12, 20)),
            ):
                draft_operations.save_section(
                    session, initiative_id=initiative, section=section, actor=self.actor, now=NOW
                )
        return initiative

    def submit(self, initiative: UUID) -> None:
        with self.database.transaction() as session:
            draft_operations.submit(session, initiative_id=initiative, actor=self.actor, now=NOW)


def test_plans_of_one_title_handed_in_at_once_each_get_their_own_address(committing_database: Database) -> None:
    town = Town(committing_database)
    plans, gate = [town.written() for _ in range(AT_ONCE)], Barrier(AT_ONCE)

    def submit(initiative: UUID) -> None:
        gate.wait(timeout=30)
        town.submit(initiative)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(submit, plans))
    with committing_database.reading() as session:
        slugs = session.scalars(select(Initiative.slug)).all()
    assert len(set(slugs)) == AT_ONCE
    assert "geveltuinen" in slugs


def test_many_clicks_begin_and_hand_in_one_plan_once(committing_database: Database) -> None:
    town = Town(committing_database)
    initiative, gate = new_id(), Barrier(AT_ONCE)

    def begin(_click: int) -> None:
        gate.wait(timeout=30)
        town.start(initiative)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(begin, range(AT_ONCE)))
    written = town.written()

    def submit(_click: int) -> None:
        gate.wait(timeout=30)
        town.submit(written)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(submit, range(AT_ONCE)))
    with committing_database.reading() as session:
        begun = select(func.count()).select_from(TeamMember).where(TeamMember.initiative_id == initiative)
        assert session.execute(begun).scalar_one() == 1
        handed_in = select(func.count()).select_from(InitiativeTransition)
        assert session.execute(handed_in).scalar_one() == 1


def test_of_windows_that_saw_the_same_one_saves_and_the_others_are_told(committing_database: Database) -> None:
    town = Town(committing_database)
    initiative, gate = new_id(), Barrier(AT_ONCE)
    town.start(initiative)
    seen = content_rules.fingerprint(Help())

    def save(window: int) -> bool:
        gate.wait(timeout=30)
        try:
            with committing_database.transaction() as session:
                draft_operations.save_section(
                    session,
                    initiative_id=initiative,
                    section=Help(f"Uit venster {window}"),
                    actor=town.actor,
                    now=NOW,
                    seen=seen,
                )
        except ChangedElsewhere:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(save, range(AT_ONCE))) == 1
