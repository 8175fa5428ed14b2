"""The public ledger of one initiative: every euro that came in, went out, and is left."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from crowd.closing.campaign_queries import campaign_card
from crowd.initiatives.queries import facts_for
from crowd.initiatives.rules import may_see
from crowd.shared.actor import Actor
from crowd.shared.errors import msg
from crowd.shared.money import ZERO, Money
from frontend.access import public
from frontend.answers import page
from frontend.campaigns import AWAITS_MONEY, MOVEMENT_KINDS
from frontend.cards import card_view
from frontend.formats import Language
from frontend.i18n import say
from frontend.runtime import RuntimeDep
from frontend.views.initiatives import Entry, EntryKind, EveryEuroPage
from frontend.visit import visit_of
from payments.books.campaign_queries import PART_SIZE, Movement, movements, sums
from payments.payouts.host_queries import host_name

router: Final = APIRouter()

_ANONYMOUS: Final = msg("Anonymous")
_MUNICIPALITY: Final = msg("The municipality")
_INITIATIVE: Final = msg("The initiative")
# Movements to and from whoever receives the money.
_OF_PAYEE: Final[frozenset[EntryKind]] = frozenset({"payout", "taken_back"})


@router.get("/initiatieven/{slug}/elke-euro")
def show_every_euro(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    slug: str,
    voor: Annotated[int | None, Query(ge=1, lt=2**62)] = None,
) -> Response:
    """Show the account of an initiative, newest movement first, in parts."""
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        card = campaign_card(session, slug=slug)
        denial = may_see(actor, facts_for(session, initiative_id=card.id, person_id=actor.person_id))
        if denial is not None:
            raise denial
        found = movements(session, initiative_id=card.id, before=voor)
        totals = sums(session, initiative_id=card.id)
        # Asked only where it is shown, so that nobody else's page costs a statement for it.
        shows_host = any(MOVEMENT_KINDS.get(movement.kind) in _OF_PAYEE for movement in found)
        host = host_name(session, initiative_id=card.id) if shows_host else ""
    shown = found[:PART_SIZE]
    address = f"/initiatieven/{slug}/elke-euro"
    collected = Money(totals.given_cents)
    promised = Money(card.neighbours_cents) - collected if card.state in AWAITS_MONEY else ZERO
    content = EveryEuroPage(
        card=card_view(card, language),
        entries=tuple(_entry(movement, language, host=host) for movement in shown),
        entry_count=totals.movements,
        given=collected,
        matched=Money(totals.matched_cents),
        costs_borne=Money(totals.costs_cents),
        refunded=Money(totals.refunded_cents),
        paid_out=Money(totals.paid_out_cents),
        moved=Money(totals.moved_cents),
        to_town=Money(totals.to_town_cents),
        promised=max(promised, ZERO),
        as_of=now,
        more_href=f"{address}?voor={shown[-1].id}" if len(found) > PART_SIZE else None,
        is_first_part=voor is None,
    )
    return page(request, content, now=now)


def _entry(movement: Movement, language: Language, *, host: str) -> Entry:
    kind = MOVEMENT_KINDS.get(movement.kind, "other")
    others = {
        "match": _MUNICIPALITY,
        "returned": _MUNICIPALITY,
        "payout": _INITIATIVE,
        "taken_back": _INITIATIVE,
    }
    who = say(others[kind], language) if kind in others else movement.name or say(_ANONYMOUS, language)
    if kind in _OF_PAYEE and host:
        # Its fiscal host receives for the initiative, and says so by its own name.
        who = host
    return Entry(at=movement.at, kind=kind, who=who, amount=Money(movement.cents))
