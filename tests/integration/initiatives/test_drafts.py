"""Writing and handing in an initiative, on PostgreSQL."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from crowd.initiatives import content_rules, draft_operations, queries, rules
from crowd.initiatives.content_rules import Budget, Help, Idea, Line, Place
from crowd.shared.actor import Actor, Channel
from crowd.shared.errors import InvalidFields
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from tests.factories import (
    NOW,
    acting,
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_person,
    make_postcode_area,
    make_theme,
)


class Town:
    """A municipality with one of everything a draft points at, and a resident."""

    def __init__(self, session: Session) -> None:
        self.id = make_municipality(session)
        self.neighbourhood = make_neighbourhood(session, municipality_id=self.id)
        make_postcode_area(session, municipality_id=self.id, neighbourhood_id=self.neighbourhood)
        self.theme = make_theme(session, municipality_id=self.id)
        self.resident = make_person(session, municipality_id=self.id)

    @property
    def actor(self) -> Actor:
        return acting(self.id, self.resident)


@pytest.fixture
def town(session: Session) -> Town:
    return Town(session)


def begun(session: Session, town: Town) -> UUID:
    initiative = new_id()
    draft_operations.start_draft(session, initiative_id=initiative, actor=town.actor, now=NOW)
    return initiative


def written(session: Session, town: Town, *, title: str = "Geveltuinen") -> UUID:
    initiative = begun(session, town)
    for section in (
        Idea(title, "Groen in de straat.", "Wij gaan planten.", town.theme),
        Place("1011"),
        Budget((Line("Planten", Money(1_500_00)),), Money(1_000_00), date(2026, 12, 20)),
    ):
        draft_operations.save_section(session, initiative_id=initiative, section=section, actor=town.actor, now=NOW)
    return initiative


def test_beginning_twice_is_beginning_once(session: Session, town: Town) -> None:
    initiative = begun(session, town)
    draft_operations.start_draft(session, initiative_id=initiative, actor=town.actor, now=NOW)
    facts = queries.facts_for(session, initiative_id=initiative, person_id=town.resident)
    assert (facts.state, facts.part) == ("draft", "initiator")


def test_an_id_of_somebody_else_is_refused(session: Session, town: Town) -> None:
    initiative = begun(session, town)
    stranger = acting(town.id, make_person(session, municipality_id=town.id))
    with pytest.raises(draft_operations.DraftIdTaken):
        draft_operations.start_draft(session, initiative_id=initiative, actor=stranger, now=NOW)
    with pytest.raises(rules.InitiativeNotFound):
        draft_operations.save_section(session, initiative_id=initiative, section=Help("x"), actor=stranger, now=NOW)


def test_what_was_saved_is_there_tomorrow(session: Session, town: Town) -> None:
    initiative = written(session, town)
    content = queries.content(session, initiative_id=initiative)
    assert content.idea == Idea("Geveltuinen", "Groen in de straat.", "Wij gaan planten.", town.theme)
    assert content.place == Place("1011", "", town.neighbourhood)
    assert content.budget.target == Money(1_500_00)


def test_a_second_window_does_not_silently_overwrite_the_first(session: Session, town: Town) -> None:
    initiative = begun(session, town)
    seen = content_rules.fingerprint(Help())
    first = draft_operations.save_section(
        session, initiative_id=initiative, section=Help("Scheppen"), actor=town.actor, now=NOW, seen=seen
    )
    with pytest.raises(content_rules.ChangedElsewhere):
        draft_operations.save_section(
            session, initiative_id=initiative, section=Help("Harken"), actor=town.actor, now=NOW, seen=seen
        )
    draft_operations.save_section(
        session, initiative_id=initiative, section=Help("Harken"), actor=town.actor, now=NOW, seen=first
    )
    assert queries.content(session, initiative_id=initiative).help == Help("Harken")


def test_sending_the_same_form_twice_is_no_conflict(session: Session, town: Town) -> None:
    initiative = begun(session, town)
    seen = content_rules.fingerprint(Help())
    for _ in range(2):
        draft_operations.save_section(
            session, initiative_id=initiative, section=Help("Scheppen"), actor=town.actor, now=NOW, seen=seen
        )


def test_another_section_in_another_window_is_no_conflict(session: Session, town: Town) -> None:
    initiative = begun(session, town)
    seen = content_rules.fingerprint(Help())
    draft_operations.save_section(
        session, initiative_id=initiative, section=Idea(title="Nieuw"), actor=town.actor, now=NOW
    )
    draft_operations.save_section(
        session, initiative_id=initiative, section=Help("Scheppen"), actor=town.actor, now=NOW, seen=seen
    )


def test_while_typing_half_a_budget_keeps_its_whole_lines(session: Session, town: Town) -> None:
    initiative = begun(session, town)
    draft_operations.save_section(
        session,
        initiative_id=initiative,
        section=Budget((Line("Planten", Money(10_00)), Line("Tegels", None)), Money(5_00)),
        actor=town.actor,
        now=NOW,
        while_typing=True,
    )
    budget = queries.content(session, initiative_id=initiative).budget
    assert budget == Budget((Line("Planten", Money(10_00)),), Money(5_00))


def test_a_postcode_of_elsewhere_is_refused_and_named(session: Session, town: Town) -> None:
    initiative = begun(session, town)
    with pytest.raises(InvalidFields) as caught:
        draft_operations.save_section(
            session, initiative_id=initiative, section=Place("9999"), actor=town.actor, now=NOW
        )
    assert [error.field for error in caught.value.errors] == ["pc4"]


def test_an_unfinished_initiative_is_not_handed_in(session: Session, town: Town) -> None:
    initiative = begun(session, town)
    with pytest.raises(InvalidFields) as caught:
        draft_operations.submit(session, initiative_id=initiative, actor=town.actor, now=NOW)
    assert len(caught.value.errors) == 8
    assert queries.campaign_facts(session, initiative_id=initiative).state == "draft"


def test_handing_in_gives_it_an_address_and_lets_the_text_stand_still(session: Session, town: Town) -> None:
    initiative = written(session, town)
    for _ in range(2):
        draft_operations.submit(session, initiative_id=initiative, actor=town.actor, now=NOW)
    facts = queries.campaign_facts(session, initiative_id=initiative)
    assert (facts.state, facts.slug) == ("submitted", "geveltuinen")
    with pytest.raises(rules.NotEditable):
        draft_operations.save_section(session, initiative_id=initiative, section=Help("x"), actor=town.actor, now=NOW)


def test_two_with_one_title_get_two_addresses(session: Session, town: Town) -> None:
    slugs = set()
    for _ in range(2):
        initiative = written(session, town)
        draft_operations.submit(session, initiative_id=initiative, actor=town.actor, now=NOW)
        slugs.add(queries.campaign_facts(session, initiative_id=initiative).slug)
    assert len(slugs) == 2


def test_a_clerk_writes_for_a_resident_at_the_desk(session: Session, town: Town) -> None:
    clerk = make_person(session, municipality_id=town.id)
    actor = Actor(
        municipality_id=town.id,
        person_id=clerk,
        roles=frozenset({"clerk"}),
        channel=Channel.DESK,
        on_behalf_of=town.resident,
    )
    initiative = new_id()
    draft_operations.start_draft(session, initiative_id=initiative, actor=actor, now=NOW)
    draft_operations.save_section(session, initiative_id=initiative, section=Help("Scheppen"), actor=actor, now=NOW)
    facts = queries.facts_for(session, initiative_id=initiative, person_id=town.resident)
    assert (facts.part, facts.assisted) == ("initiator", True)


def test_an_end_date_that_came_too_close_keeps_it_from_being_handed_in(session: Session, town: Town) -> None:
    initiative = written(session, town)
    with pytest.raises(InvalidFields) as caught:
        draft_operations.submit(session, initiative_id=initiative, actor=town.actor, now=NOW + timedelta(days=25))
    assert [error.field for error in caught.value.errors] == ["ends_on"]


def test_an_initiative_of_another_state_cannot_be_handed_in(session: Session, town: Town) -> None:
    initiative = make_initiative(session, municipality_id=town.id, state="live", initiator_id=town.resident)
    with pytest.raises(rules.NotEditable):
        draft_operations.submit(session, initiative_id=initiative, actor=town.actor, now=NOW)
