"""From what the database says of one campaign to what its page shows."""

from datetime import datetime, timedelta
from typing import Final

from crowd.closing.campaign_page_queries import CampaignPage, MatchStanding
from crowd.closing.campaign_queries import CampaignCard
from crowd.closing.standing_queries import CollectingStanding
from crowd.cofunding.rules import Bound as RuleBound
from crowd.cofunding.rules import MatchRule, campaign_bound
from crowd.shared.money import Money
from frontend.cards import card_view
from frontend.formats import Language
from frontend.offers import offer_view
from frontend.views.initiatives import (
    Bound,
    BudgetLine,
    Card,
    Donor,
    EntryKind,
    InitiativePage,
    Match,
    MatchStage,
    Missing,
    NearMiss,
    Revision,
    Shift,
    Update,
)

# States in which there is no match to explain any more, or not yet.
WITHOUT_MATCH: Final = frozenset({"draft", "submitted", "changes_requested", "approved", "unfunded", "cancelled"})
# Money is promised and not yet collected.
AWAITS_MONEY: Final = frozenset({"live", "suspended", "collecting"})
# What the ledger calls a movement on a campaign's account -> what people call it.
MOVEMENT_KINDS: Final[dict[str, EntryKind]] = {
    "charge": "gift",
    "deposit_collected": "gift",
    "refund": "refund",
    "refund_by_bank": "refund",
    "refund_failed": "refund_failed",
    "match_awarded": "match",
    "match_withdrawn": "match",
    "payout_gifts": "payout",
    "payout_deposits": "payout",
    "payout_match": "payout",
    "dispute_lost": "dispute",
    "loss_recovered": "dispute",
    "transfer_reversed": "taken_back",
    "gift_moved": "moved",
    "gift_left": "returned",
    "match_returned": "returned",
}


def page_view(
    found: CampaignPage,
    *,
    language: Language,
    now: datetime,
    match: MatchStanding | None,
    shifts: tuple[Shift, ...] = (),
    more: tuple[Card, ...] = (),
    may_edit: bool = False,
    near_miss: NearMiss | None = None,
    revision: Revision | None = None,
) -> InitiativePage:
    """Return the page of one initiative, true at `now` (business time)."""
    card = found.card
    gap = card.gap_at(now)
    takes_pledges = card.takes_pledges_at(now)
    return InitiativePage(
        card=card_view(card, language),
        story=found.story,
        help_wanted=found.help_wanted,
        initiator=found.initiator or ("een bewoner" if language == "nl" else "a resident"),
        place_note=found.place_note,
        budget=tuple(BudgetLine(label=label, amount=Money(cents)) for label, cents in found.budget),
        shifts=shifts,
        updates=tuple(
            Update(title=news.title, body=news.body, published_at=news.published_at, author=news.author)
            for news in found.updates
        ),
        # The amount stays out beside a name: the form asks for a name to show, not for leave to show what was given.
        donors=tuple(
            Donor(
                name=donor.name or None,
                amount=None if donor.name else Money(donor.amount_cents),
                at=donor.at,
                message=donor.message,
            )
            for donor in found.donors
        ),
        more_donors=max(0, card.supporters - len(found.donors)),
        match=None if match is None or card.state in WITHOUT_MATCH else match_view(match, card=card),
        published_at=card.live_at,
        takes_pledges=takes_pledges,
        offers=tuple(offer_view(row) for row in found.offers) if takes_pledges else (),
        more_cards=more,
        state_reason=found.state_reason,
        collecting_until=_last_moment(found.collecting_until),
        at_banks=Money(int(found.at_banks_cents)),
        missing=None if gap is None else missing_view(gap),
        may_edit=may_edit,
        tolerance_percent=found.tolerance_percent,
        near_miss=near_miss,
        revision=revision,
    )


def missing_view(gap: CollectingStanding) -> Missing:
    """Return what is missing, and the last moment to give it."""
    return Missing(amount=gap.missing, until=gap.window.until - timedelta(microseconds=1))


def match_view(match: MatchStanding, *, card: CampaignCard) -> Match:
    """Return why the municipality adds this amount to a campaign, and how certain that is."""
    matched = Money(card.match_cents)
    bound = campaign_bound(
        bounds=(RuleBound(bound) for bound in match.bounds),
        matched=matched,
        rule=MatchRule(
            ratio_percent=match.ratio_percent,
            donor_cap=Money(match.donor_cap_cents),
            project_cap=Money(match.project_cap_cents),
            award=None if match.award_cents is None else Money(match.award_cents),
        ),
        goal_gap=Money(card.minimum_cents - card.neighbours_cents - card.match_cents),
        pot_left=Money(match.pot_left_cents),
    )
    return Match(
        scheme=match.scheme,
        amount=matched,
        bound=_BOUNDS[bound],
        stage=_stage(match, state=card.state),
        adds=Money(match.ratio_percent),
        per=Money(100),
        donor_cap=Money(match.donor_cap_cents),
        project_cap=Money(match.project_cap_cents),
        pot_left=Money(match.pot_left_cents),
        awarded_up_to=None if match.award_cents is None else Money(match.award_cents),
        decided_at=match.decided_at,
        reasons=match.reasons,
    )


def _stage(match: MatchStanding, *, state: str) -> MatchStage:
    if match.award_cents is None:
        return "computed"
    if match.award_cents == 0:
        return "refused"
    return "fixed" if state == "funded" else "awarded"


# What keeps a whole campaign's match from being more; reasons that concern one donor alone do not.
_BOUNDS: Final[dict[RuleBound, Bound]] = {
    RuleBound.RATIO: "ratio",
    RuleBound.DONOR_CAP: "donor_cap",
    RuleBound.PROJECT_CAP: "project_cap",
    RuleBound.AWARD: "award",
    RuleBound.GOAL: "goal_gap",
    RuleBound.POT: "pot",
    RuleBound.REFUSED: "ratio",
}


def _last_moment(until: datetime | None) -> datetime | None:
    """Return the last moment before a half-open end, so that a page names the last day and not the one after."""
    return None if until is None else until - timedelta(microseconds=1)
