"""The list of initiatives and the page of one: what is true of it now, for everyone."""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.closing.campaign_page_queries import CampaignPage, campaign_page, match_standing
from crowd.closing.campaign_queries import (
    PART_SIZE,
    CampaignCard,
    Filters,
    Standing,
    campaigns,
    campaigns_nearby,
    count_campaigns,
)
from crowd.initiatives.rules import InitiativeFacts, InitiativeNotFound, may_see
from crowd.municipalities.queries import Choices, choices
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.db import Database
from frontend.access import public
from frontend.answers import shell_for
from frontend.campaigns import page_view
from frontend.cancelling import stopped_of
from frontend.cards import card_view
from frontend.formats import Language
from frontend.kept_pages import KeptPages
from frontend.list_keys import read_key, write_key
from frontend.near_misses import read_near_miss
from frontend.rendering import render
from frontend.runtime import Runtime, RuntimeDep
from frontend.shift_cards import page_shift
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import DiscoverPage, InitiativePage
from frontend.views.shell import Shell
from frontend.visit import FLASH, visit_of
from matching.roles.queries import open_shifts

router: Final = APIRouter()
LIST: Final = "/initiatieven"

# What the address says -> which states that is.
_STANDINGS: Final[dict[str, Standing]] = {"": "open", "gelukt": "succeeded", "afgelopen": "ended", "alles": "all"}
_TYPED_LENGTH: Final = 100
_CHOICES_FRESH_SECONDS: Final = 60.0

# About eighteen kilobytes each.
_written: Final = KeptPages(most=300)
_remembered: WeakKeyDictionary[Database, tuple[float, Choices]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a list was asked for, as its address says it."""

    zoek: str
    thema: str
    wijk: str
    stand: str

    def filters(self) -> Filters:
        standing = _STANDINGS.get(self.stand, "open")
        return Filters(standing=standing, theme=self.thema, neighbourhood=self.wijk, words=self.zoek)

    def values(self) -> dict[str, str]:
        return {"zoek": self.zoek, "thema": self.thema, "wijk": self.wijk, "stand": self.stand}


@router.get(LIST)
def show_list(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    zoek: Annotated[str, Query()] = "",
    thema: Annotated[str, Query()] = "",
    wijk: Annotated[str, Query()] = "",
    stand: Annotated[str, Query()] = "",
    na: Annotated[str, Query()] = "",
) -> Response:
    """Show a part of the list; the address holds everything chosen, so it can be kept and shared.

    `na` is where the last part ended. A choice that does not exist gives an empty list, never an error.
    """
    del actor
    asked = _Asked(*(_typed(value) for value in (zoek, thema, wijk, stand)))
    after = read_key(na)
    language, here = visit_of(request).language, runtime.town.facts().id
    known = _choices(runtime, here)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        filters = asked.filters()
        found = campaigns(session, municipality_id=here, filters=filters, after=after, most=PART_SIZE + 1)
        total = count_campaigns(session, municipality_id=here, filters=filters)
    shown = found[:PART_SIZE]
    content = DiscoverPage(
        cards=tuple(card_view(card, language) for card in shown),
        total=total,
        themes=tuple(
            Choice(value=slug, label=label_nl if language == "nl" else label_en)
            for slug, label_nl, label_en in known.themes
        ),
        neighbourhoods=tuple(Choice(value=slug, label=name) for slug, name in known.neighbourhoods),
        filters=Form(values=asked.values()),
        more_href=_more(asked, shown[-1]) if len(found) > PART_SIZE else None,
        is_first_part=after is None,
    )
    return _unless_known(request, content, shell_for(request, now=now))


@router.get(LIST + "/{slug}")
def show_initiative(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], slug: str
) -> Response:
    """Show one initiative; before it is public only to its people and the municipality's staff."""
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = campaign_page(session, slug=_typed(slug), person_id=actor.person_id)
        if found is None:
            raise InitiativeNotFound
        if denial := may_see(actor, facts_of(found)):
            raise denial
        content = read_page(session, found, language=language, now=now)
    return _unless_known(request, content, shell_for(request, now=now))


def read_page(session: Session, found: CampaignPage, *, language: Language, now: datetime) -> InitiativePage:
    """Return the page of an initiative that the reader may see, with everything around it: three statements.

    One that nearly made it takes two more, for its smaller plan.
    """
    card = found.card
    near_miss, revision = (
        read_near_miss(session, initiative_id=card.id, now=now) if found.was_near_miss else (None, None)
    )
    match = None
    nearby: list[CampaignCard] = []
    if card.live_at is not None:
        match = match_standing(session, initiative_id=card.id, live_on=local_date(card.live_at))
        if found.neighbourhood_id is not None:
            nearby = campaigns_nearby(
                session,
                municipality_id=found.municipality_id,
                neighbourhood_id=found.neighbourhood_id,
                initiative_id=card.id,
            )
    shown = page_view(
        found,
        language=language,
        now=now,
        match=match,
        shifts=tuple(page_shift(line) for line in open_shifts(session, initiative_id=card.id, now=now)),
        more=tuple(card_view(one, language) for one in nearby),
        may_edit=found.part is not None,
        near_miss=near_miss,
        revision=revision,
    )
    if card.state != "cancelled":
        return shown
    return replace(shown, stopped=stopped_of(session, initiative_id=card.id, now=now))


def facts_of(found: CampaignPage) -> InitiativeFacts:
    """Return what the `may_...` rules need to know, from a page that was read anyway."""
    return InitiativeFacts(
        municipality_id=found.municipality_id,
        state=found.card.state,
        part=found.part,
        was_live=found.card.live_at is not None,
        assisted=found.assisted,
    )


def _unless_known(request: Request, content: DiscoverPage | InitiativePage, shell: Shell) -> Response:
    """Return the page, or 304 when this browser holds exactly this page: that saves writing and sending it.

    What is compared is what the page is made of, without the hidden value of forms, which differs each time.
    A page made of the same as one we still hold is that one, unless it holds such a value. A sentence to be
    shown once belongs to one answer only, so such an answer is never compared.
    """
    if shell.flashes or visit_of(request).cookie(FLASH):
        return Response(render(content, shell), media_type="text/html")
    hour = shell.now.replace(minute=0, second=0, microsecond=0)
    made_of = repr((content, replace(shell, csrf_token="", now=hour)))
    tag = f'W/"{blake2b(made_of.encode(), digest_size=12).hexdigest()}"'
    headers = {"ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    html = _written.get(tag)
    if html is None:
        text = render(content, shell)
        html = text.encode()
        if shell.csrf_token in text:
            return Response(html, media_type="text/html", headers=headers)
        _written.keep(tag, html)
    visit_of(request).is_same_for_everyone = not shell.is_signed_in
    return Response(html, media_type="text/html", headers=headers)


def _choices(runtime: Runtime, municipality_id: UUID) -> Choices:
    """Return the themes and neighbourhoods one can choose, read at most once a minute per process."""
    known = _remembered.get(runtime.database)
    if known is not None and time.monotonic() < known[0]:
        return known[1]
    with runtime.database.reading() as session:
        found = choices(session, municipality_id=municipality_id)
    _remembered[runtime.database] = (time.monotonic() + _CHOICES_FRESH_SECONDS, found)
    return found


def _more(asked: _Asked, last: CampaignCard) -> str | None:
    if last.live_at is None:
        return None
    key = write_key(last.live_at, last.id)
    return f"{LIST}?{urlencode({**{name: value for name, value in asked.values().items() if value}, 'na': key})}"


def _typed(text: str) -> str:
    """Return what an address says, as far as it can be looked for."""
    return text.replace("\x00", "").strip()[:_TYPED_LENGTH]
