"""The front page: what goes on, what was reached, what is left in the pot."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.closing.campaign_queries import Filters, campaigns, figures
from crowd.cofunding.queries import schemes
from crowd.shared.actor import Actor
from crowd.shared.clock import end_of, local_date
from crowd.shared.money import Money
from frontend.access import public
from frontend.answers import page
from frontend.cards import card_view
from frontend.runtime import RuntimeDep
from frontend.views.initiatives import HomePage, Pot
from frontend.visit import visit_of
from matching.placements.queries import counts
from matching.placements.rules import TAKES_PLACE

router: Final = APIRouter()

_CARDS: Final = 6


@router.get("/")
def show_home(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Show the newest open campaigns, with the figures of everything that succeeded."""
    del actor
    language, here = visit_of(request).language, runtime.town.facts().id
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        newest = campaigns(session, municipality_id=here, filters=Filters(), most=_CARDS)
        reached = figures(session, municipality_id=here)
        pot = _pot(session, municipality_id=here, now=now)
        placed = counts(session, municipality_id=here)
    content = HomePage(
        live_count=reached.open_count,
        funded_count=reached.funded_count,
        neighbours_gave=Money(reached.given_cents),
        municipality_added=Money(reached.matched_cents),
        placements=sum(placed.get(state, 0) for state in TAKES_PLACE),
        cards=tuple(card_view(card, language) for card in newest),
        pot=pot,
    )
    return page(request, content, now=now)


def _pot(session: Session, *, municipality_id: UUID, now: datetime) -> Pot | None:
    """Return the pot of the scheme that is open now and closes first, if any."""
    today = local_date(now)
    open_now = [
        one for one in schemes(session, municipality_id=municipality_id) if one.opens_on <= today <= one.closes_on
    ]
    if not open_now:
        return None
    first = min(open_now, key=lambda one: (one.closes_on, one.id))
    return Pot(
        scheme=first.name, ceiling=Money(first.pot_cents), left=first.pot_left, closes_at=end_of(first.closes_on)
    )
