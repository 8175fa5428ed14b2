"""Giving: make a promise, look at one's own, take it back.

The id is chosen by whoever sends it, so sending the same twice is one contribution. The token in the answer is what
opens the donor's own page; whoever has it can look at this contribution and withdraw it, and nothing else.
"""

from datetime import datetime
from typing import Annotated, Final, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, Strict
from sqlalchemy.orm import Session

from crowd.accounts.rules import address
from crowd.closing.campaign_queries import campaign_card
from crowd.closing.gap_operations import promise_gift
from crowd.closing.plan_queries import near_miss
from crowd.initiatives.queries import id_of
from crowd.pledges import queries
from crowd.pledges.operations import Promise
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import (
    MAXIMUM,
    MESSAGE_LENGTH_MAX,
    MINIMUM,
    NAME_LENGTH_MAX,
    CampaignFacts,
    PledgeIdTaken,
    check_pledge,
    may_be_withdrawn,
)
from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, msg
from crowd.shared.money import Money
from frontend import links
from frontend.access import PublicActor
from frontend.api.documented import problems
from frontend.api.problems import ProviderAway
from frontend.api.shapes import Asked, Cents, NewId, Plain, Shape, Words, checked
from frontend.api.version import PREFIX
from frontend.links import Purpose
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.pledges import PledgeState
from payments.collection.rules import NothingToPay
from payments.collection.workflow import Addresses, open_checkout, withdraw
from payments.provider import OutcomeUnknown

router: Final = APIRouter(tags=["pledges"])


class IdTakenOtherwise(Conflict):
    """The id was used before for something else: the first contribution stands."""

    sentence = msg("This id was already used for a contribution with other content. Choose a new id for another one.")


def _an_amount(cents: int) -> int:
    return check_pledge(amount=Money(cents), public_name="").cents


def _a_message(message: str) -> str:
    check_pledge(amount=MINIMUM, public_name="", message=message.strip())
    return message.strip()


def _a_name(name: str) -> str:
    check_pledge(amount=MINIMUM, public_name=name.strip())
    return name.strip()


class PledgeAsked(Asked):
    """A promise of money to one initiative."""

    id: NewId = Field(description="Chosen by you. The same id with the same content is the same contribution.")
    initiative: Annotated[Words, Field(description="The slug of the initiative.")]
    amount_cents: Annotated[
        int,
        Strict(),
        checked(_an_amount),
        Field(
            description="Whole euro cents.",
            examples=[2500],
            json_schema_extra={"minimum": MINIMUM.cents, "maximum": MAXIMUM.cents},
        ),
    ]
    email: Annotated[
        Plain,
        checked(address),
        Field(description="Gets the receipt. Never shown to anybody.", json_schema_extra={"format": "email"}),
    ]
    public_name: Annotated[
        Plain,
        checked(_a_name),
        Field(
            description="Shown with the initiative; leave it out to stay anonymous.",
            json_schema_extra={"maxLength": NAME_LENGTH_MAX},
        ),
    ] = ""
    message: Annotated[
        Plain,
        checked(_a_message),
        Field(
            description="A few words for the neighbourhood, shown with the initiative.",
            json_schema_extra={"maxLength": MESSAGE_LENGTH_MAX},
        ),
    ] = ""
    reward_id: UUID | None = Field(default=None, description="One of the initiative's `rewards`; null for nothing.")
    wants_updates: bool = Field(default=False, description="Whether news of the initiative may be mailed.")
    language: Literal["nl", "en"] = Field(default="nl", description="Of the payment page and the e-mails.")


class Pledge(Shape):
    """One's own contribution."""

    id: UUID
    token: str = Field(description="Opens this contribution; keep it as you would a password.")
    initiative: str
    state: PledgeState
    amount_cents: Cents
    public_name: str | None
    message: str
    reward_id: UUID | None
    wants_updates: bool
    promised_at: datetime
    secured_at: datetime | None
    is_confirmed: bool = Field(description="Whether the donor confirmed their address; only then it can be matched.")
    may_withdraw: bool
    is_going_back: bool = Field(description="Collected, and counting no more: all of it goes back to the donor.")
    may_take_back_until: datetime | None = Field(
        description="While its initiative goes on with a smaller plan: until when it may be taken back, on pageUrl."
    )
    page_url: str = Field(description="The donor's own page, for people.")


class PledgeMade(Pledge):
    """A contribution with the page on which its card is saved."""

    payment_page_url: str | None = Field(
        description="Send the donor here; nothing counts before they finished. null when there is nothing left to do."
    )


@router.post("/pledges", status_code=201, responses=problems(404, 409, acts=True))
def make_pledge(response: Response, runtime: RuntimeDep, actor: PublicActor, asked: PledgeAsked) -> PledgeMade:
    """Promise an amount to an initiative. Nothing is charged unless it reaches its minimum by its deadline.

    While an initiative is collecting and misses something (`missingCents`), a gift is charged as soon as its card is
    saved, and given back when it is not enough after all.

    503 means that the promise is kept but the payment page cannot be opened yet: send the same again.
    """
    promise = Promise(
        pledge_id=asked.id,
        email=asked.email,
        amount=Money(asked.amount_cents),
        public_name=asked.public_name,
        message=asked.message,
        reward_id=asked.reward_id,
        wants_updates=asked.wants_updates,
        locale=asked.language,
    )
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        made = _make(session, slug=asked.initiative, promise=promise, actor=actor, now=now)
    own_page = runtime.settings.base_url + links.own_pledge_path(made.id, runtime.keys)
    ways = Addresses(success_url=f"{own_page}/terug", cancel_url=own_page)
    try:
        payment_page = open_checkout(runtime.database, runtime.gateway, pledge_id=made.id, addresses=ways, now=now)
    except NothingToPay:
        payment_page = None
    except OutcomeUnknown as error:
        raise ProviderAway from error
    shown = _shown(made, runtime, slug=asked.initiative, may_withdraw=False, take_back_until=None)
    response.headers["location"] = f"{runtime.settings.base_url}{PREFIX}/pledges/{shown.token}"
    return PledgeMade(**shown.model_dump(by_alias=False), payment_page_url=payment_page)


@router.get("/pledges/{token}", responses=problems(400, 404))
def show_pledge(runtime: RuntimeDep, actor: PublicActor, token: str) -> Pledge:
    """One's own contribution, and where it stands."""
    del actor
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    with runtime.database.reading() as session:
        return _read(session, runtime, queries.pledge(session, pledge_id=pledge_id))


@router.post("/pledges/{token}/withdrawal", responses=problems(404, 409, acts=True))
def withdraw_pledge(runtime: RuntimeDep, actor: PublicActor, token: str) -> Pledge:
    """Take a promise back, until the last day. A second time changes nothing."""
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
    try:
        withdrawn = withdraw(runtime.database, runtime.gateway, pledge_id=pledge_id, actor=actor, now=now)
    except OutcomeUnknown as error:
        raise ProviderAway from error
    with runtime.database.reading() as session:
        return _read(session, runtime, withdrawn)


def _make(session: Session, *, slug: str, promise: Promise, actor: Actor, now: datetime) -> PledgeRow:
    initiative_id = id_of(session, slug=slug)
    try:
        made = promise_gift(session, initiative_id=initiative_id, promise=promise, actor=actor, now=now)
    except PledgeIdTaken as taken:
        raise IdTakenOtherwise from taken
    # The operation compares what concerns money; a program that changes anything else gets no silent yes either.
    said = (promise.public_name, promise.message, promise.wants_updates)
    if (made.public_name, made.message, made.wants_updates) != said:
        raise IdTakenOtherwise
    return made


def _read(session: Session, runtime: Runtime, pledge: PledgeRow) -> Pledge:
    card = campaign_card(session, initiative_id=pledge.initiative_id)
    now = runtime.clock.now(session)
    may_withdraw = may_be_withdrawn(
        campaign=CampaignFacts(card.state, card.deadline_at), pledge_state=pledge.state, now=now
    )
    until = None
    if card.state == "near_miss" and pledge.state == "collected" and pledge.going_back_at is None:
        nearly = near_miss(session, initiative_id=card.id)
        until = nearly.donors_until if nearly is not None and nearly.step(now=now) == "donors" else None
    return _shown(pledge, runtime, slug=card.slug, may_withdraw=may_withdraw, take_back_until=until)


def _shown(
    pledge: PledgeRow, runtime: Runtime, *, slug: str, may_withdraw: bool, take_back_until: datetime | None
) -> Pledge:
    return Pledge(
        id=pledge.id,
        token=links.sign(Purpose.OWN_PLEDGE, pledge.id, runtime.keys),
        initiative=slug,
        state=cast("PledgeState", pledge.state),
        amount_cents=pledge.amount_cents,
        public_name=pledge.public_name or None,
        message=pledge.message,
        reward_id=pledge.reward_id,
        wants_updates=pledge.wants_updates,
        promised_at=pledge.promised_at,
        secured_at=pledge.secured_at,
        is_confirmed=pledge.confirmed_at is not None,
        may_withdraw=may_withdraw,
        is_going_back=pledge.state == "collected" and pledge.going_back_at is not None,
        may_take_back_until=take_back_until,
        page_url=runtime.settings.base_url + links.own_pledge_path(pledge.id, runtime.keys),
    )
