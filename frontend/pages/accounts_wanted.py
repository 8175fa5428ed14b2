"""Donors whose refund came back and who gave no account yet: a clerk who spoke to them writes it down.

A donor with an e-mail address is asked by mail; without one the counter asks. Whoever writes it down does not pay it.
"""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields, NotFound, msg
from crowd.shared.money import Money
from frontend.answers import page, see_other
from frontend.pages.counter import COUNTER
from frontend.pages.gifts import Clerk, account_form, check_account
from frontend.runtime import RuntimeDep
from frontend.views.bank import AccountsPage, AccountWanted
from frontend.views.forms import Form as Typed
from payments.bank import queries, return_operations

router: Final = APIRouter()
ACCOUNTS: Final = f"{COUNTER}/rekeningen"


class NoAccountWanted(NotFound):
    """Nothing of this municipality waits for an account under this id."""

    sentence = msg("Nobody waits for an account here. Look at the list again.")


@router.get(ACCOUNTS)
def show_wanted(request: Request, runtime: RuntimeDep, actor: Clerk) -> Response:
    """Show whose money came back and waits for an account."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _page(session, actor, form=Typed(), wrong_id="")
    return page(request, shown, now=now)


@router.post(ACCOUNTS + "/{pledge_id}")
def write_down(
    request: Request,
    runtime: RuntimeDep,
    actor: Clerk,
    pledge_id: UUID,
    account: Annotated[str, Form()] = "",
    holder: Annotated[str, Form()] = "",
) -> Response:
    """Write down the account that a donor named at the desk or on the phone."""
    try:
        check_account(account, holder)
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            if str(pledge_id) not in {one.id for one in _wanted(session, actor)}:
                raise NoAccountWanted
            return_operations.give_account(
                session, pledge_id=pledge_id, holder=holder, account=account, actor=actor, now=now
            )
    except InvalidFields as refused:
        form = account_form(request, account=account, holder=holder, refused=refused)
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            shown = _page(session, actor, form=form, wrong_id=str(pledge_id))
        return page(request, shown, now=now, status=400)
    return see_other(request, ACCOUNTS, said=msg("The account is written down. A treasurer pays it."))


def _page(session: Session, actor: Actor, *, form: Typed, wrong_id: str) -> AccountsPage:
    return AccountsPage(form=form, wrong_id=wrong_id, lines=_wanted(session, actor))


def _wanted(session: Session, actor: Actor) -> list[AccountWanted]:
    if actor.municipality_id is None:
        raise NoAccountWanted
    return [
        AccountWanted(
            id=str(one.pledge_id),
            base=f"{ACCOUNTS}/{one.pledge_id}",
            donor=one.donor_name,
            title=one.title,
            amount=Money(one.amount_cents),
        )
        for one in queries.open_returns(session, municipality_id=actor.municipality_id)
        if one.came_back and one.state == "planned"
    ]
