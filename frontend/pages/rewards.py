"""What an initiative offers in return: its initiator, or the counter, adds and ends it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from crowd.initiatives.queries import campaign_facts, facts_for, id_of
from crowd.initiatives.rules import may_moderate
from crowd.rewards import operations
from crowd.rewards.queries import rewards_of
from crowd.rewards.rules import OPEN_STATES, RewardForm, TooManyRewards
from crowd.shared.actor import Actor
from crowd.shared.errors import DomainError, InvalidFields, msg
from crowd.shared.ids import new_id
from frontend.access import requires
from frontend.amounts import read_amount
from frontend.answers import page, see_other
from frontend.errors import status_of
from frontend.i18n import refusals
from frontend.offers import offer_view
from frontend.pages.launch import read_id
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.forms import Form as Typed
from frontend.views.rewards import RewardsPage
from frontend.visit import visit_of

router: Final = APIRouter()

Owner = Annotated[Actor, Depends(requires("account:own"))]


@router.get("/initiatieven/{slug}/beloningen")
def show_rewards(request: Request, runtime: RuntimeDep, actor: Owner, slug: str) -> Response:
    """Show what is offered, and the form for one more."""
    return _rewards(request, runtime, actor=actor, slug=slug, typed={"reward_id": str(new_id())})


@router.post("/initiatieven/{slug}/beloningen")
def add_reward(
    request: Request,
    runtime: RuntimeDep,
    actor: Owner,
    slug: str,
    reward_id: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    description: Annotated[str, Form()] = "",
    from_amount: Annotated[str, Form()] = "",
    stock: Annotated[str, Form()] = "",
) -> Response:
    """Offer a reward; or show the form again with everything that is wrong."""
    chosen = read_id(reward_id)
    form = RewardForm(title=title, description=description, from_amount=read_amount(from_amount), stock=stock)
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            initiative_id = id_of(session, slug=slug)
            operations.add_reward(
                session, reward_id=chosen, initiative_id=initiative_id, form=form, actor=actor, now=now
            )
    except (InvalidFields, TooManyRewards) as error:
        typed = {
            "reward_id": reward_id,
            "title": title,
            "description": description,
            "from_amount": from_amount,
            "stock": stock,
        }
        return _rewards(request, runtime, actor=actor, slug=slug, typed=typed, error=error)
    return see_other(request, f"/initiatieven/{slug}/beloningen", said=msg("This reward is offered from now on."))


@router.post("/initiatieven/{slug}/beloningen/{reward_id}/einde")
def close_reward(request: Request, runtime: RuntimeDep, actor: Owner, slug: str, reward_id: UUID) -> Response:
    """Offer a reward no longer."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        operations.close_reward(session, reward_id=reward_id, actor=actor, now=now)
    return see_other(request, f"/initiatieven/{slug}/beloningen", said=msg("This reward is no longer offered."))


def _rewards(
    request: Request,
    runtime: Runtime,
    *,
    actor: Actor,
    slug: str,
    typed: dict[str, str],
    error: DomainError | None = None,
) -> Response:
    errors = error.errors if isinstance(error, InvalidFields) else (error,) if error else ()
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        initiative_id = id_of(session, slug=slug)
        if denial := may_moderate(actor, facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)):
            raise denial
        campaign = campaign_facts(session, initiative_id=initiative_id)
        offers = rewards_of(session, initiative_id=initiative_id)
    content = RewardsPage(
        title=campaign.title,
        slug=slug,
        offers=tuple(offer_view(row) for row in offers),
        may_change=campaign.state in OPEN_STATES,
        form=Typed(values=typed, errors=refusals(errors, visit_of(request).language)),
    )
    return page(request, content, now=now, status=status_of(error) if error else 200)
