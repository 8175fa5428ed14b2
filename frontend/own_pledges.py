"""A donor's own page, put together: for its address, and again when something typed on it was refused."""

from datetime import datetime
from typing import cast

from fastapi import Request
from sqlalchemy.orm import Session

from crowd.accounts.queries import person
from crowd.closing.campaign_queries import campaign_card
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import FREES_REWARD, CampaignFacts, may_be_changed, may_be_withdrawn
from crowd.rewards.queries import reward
from crowd.shared.money import Money
from frontend import links
from frontend.cards import card_view
from frontend.formats import Language, amount_field
from frontend.near_misses import read_near_miss
from frontend.runtime import runtime_of
from frontend.troubles import Told, told
from frontend.views.forms import Form
from frontend.views.pledges import Debit, OwnPledgePage, PledgeState, Returning
from frontend.visit import visit_of
from payments.bank.queries import return_of
from payments.cancelling.queries import line_of, plan_of
from payments.collection.queries import PayingRow, paying_facts
from payments.collection.trouble_rules import same_way_may_help, trouble_of
from payments.payouts.queries import refund_under_way


def own_page(
    session: Session, request: Request, *, pledge: PledgeRow, now: datetime, form: Form | None = None
) -> OwnPledgePage:
    """Return the page of one pledge as it stands now; `form` holds what was typed and refused."""
    card = campaign_card(session, initiative_id=pledge.initiative_id)
    donor = person(session, person_id=pledge.person_id)
    paying = paying_facts(session, pledge=pledge)
    campaign = CampaignFacts(card.state, card.deadline_at)
    near, revision = (None, None)
    if card.state == "near_miss":
        near, revision = read_near_miss(session, initiative_id=card.id, now=now)
    is_kept = pledge.state == "collected" and pledge.going_back_at is None
    failed = _failed(paying, state=pledge.state, language=visit_of(request).language)
    stopped = line_of(session, pledge_id=pledge.id) if card.state == "cancelled" else None
    plan = plan_of(session, initiative_id=pledge.initiative_id) if stopped else None
    return OwnPledgePage(
        card=card_view(card, visit_of(request).language),
        left=Money(stopped.amount_cents) if stopped else None,
        choose_until=plan.choose_until if plan and plan.choose_until and now < plan.choose_until else None,
        base=links.own_pledge_path(pledge.id, runtime_of(request).keys),
        reference=pledge.id.hex[-8:].upper(),
        state=cast("PledgeState", pledge.state),
        amount=Money(pledge.amount_cents),
        email=donor.email if donor else "",
        made_at=pledge.promised_at,
        is_email_confirmed=pledge.confirmed_at is not None or bool(donor and donor.email_confirmed_at),
        may_withdraw=may_be_withdrawn(campaign=campaign, pledge_state=pledge.state, now=now),
        may_retry=card.state == "collecting",
        may_change=may_be_changed(campaign=campaign, pledge_state=pledge.state, way=pledge.way, now=now),
        near_miss=near,
        revision=revision,
        may_take_back=is_kept and near is not None and near.step == "donors",
        is_going_back=pledge.state == "collected" and pledge.going_back_at is not None,
        fills_gap=card.collecting is not None and pledge.promised_at >= card.collecting.window.since,
        card_name=_card_name(paying),
        trouble=failed.what if failed else "",
        remedy=failed.remedy if failed else "",
        may_try_same=failed is not None and _may_try_same(paying),
        tries_again_at=paying.next_attempt_at if failed and paying.kind != "sepa_debit" else None,
        debit_limit=paying.debit_limit,
        is_account_refused=paying.is_account_refused,
        debit=_debit(paying, creditor=runtime_of(request).town.facts().name),
        reward=reward(session, reward_id=pledge.reward_id).title if pledge.reward_id else "",
        may_give_up_reward=pledge.reward_id is not None and pledge.state not in FREES_REWARD,
        may_word=pledge.state not in FREES_REWARD,
        is_message_hidden=pledge.message_hidden_at is not None and bool(pledge.message),
        returning=_returning(session, pledge),
        form=Form(values={**_stands(pledge), **(form.values if form else {})}, errors=form.errors if form else {}),
    )


def _returning(session: Session, pledge: PledgeRow) -> Returning:
    """Return how a collected gift goes back to its donor, when it does."""
    if pledge.state != "collected":
        return ""
    back = return_of(session, pledge_id=pledge.id)
    if back is not None:
        return "account_asked" if back.state == "planned" else "account_given"
    return "same_way" if refund_under_way(session, pledge_id=pledge.id) else ""


def _stands(pledge: PledgeRow) -> dict[str, str]:
    """Return what the page's forms show when nothing was typed yet."""
    return {
        "amount": amount_field(Money(pledge.amount_cents)),
        "name": pledge.donor_name,
        "anonymous": "yes" if pledge.donor_name and not pledge.public_name else "",
        "message": pledge.message,
    }


def _failed(paying: PayingRow, *, state: str, language: Language) -> Told | None:
    """Return what went wrong, when something did and the donor saved nothing else since."""
    if state not in {"declined", "needs_action"} or paying.decline_code is None:
        return None
    trouble = trouble_of(paying.decline_code, by_ideal=paying.charge_way == "ideal")
    return told(trouble, may_try_same=_may_try_same(paying), language=language)


def _may_try_same(paying: PayingRow) -> bool:
    trouble = trouble_of(paying.decline_code, by_ideal=paying.charge_way == "ideal")
    return paying.charge_state == "needs_action" or same_way_may_help(trouble, may_retry=paying.may_retry)


def _card_name(paying: PayingRow) -> str:
    """Return what may be shown of a saved card: "Visa •••• 4242"."""
    is_shown = paying.kind == "card" and paying.last4 and paying.is_kept
    return f"{paying.brand.replace('_', ' ').title()} •••• {paying.last4}" if is_shown else ""


def _debit(paying: PayingRow, *, creditor: str) -> Debit | None:
    """Return what is told of a saved bank account, and when it will be debited once that is known.

    Also after it was forgotten, when it was debited: the donor may want to find the debit again.
    """
    if paying.kind != "sepa_debit" or not (paying.is_kept or paying.charge_state == "succeeded"):
        return None
    is_to_come = paying.charge_state in {"planned", "created", "declined"}
    return Debit(
        last4=paying.last4,
        mandate_reference=paying.mandate_reference,
        mandate_url=paying.mandate_url,
        creditor=creditor,
        at=paying.next_attempt_at if is_to_come else None,
    )
