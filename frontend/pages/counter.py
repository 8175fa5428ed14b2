"""The municipality's counter: what waits for somebody, and beginning an initiative for whoever comes by or calls.

A feature adds its own list as one function in `QUEUES`: session first, a `Queue` back, or None for whoever has
nothing to do with it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.operations import find_or_add_person
from crowd.accounts.rules import NAME_LENGTH, BadAddress, BadName, address
from crowd.closing.plan_queries import waiting_plans
from crowd.initiatives import draft_operations, review_queries
from crowd.initiatives.review_queries import Waiting
from crowd.shared.actor import Actor, Channel
from crowd.shared.clock import local_date
from crowd.shared.errors import Invalid, msg
from crowd.shared.ids import new_id
from frontend.access import may, requires
from frontend.answers import page, see_other
from frontend.formats import Language
from frontend.i18n import refusals, say
from frontend.launch_pages import LAUNCH
from frontend.pages.launch import read_id
from frontend.runtime import RuntimeDep
from frontend.views.counter import CounterPage, HelpPage, Queue, QueueLine
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of

router: Final = APIRouter()
COUNTER: Final = "/loket"

Clerk = Annotated[Actor, Depends(requires("person:act-for"))]
MakeQueue = Callable[[Session, Actor, Language, datetime], Queue | None]


class ConsentMissing(Invalid):
    """Nobody is written down without having said yes."""

    sentence = msg("Ask whether you may write this down for them, and tick the box.")


class ChannelMissing(Invalid):
    """At the desk or on the phone."""

    sentence = msg("Choose whether this person is at the desk or on the phone.")


def to_review(session: Session, actor: Actor, language: Language, now: datetime) -> Queue | None:
    """Return what was handed in, the oldest first, with the day by which an answer is due."""
    if not may(actor, "initiative:review") or actor.municipality_id is None:
        return None
    found = review_queries.waiting(session, municipality_id=actor.municipality_id, state="submitted")
    return Queue(
        anchor="beoordelen",
        title=say(msg("To review"), language),
        lines=[_line(one, now=now, with_term=True) for one in found],
        empty=say(msg("Everything that was handed in has been answered."), language),
    )


def approved(session: Session, actor: Actor, language: Language, now: datetime) -> Queue | None:
    """Return what was approved and is not online yet."""
    if not may(actor, "initiative:review") or actor.municipality_id is None:
        return None
    found = review_queries.waiting(session, municipality_id=actor.municipality_id, state="approved")
    return Queue(
        anchor="goedgekeurd",
        title=say(msg("Approved, not online yet"), language),
        lines=[_line(one, now=now) for one in found],
        empty=say(msg("Nothing waits here."), language),
    )


def paused(session: Session, actor: Actor, language: Language, now: datetime) -> Queue | None:
    """Return the campaigns that were paused: somebody waits for them to go on."""
    if not may(actor, "initiative:suspend") or actor.municipality_id is None:
        return None
    found = review_queries.waiting(session, municipality_id=actor.municipality_id, state="suspended")
    return Queue(
        anchor="gepauzeerd",
        title=say(msg("Paused campaigns"), language),
        lines=[_line(one, now=now) for one in found],
        empty=say(msg("No campaign is paused."), language),
    )


def helped(session: Session, actor: Actor, language: Language, now: datetime) -> Queue | None:
    """Return the drafts that were begun at the desk or by phone."""
    if not may(actor, "person:act-for") or actor.municipality_id is None:
        return None
    found = review_queries.helped_drafts(session, municipality_id=actor.municipality_id)
    return Queue(
        anchor="geholpen",
        title=say(msg("Drafts begun at the counter"), language),
        lines=[replace(_line(one, now=now), href=f"{LAUNCH}/{one.id}") for one in found],
        empty=say(msg("No draft waits here."), language),
    )


def smaller_plans(session: Session, actor: Actor, language: Language, now: datetime) -> Queue | None:
    """Return the smaller plans of campaigns that nearly made it, the first whose term ends first."""
    if not may(actor, "initiative:review") or actor.municipality_id is None:
        return None
    found = waiting_plans(session, municipality_id=actor.municipality_id)
    return Queue(
        anchor="kleinere-plannen",
        title=say(msg("Smaller plans to answer"), language),
        lines=[
            QueueLine(
                href=f"/loket/nieuwe-plannen/{one.slug}",
                title=one.title,
                who=one.initiator,
                where=one.neighbourhood,
                since=one.submitted_at or now,
                due_on=local_date(one.answer_until) if one.answer_until else None,
            )
            for one in found
        ],
        empty=say(msg("No smaller plan waits here."), language),
    )


# Rooms of the counter with a page of their own, for whoever holds the permission.
_LINKS: Final = (
    ("grant:assess", "/loket/aanvragen", msg("Applications to assess")),
    ("grant:decide", "/loket/aanvragen", msg("Applications to decide on")),
    ("scheme:edit", "/loket/aanvragen", msg("Schemes and their pots")),
    ("gift:confirm", "/loket/bijdragen", msg("Gifts at the counter")),
    ("gift:record", "/loket/rekeningen", msg("Accounts to ask for")),
    ("grant:assess", "/loket/voortgang", msg("Reports on progress")),
    ("payout:approve", "/loket/uitbetalingen", msg("Payouts")),
    ("payout:approve", "/loket/betwistingen", msg("Disputes")),
    ("cancellation:propose", "/loket/stoppen", msg("Stopping after all")),
    ("bank:match", "/loket/bank", msg("Bank")),
    ("bank:match", "/loket/terugbetalingen", msg("Money to pay back")),
    ("books:read", "/loket/boeken", msg("Books")),
    ("skill:edit", "/loket/vaardigheden", msg("Skills")),
)
QUEUES: Final[tuple[MakeQueue, ...]] = (to_review, smaller_plans, approved, helped, paused)


@router.get(COUNTER)
def show_counter(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(requires("counter:open"))]
) -> Response:
    """Show everything that waits for this member of staff, list by list."""
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = [make(session, actor, language, now) for make in QUEUES]
    queues = [queue for queue in found if queue is not None]
    links = tuple((href, say(label, language)) for permission, href, label in _LINKS if may(actor, permission))
    return page(request, CounterPage(queues=queues, may_help=may(actor, "person:act-for"), links=links), now=now)


@router.get(COUNTER + "/helpen")
def show_help(request: Request, actor: Clerk) -> Response:
    """Ask for whom an initiative is begun, and how they came to us."""
    del actor
    return _help(request, Typed(), initiative_id=str(new_id()))


@router.post(COUNTER + "/helpen")
def begin_for(
    request: Request,
    runtime: RuntimeDep,
    actor: Clerk,
    initiative_id: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    channel: Annotated[str, Form()] = "",
    consent: Annotated[str, Form()] = "",
) -> Response:
    """Begin a draft in a resident's name; the clerk, the resident and the channel are all recorded."""
    chosen = read_id(initiative_id)
    typed = {"name": name, "email": email, "channel": channel, "consent": consent}
    errors = _wrong(typed)
    if errors:
        form = Typed(values=typed, errors=refusals(errors, visit_of(request).language))
        return _help(request, form, initiative_id=initiative_id, status=400)
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        resident = find_or_add_person(
            session, municipality_id=runtime.town.facts().id, email=email, locale="nl", name=name, now=now
        )
        helping = replace(actor, on_behalf_of=resident, channel=Channel(channel))
        draft_operations.start_draft(session, initiative_id=chosen, actor=helping, now=now)
    return see_other(request, f"{LAUNCH}/{chosen}/idee")


def _wrong(typed: dict[str, str]) -> tuple[Invalid, ...]:
    """Return everything that is wrong in the form, in the order of its fields."""
    errors: list[Invalid] = []
    if typed["channel"] not in {Channel.DESK, Channel.PHONE}:
        errors.append(ChannelMissing(field="channel"))
    if len(typed["name"]) > NAME_LENGTH:
        errors.append(BadName(field="name", most=NAME_LENGTH))
    try:
        address(typed["email"])
    except BadAddress:
        errors.append(BadAddress(field="email"))
    if not typed["consent"]:
        errors.append(ConsentMissing(field="consent"))
    return tuple(errors)


def _help(request: Request, form: Typed, *, initiative_id: str, status: int = 200) -> Response:
    language = visit_of(request).language
    channels = (
        Choice(value=Channel.DESK, label=say(msg("At the desk"), language)),
        Choice(value=Channel.PHONE, label=say(msg("On the phone"), language)),
    )
    content = HelpPage(form=form, initiative_id=initiative_id, channels=channels)
    return page(request, content, status=status)


def _line(one: Waiting, *, now: datetime, with_term: bool = False) -> QueueLine:
    return QueueLine(
        href=f"{COUNTER}/initiatieven/{one.id}",
        title=one.title,
        who=one.initiator,
        where=one.neighbourhood,
        since=one.since,
        due_on=one.due_on if with_term else None,
        is_late=with_term and local_date(now) > one.due_on,
    )
