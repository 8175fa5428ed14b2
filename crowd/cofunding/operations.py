"""Reserving, releasing and confirming the match. Every change of a reservation happens under the pot's lock.

Locks, always in this order: the campaign, the pledge, the pot (the scheme's row). Nothing here locks a campaign or
a pledge after the pot, so money that comes free can go to another campaign without two transactions waiting for
each other. READ COMMITTED is assumed: what is read after the pot was locked is what the last holder left.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.cofunding import queries
from crowd.cofunding import reserving_queries as reserving
from crowd.cofunding.counted_queries import collected_pledges
from crowd.cofunding.models import CampaignMatch, Reservation, Scheme
from crowd.cofunding.queries import SchemeFacts, scheme_for
from crowd.cofunding.rules import NOT_ELIGIBLE, Bound, Match, Room, eligibility, match_all, match_for
from crowd.initiatives.queries import CampaignFactsRow, campaign_facts
from crowd.pledges.queries import PledgeRow
from crowd.pledges.queries import pledge as pledge_row
from crowd.shared import audit
from crowd.shared.actor import system
from crowd.shared.clock import local_date
from crowd.shared.money import ZERO, Money

_MOVE_POT = (
    update(Scheme)
    .where(Scheme.id == bindparam("pot_id"))
    .values(reserved_cents=Scheme.reserved_cents + bindparam("by_cents", type_=BigInteger))
)
_INSERT = insert(Reservation).values(
    {
        name: bindparam(f"new_{name}")
        for name in (
            *("pledge_id", "scheme_id", "initiative_id", "person_id", "card_fingerprint"),
            *("amount_cents", "bound", "state", "reserved_at"),
        )
    }
)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=[Reservation.pledge_id],
    set_={
        name: _INSERT.excluded[name]
        for name in ("scheme_id", "card_fingerprint", "amount_cents", "bound", "state", "reserved_at")
    },
)
# The pot and the reservation in one statement: the pot's lock is held until both are there.
_RESERVE = _UPSERT.add_cte(_MOVE_POT.returning(Scheme.id).cte("pot"))


@dataclass(frozen=True, slots=True)
class _Asking:
    """A pledge that asks for a match, and whether it may have one. Weighed only under the pot's lock."""

    pledge: PledgeRow
    campaign: CampaignFactsRow
    card_fingerprint: str
    is_confirmed: bool
    is_of_the_team: bool


# --- Reserving ------------------------------------------------------------------------------------------------


def open_match(session: Session, *, initiative_id: UUID, scheme_id: UUID, now: datetime) -> None:
    """Let an initiative fall under a scheme for the rest of its campaign, also after the scheme closes."""
    session.execute(
        insert(CampaignMatch)
        .values(initiative_id=initiative_id, scheme_id=scheme_id, opened_at=now)
        .on_conflict_do_nothing()
    )


def reserve_match(session: Session, *, pledge_id: UUID, now: datetime, card_fingerprint: str = "") -> Money:
    """Set aside the match of a secured pledge and return it; zero when it gets none, the reason then kept beside it.

    Call it right after `secure_pledge` with the card's fingerprint, and again after the donor confirmed their
    address (the fingerprint is then the one kept). Saying it twice changes nothing. A campaign that is not live,
    a pledge that is not secured, or a place without a scheme reserves nothing.
    """
    initiative_id = pledge_row(session, pledge_id=pledge_id).initiative_id
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="share")
    pledge = pledge_row(session, pledge_id=pledge_id, lock=True)
    # Read after the lock: whoever held it may have reserved meanwhile.
    given = reserving.given(session, pledge_id=pledge_id)
    if given.bound is not None and given.bound != Bound.NOT_CONFIRMED:
        return ZERO if given.state == "released" else Money(given.amount_cents or 0)
    if pledge.state != "secured" or campaign.state != "live" or campaign.live_at is None:
        return ZERO
    found = scheme_for(session, initiative_id=campaign.id, on=local_date(campaign.live_at))
    if found is None:
        return ZERO
    if not given.is_pinned:
        open_match(session, initiative_id=campaign.id, scheme_id=found.id, now=now)
    asking = _Asking(
        pledge=pledge,
        campaign=campaign,
        card_fingerprint=card_fingerprint or given.card_fingerprint or "",
        is_confirmed=given.is_confirmed,
        is_of_the_team=given.is_of_the_team,
    )
    match = Match(ZERO, Bound.NOT_CONFIRMED)
    if asking.is_confirmed:
        pot = queries.scheme(session, scheme_id=found.id, lock=True)
        match = _weigh(session, asking=asking, pot=pot, own=ZERO)
    session.execute(
        _RESERVE if match.amount else _UPSERT,
        {
            "pot_id": found.id,
            "by_cents": match.amount.cents,
            "new_pledge_id": pledge_id,
            "new_scheme_id": found.id,
            "new_initiative_id": campaign.id,
            "new_person_id": pledge.person_id,
            "new_card_fingerprint": asking.card_fingerprint,
            "new_amount_cents": match.amount.cents,
            "new_bound": match.bound.value,
            "new_state": "reserved",
            "new_reserved_at": now,
        },
    )
    return match.amount


def reweigh_match(session: Session, *, pledge_id: UUID, now: datetime, card_fingerprint: str = "") -> Money:
    """Weigh the match of a secured pledge anew, after its donor changed the amount or the card, and return it.

    More is given as far as there is room, as to a new gift. What it had stays, as far as the ratio gives it on the new
    amount: what others gave meanwhile takes nothing away. What comes free goes to whoever was matched short. An empty
    fingerprint keeps the one that is known. The caller holds the campaign's shared lock and the pledge's.
    """
    given = reserving.given(session, pledge_id=pledge_id)
    if given.bound is None or given.bound == Bound.NOT_CONFIRMED:
        return reserve_match(session, pledge_id=pledge_id, now=now, card_fingerprint=card_fingerprint)
    pledge = pledge_row(session, pledge_id=pledge_id)
    campaign = campaign_facts(session, initiative_id=pledge.initiative_id)
    scheme_id = _scheme_of(session, initiative_id=pledge.initiative_id)
    if scheme_id is None or given.state != "reserved" or pledge.state != "secured" or campaign.state != "live":
        return ZERO
    pot = queries.scheme(session, scheme_id=scheme_id, lock=True)
    # Read again: whoever held the pot may have given this pledge more, or taken some.
    given = reserving.given(session, pledge_id=pledge_id)
    has = Money(given.amount_cents or 0)
    asking = _Asking(
        pledge=pledge,
        campaign=campaign,
        card_fingerprint=card_fingerprint or given.card_fingerprint or "",
        is_confirmed=given.is_confirmed,
        is_of_the_team=given.is_of_the_team,
    )
    match = _weigh(session, asking=asking, pot=pot, own=has)
    kept = ZERO if match.bound in NOT_ELIGIBLE else min(has, Money(pledge.amount_cents * pot.ratio_percent // 100))
    match = Match(max(match.amount, kept), match.bound)
    _set_match(session, pledge_id=pledge_id, match=match)
    session.execute(
        update(Reservation).where(Reservation.pledge_id == pledge_id).values(card_fingerprint=asking.card_fingerprint)
    )
    pot = _move_pot(session, pot=pot, by=match.amount - has)
    _hand_on(session, pot=pot, freed_by=campaign.id)
    return match.amount


def _weigh(session: Session, *, asking: _Asking, pot: SchemeFacts, own: Money) -> Match:
    """Return the match this pledge may have now, `own` being what it already has of it. Under the pot's lock."""
    pledge, campaign = asking.pledge, asking.campaign
    standing = reserving.standing(
        session,
        initiative_id=campaign.id,
        pledge_id=pledge.id,
        person_id=pledge.person_id,
        card_fingerprint=asking.card_fingerprint,
    )
    award = None if standing.award_cents is None else Money(standing.award_cents)
    refused = eligibility(
        is_confirmed=asking.is_confirmed,
        is_of_the_team=asking.is_of_the_team,
        card_of_another=standing.card_of_another,
        is_refused=award == ZERO,
    )
    if refused is not None:
        return Match(ZERO, refused)
    held, held_by_donor = Money(standing.held_cents), Money(standing.held_by_donor_cents)
    crowd = Money(standing.crowd_cents)
    rule = pot.rule(award=award)
    room = Room(
        donor=rule.donor_cap - held_by_donor,
        project=rule.project_cap - held,
        award=None if award is None else award - held,
        goal=Money(campaign.minimum_cents or 0) - crowd - held,
        pot=pot.pot_left + own,
    )
    return match_for(pledge=Money(pledge.amount_cents), ratio_percent=rule.ratio_percent, room=room)


def _move_pot(session: Session, *, pot: SchemeFacts, by: Money) -> SchemeFacts:
    """Write down that so much more is reserved, and return the pot as it is then."""
    if by:
        session.execute(
            update(Scheme).where(Scheme.id == pot.id).values(reserved_cents=Scheme.reserved_cents + by.cents)
        )
    return replace(pot, reserved_cents=pot.reserved_cents + by.cents)


# --- Releasing ------------------------------------------------------------------------------------------------


def release_match(session: Session, *, pledge_id: UUID, now: datetime) -> None:
    """Give back the match of a withdrawn pledge, and let the oldest short-matched pledges have it.

    Does nothing once the campaign has closed: its reservations are frozen then, and the final decision, which
    looks at what was collected, releases what is not needed. The caller holds the campaign's shared lock.
    """
    pledge = pledge_row(session, pledge_id=pledge_id)
    if campaign_facts(session, initiative_id=pledge.initiative_id).state not in {"live", "suspended"}:
        return
    scheme_id = session.scalar(select(Reservation.scheme_id).where(Reservation.pledge_id == pledge_id))
    if scheme_id is None:
        return
    pot = queries.scheme(session, scheme_id=scheme_id, lock=True)
    freed = session.scalar(
        update(Reservation)
        .where(Reservation.pledge_id == pledge_id, Reservation.state == "reserved")
        .values(state="released", ended_at=now)
        .returning(Reservation.amount_cents)
    )
    if freed is not None:
        pot = _move_pot(session, pot=pot, by=Money(-freed))
        _hand_on(session, pot=pot, freed_by=pledge.initiative_id)


def release_all(session: Session, *, initiative_id: UUID, now: datetime) -> Money:
    """Give back everything a campaign that failed or was cancelled had reserved, and return how much that was.

    Call it after the pledges themselves were released, holding the campaign's exclusive lock.
    """
    scheme_id = _scheme_of(session, initiative_id=initiative_id)
    if scheme_id is None:
        return ZERO
    pot = queries.scheme(session, scheme_id=scheme_id, lock=True)
    ended = session.scalars(
        update(Reservation)
        .where(Reservation.initiative_id == initiative_id, Reservation.state == "reserved")
        .values(state="released", ended_at=now)
        .returning(Reservation.amount_cents)
    ).all()
    if ended:
        freed = Money(sum(ended))
        _say(session, action="match.released", initiative_id=initiative_id, pot=pot, amount=freed, now=now)
        pot = _move_pot(session, pot=pot, by=ZERO - freed)
        _hand_on(session, pot=pot, freed_by=initiative_id)
    return Money(sum(ended))


def limit_match(session: Session, *, initiative_id: UUID, award: Money) -> None:
    """Keep a campaign's match within what was awarded, zero for a refusal; the newest gifts give back the rest.

    Called by the decision on a grant, which holds the campaign's shared lock.
    """
    scheme_id = _scheme_of(session, initiative_id=initiative_id)
    if scheme_id is None:
        return
    pot = queries.scheme(session, scheme_id=scheme_id, lock=True)
    session.execute(
        update(CampaignMatch).where(CampaignMatch.initiative_id == initiative_id).values(award_cents=award.cents)
    )
    held = reserving.newest_first(session, initiative_id=initiative_id)
    over = max(ZERO, Money.total(Money(row.amount_cents) for row in held) - award)
    bound = Bound.AWARD if award else Bound.REFUSED
    freed = ZERO
    for row in held:
        back = min(over - freed, Money(row.amount_cents))
        if not back:
            break
        _set_match(session, pledge_id=row.pledge_id, match=Match(Money(row.amount_cents) - back, bound))
        freed += back
    pot = _move_pot(session, pot=pot, by=ZERO - freed)
    if freed:
        _hand_on(session, pot=pot, freed_by=initiative_id)


def _scheme_of(session: Session, *, initiative_id: UUID) -> UUID | None:
    return session.scalar(select(CampaignMatch.scheme_id).where(CampaignMatch.initiative_id == initiative_id))


def _set_match(session: Session, *, pledge_id: UUID, match: Match) -> None:
    session.execute(
        update(Reservation)
        .where(Reservation.pledge_id == pledge_id)
        .values(amount_cents=match.amount.cents, bound=match.bound.value)
    )


def _hand_on(session: Session, *, pot: SchemeFacts, freed_by: UUID) -> None:
    """Give what came free to the oldest pledges of live campaigns that had been matched short. Under the pot's lock.

    Looks at `WAITING_LOOKED_AT` of them at most. Nobody's match is lowered: a gift that came later may have
    closed the gap meanwhile, and what was reserved then stays.
    """
    for row in reserving.waiting(session, scheme_id=pot.id, freed_by=freed_by):
        if pot.pot_left.cents <= 0:
            return
        pledge = pledge_row(session, pledge_id=row.pledge_id)
        campaign = campaign_facts(session, initiative_id=row.initiative_id)
        given = reserving.given(session, pledge_id=row.pledge_id)
        asking = _Asking(
            pledge=pledge,
            campaign=campaign,
            card_fingerprint=row.card_fingerprint,
            is_confirmed=given.is_confirmed,
            is_of_the_team=given.is_of_the_team,
        )
        has = Money(row.amount_cents)
        match = _weigh(session, asking=asking, pot=pot, own=has)
        better = max(match.amount, has)
        if match.bound in NOT_ELIGIBLE and has:
            continue
        _set_match(session, pledge_id=row.pledge_id, match=Match(better, match.bound))
        pot = _move_pot(session, pot=pot, by=better - has)


# --- The end --------------------------------------------------------------------------------------------------


def confirm_all(session: Session, *, initiative_id: UUID, final_cents: int, now: datetime) -> None:
    """Confirm the final match of a funded campaign, shared over the gifts that earned it; the rest leaves the campaign.

    `final_cents` is what the decision fixed, at most what was reserved. Saying it twice changes nothing. The
    caller holds the campaign's exclusive lock.
    """
    scheme_id = _scheme_of(session, initiative_id=initiative_id)
    if scheme_id is None:
        return
    pot = queries.scheme(session, scheme_id=scheme_id, lock=True)
    held = {
        row.pledge_id: Money(row.amount_cents)
        for row in queries.reservations(session, initiative_id=initiative_id)
        if row.state == "reserved"
    }
    if not held:
        return
    before = Money.total(held.values())
    final = min(Money(final_cents), before)
    earned = _earned(session, initiative_id=initiative_id, pot=pot, final=final, held=held)
    for pledge_id in held:
        amount = earned.get(pledge_id, ZERO)
        session.execute(
            update(Reservation)
            .where(Reservation.pledge_id == pledge_id)
            .values(state="confirmed" if amount else "released", amount_cents=amount.cents, ended_at=now)
        )
    _say(session, action="match.confirmed", initiative_id=initiative_id, pot=pot, amount=final, now=now)
    pot = _move_pot(session, pot=pot, by=final - before)
    _hand_on(session, pot=pot, freed_by=initiative_id)


def _earned(
    session: Session, *, initiative_id: UUID, pot: SchemeFacts, final: Money, held: dict[UUID, Money]
) -> dict[UUID, Money]:
    """Return pledge -> its part of the final match: as recomputed on collected money, scaled when that differs."""
    minimum = campaign_facts(session, initiative_id=initiative_id).minimum_cents or 0
    collected = collected_pledges(session, initiative_id=initiative_id)
    matches = match_all(pledges=[pledge for _, pledge in collected], rule=pot.rule(), goal=Money(minimum), pot=final)
    weights = {
        pledge_id: match.amount.cents
        for (pledge_id, _), match in zip(collected, matches, strict=True)
        if pledge_id in held
    }
    if not any(weights.values()):
        weights = {pledge_id: amount.cents for pledge_id, amount in held.items()}
    if not any(weights.values()):
        return {}
    return dict(zip(weights, final.split(list(weights.values())), strict=True))


def _say(session: Session, *, action: str, initiative_id: UUID, pot: SchemeFacts, amount: Money, now: datetime) -> None:
    audit.record(
        session,
        actor=system(pot.municipality_id),
        action=action,
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"scheme_id": str(pot.id), "amount_cents": amount.cents},
    )
