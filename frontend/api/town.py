"""The municipality, what its lists can be filtered by, and the schemes with which it adds money."""

from datetime import date
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from crowd.closing.campaign_queries import figures
from crowd.cofunding.queries import places_by_scheme, schemes
from crowd.shared.clock import local_date
from frontend.access import PublicActor
from frontend.api.catalogue import catalogue
from frontend.api.documented import problems
from frontend.api.shapes import Cents, Label, Shape
from frontend.runtime import RuntimeDep
from matching.placements.queries import counts
from matching.placements.rules import TAKES_PLACE

router: Final = APIRouter(tags=["municipality"])


class Figures(Shape):
    """What was reached together."""

    open_initiatives: int
    funded_initiatives: int
    neighbours_gave_cents: Cents
    municipality_added_cents: Cents
    placements: int = Field(description="How often somebody took a place on a shift.")


class Municipality(Shape):
    """The municipality this counter belongs to."""

    slug: str
    name: str
    site_name: str
    phone: str
    visiting_address: str
    email: str
    page_url: str
    figures: Figures


class ThemeItem(Shape):
    """A theme."""

    slug: str
    name: Label


class ThemeList(Shape):
    """Every theme."""

    items: list[ThemeItem]


class NeighbourhoodItem(Shape):
    """A neighbourhood."""

    slug: str
    name: str


class NeighbourhoodList(Shape):
    """Every neighbourhood."""

    items: list[NeighbourhoodItem]


class SkillItem(Shape):
    """A skill that roles ask for."""

    slug: str
    name: Label


class SkillList(Shape):
    """Every skill."""

    items: list[SkillItem]


class SchemeItem(Shape):
    """A scheme with which the municipality adds to what neighbours give, and how full its pot is."""

    id: UUID
    name: str
    legal_basis: str
    ratio_percent: int = Field(description="What is added to every euro of neighbours, in percent.")
    donor_cap_cents: Cents = Field(description="At most per person.")
    project_cap_cents: Cents = Field(description="At most per initiative.")
    pot_cents: Cents
    pot_left_cents: Cents = Field(description="What the next contribution can still be matched with.")
    opens_on: date
    closes_on: date = Field(description="The last day.")
    is_open: bool
    decision_weeks: int
    neighbourhoods: list[str] = Field(description="The slugs of the neighbourhoods where it applies.")


class SchemeList(Shape):
    """Every scheme, the newest first."""

    items: list[SchemeItem]


@router.get("/municipality", responses=problems())
def show_municipality(runtime: RuntimeDep, actor: PublicActor) -> Municipality:
    """The municipality, how to reach it, and what was reached together."""
    del actor
    facts = runtime.town.facts()
    with runtime.database.reading() as session:
        reached = figures(session, municipality_id=facts.id)
        placed = counts(session, municipality_id=facts.id)
    return Municipality(
        slug=facts.slug,
        name=facts.name,
        site_name=facts.site_name,
        phone=facts.phone,
        visiting_address=facts.visiting_address,
        email=facts.email,
        page_url=f"{runtime.settings.base_url}/",
        figures=Figures(
            open_initiatives=reached.open_count,
            funded_initiatives=reached.funded_count,
            neighbours_gave_cents=reached.given_cents,
            municipality_added_cents=reached.matched_cents,
            placements=sum(placed.get(state, 0) for state in TAKES_PLACE),
        ),
    )


@router.get("/themes", responses=problems())
def list_themes(runtime: RuntimeDep, actor: PublicActor) -> ThemeList:
    """Every theme."""
    del actor
    known = catalogue(runtime).themes
    return ThemeList(items=[ThemeItem(slug=one.slug, name=Label(nl=one.label_nl, en=one.label_en)) for one in known])


@router.get("/neighbourhoods", responses=problems())
def list_neighbourhoods(runtime: RuntimeDep, actor: PublicActor) -> NeighbourhoodList:
    """Every neighbourhood."""
    del actor
    known = catalogue(runtime).neighbourhoods
    return NeighbourhoodList(items=[NeighbourhoodItem(slug=slug, name=name) for _id, slug, name in known])


@router.get("/skills", responses=problems())
def list_skills(runtime: RuntimeDep, actor: PublicActor) -> SkillList:
    """Every skill that roles can ask for."""
    del actor
    known = catalogue(runtime).skills
    return SkillList(items=[SkillItem(slug=one.slug, name=Label(nl=one.label_nl, en=one.label_en)) for one in known])


@router.get("/schemes", responses=problems())
def list_schemes(runtime: RuntimeDep, actor: PublicActor) -> SchemeList:
    """Every scheme with its rules, its pot, and what is left of it."""
    del actor
    here = runtime.town.facts().id
    with runtime.database.reading() as session:
        today = local_date(runtime.clock.now(session))
        found = schemes(session, municipality_id=here)
        places = places_by_scheme(session, municipality_id=here)
    return SchemeList(
        items=[
            SchemeItem(
                id=one.id,
                name=one.name,
                legal_basis=one.legal_basis,
                ratio_percent=one.ratio_percent,
                donor_cap_cents=one.donor_cap_cents,
                project_cap_cents=one.project_cap_cents,
                pot_cents=one.pot_cents,
                pot_left_cents=one.pot_left.cents,
                opens_on=one.opens_on,
                closes_on=one.closes_on,
                is_open=one.opens_on <= today <= one.closes_on,
                decision_weeks=one.decision_weeks,
                neighbourhoods=places.get(one.id, []),
            )
            for one in found
        ]
    )
