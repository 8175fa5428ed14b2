"""Reading plans to cancel: what would be divided, what everybody gets, what they chose, and what was done."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Subquery, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from crowd.closing.models import FinalDecision
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.pledges.rules import OFFLINE_WAYS
from payments.bank.models import BankReturn
from payments.cancelling.models import Cancellation, CancellationChoice, CancellationLine, CancellationStep
from payments.cancelling.rules import CancellationNotFound, Party, Standing
from payments.collection.models import Charge
from payments.ledger.queries import funds_cents, funds_moved_cents
from payments.payouts.models import MatchReceipt, Payee, Payout, PayoutStop, Refund, Tranche

_PAID_OUT = ("payout_gifts", "payout_deposits", "payout_match")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan to cancel. Amounts in cents: what everybody gave, and what is left of it."""

    id: UUID
    municipality_id: UUID
    initiative_id: UUID
    reason: str
    state: str
    gave_cents: int
    left_cents: int
    proposed_at: datetime
    proposed_by: UUID
    decided_at: datetime | None
    decided_by: UUID | None
    choose_until: datetime | None
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """What one party gets, what they chose, and what became of it. Without a pledge: the municipality.

    `to_title` names the initiative that was chosen, or that got it. Done when `done_at` is set.
    """

    id: UUID
    initiative_id: UUID
    number: int
    pledge_id: UUID | None
    gave_cents: int
    amount_cents: int
    pledge_state: str | None
    pledge_way: str | None
    donor_name: str
    choice: str | None
    way: str | None
    to_initiative_id: UUID | None
    to_title: str | None
    to_slug: str | None
    done_at: datetime | None

    @property
    def is_held(self) -> bool:
        """Whether a running dispute keeps it."""
        return self.pledge_state == "disputed" and self.done_at is None


@dataclass(frozen=True, slots=True)
class Target:
    """A funded initiative that can still take money."""

    id: UUID
    slug: str
    title: str


_PLAN = select(
    Cancellation.id,
    Cancellation.municipality_id,
    Cancellation.initiative_id,
    Cancellation.reason,
    Cancellation.state,
    Cancellation.gave_cents,
    Cancellation.left_cents,
    Cancellation.proposed_at,
    Cancellation.proposed_by,
    Cancellation.decided_at,
    Cancellation.decided_by,
    Cancellation.choose_until,
    Initiative.slug,
    Initiative.title,
).join(Initiative, Initiative.id == Cancellation.initiative_id)
_PLAN_OF = _PLAN.where(Cancellation.initiative_id == bindparam("initiative_id"), Cancellation.state != "refused")
_PLANS = (
    _PLAN.where(Cancellation.municipality_id == bindparam("municipality_id"))
    .order_by((Cancellation.state != "proposed"), Cancellation.proposed_at.desc(), Cancellation.id)
    .limit(literal_column("100"))
)
# A gift counted when it was decided on: what a bank paid later goes back whole, by its own refund.
_IS_PARTY = (
    Pledge.state.in_(("collected", "disputed"))
    & ~exists().where(Refund.pledge_id == Pledge.id)
    & ~exists().where(BankReturn.pledge_id == Pledge.id)
    & or_(
        Pledge.way.in_(OFFLINE_WAYS),
        exists().where(
            Charge.pledge_id == Pledge.id,
            FinalDecision.initiative_id == Pledge.initiative_id,
            Charge.succeeded_at <= FinalDecision.decided_at,
        ),
    )
)
_KEPT = (
    select(Pledge.id, Pledge.amount_cents, _IS_PARTY.label("is_party"))
    .where(Pledge.initiative_id == bindparam("initiative_id"), Pledge.state.in_(("collected", "disputed")))
    .order_by(Pledge.id)
)
_MOVED_HERE = (
    select(CancellationLine.pledge_id, CancellationLine.amount_cents)
    .join(CancellationStep, CancellationStep.line_id == CancellationLine.id)
    .where(CancellationStep.to_initiative_id == bindparam("initiative_id"))
    .order_by(CancellationLine.pledge_id)
)
_UNRECEIVED = (
    select(func.coalesce(func.sum(FinalDecision.match_cents), 0))
    .outerjoin(MatchReceipt, MatchReceipt.initiative_id == FinalDecision.initiative_id)
    .where(FinalDecision.initiative_id == bindparam("initiative_id"), MatchReceipt.initiative_id.is_(None))
)


def _latest() -> Subquery:
    return (
        select(CancellationChoice.line_id, CancellationChoice.choice, CancellationChoice.to_initiative_id)
        .ext(distinct_on(CancellationChoice.line_id))
        .order_by(CancellationChoice.line_id, CancellationChoice.id.desc())
        .subquery("latest")
    )


_CHOSEN = _latest()
_TO = aliased(Initiative)
# A refund that came back days later goes once more, or by bank.
REFUNDED = (
    (Refund.pledge_id == CancellationLine.pledge_id) & (CancellationStep.way == "refund") & (Refund.state != "failed")
)
RETURNED = (
    (BankReturn.pledge_id == CancellationLine.pledge_id)
    & CancellationStep.way.in_(("refund", "bank"))
    & (BankReturn.state != "cancelled")
)
_DONE_AT = func.coalesce(CancellationStep.done_at, Refund.succeeded_at, BankReturn.paid_at)
_LINE = (
    select(
        CancellationLine.id,
        Cancellation.initiative_id,
        CancellationLine.number,
        CancellationLine.pledge_id,
        CancellationLine.gave_cents,
        CancellationLine.amount_cents,
        Pledge.state.label("pledge_state"),
        Pledge.way.label("pledge_way"),
        func.coalesce(Pledge.donor_name, "").label("donor_name"),
        _CHOSEN.c.choice,
        CancellationStep.way,
        func.coalesce(CancellationStep.to_initiative_id, _CHOSEN.c.to_initiative_id).label("to_initiative_id"),
        _TO.title.label("to_title"),
        _TO.slug.label("to_slug"),
        _DONE_AT.label("done_at"),
    )
    .join(Cancellation, Cancellation.id == CancellationLine.cancellation_id)
    .outerjoin(Pledge, Pledge.id == CancellationLine.pledge_id)
    .outerjoin(_CHOSEN, _CHOSEN.c.line_id == CancellationLine.id)
    .outerjoin(CancellationStep, CancellationStep.line_id == CancellationLine.id)
    .outerjoin(_TO, _TO.id == func.coalesce(CancellationStep.to_initiative_id, _CHOSEN.c.to_initiative_id))
    .outerjoin(Refund, REFUNDED)
    .outerjoin(BankReturn, RETURNED)
)
_LINES = (
    _LINE.where(CancellationLine.cancellation_id == bindparam("plan_id"), CancellationLine.number > bindparam("after"))
    .order_by(CancellationLine.number)
    .limit(bindparam("most"))
)
_LINE_OF = _LINE.where(
    CancellationLine.pledge_id == bindparam("pledge_id"),
    Cancellation.initiative_id == Pledge.initiative_id,
    Cancellation.state == "approved",
)
_DUE = (
    select(CancellationLine.id)
    .join(Cancellation, Cancellation.id == CancellationLine.cancellation_id)
    .outerjoin(Pledge, Pledge.id == CancellationLine.pledge_id)
    .outerjoin(CancellationStep, CancellationStep.line_id == CancellationLine.id)
    .where(
        Cancellation.state == "approved",
        Cancellation.choose_until <= bindparam("now"),
        CancellationStep.line_id.is_(None),
        CancellationLine.amount_cents > 0,
        # Held while a dispute runs. What was moved here is the campaign's own, whatever becomes of its gift.
        or_(
            CancellationLine.pledge_id.is_(None),
            Pledge.state == "collected",
            Pledge.initiative_id != Cancellation.initiative_id,
        ),
    )
    .order_by(Cancellation.choose_until, CancellationLine.number)
    .limit(bindparam("most"))
)
_SUMS = (
    select(
        func.coalesce(CancellationStep.way, literal_column("''")).label("way"),
        (_DONE_AT.is_not(None)).label("is_done"),
        CancellationLine.pledge_id.is_(None).label("is_town"),
        func.count().label("count"),
        func.sum(CancellationLine.amount_cents).label("cents"),
    )
    .outerjoin(CancellationStep, CancellationStep.line_id == CancellationLine.id)
    .outerjoin(Refund, REFUNDED)
    .outerjoin(BankReturn, RETURNED)
    .where(CancellationLine.cancellation_id == bindparam("plan_id"), CancellationLine.amount_cents > 0)
    .group_by(CancellationStep.way, _DONE_AT.is_not(None), CancellationLine.pledge_id.is_(None))
)
_TARGETS = (
    select(Initiative.id, Initiative.slug, Initiative.title)
    .where(
        Initiative.municipality_id == bindparam("municipality_id"),
        Initiative.state == "funded",
        ~exists().where(PayoutStop.initiative_id == Initiative.id),
        ~exists().where(Payee.initiative_id == Initiative.id, Payee.state == "closed"),
        or_(
            ~exists().where(Payout.initiative_id == Initiative.id),
            exists().where(
                Tranche.initiative_id == Initiative.id,
                ~exists().where(Payout.tranche_id == Tranche.id).correlate(Tranche),
            ),
        ),
    )
    .order_by(Initiative.title, Initiative.id)
    .limit(literal_column("100"))
)


@dataclass(frozen=True, slots=True)
class SumRow:
    """What one way of doing it comes to, in cents; `way` is empty for what was not begun."""

    way: str
    is_done: bool
    is_town: bool
    count: int
    cents: int


def standing(session: Session, *, initiative_id: UUID) -> Standing:
    """Return who paid how much for a funded campaign, and what is left of it, as the ledger says.

    Left is what is on its account, without what goes back by itself and without a share of the municipality that never
    came. The municipality also bore what was lost in disputes after a payout: what nobody else gave is its own.
    """
    where = {"initiative_id": initiative_id}
    kept = session.execute(_KEPT, where).all()
    goes_back = sum(row.amount_cents for row in kept if not row.is_party)
    parties = [Party(row.amount_cents, row.id) for row in kept if row.is_party]
    parties += [Party(row.amount_cents, row.pledge_id) for row in session.execute(_MOVED_HERE, where)]
    left = funds_cents(session, initiative_id=initiative_id) - goes_back - unreceived_cents(session, **where)
    paid_out = -funds_moved_cents(session, initiative_id=initiative_id, into=("transfer_reversed",), out=_PAID_OUT)
    town = left + paid_out - sum(party.gave_cents for party in parties)
    if town:
        parties.append(Party(town, None))
    return Standing(tuple(parties), left)


def unreceived_cents(session: Session, *, initiative_id: UUID) -> int:
    """Return the municipality's share that was fixed and never arrived."""
    return int(session.execute(_UNRECEIVED, {"initiative_id": initiative_id}).scalar_one())


def plan_of(session: Session, *, initiative_id: UUID, lock: bool = False) -> PlanRow | None:
    """Return the plan to cancel this campaign that is proposed or approved, its row locked when `lock`."""
    statement = _PLAN_OF.with_for_update(of=Cancellation) if lock else _PLAN_OF
    row = session.execute(statement, {"initiative_id": initiative_id}).first()
    return PlanRow(**row._asdict()) if row else None


def the_plan_of(session: Session, *, initiative_id: UUID, lock: bool = False) -> PlanRow:
    """Return what `plan_of` returns; raises CancellationNotFound when there is none."""
    found = plan_of(session, initiative_id=initiative_id, lock=lock)
    if found is None:
        raise CancellationNotFound
    return found


def plans(session: Session, *, municipality_id: UUID) -> list[PlanRow]:
    """Return the plans of a municipality, those to decide on first, at most 100."""
    return [PlanRow(**row._asdict()) for row in session.execute(_PLANS, {"municipality_id": municipality_id})]


def lines(session: Session, *, plan_id: UUID, after: int = 0, most: int = 1_000_000) -> list[LineRow]:
    """Return the lines of a plan after this number, at most so many."""
    rows = session.execute(_LINES, {"plan_id": plan_id, "after": after, "most": most})
    return [LineRow(**row._asdict()) for row in rows]


def line_of(session: Session, *, pledge_id: UUID) -> LineRow | None:
    """Return what a donor gets by the approved plan of their gift's own campaign, or None."""
    row = session.execute(_LINE_OF, {"pledge_id": pledge_id}).first()
    return LineRow(**row._asdict()) if row else None


def due_lines(session: Session, *, now: datetime, most: int) -> list[UUID]:
    """Return lines whose term to choose is over, with which nothing was begun and which nothing holds."""
    return list(session.scalars(_DUE, {"now": now, "most": most}))


def sums(session: Session, *, plan_id: UUID) -> list[SumRow]:
    """Return what a plan comes to by what is done with it."""
    rows = session.execute(_SUMS, {"plan_id": plan_id})
    return [SumRow(way, is_done, is_town, count, int(cents)) for way, is_done, is_town, count, cents in rows]


def targets(session: Session, *, municipality_id: UUID) -> list[Target]:
    """Return the funded initiatives that were not paid out in full: money for them can no longer come back."""
    return [Target(*row) for row in session.execute(_TARGETS, {"municipality_id": municipality_id})]
