"""Plainly fictional rewards and supporters, in every state that differs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from crowd.shared.money import Money
from frontend.rendering import Page
from frontend.views.forms import Form
from frontend.views.rewards import Offer, RewardsPage
from frontend.views.supporters import SupportersPage, ToDeliver, Words

NOW: Final = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
TITLE: Final = "Buurtmoestuin Kersenlaan"
SLUG: Final = "buurtmoestuin-kersenlaan"

OFFERS: Final = (
    Offer(
        id="01990000-0000-7000-8000-000000000001",
        title="Een kaart van de tuin",
        description="Met de hand getekend.",
        from_amount=Money(10_00),
        left=None,
    ),
    Offer(
        id="01990000-0000-7000-8000-000000000002",
        title="Een pot honing uit de tuin",
        description="Op te halen bij het oogstfeest.",
        from_amount=Money(25_00),
        left=3,
    ),
    Offer(
        id="01990000-0000-7000-8000-000000000003",
        title="Je naam op een bak",
        description="",
        from_amount=Money(100_00),
        left=0,
    ),
)


def rewards(*, wrong: bool = False, over: bool = False) -> RewardsPage:
    """Return what the sample initiative offers, as its initiator sees it."""
    errors = {"from_amount": "Vul een bedrag in van € 1 tot € 10.000.", "stock": "Vul een heel getal in."}
    return RewardsPage(
        title=TITLE,
        slug=SLUG,
        offers=(*OFFERS, replace(OFFERS[0], title="Een stekje", is_closed=True)),
        may_change=not over,
        form=Form(values={"title": "Een stekje", "stock": "veel"}, errors=errors) if wrong else Form(),
    )


def supporters() -> SupportersPage:
    """Return what came with gifts: shown, unnamed, and hidden."""
    words = (
        ("Bakkerij Proef", "Wij bakken bij de opening!", False),
        ("", "Eindelijk groen achter de school.", False),
        ("Iemand", "Dit hoort hier niet.", True),
    )
    return SupportersPage(
        title=TITLE,
        slug=SLUG,
        words=tuple(
            Words(name=name, amount=Money(25_00), at=NOW, message=said, is_hidden=hidden, act="/initiatieven/voorbeeld")
            for name, said, hidden in words
        ),
        deliveries=(
            ToDeliver(
                reward="Een pot honing uit de tuin", name="Noor", amount=Money(25_00), email="noor@voorbeeld.example"
            ),
            ToDeliver(reward="Een kaart van de tuin", name="", amount=Money(12_50), email=""),
        ),
        more_href=f"/initiatieven/{SLUG}/steuners?voor=1",
    )


def pages() -> Mapping[str, Page]:
    """Return every page, by a short name."""
    return {
        "beloningen": rewards(),
        "beloningen-fout": rewards(wrong=True),
        "beloningen-voorbij": rewards(over=True),
        "gevers": supporters(),
        "gevers-leeg": replace(supporters(), words=(), deliveries=()),
    }
