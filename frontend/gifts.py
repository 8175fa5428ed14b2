"""From what the database says of a gift in cash or by transfer to what its pages show."""

from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from crowd.closing.campaign_queries import campaign_card
from crowd.pledges import queries as pledges
from crowd.pledges.rules import CampaignFacts, may_be_withdrawn
from crowd.shared.money import Money
from frontend.near_misses import read_near_miss
from frontend.views.gifts import Gift, Stage, Way
from frontend.views.initiatives import CampaignState
from payments.bank import queries
from payments.bank.queries import DepositRow
from payments.bank.rules import spaced


def may_take_back(gift: Gift) -> bool:
    """Whether its donor may have it back, because the plan it was for became smaller."""
    return gift.stage == "collected" and gift.near_miss is not None and gift.near_miss.step == "donors"


def gift_view(session: Session, found: DepositRow, *, now: datetime) -> tuple[Gift, bool]:
    """Return one gift as everybody sees it, and whether it may still be withdrawn."""
    pledge = pledges.pledge(session, pledge_id=found.pledge_id)
    card = campaign_card(session, initiative_id=found.initiative_id)
    terms = queries.money_terms(session, municipality_id=found.municipality_id)
    near, revision = (None, None)
    if card.state == "near_miss":
        near, revision = read_near_miss(session, initiative_id=card.id, now=now)
    shown = Gift(
        donor=found.donor_name,
        title=card.title,
        initiative_href=f"/initiatieven/{card.slug}",
        amount=Money(found.amount_cents),
        way=cast("Way", found.way),
        stage=_stage(session, found, pledge_state=pledge.state),
        reference=spaced(found.reference),
        account=spaced(terms.bank_account),
        recorded_at=found.recorded_at,
        minimum=Money(card.minimum_cents or 0),
        deadline_at=card.deadline_at,
        campaign=cast("CampaignState", card.state),
        near_miss=near,
        revision=revision,
    )
    campaign = CampaignFacts(card.state, card.deadline_at)
    # An announced transfer is only promised, but its donor has something to take back.
    is_promise = pledge.state == "promised" and card.deadline_at is not None and now < card.deadline_at
    return shown, is_promise or may_be_withdrawn(campaign=campaign, pledge_state=pledge.state, now=now)


def _stage(session: Session, found: DepositRow, *, pledge_state: str) -> Stage:
    back = queries.return_of(session, pledge_id=found.pledge_id)
    if back is not None:
        stages: dict[str, Stage] = {"planned": "returning", "ready": "account_given", "paid": "returned"}
        return stages[back.state]
    if found.state in {"announced", "to_confirm"} and pledge_state != "promised":
        return "ended"
    kept = {"announced", "to_confirm", "held", "collected", "returned"}
    return cast("Stage", found.state) if found.state in kept else "ended"
