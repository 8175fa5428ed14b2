"""Gifts at the counter: written down, received, collected, given back. Who, when and how much is always kept.

Locks, always in this order: the household (an advisory lock, while a donor without an address is looked for), the
campaign (shared), the pledge, the deposit.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.accounts.operations import add_person_without_address, find_or_add_person
from crowd.cofunding.operations import release_match, reserve_match
from crowd.initiatives.queries import campaign_facts
from crowd.initiatives.rules import InitiativeNotFound
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.operations import Promise
from crowd.pledges.queries import PledgeRow
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank import queries
from payments.bank.gift_rules import Gift, check_gift
from payments.bank.models import Deposit
from payments.bank.queries import DepositRow
from payments.bank.rules import (
    GIFT,
    Household,
    NoBankAccount,
    NothingToConfirm,
    check_clerk,
    check_second,
    donor_name,
    needs_second,
    reference,
)
from payments.ledger.operations import post

# --- Writing down ---------------------------------------------------------------------------------------------


def record_gift(session: Session, *, gift: Gift, actor: Actor, now: datetime) -> DepositRow:
    """Write a gift in cash or a transfer to come down for a donor, and return it. The same gift twice is one.

    Cash up to what one person may take alone counts at once; more waits for `confirm_cash`, a transfer for the bank.
    Raises OnlyAClerk, InvalidFields, NoBankAccount, CampaignNotOpen, PledgeIdTaken.
    """
    check_clerk(actor=actor)
    home = check_gift(gift, channel=actor.channel)
    campaign = campaign_facts(session, initiative_id=gift.initiative_id)
    if campaign.municipality_id != actor.municipality_id:
        raise InitiativeNotFound
    terms = queries.money_terms(session, municipality_id=campaign.municipality_id)
    if gift.way == "bank_transfer" and not terms.bank_account:
        raise NoBankAccount
    person_id = _donor(session, gift=gift, municipality_id=campaign.municipality_id, home=home, now=now)
    promise = Promise(
        pledge_id=gift.pledge_id,
        amount=gift.amount,
        public_name=gift.public_name,
        wants_updates=gift.wants_updates,
        locale=gift.locale,
        way=gift.way,
        person_id=person_id,
    )
    helping = replace(actor, on_behalf_of=person_id)
    pledge = pledges.make_pledge(session, promise=promise, actor=helping, now=now, initiative_id=gift.initiative_id)
    earlier = queries.find_deposit(session, pledge_id=pledge.id)
    if earlier is not None:
        return earlier
    second = gift.way == "cash" and needs_second(amount=Money(pledge.amount_cents), alone=Money(terms.cash_alone_cents))
    session.execute(
        insert(Deposit).values(
            pledge_id=pledge.id,
            municipality_id=pledge.municipality_id,
            initiative_id=pledge.initiative_id,
            way=gift.way,
            amount_cents=pledge.amount_cents,
            reference=free_reference(session, pledge=pledge),
            donor_name=donor_name(gift.name),
            household=str(home),
            channel=actor.channel.value,
            state="to_confirm" if second else "announced",
            needs_second=second,
            recorded_at=now,
            recorded_by=actor.person_id,
        )
    )
    _note(session, actor=helping, action="gift.recorded", pledge=pledge, now=now, way=gift.way)
    if gift.way == "cash" and not second:
        receive(session, pledge_id=pledge.id, now=now)
    return queries.deposit(session, pledge_id=pledge.id)


def _donor(session: Session, *, gift: Gift, municipality_id: UUID, home: Household, now: datetime) -> UUID:
    name = donor_name(gift.name)
    if gift.email.strip():
        return find_or_add_person(
            session, municipality_id=municipality_id, email=gift.email, locale=gift.locale, now=now, name=name
        )
    # Two clerks at once, or a double click, find one donor.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{municipality_id}/{home}", 0))))
    known = queries.donor_without_address(
        session, municipality_id=municipality_id, household=str(home), donor_name=name
    )
    return known or add_person_without_address(session, municipality_id=municipality_id, name=name, locale=gift.locale)


def free_reference(session: Session, *, pledge: PledgeRow) -> str:
    """Return a reference nobody else has: in practice the first, for it comes from the pledge's own random id."""
    attempt = 0
    while True:
        wanted = reference(kind=GIFT, subject_id=pledge.id, attempt=attempt)
        taken = session.execute(
            select(Deposit.pledge_id).where(
                Deposit.municipality_id == pledge.municipality_id, Deposit.reference == wanted
            )
        ).first()
        if taken is None:
            return wanted
        attempt += 1


# --- Receiving ------------------------------------------------------------------------------------------------


def receive(session: Session, *, pledge_id: UUID, now: datetime, confirmed_by: UUID | None = None) -> PledgeRow:
    """Book that the money of a pledge is here, count the pledge, and return it; once.

    It counts like a saved card: while the campaign is live, and matched at once, because a clerk knows the donor
    (docs/decisions/0026-known-at-the-counter.md). Money for a pledge that ended meanwhile is booked as well: it is
    here, and goes back. Cash waiting for a second person comes by `confirm_cash`, which says who that is.
    """
    seen = queries.deposit(session, pledge_id=pledge_id)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    found = queries.deposit(session, pledge_id=pledge_id, lock=True)
    if found.received_at is not None:
        return pledge
    counted = {"confirmed_by": confirmed_by, "confirmed_at": now} if confirmed_by else {}
    session.execute(
        update(Deposit).where(Deposit.pledge_id == pledge_id).values(state="held", received_at=now, **counted)
    )
    post(
        session,
        kind="cash_received" if found.way == "cash" else "deposit_received",
        municipality_id=found.municipality_id,
        initiative_id=found.initiative_id,
        amount=Money(found.amount_cents),
        source_type="pledge",
        source_id=str(pledge_id),
        occurred_at=now,
    )
    pledge = pledges.secure_pledge(session, pledge_id=pledge_id, now=now)
    if pledge.state == "secured":
        pledges.confirm_pledge(session, pledge_id=pledge_id, now=now)
        reserve_match(session, pledge_id=pledge_id, card_fingerprint=f"household/{found.household}", now=now)
    return pledge_queries.pledge(session, pledge_id=pledge_id)


def confirm_cash(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> PledgeRow:
    """Confirm as the second person that the cash is there; from now on it counts. Returns the pledge.

    Raises OnlyStaffCounts, SecondPersonNeeded, NothingToConfirm.
    """
    found = _to_confirm(session, pledge_id=pledge_id, actor=actor)
    pledge = receive(session, pledge_id=found.pledge_id, now=now, confirmed_by=actor.person_id)
    _note(session, actor=actor, action="gift.confirmed", pledge=pledge, now=now, way=found.way)
    return pledge


def refuse_cash(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> None:
    """Say as the second person that the cash is not there: nothing counts and nothing was booked.

    Raises OnlyStaffCounts, SecondPersonNeeded, NothingToConfirm.
    """
    found = _to_confirm(session, pledge_id=pledge_id, actor=actor)
    session.execute(update(Deposit).where(Deposit.pledge_id == pledge_id).values(state="refused"))
    pledges.abandon_pledge(session, pledge_id=pledge_id, now=now, reason="the cash was not confirmed")
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
    _note(session, actor=actor, action="gift.refused", pledge=pledge, now=now, way=found.way)


def _to_confirm(session: Session, *, pledge_id: UUID, actor: Actor) -> DepositRow:
    seen = queries.deposit(session, pledge_id=pledge_id)
    check_second(actor=actor, recorded_by=seen.recorded_by)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    found = queries.deposit(session, pledge_id=pledge_id, lock=True)
    if found.state != "to_confirm":
        raise NothingToConfirm
    return found


def withdraw_at_counter(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> PledgeRow:
    """Withdraw a gift for its donor, who was at the desk or on the phone; what was received goes back.

    Raises OnlyAClerk, and what `crowd.pledges.operations.withdraw_pledge` raises.
    """
    check_clerk(actor=actor)
    queries.deposit(session, pledge_id=pledge_id)
    person_id = pledge_queries.pledge(session, pledge_id=pledge_id).person_id
    helping = replace(actor, on_behalf_of=person_id)
    withdrawn = pledges.withdraw_pledge(session, pledge_id=pledge_id, actor=helping, now=now)
    release_match(session, pledge_id=pledge_id, now=now)
    return withdrawn


# --- Collecting -----------------------------------------------------------------------------------------------


def collect_deposits(session: Session, *, pledges_to_collect: Sequence[PledgeRow], now: datetime) -> None:
    """Collect what is held for these secured pledges, all locked by the caller: the money is here, nobody is asked."""
    if not pledges_to_collect:
        return
    pledges.change_states(session, pledges=pledges_to_collect, to="charging", now=now, reason="the minimum was reached")
    charging = [replace(pledge, state="charging") for pledge in pledges_to_collect]
    pledges.change_states(session, pledges=charging, to="collected", now=now, reason="the money was here already")
    session.execute(
        update(Deposit)
        .where(Deposit.pledge_id.in_([pledge.id for pledge in charging]), Deposit.state == "held")
        .values(state="collected", collected_at=now)
    )
    for pledge in charging:
        post(
            session,
            kind="deposit_collected",
            municipality_id=pledge.municipality_id,
            initiative_id=pledge.initiative_id,
            amount=Money(pledge.amount_cents),
            source_type="pledge",
            source_id=str(pledge.id),
            occurred_at=now,
        )


def _note(session: Session, *, actor: Actor, action: str, pledge: PledgeRow, now: datetime, way: str) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="pledge",
        subject_id=pledge.id,
        now=now,
        facts={"amount_cents": pledge.amount_cents, "way": way},
    )
