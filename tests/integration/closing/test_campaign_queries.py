"""What the public pages read of campaigns, on PostgreSQL."""

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from crowd.closing.campaign_page_queries import campaign_page, match_standing
from crowd.closing.campaign_queries import Filters, campaigns, campaigns_nearby, campaigns_of, count_campaigns, figures
from crowd.closing.models import Closing, FinalDecision
from crowd.initiatives import rules
from crowd.pledges.models import CampaignDelta, CampaignTotal
from crowd.shared.clock import local_date
from tests.factories import (
    NOW,
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_organisation,
    make_person,
    make_theme,
)


def test_the_list_goes_on_by_key_and_misses_nothing(session: Session) -> None:
    here = make_municipality(session)
    # Several went live in the same instant: the id decides between them.
    made = [make_initiative(session, municipality_id=here, now=NOW - timedelta(hours=n // 3)) for n in range(11)]
    found, after = [], None
    while True:
        part = campaigns(session, municipality_id=here, filters=Filters(), after=after, most=4)
        if not part:
            break
        found += [card.id for card in part]
        assert part[-1].live_at is not None
        after = part[-1].live_at, part[-1].id
    assert sorted(found) == sorted(made)
    assert len(set(found)) == 11


@pytest.mark.parametrize(
    ("standing", "states"),
    [
        ("open", {"live"}),
        ("succeeded", {"collecting", "funded"}),
        ("ended", {"near_miss", "unfunded", "cancelled"}),
        ("all", {"live", "suspended", "collecting", "near_miss", "funded", "unfunded", "cancelled"}),
    ],
)
def test_each_choice_shows_its_states_and_nothing_private(session: Session, standing: str, states: set[str]) -> None:
    here = make_municipality(session)
    for state in rules.STATES:
        make_initiative(session, municipality_id=here, state=state)
    filters = Filters(standing=standing)  # type: ignore[arg-type]  # one of the parameters above
    assert {card.state for card in campaigns(session, municipality_id=here, filters=filters)} == states
    assert count_campaigns(session, municipality_id=here, filters=filters) == len(states)


def test_filters_narrow_the_list_and_its_count(session: Session) -> None:
    here = make_municipality(session)
    harbour = make_neighbourhood(session, municipality_id=here)
    green = make_theme(session, municipality_id=here)
    wanted = make_initiative(
        session, municipality_id=here, neighbourhood_id=harbour, theme_id=green, title="100% groen_dak"
    )
    make_initiative(session, municipality_id=here, theme_id=green)
    make_initiative(session, municipality_id=here, neighbourhood_id=harbour)
    card = campaigns(session, municipality_id=here, filters=Filters(words="100% GROEN_"))[0]
    assert card.id == wanted
    # What a visitor types is text, not a pattern.
    assert campaigns(session, municipality_id=here, filters=Filters(words="_____________________")) == []
    assert campaigns(session, municipality_id=here, filters=Filters(theme="nergens")) == []


def test_the_total_is_what_was_rolled_up_plus_what_was_not(session: Session) -> None:
    here = make_municipality(session)
    initiative = make_initiative(session, municipality_id=here)
    session.execute(insert(CampaignTotal).values(initiative_id=initiative, amount_cents=100_00, pledge_count=4))
    for cents, count in ((25_00, 1), (-10_00, -1), (5_00, 1)):
        session.execute(insert(CampaignDelta).values(initiative_id=initiative, amount_cents=cents, pledge_count=count))
    card = campaigns(session, municipality_id=here, filters=Filters())[0]
    assert (card.neighbours_cents, card.supporters, card.target_cents) == (120_00, 5, 1_500_00)


def test_once_weighed_the_page_tells_what_was_really_there(session: Session) -> None:
    here = make_municipality(session)
    initiative = make_initiative(session, municipality_id=here, state="funded")
    session.execute(insert(CampaignTotal).values(initiative_id=initiative, amount_cents=999_00, pledge_count=9))
    session.execute(
        insert(Closing).values(
            initiative_id=initiative, closed_at=NOW, minimum_cents=1_000_00, secured_cents=800_00, secured_count=8,
            match_cents=300_00, outcome="collecting", collect_until=NOW + timedelta(days=7),
        )
    )  # fmt: skip
    page = campaign_page(session, person_id=None, initiative_id=initiative)
    assert page is not None
    assert (page.card.neighbours_cents, page.card.supporters, page.card.match_cents) == (800_00, 8, 300_00)
    session.execute(
        insert(FinalDecision).values(
            initiative_id=initiative, decided_at=NOW, collected_cents=750_00, collected_count=7, match_cents=250_00,
            outcome="funded",
        )
    )  # fmt: skip
    page = campaign_page(session, person_id=None, initiative_id=initiative)
    assert page is not None
    assert (page.card.neighbours_cents, page.card.supporters, page.card.match_cents) == (750_00, 7, 250_00)
    reached = figures(session, municipality_id=here)
    assert (reached.funded_count, reached.given_cents, reached.matched_cents) == (1, 750_00, 250_00)


def test_a_page_says_who_what_and_why(session: Session) -> None:
    here = make_municipality(session)
    initiator = make_person(session, municipality_id=here, name="Noor Voorbeeld")
    initiative = make_initiative(session, municipality_id=here, state="suspended", initiator_id=initiator)
    page = campaign_page(session, person_id=initiator, initiative_id=initiative)
    assert page is not None
    assert (page.initiator, page.part, page.state_reason) == (
        "Noor Voorbeeld",
        "initiator",
        "Omdat de test het vraagt.",
    )
    assert page.budget == (("Planten", 600_00), ("Tegels", 900_00))
    assert page.updates == ()
    assert page.donors == ()
    same = campaign_page(session, person_id=None, slug=page.card.slug)
    assert same is not None
    assert same.part is None


def test_an_organisation_stands_as_the_initiator(session: Session) -> None:
    here = make_municipality(session)
    organisation = make_organisation(session, municipality_id=here, name="Stichting Voorbeeldstraat")
    initiative = make_initiative(session, municipality_id=here, organisation_id=organisation)
    page = campaign_page(session, person_id=None, initiative_id=initiative)
    assert page is not None
    assert page.initiator == "Stichting Voorbeeldstraat"


def test_an_unknown_address_gives_no_page(session: Session) -> None:
    assert campaign_page(session, person_id=None, slug="bestaat-niet") is None


def test_without_a_scheme_there_is_no_match_to_explain(session: Session) -> None:
    initiative = make_initiative(session, municipality_id=make_municipality(session))
    assert match_standing(session, initiative_id=initiative, live_on=local_date(NOW)) is None


def test_nearby_are_the_others_of_the_neighbourhood(session: Session) -> None:
    here = make_municipality(session)
    harbour = make_neighbourhood(session, municipality_id=here)
    first, second = (make_initiative(session, municipality_id=here, neighbourhood_id=harbour) for _ in range(2))
    make_initiative(session, municipality_id=here)
    near = campaigns_nearby(session, municipality_id=here, neighbourhood_id=harbour, initiative_id=first)
    assert [card.id for card in near] == [second]


def test_my_initiatives_are_mine_in_every_state(session: Session) -> None:
    here = make_municipality(session)
    mine = make_person(session, municipality_id=here)
    made = {make_initiative(session, municipality_id=here, state=state, initiator_id=mine) for state in rules.STATES}
    make_initiative(session, municipality_id=here)
    assert {card.id for card in campaigns_of(session, person_id=mine)} == made
