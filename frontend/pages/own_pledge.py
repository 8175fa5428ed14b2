"""What a donor changes on the page of their own contribution."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from crowd.cofunding.change_operations import change_gift
from crowd.pledges import queries
from crowd.pledges.rules import ChangedMeanwhile
from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields, msg
from crowd.shared.money import Money
from frontend import links
from frontend.access import public
from frontend.amounts import read_amount
from frontend.answers import page, see_other
from frontend.i18n import refusals
from frontend.links import Purpose
from frontend.own_pledges import own_page
from frontend.runtime import RuntimeDep
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
        typed = Typed(values={"amount": amount}, errors=refusals(refused.errors, visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            pledge = queries.pledge(session, pledge_id=pledge_id)
            shown = own_page(session, request, pledge=pledge, now=now, form=typed)
        return page(request, shown, now=now, status=400)
    said = msg("From now on your contribution is {amount}.")
    return see_other(request, own_path, said=said, facts={"amount": Money(changed.amount_cents)})
