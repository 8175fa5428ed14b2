"""What a donor changes on the page of their own contribution."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from crowd.cofunding.change_operations import change_gift
from crowd.pledges import change_operations, queries
from crowd.pledges.rules import NAME_LENGTH_MAX, Appearance, ChangedMeanwhile, NameTooLong
from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid, InvalidFields, msg
from crowd.shared.money import Money
from frontend import links
from frontend.access import public
from frontend.amounts import read_amount
from frontend.answers import page, see_other
from frontend.i18n import refusals
from frontend.links import Purpose
from frontend.own_pledges import own_page
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of
from payments.collection.card_operations import check_new_amount

router: Final = APIRouter()


@router.post("/bijdragen/{token}/bedrag")
def change_amount(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    token: str,
    amount: Annotated[str, Form()] = "",
    was: Annotated[str, Form()] = "",
) -> Response:
    """Promise another amount with the same card, until the last day; `was` is what the form was made for."""
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    own_path = links.own_pledge_path(pledge_id, runtime.keys)
    before = read_amount(was)
    if before is None:
        raise ChangedMeanwhile
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            changed = change_gift(
                session, pledge_id=pledge_id, was=before, amount=read_amount(amount), actor=actor, now=now
            )
            check_new_amount(session, pledge=changed)
    except InvalidFields as refused:
        return _again(request, runtime, pledge_id=pledge_id, typed={"amount": amount}, errors=refused.errors)
    said = msg("From now on your contribution is {amount}.")
    return see_other(request, own_path, said=said, facts={"amount": Money(changed.amount_cents)})


@router.post("/bijdragen/{token}/vermelding")
def change_appearance(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    token: str,
    name: Annotated[str, Form()] = "",
    anonymous: Annotated[str, Form()] = "",
    message: Annotated[str, Form()] = "",
) -> Response:
    """Change the name and the words that stand with the gift, or take them away."""
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            change_operations.change_appearance(
                session,
                pledge_id=pledge_id,
                appearance=Appearance(name, bool(anonymous), message),
                actor=actor,
                now=now,
            )
    except InvalidFields as refused:
        errors = tuple(
            NameTooLong(field="name", length=NAME_LENGTH_MAX) if isinstance(error, NameTooLong) else error
            for error in refused.errors
        )
        typed = {"name": name, "anonymous": anonymous, "message": message}
        return _again(request, runtime, pledge_id=pledge_id, typed=typed, errors=errors)
    return see_other(request, links.own_pledge_path(pledge_id, runtime.keys), said=msg("Saved."))


@router.post("/bijdragen/{token}/beloning")
def give_up_reward(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str
) -> Response:
    """Let somebody else have the reward."""
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        change_operations.give_up_reward(session, pledge_id=pledge_id, actor=actor, now=now)
    said = msg("Thank you: somebody else can choose it now.")
    return see_other(request, links.own_pledge_path(pledge_id, runtime.keys), said=said)


def _again(
    request: Request, runtime: Runtime, *, pledge_id: UUID, typed: dict[str, str], errors: tuple[Invalid, ...]
) -> Response:
    form = Typed(values=typed, errors=refusals(errors, visit_of(request).language))
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        pledge = queries.pledge(session, pledge_id=pledge_id)
        shown = own_page(session, request, pledge=pledge, now=now, form=form)
    return page(request, shown, now=now, status=400)
