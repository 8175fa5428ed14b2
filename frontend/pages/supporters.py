"""Who supports an initiative, for its initiator and the counter."""

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from crowd.initiatives.queries import campaign_facts, facts_for, id_of
from crowd.initiatives.rules import is_office, may_moderate
from crowd.pledges import change_operations
from crowd.pledges.supporter_queries import with_reward, with_words
from crowd.shared.actor import Actor
from crowd.shared.errors import msg
from crowd.shared.money import Money
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.list_keys import read_key, write_key
from frontend.runtime import RuntimeDep
from frontend.views.supporters import SupportersPage, ToDeliver, Words

router: Final = APIRouter()


@router.get("/initiatieven/{slug}/steuners")
def show_supporters(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("account:own"))],
    slug: str,
    voor: Annotated[str, Query()] = "",
    beloond_voor: Annotated[str, Query()] = "",
) -> Response:
    """Show what came with gifts. The counter also sees who is unnamed to the public; the initiator does not."""
    before = read_key(voor)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        initiative_id = id_of(session, slug=slug)
        facts = facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
        if denial := may_moderate(actor, facts):
            raise denial
        title = campaign_facts(session, initiative_id=initiative_id).title
        found, following = with_words(session, initiative_id=initiative_id, before=before)
        chosen, more = with_reward(session, initiative_id=initiative_id, before=read_key(beloond_voor))
    sees_names = is_office(actor, facts)
    shown = SupportersPage(
        title=title,
        slug=slug,
        words=tuple(
            Words(
                name=one.public_name or (one.donor_name if sees_names else ""),
                amount=Money(one.amount_cents),
                at=one.at,
                message=one.message,
                is_hidden=one.is_hidden,
                act=f"/initiatieven/{slug}/steuners/{one.pledge_id}/woorden",
            )
            for one in found
        ),
        deliveries=tuple(
            ToDeliver(
                reward=one.reward,
                name=one.public_name or (one.donor_name if sees_names else ""),
                amount=Money(one.amount_cents),
                email=one.email,
            )
            for one in chosen
        ),
        more_deliveries_href=_href(slug, more, name="beloond_voor"),
        more_href=_href(slug, following, name="voor"),
        is_first_part=before is None,
    )
    return page(request, shown, now=now)


@router.post("/initiatieven/{slug}/steuners/{pledge_id}/woorden")
def moderate(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("account:own"))],
    slug: str,
    pledge_id: UUID,
    hide: Annotated[str, Form()] = "",
) -> Response:
    """Hide the words of a gift, or show them again."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        change_operations.hide_message(session, pledge_id=pledge_id, hide=bool(hide), actor=actor, now=now)
    said = msg("These words are hidden now.") if hide else msg("These words are shown again.")
    return see_other(request, f"/initiatieven/{slug}/steuners", said=said)


def _href(slug: str, following: tuple[datetime, UUID] | None, *, name: str) -> str:
    if following is None:
        return ""
    return f"/initiatieven/{slug}/steuners?{urlencode({name: write_key(*following)})}"
