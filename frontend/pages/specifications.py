"""Downloading what one part of a payout is made of: for the treasurer, and for the initiator of that initiative."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from crowd.closing.campaign_queries import CampaignCard, campaign_card
from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.initiatives.rules import InitiativeNotFound
from crowd.shared.actor import Actor
from frontend.access import requires
from frontend.documents import write_pdf
from frontend.runtime import Runtime, RuntimeDep
from frontend.specifications import specification, table
from frontend.visit import visit_of
from payments.payouts.host_queries import host_name
from payments.payouts.queries import payout
from payments.payouts.rules import NoPayoutHere
from payments.payouts.specification_queries import gifts_in_part
from payments.payouts.tranche_queries import tranches

router: Final = APIRouter()
Kind = Literal["pdf", "csv"]
Number = Annotated[int, Path(ge=1, le=99)]


@router.get("/loket/uitbetalingen/{slug}/specificatie/{number}.{kind}")
def show_to_treasurer(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("payout:approve"))],
    slug: str,
    number: Number,
    kind: Kind,
) -> Response:
    """Give the treasurer the specification of one part."""
    with runtime.database.reading() as session:
        card = campaign_card(session, slug=slug)
        if campaign_facts(session, initiative_id=card.id).municipality_id != actor.municipality_id:
            raise InitiativeNotFound
    return _file(request, runtime, card=card, number=number, kind=kind)


@router.get("/initiatieven/{slug}/uitbetaling/specificatie/{number}.{kind}")
def show_to_initiator(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("payout:onboard"))],
    slug: str,
    number: Number,
    kind: Kind,
) -> Response:
    """Give the initiator the specification of one part of their own payout."""
    with runtime.database.reading() as session:
        card = campaign_card(session, slug=slug)
        if facts_for(session, initiative_id=card.id, person_id=actor.person_id).part != "initiator":
            raise InitiativeNotFound
    return _file(request, runtime, card=card, number=number, kind=kind)


def _file(request: Request, runtime: Runtime, *, card: CampaignCard, number: int, kind: Kind) -> Response:
    with runtime.database.reading() as session:
        found = payout(session, initiative_id=card.id, number=number)
        if found is None:
            raise NoPayoutHere
        gifts = gifts_in_part(session, tranche_id=found.tranche_id)
        host = host_name(session, initiative_id=card.id)
        milestone = tranches(session, initiative_id=card.id)[number - 1].milestone
    name = f"{card.slug}-{number}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    if kind == "csv":
        return Response(table(found, gifts), media_type="text/csv; charset=utf-8", headers=headers)
    document = specification(
        found,
        gifts,
        title=card.title,
        milestone=milestone,
        author=runtime.town.facts().name,
        language=visit_of(request).language,
        host=host,
    )
    return Response(write_pdf(document), media_type="application/pdf", headers=headers)
