"""Making, securing, withdrawing and settling pledges. Every change of state goes through `change_state`.

Locks, always in this order: the campaign (shared, so pledges never wait for each other), the pledge, and the reward
when it is a limited one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from crowd.accounts.operations import find_or_add_person
from crowd.initiatives.queries import CampaignFactsRow, campaign_at, campaign_facts
from crowd.pledges import queries
from crowd.pledges.models import CampaignDelta, Pledge, PledgeTransition
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import (
    FREES_REWARD,
    MAXIMUM,
    MAXIMUM_AT_COUNTER,
    OFFLINE_WAYS,
    Appearance,
    CampaignFacts,
    CampaignNotOpen,
    Gap,
    PledgeIdTaken,
    check_appearance,
    check_campaign_takes_pledges,
    check_pledge,
    check_transition,
    check_withdrawal,
    may_be_secured,
)
from crowd.rewards import operations as rewards
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor, system
from crowd.shared.money import Money

_INSERT_PLEDGE = upsert(Pledge).on_conflict_do_nothing(index_elements=[Pledge.id]).returning(Pledge.id)
_TRANSITION = insert(PledgeTransition)
_DELTA = insert(CampaignDelta)
_ROLL_UP = text("""
    WITH moved AS (
        DELETE FROM campaign_deltas
        WHERE id IN (SELECT id FROM campaign_deltas ORDER BY id LIMIT 20000 FOR UPDATE SKIP LOCKED)
        RETURNING initiative_id, amount_cents, pledge_count
    ), sums AS (
        SELECT initiative_id, sum(amount_cents) AS amount_cents, sum(pledge_count) AS pledge_count
        FROM moved GROUP BY initiative_id
    )
    INSERT INTO campaign_totals AS kept (initiative_id, amount_cents, pledge_count)
    SELECT initiative_id, amount_cents, pledge_count FROM sums
    ON CONFLICT (initiative_id) DO UPDATE
    SET amount_cents = kept.amount_cents + excluded.amount_cents,
        pledge_count = kept.pledge_count + excluded.pledge_count
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a donor filled in. `pledge_id` was chosen by the form, so sending it twice is one pledge.

    `is_anonymous`: the name is for the municipality only. `message`: a few words for everybody.
    At the counter `person_id` says who the donor is, who may have no address, and `way` how they pay.
    """

    pledge_id: UUID
    email: str = ""
    amount: Money | None
    public_name: str = ""
    is_anonymous: bool = False
    message: str = ""
    reward_id: UUID | None = None
    wants_updates: bool = False
    locale: str = "nl"
    way: str = "card"
    person_id: UUID | None = None


def make_pledge(
    session: Session,
    *,
    promise: Promise,
    actor: Actor,
    now: datetime,
    initiative_id: UUID | None = None,
    slug: str = "",
    gap: Gap | None = None,
) -> PledgeRow:
    """Promise an amount to a live campaign and return the pledge, in state `promised`: nothing is owed yet.

    The campaign is named by its id or its address. `gap`: also while it collects, to fill what is missing. The same
    promise sent again returns the same pledge, also after the deadline. Holds a shared lock on the campaign, so that it
    cannot close meanwhile. Raises InvalidFields, CampaignNotOpen, PledgeIdTaken, InitiativeNotFound.
    """
    if initiative_id is None:
        campaign = campaign_at(session, slug=slug)
    else:
        campaign = campaign_facts(session, initiative_id=initiative_id, lock="share")
    most = MAXIMUM_AT_COUNTER if promise.way in OFFLINE_WAYS else MAXIMUM
    amount = check_pledge(amount=promise.amount, public_name=promise.public_name, message=promise.message, most=most)
    shown = check_appearance(Appearance(promise.public_name, promise.is_anonymous, promise.message))
    try:
        check_campaign_takes_pledges(campaign=_facts(campaign, gap), now=now)
    except CampaignNotOpen:
        # A repeat of what was sent in time is answered as it was then.
        if not queries.is_known(session, pledge_id=promise.pledge_id):
            raise
    if promise.reward_id is not None:
        rewards.check_known(session, reward_id=promise.reward_id)
    person_id = promise.person_id or find_or_add_person(
        session, municipality_id=campaign.municipality_id, email=promise.email, locale=promise.locale, now=now
    )
    made = PledgeRow(
        id=promise.pledge_id,
        municipality_id=campaign.municipality_id,
        initiative_id=campaign.id,
        person_id=person_id,
        amount_cents=amount.cents,
        state="promised",
        public_name=shown.public_name,
        wants_updates=promise.wants_updates,
        locale=promise.locale,
        promised_at=now,
        secured_at=None,
        confirmed_at=None,
        way=promise.way,
        donor_name=shown.name,
        message=shown.message,
        public_message=shown.message,
        reward_id=promise.reward_id,
    )
    columns = {name: getattr(made, name) for name in PledgeRow.__dataclass_fields__}
    if session.execute(_INSERT_PLEDGE, {**columns, "state_since": now}).first() is None:
        return _the_same_pledge(session, made=made)
    if promise.reward_id is not None:
        rewards.take(session, reward_id=promise.reward_id, initiative_id=campaign.id, amount_cents=amount.cents)
    audit.record(
        session,
        actor=actor,
        action="pledge.made",
        subject_type="pledge",
        subject_id=made.id,
        now=now,
        facts={"initiative_id": str(campaign.id), "amount_cents": amount.cents},
    )
    return made


def _the_same_pledge(session: Session, *, made: PledgeRow) -> PledgeRow:
    earlier = queries.pledge(session, pledge_id=made.id)
    # Which of the ways that pass the provider was chosen on its page afterwards, so that says nothing here.
    if _sameness(earlier) != _sameness(made):
        raise PledgeIdTaken
    return earlier


def _sameness(pledge: PledgeRow) -> tuple[UUID, UUID, int, str | None, UUID | None]:
    return pledge.initiative_id, pledge.person_id, pledge.amount_cents, _counter_way(pledge), pledge.reward_id


def _counter_way(pledge: PledgeRow) -> str | None:
    return pledge.way if pledge.way in OFFLINE_WAYS else None


def record_way(session: Session, *, pledge_id: UUID, way: str) -> None:
    """Remember how a pledge that passes the provider is paid, as its donor chose there; the caller holds its lock."""
    session.execute(update(Pledge).where(Pledge.id == pledge_id, Pledge.way.not_in(OFFLINE_WAYS)).values(way=way))


def secure_pledge(session: Session, *, pledge_id: UUID, now: datetime, gap: Gap | None = None) -> PledgeRow:
    """Count a pledge whose payment method is saved, and return it: `secured`, or `abandoned` when it came too late.

    `gap`: while its campaign collects, what was promised since it began counts until it ends. Saying it twice changes
    nothing the second time; a pledge that was withdrawn or settled stays what it is.
    """
    initiative_id = queries.pledge(session, pledge_id=pledge_id).initiative_id
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="share")
    pledge = queries.pledge(session, pledge_id=pledge_id, lock=True)
    if pledge.state != "promised":
        return pledge
    if not may_be_secured(campaign=_facts(campaign, gap), promised_at=pledge.promised_at, now=now):
        change_state(session, pledge=pledge, to="abandoned", now=now, reason="the campaign had closed")
        outbox.add(
            session,
            kind="pledge.came_too_late",
            args={"pledge_id": str(pledge_id)},
            dedupe_key=f"pledge.came_too_late/{pledge_id}",
        )
        return queries.pledge(session, pledge_id=pledge_id)
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(secured_at=now))
    change_state(session, pledge=pledge, to="secured", now=now)
    add_to_total(session, initiative_id=initiative_id, cents=pledge.amount_cents, pledges=1)
    outbox.add(
        session, kind="pledge.receipt", args={"pledge_id": str(pledge_id)}, dedupe_key=f"pledge.receipt/{pledge_id}"
    )
    return queries.pledge(session, pledge_id=pledge_id)


def confirm_pledge(session: Session, *, pledge_id: UUID, now: datetime) -> PledgeRow:
    """Record that the donor reads the address they gave: from now on the pledge can be matched."""
    # The campaign first, as everywhere: whoever reserves the match next needs its shared lock too.
    campaign_facts(session, initiative_id=queries.pledge(session, pledge_id=pledge_id).initiative_id, lock="share")
    pledge = queries.pledge(session, pledge_id=pledge_id, lock=True)
    if pledge.confirmed_at is None:
        session.execute(update(Pledge).where(Pledge.id == pledge_id).values(confirmed_at=now))
        audit.record(
            session,
            actor=system(pledge.municipality_id),
            action="pledge.confirmed",
            subject_type="pledge",
            subject_id=pledge_id,
            now=now,
        )
    return queries.pledge(session, pledge_id=pledge_id)


def withdraw_pledge(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> PledgeRow:
    """Take a promise back before the deadline, or while a charge waits for its donor; return it.

    Withdrawing twice is withdrawing once. Raises TooLateToWithdraw after the deadline, PledgeCannotBecome when it is
    being charged, collected or settled.
    """
    initiative_id = queries.pledge(session, pledge_id=pledge_id).initiative_id
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="share")
    pledge = queries.pledge(session, pledge_id=pledge_id, lock=True)
    if pledge.state == "withdrawn":
        return pledge
    check_withdrawal(campaign=_facts(campaign), pledge_state=pledge.state, now=now)
    change_state(session, pledge=pledge, to="withdrawn", now=now, reason="the donor withdrew")
    if pledge.state == "secured":
        add_to_total(session, initiative_id=initiative_id, cents=-pledge.amount_cents, pledges=-1)
    audit.record(session, actor=actor, action="pledge.withdrawn", subject_type="pledge", subject_id=pledge_id, now=now)
    outbox.add(
        session,
        kind="pledge.withdrawn",
        args={"pledge_id": str(pledge_id)},
        dedupe_key=f"pledge.withdrawn/{pledge_id}",
    )
    return queries.pledge(session, pledge_id=pledge_id)


def stop_updates(session: Session, *, pledge_id: UUID, now: datetime) -> None:
    """End the news of this pledge's initiative for its donor, whichever of their pledges asked for it."""
    pledge = queries.pledge(session, pledge_id=pledge_id)
    stopped = session.scalars(
        update(Pledge)
        .where(Pledge.initiative_id == pledge.initiative_id, Pledge.person_id == pledge.person_id, Pledge.wants_updates)
        .values(wants_updates=False)
        .returning(Pledge.id)
    ).all()
    if stopped:
        audit.record(
            session,
            actor=system(pledge.municipality_id),
            action="pledge.updates_stopped",
            subject_type="pledge",
            subject_id=pledge_id,
            now=now,
        )


def abandon_pledge(session: Session, *, pledge_id: UUID, now: datetime, reason: str) -> None:
    """Give up a promise whose page was left; a pledge that meanwhile moved on is left alone."""
    pledge = queries.pledge(session, pledge_id=pledge_id, lock=True)
    if pledge.state == "promised":
        change_state(session, pledge=pledge, to="abandoned", now=now, reason=reason)


def change_state(session: Session, *, pledge: PledgeRow, to: str, now: datetime, reason: str = "") -> None:
    """Bring a pledge, locked by the caller, to state `to` and keep when and why. Raises PledgeCannotBecome."""
    change_states(session, pledges=[pledge], to=to, now=now, reason=reason)


def change_states(session: Session, *, pledges: Sequence[PledgeRow], to: str, now: datetime, reason: str = "") -> None:
    """Bring many pledges, all locked by the caller, to state `to` in two statements."""
    for pledge in pledges:
        check_transition(current=pledge.state, to=to)
    if not pledges:
        return
    session.execute(
        update(Pledge).where(Pledge.id.in_([pledge.id for pledge in pledges])).values(state=to, state_since=now)
    )
    session.execute(
        _TRANSITION,
        [
            {"pledge_id": pledge.id, "from_state": pledge.state, "to_state": to, "at": now, "reason": reason}
            for pledge in pledges
        ],
    )
    _free_rewards(session, pledges=pledges, to=to)


def refund_came_back(session: Session, *, pledge: PledgeRow, now: datetime, reason: str) -> None:
    """Bring a refunded pledge, locked by the caller, back to collected: we have its money again.

    Its reward was given to somebody else with the refund, and is not promised again.
    """
    change_state(session, pledge=pledge, to="collected", now=now, reason=reason)
    session.execute(update(Pledge).where(Pledge.id == pledge.id).values(reward_id=None))


def _free_rewards(session: Session, *, pledges: Sequence[PledgeRow], to: str) -> None:
    if to in FREES_REWARD:
        held = Counter(pledge.reward_id for pledge in pledges if pledge.reward_id is not None)
        rewards.give_back(session, counts=held)


def release_pledges(session: Session, *, initiative_id: UUID, now: datetime, reason: str) -> int:
    """Let go of everything a campaign that stops has not collected, tell the donors, and return how many.

    The caller holds the campaign's exclusive lock, so no pledge can be made or secured meanwhile.
    """
    secured = queries.lock_pledges(session, initiative_id=initiative_id, state="secured")
    change_states(session, pledges=secured, to="released", now=now, reason=reason)
    _notify(session, kind="pledge.released", pledges=secured)
    abandon_promises(session, initiative_id=initiative_id, now=now, reason=reason)
    return len(secured)


def abandon_promises(session: Session, *, initiative_id: UUID, now: datetime, reason: str) -> None:
    """End every promise of a closing campaign that was never secured. The caller holds the campaign's lock."""
    promised = queries.lock_pledges(session, initiative_id=initiative_id, state="promised")
    change_states(session, pledges=promised, to="abandoned", now=now, reason=reason)


def mark_going_back(session: Session, *, pledges: Sequence[PledgeRow], now: datetime) -> None:
    """Remember since when the collected money of these pledges counts no more: giving it back was planned."""
    session.execute(
        update(Pledge)
        .where(Pledge.id.in_([pledge.id for pledge in pledges]), Pledge.going_back_at.is_(None))
        .values(going_back_at=now)
    )


def roll_up_totals(session: Session) -> None:
    """Fold the deltas into the totals, atomically: every reader sees each delta exactly once."""
    session.execute(_ROLL_UP)


def _notify(session: Session, *, kind: str, pledges: Iterable[PledgeRow]) -> None:
    outbox.add_many(
        session,
        kind=kind,
        jobs=[({"pledge_id": str(pledge.id)}, f"{kind}/{pledge.id}") for pledge in pledges],
    )


def add_to_total(session: Session, *, initiative_id: UUID, cents: int, pledges: int) -> None:
    """Let a campaign's total become so much more, or less. Touches no shared row: nobody waits for anybody."""
    session.execute(_DELTA, {"initiative_id": initiative_id, "amount_cents": cents, "pledge_count": pledges})


def _facts(campaign: CampaignFactsRow, gap: Gap | None = None) -> CampaignFacts:
    return CampaignFacts(state=campaign.state, deadline_at=campaign.deadline_at, gap=gap)
