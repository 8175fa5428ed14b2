"""What the pages say, and cost, while money is collected: what stands, not what was promised at the deadline."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from crowd.closing.campaign_queries import campaign_card
from frontend import links
from tests.in_process import Visitor, counted_statements, open_house
from tests.money import LOST, MoneyWorld


@dataclass
class Collecting:
    """A campaign of 60 euros that is collecting: 30 stands with 15 of match, a card of 10 was lost."""

    world: MoneyWorld
    campaign: UUID
    slug: str
    visitor: Visitor

    def look(self, path: str) -> tuple[str, int]:
        """The text of a page at its second visit, and the statements it took."""
        assert self.visitor.get(path).status_code == 200, path
        with counted_statements(self.visitor.app) as said:
            answer = self.visitor.get(path)
        return answer.text, len(said)


@pytest.fixture
def collecting(world: MoneyWorld) -> Iterator[Collecting]:
    with open_house(world.database, DEMO="no") as app:
        # The pages go by the machine's clock: begin so long ago that collecting is under way now.
        world.advance(days=-31)
        campaign = world.campaign(60_00, days=29)
        world.award_match(campaign, up_to_cents=20_00)
        gives, fails = world.promise(campaign, 30_00), world.promise(campaign, 10_00)
        world.confirm_everyone()
        world.pay(gives)
        world.pay(fails, LOST)
        world.pass_deadline(campaign)
        world.work()
        with world.database.reading() as session:
            slug = campaign_card(session, initiative_id=campaign).slug
        yield Collecting(world, campaign, slug, Visitor(app))


def test_a_page_costs_a_few_statements_while_money_is_missing(collecting: Collecting) -> None:
    slug = collecting.slug
    pledge = collecting.world.pledge(collecting.campaign, 5_00)
    may_cost = {
        "/initiatieven?stand=gelukt": 4,
        f"/initiatieven/{slug}": 6,
        f"/initiatieven/{slug}/steunen": 5,
        f"/initiatieven/{slug}/elke-euro": 6,
        links.own_pledge_path(pledge, collecting.visitor.app.state.runtime.keys): 6,
        "/api/v1/initiatives?standing=succeeded": 4,
        f"/api/v1/initiatives/{slug}": 6,
    }

    costs = {path: collecting.look(path)[1] for path in may_cost}

    assert {path: cost for path, cost in costs.items() if cost > may_cost[path]} == {}


def test_a_list_and_a_page_show_what_stands(collecting: Collecting) -> None:
    lists, page = "/api/v1/initiatives?standing=succeeded", f"/api/v1/initiatives/{collecting.slug}"
    visitor = collecting.visitor

    item, whole = visitor.get(lists).json()["items"][0], visitor.get(page).json()
    shown = [(one["neighboursCents"], one["municipalityCents"], one["supporters"]) for one in (item, whole)]
    assert shown == [(30_00, 15_00, 1)] * 2
    assert (whole["missingCents"], whole["takesPledges"], item["takesPledges"]) == (15_00, True, True)

    # More than was missing: nothing is any more, and the total still is what stands.
    collecting.world.pledge(collecting.campaign, 18_00)
    item, whole = visitor.get(lists).json()["items"][0], visitor.get(page).json()
    assert (item["neighboursCents"], whole["neighboursCents"]) == (48_00, 48_00)
    assert (whole["missingCents"], whole["takesPledges"], item["takesPledges"]) == (None, False, False)


def test_a_gap_stays_open_until_the_last_moment_of_collecting(collecting: Collecting) -> None:
    world = collecting.world
    with world.database.reading() as session:
        card = campaign_card(session, initiative_id=collecting.campaign)

    assert card.collecting is not None
    window = card.collecting.window
    open_at = [card.takes_pledges_at(at) for at in (window.since, window.until - timedelta(seconds=1), window.until)]
    assert open_at == [True, True, False]
