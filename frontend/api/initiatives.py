"""Initiatives: the list with its filters, one with everything around it, and every euro of it."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from crowd.closing.campaign_page_queries import CampaignPage, MatchStanding, campaign_page, match_standing
from crowd.closing.campaign_queries import CampaignCard, Filters, campaign_card, campaigns, count_campaigns
from crowd.initiatives.queries import facts_for
from crowd.initiatives.rules import InitiativeFacts, InitiativeNotFound, may_see
from crowd.shared.clock import local_date
from frontend.access import PublicActor
from frontend.api.documented import problems
from frontend.api.explaining import explanation
from frontend.api.nearly import NearlyMade, nearly_made_shape
from frontend.api.shapes import WORDS_LENGTH, Asked, Cents, Key, Label, Shape, Words, key_of, money, read_key
from frontend.api.shifts import ShiftItem, shift_item
from frontend.api.stopping import Stopped, stopped_shape
from frontend.api.version import PREFIX
from frontend.campaigns import AWAITS_MONEY, MOVEMENT_KINDS, WITHOUT_MATCH, match_view
from frontend.cards import picture_view
from frontend.formats import Language
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.initiatives import Bound, CampaignState, EntryKind, MatchStage
from frontend.visit import visit_of
from matching.roles.queries import open_shifts
from payments.books.campaign_queries import PART_SIZE as MOVEMENTS_PART
from payments.books.campaign_queries import Movement, movements, sums

router: Final = APIRouter(tags=["initiatives"])

PART_SIZE: Final = 50
_NEWEST: Final = 2**62


class Picture(Shape):
    """The photo, or a drawing that is always the same for an initiative without one."""

    url: str
    alt: str


class InitiativeItem(Shape):
    """An initiative in a list. Amounts are true at this moment of its life: promised, weighed, or collected."""

    slug: str
    title: str
    summary: str
    state: CampaignState
    theme: Label | None
    neighbourhood: str | None
    picture: Picture
    minimum_cents: Cents
    target_cents: Cents
    neighbours_cents: Cents
    municipality_cents: Cents
    supporters: int
    deadline_at: datetime | None
    published_at: datetime | None
    takes_pledges: bool
    page_url: str


class InitiativeList(Shape):
    """A part of the list, the newest first. `next` is the address of the part after it."""

    items: list[InitiativeItem]
    total: int = Field(description="How many there are in all parts together.")
    next: str | None


class BudgetLine(Shape):
    """One thing to be bought."""

    label: str
    amount_cents: Cents


class Update(Shape):
    """News from the initiator."""

    title: str
    body: str = Field(description="Markdown.")
    published_at: datetime
    author: str


class Donor(Shape):
    """A supporter as they want to be seen: their chosen name, or an amount without a name; never both."""

    name: str | None
    amount_cents: Cents | None
    at: datetime
    message: str = Field(description="Their words with the gift; empty when there are none.")


class Reward(Shape):
    """What an initiator gives in return."""

    id: UUID
    title: str
    description: str
    from_amount_cents: Cents = Field(description="The smallest contribution it can be chosen with.")
    left: int | None = Field(description="How many can still be chosen; null when there are as many as asked.")


class Match(Shape):
    """What the municipality adds, and why not more."""

    scheme: str
    amount_cents: Cents
    stage: MatchStage = Field(
        description="computed: not awarded yet. awarded: if the minimum is reached. fixed: final."
    )
    bound: Bound = Field(description="What keeps it from being more.")
    explanation: str = Field(description="The same in a sentence, in the language of Accept-Language.")
    ratio_percent: int
    donor_cap_cents: Cents | None
    project_cap_cents: Cents | None
    pot_left_cents: Cents | None
    awarded_up_to_cents: Cents | None
    decided_at: datetime | None
    reasons: str


class Initiative(InitiativeItem):
    """One initiative with everything its page says."""

    story: str = Field(description="Markdown.")
    help_wanted: str
    initiator: str
    place_note: str
    state_reason: str
    collecting_until: datetime | None
    missing_cents: Cents | None = Field(
        description="While collecting: what failed payments left open, to be given until collectingUntil; else null."
    )
    budget: list[BudgetLine]
    updates: list[Update]
    donors: list[Donor] = Field(description="The last ten.")
    match: Match | None
    rewards: list[Reward] = Field(description="What can be chosen with a contribution now; empty when none is taken.")
    shifts: list[ShiftItem]
    tolerance_percent: int = Field(description="By how much less than the minimum, really collected, it goes ahead.")
    nearly_made: NearlyMade | None = Field(description="Of one that collected nearly enough; else null.")
    stopped: Stopped | None = Field(description="Of one that was funded and stopped after all; else null.")


class MovementItem(Shape):
    """One movement on the account of an initiative; negative when money leaves it."""

    id: int
    at: datetime
    kind: EntryKind
    amount_cents: Cents
    name: str | None = Field(description="As the donor chose it; null for anonymous, the municipality and the payee.")


class Account(Shape):
    """Every euro of an initiative, the newest movement first. The sums are over everything."""

    given_cents: Cents
    matched_cents: Cents
    refunded_cents: Cents
    paid_out_cents: Cents
    moved_cents: int = Field(description="From initiatives that stopped, less what went elsewhere when this one did.")
    to_town_cents: Cents = Field(description="To the municipality, because this initiative stopped.")
    balance_cents: Cents
    promised_cents: Cents = Field(description="Promised by neighbours and not collected yet.")
    costs_cents: Cents = Field(description="What the payments cost; the municipality bears it.")
    total: int
    items: list[MovementItem]
    next: str | None


class InitiativesAsked(Asked):
    """Which initiatives."""

    standing: Literal["open", "succeeded", "ended", "all"] = "open"
    theme: Words = Field(default="", description="The slug of a theme.")
    neighbourhood: Words = Field(default="", description="The slug of a neighbourhood.")
    search: Words = Field(default="", description="Words in the title or the summary.")
    after: Key = ""

    def without_place(self) -> dict[str, str]:
        """Return what was chosen, for the address of the next part."""
        chosen = self.model_dump(exclude={"after"}, exclude_defaults=True)
        return {name: str(value) for name, value in chosen.items()}


class MovementsAsked(Asked):
    """Which movements."""

    before: int = Field(default=_NEWEST, ge=1, le=_NEWEST, description="Only movements with a lower id.")


@router.get("/initiatives", responses=problems(400))
def list_initiatives(
    request: Request,
    response: Response,
    runtime: RuntimeDep,
    actor: PublicActor,
    asked: Annotated[InitiativesAsked, Query()],
) -> InitiativeList:
    """Initiatives that are or were public, the newest first, fifty at a time.

    A theme or neighbourhood that does not exist gives an empty list.
    """
    del actor, request
    here = runtime.town.facts().id
    filters = Filters(
        standing=asked.standing,
        theme=asked.theme,
        neighbourhood=asked.neighbourhood,
        words=asked.search.strip(),
    )
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = campaigns(
            session, municipality_id=here, filters=filters, after=read_key(asked.after), most=PART_SIZE + 1
        )
        total = count_campaigns(session, municipality_id=here, filters=filters)
    shown = found[:PART_SIZE]
    further = None
    if len(found) > PART_SIZE and shown[-1].live_at is not None:
        query = {**asked.without_place(), "after": key_of(shown[-1].live_at, shown[-1].id)}
        further = f"{runtime.settings.base_url}{PREFIX}/initiatives?{urlencode(query)}"
        response.headers["link"] = f'<{further}>; rel="next"'
    return InitiativeList(
        items=[InitiativeItem(**_facts(card, runtime, now)) for card in shown], total=total, next=further
    )


@router.get("/initiatives/{slug}", responses=problems(400, 404))
def show_initiative(request: Request, runtime: RuntimeDep, actor: PublicActor, slug: str) -> Initiative:
    """One initiative: plan, budget, news, supporters, what the municipality adds and why, and its open shifts."""
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = campaign_page(session, slug=_typed(slug), person_id=None)
        if found is None or may_see(actor, _rule_facts(found)):
            raise InitiativeNotFound
        card = found.card
        match = None
        if card.live_at is not None and card.state not in WITHOUT_MATCH:
            match = match_standing(session, initiative_id=card.id, live_on=local_date(card.live_at))
        shifts = open_shifts(session, initiative_id=card.id, now=now)
        nearly = nearly_made_shape(session, initiative_id=card.id, now=now) if found.was_near_miss else None
        stopped = stopped_shape(session, initiative_id=card.id, now=now) if card.state == "cancelled" else None
    gap = card.gap_at(now)
    return Initiative(
        **_facts(card, runtime, now),
        story=found.story,
        help_wanted=found.help_wanted,
        initiator=found.initiator,
        place_note=found.place_note,
        state_reason=found.state_reason,
        collecting_until=found.collecting_until,
        missing_cents=gap.missing.cents if gap else None,
        budget=[BudgetLine(label=label, amount_cents=cents) for label, cents in found.budget],
        updates=[
            Update(title=news.title, body=news.body, published_at=news.published_at, author=news.author)
            for news in found.updates
        ],
        # As on the page: whoever shows a name was not asked to show an amount.
        donors=[
            Donor(
                name=donor.name or None,
                amount_cents=None if donor.name else donor.amount_cents,
                at=donor.at,
                message=donor.message,
            )
            for donor in found.donors
        ],
        match=None if match is None else _explained(match, card=card, language=language),
        rewards=[
            Reward(
                id=row.id,
                title=row.title,
                description=row.description,
                from_amount_cents=row.from_cents,
                left=row.left,
            )
            for row in (found.offers if card.takes_pledges_at(now) else ())
        ],
        shifts=[shift_item(line, runtime, now) for line in shifts],
        tolerance_percent=found.tolerance_percent,
        nearly_made=nearly,
        stopped=stopped,
    )


@router.get("/initiatives/{slug}/movements", responses=problems(400, 404))
def list_movements(
    response: Response,
    runtime: RuntimeDep,
    actor: PublicActor,
    slug: str,
    asked: Annotated[MovementsAsked, Query()],
) -> Account:
    """Every euro of an initiative: what came in, what went out, what is left. Fifty movements at a time."""
    with runtime.database.reading() as session:
        card = campaign_card(session, slug=_typed(slug))
        if may_see(actor, facts_for(session, initiative_id=card.id, person_id=None)):
            raise InitiativeNotFound
        found = movements(session, initiative_id=card.id, before=asked.before)
        totals = sums(session, initiative_id=card.id)
    shown = found[:MOVEMENTS_PART]
    further = None
    if len(found) > MOVEMENTS_PART:
        address = f"{runtime.settings.base_url}{PREFIX}/initiatives/{card.slug}/movements"
        further = f"{address}?before={shown[-1].id}"
        response.headers["link"] = f'<{further}>; rel="next"'
    return Account(
        given_cents=totals.given_cents,
        matched_cents=totals.matched_cents,
        refunded_cents=totals.refunded_cents,
        paid_out_cents=totals.paid_out_cents,
        moved_cents=totals.moved_cents,
        to_town_cents=totals.to_town_cents,
        balance_cents=totals.balance_cents,
        promised_cents=max(0, card.neighbours_cents - totals.given_cents) if card.state in AWAITS_MONEY else 0,
        costs_cents=totals.costs_cents,
        total=totals.movements,
        items=[_movement(line) for line in shown],
        next=further,
    )


def _movement(line: Movement) -> MovementItem:
    return MovementItem(
        id=line.id,
        at=line.at,
        kind=MOVEMENT_KINDS.get(line.kind, "other"),
        amount_cents=line.cents,
        name=line.name or None,
    )


def _explained(match: MatchStanding, *, card: CampaignCard, language: Language) -> Match:
    view = match_view(match, card=card)
    return Match(
        scheme=view.scheme,
        amount_cents=view.amount.cents,
        stage=view.stage,
        bound=view.bound,
        explanation=explanation(view, language),
        ratio_percent=match.ratio_percent,
        donor_cap_cents=money(view.donor_cap),
        project_cap_cents=money(view.project_cap),
        pot_left_cents=money(view.pot_left),
        awarded_up_to_cents=money(view.awarded_up_to),
        decided_at=view.decided_at,
        reasons=view.reasons,
    )


def _facts(card: CampaignCard, runtime: Runtime, now: datetime) -> dict[str, Any]:
    """Return what every shape of an initiative begins with."""
    base, picture = runtime.settings.base_url, picture_view(card)
    return {
        "slug": card.slug,
        "title": card.title,
        "summary": card.summary,
        "state": card.state,
        "theme": Label(nl=card.theme_nl, en=card.theme_en) if card.theme_nl else None,
        "neighbourhood": card.neighbourhood or None,
        "picture": Picture(url=base + picture.src, alt=picture.alt),
        "minimum_cents": card.minimum_cents,
        "target_cents": card.target_cents,
        "neighbours_cents": card.neighbours_cents,
        "municipality_cents": card.match_cents,
        "supporters": card.supporters,
        "deadline_at": card.deadline_at,
        "published_at": card.live_at,
        "takes_pledges": card.takes_pledges_at(now),
        "page_url": f"{base}/initiatieven/{card.slug}",
    }


def _rule_facts(found: CampaignPage) -> InitiativeFacts:
    return InitiativeFacts(
        municipality_id=found.municipality_id,
        state=found.card.state,
        part=None,
        was_live=found.card.live_at is not None,
        assisted=found.assisted,
    )


def _typed(slug: str) -> str:
    """Return a slug as far as it can be looked for."""
    return slug.replace("\x00", "")[:WORDS_LENGTH]
