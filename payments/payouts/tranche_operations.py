"""Planning the tranches of a payout, and approving each: by one treasurer, or two above the municipality's limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.initiatives.rules import InitiativeNotFound, NotYourInitiative
from crowd.pledges import queries as pledge_queries
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank.queries import money_terms
from payments.payouts import queries
from payments.payouts.models import Payee, Payout, PayoutApproval, PayoutLine, Tranche, TranchePlan
from payments.payouts.operations import finish_payout
from payments.payouts.rules import AlreadyPaidOut, NotFunded, OwnMoney, PayoutFacts, check_payout, check_treasurer
from payments.payouts.tranche_queries import TrancheRow, approvals, money_here, tranche_plan, tranches
from payments.payouts.tranche_rules import (
    ApprovedByYourself,
    NothingLeft,
    Part,
    Parts,
    PartTooSmall,
    PlanFixed,
    check_percents,
    needs_second,
    parts_now,
    plan,
    take_charges,
)

Approved = Literal["approved", "waits"]


@dataclass(frozen=True, slots=True)
class NextTranche:
    """The tranche that comes next, what it pays when approved now, and whether two people approve it."""

    tranche_id: UUID | None
    number: int
    parts: Parts
    needs_second: bool
    alone_cents: int


# --- The plan -------------------------------------------------------------------------------------------------


def propose_plan(
    session: Session,
    *,
    initiative_id: UUID,
    percents: Sequence[int],
    milestones: Sequence[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Ask to be paid in these parts: the initiator's word, which a treasurer answers by setting a plan.

    Raises InitiativeNotFound, NotYourInitiative, NotFunded, PlanFixed, and what `tranche_rules.check_percents` does.
    """
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    mine = facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if mine.part is None:
        raise InitiativeNotFound
    if mine.part != "initiator":
        raise NotYourInitiative
    found = tranche_plan(session, initiative_id=initiative_id)
    if found is not None and found.set_at is not None:
        raise PlanFixed
    values = {"proposed_at": now, "proposed_by": actor.person_id}
    _write_plan(session, initiative_id=initiative_id, percents=percents, milestones=milestones, values=values)
    _note(session, "payout.plan_proposed", initiative_id=initiative_id, percents=percents, actor=actor, now=now)


def set_plan(
    session: Session,
    *,
    initiative_id: UUID,
    percents: Sequence[int],
    milestones: Sequence[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Decide in which parts a campaign is paid: a treasurer's word, until the first part was approved.

    Raises OnlyTheTreasurer, OwnMoney, NotFunded, PlanFixed, and what `tranche_rules.check_percents` does.
    """
    check_treasurer(actor=actor)
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    if actor.person_id in queries.payout_facts(session, initiative_id=initiative_id).team:
        raise OwnMoney
    values = {"set_at": now, "set_by": actor.person_id}
    _write_plan(session, initiative_id=initiative_id, percents=percents, milestones=milestones, values=values)
    _note(session, "payout.plan_set", initiative_id=initiative_id, percents=percents, actor=actor, now=now)


def _note(
    session: Session, action: str, *, initiative_id: UUID, percents: Sequence[int], actor: Actor, now: datetime
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"percents": " + ".join(map(str, percents))},
    )


def _write_plan(
    session: Session,
    *,
    initiative_id: UUID,
    percents: Sequence[int],
    milestones: Sequence[str],
    values: dict[str, datetime | UUID | None],
) -> None:
    """Write the tranches of a plan over those of the one before. The campaign is locked by the caller."""
    facts = queries.payout_facts(session, initiative_id=initiative_id)
    if facts.state != "funded":
        raise NotFunded
    planned = tranches(session, initiative_id=initiative_id)
    if facts.number > 1 or any(approvals(session, tranche_id=one.id) for one in planned):
        raise PlanFixed
    check_percents(percents, milestones)
    here = money_here(session, initiative_id=initiative_id)
    parts = plan(crowd=Money(here.gifts_cents + here.deposits_cents), match=Money(facts.match_cents), percents=percents)
    for number, part in enumerate(parts, 1):
        if not part.amount_cents:
            raise PartTooSmall(field=f"percent-{number}")
    session.execute(
        insert(TranchePlan)
        .values(initiative_id=initiative_id, **values)
        .on_conflict_do_update(index_elements=[TranchePlan.initiative_id], set_=values)
    )
    session.execute(delete(Tranche).where(Tranche.initiative_id == initiative_id))
    session.execute(
        insert(Tranche),
        [
            {
                "initiative_id": initiative_id,
                "number": number,
                "amount_cents": part.amount_cents,
                "match_cents": part.match_cents,
                "milestone": milestone.strip(),
            }
            for number, (part, milestone) in enumerate(zip(parts, milestones, strict=True), 1)
        ],
    )
    session.expire_all()


# --- Approving ------------------------------------------------------------------------------------------------


def next_tranche(session: Session, *, initiative_id: UUID, municipality_id: UUID, facts: PayoutFacts) -> NextTranche:
    """Return what approving the next tranche would pay; without a plan, everything at once. Raises AlreadyPaidOut."""
    here = money_here(session, initiative_id=initiative_id)
    planned = tranches(session, initiative_id=initiative_id)
    if facts.is_paid_out:
        raise AlreadyPaidOut
    whole = [Part(here.gifts_cents + here.deposits_cents + facts.match_cents, facts.match_cents)]
    plan_parts = [one.part for one in planned] or whole
    alone_cents = money_terms(session, municipality_id=municipality_id).payout_alone_cents
    return NextTranche(
        tranche_id=planned[facts.number - 1].id if planned else None,
        number=facts.number,
        parts=parts_now(
            planned=plan_parts[facts.number - 1 :], gifts_cents=here.gifts_cents, deposits_cents=here.deposits_cents
        ),
        needs_second=needs_second(planned=plan_parts, alone_cents=alone_cents),
        alone_cents=alone_cents,
    )


def approve_payout(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime, number: int = 1) -> Approved:
    """Approve tranche `number` of a funded campaign; "waits" when a second person must approve it too.

    Without a plan the one tranche is everything: every collected gift, and the municipality's share. Plans one line
    per charge; what was given in cash or by bank transfer leaves by bank, with the share. Raises what
    `rules.check_payout` raises, ApprovedByYourself, NothingLeft.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    facts = queries.payout_facts(session, initiative_id=initiative_id)
    check_payout(actor=actor, facts=facts, number=number)
    pledge_queries.lock_pledges(session, initiative_id=initiative_id, state="collected")
    coming = next_tranche(session, initiative_id=initiative_id, municipality_id=campaign.municipality_id, facts=facts)
    if coming.parts.total_cents == 0:
        raise NothingLeft
    tranche = _tranche(session, initiative_id=initiative_id, coming=coming, actor=actor, now=now)
    first = _first_word(session, tranche=tranche, coming=coming, actor=actor)
    if coming.needs_second and first is None:
        _say_first(session, tranche=tranche, initiative_id=initiative_id, coming=coming, actor=actor, now=now)
        return "waits"
    _plan_lines(session, tranche=tranche, initiative_id=initiative_id, coming=coming, first=first, actor=actor, now=now)
    if not coming.parts.gifts_cents:
        finish_payout(session, tranche_id=tranche.id, municipality_id=campaign.municipality_id, now=now)
    return "approved"


def _tranche(session: Session, *, initiative_id: UUID, coming: NextTranche, actor: Actor, now: datetime) -> TrancheRow:
    """Return the tranche that is approved, writing the plan of one tranche down where nobody made another."""
    if coming.tranche_id is None:
        session.execute(insert(TranchePlan).values(initiative_id=initiative_id, set_at=now, set_by=actor.person_id))
        session.execute(
            insert(Tranche).values(
                initiative_id=initiative_id,
                number=1,
                amount_cents=coming.parts.total_cents,
                match_cents=coming.parts.match_cents,
            )
        )
    return tranches(session, initiative_id=initiative_id)[coming.number - 1]


def _first_word(
    session: Session, *, tranche: TrancheRow, coming: NextTranche, actor: Actor
) -> tuple[UUID, datetime] | None:
    """Return who approved exactly this amount before, and when; raise ApprovedByYourself when that is the actor."""
    if not coming.needs_second:
        return None
    said = [one for one in approvals(session, tranche_id=tranche.id) if one.amount_cents == coming.parts.total_cents]
    others = [one for one in said if one.approved_by != actor.person_id]
    if said and not others:
        euros = f"{coming.alone_cents // 100:,}".replace(",", ".")
        raise ApprovedByYourself(euros=euros)
    return (others[0].approved_by, others[0].approved_at) if others else None


def _say_first(
    session: Session, *, tranche: TrancheRow, initiative_id: UUID, coming: NextTranche, actor: Actor, now: datetime
) -> None:
    session.execute(
        insert(PayoutApproval).values(
            tranche_id=tranche.id,
            approved_by=actor.person_id,
            approved_at=now,
            amount_cents=coming.parts.total_cents,
        )
    )
    audit.record(
        session,
        actor=actor,
        action="payout.first_approved",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"number": tranche.number, "amount_cents": coming.parts.total_cents},
    )


def _plan_lines(
    session: Session,
    *,
    tranche: TrancheRow,
    initiative_id: UUID,
    coming: NextTranche,
    first: tuple[UUID, datetime] | None,
    actor: Actor,
    now: datetime,
) -> None:
    parts = coming.parts
    payee_id = session.execute(
        select(Payee.id).where(Payee.initiative_id == initiative_id, Payee.state == "ready")
    ).scalar_one()
    session.execute(
        insert(Payout).values(
            tranche_id=tranche.id,
            initiative_id=initiative_id,
            payee_id=payee_id,
            gifts_cents=parts.gifts_cents,
            deposits_cents=parts.deposits_cents,
            match_cents=parts.match_cents,
            needs_second=coming.needs_second,
            first_by=first[0] if first else None,
            first_at=first[1] if first else None,
            approved_at=now,
            approved_by=actor.person_id,
        )
    )
    if parts.gifts_cents:
        charges = money_here(session, initiative_id=initiative_id).charges
        session.execute(
            insert(PayoutLine),
            [
                {
                    "tranche_id": tranche.id,
                    "initiative_id": initiative_id,
                    "pledge_id": pledge_id,
                    "amount_cents": cents,
                }
                for pledge_id, cents in take_charges(parts.gifts_cents, charges)
            ],
        )
    audit.record(
        session,
        actor=actor,
        action="payout.approved",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={
            "number": tranche.number,
            "gifts_cents": parts.gifts_cents,
            "deposits_cents": parts.deposits_cents,
            "match_cents": parts.match_cents,
        },
    )
