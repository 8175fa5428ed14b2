"""Reading applications, assessments and decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, bindparam, case, cast, func, literal_column, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.cofunding.models import Scheme, SchemeNeighbourhood
from crowd.grants.models import Application, Assessment, Decision, FixedGrant
from crowd.grants.rules import ApplicationNotFound
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Neighbourhood
from crowd.shared.money import Money

QUEUE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class AwardFacts:
    """What was awarded to a campaign, and under which scheme. `up_to_cents` is conditional on the minimum."""

    application_id: UUID
    scheme_id: UUID
    scheme_name: str
    up_to_cents: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One application as the queue shows it. `decide_by` is the last day on which a decision is in time.

    `up_to_cents` is what was decided: empty before, zero for a refusal.
    """

    id: UUID
    municipality_id: UUID
    initiative_id: UUID
    slug: str
    title: str
    summary: str
    neighbourhood: str
    initiative_state: str
    minimum_cents: int
    deadline_at: datetime | None
    scheme_id: UUID
    scheme_name: str
    state: str
    asked_cents: int
    received_at: datetime
    decide_by: date
    up_to_cents: int | None


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """The scores and the advice. `scores` maps a criterion to {"score": 1-5, "note": text}."""

    assessor_id: UUID
    assessor_name: str
    scores: Mapping[str, Any]
    advice_cents: int
    advice: str
    assessed_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided; `up_to_cents` is zero for a refusal, `fixed_cents` empty until the campaign was decided."""

    outcome: str
    up_to_cents: int
    reasons: str
    legal_ground: str
    decided_by: UUID
    decided_at: datetime
    fixed_cents: int | None


_ROW = (
    select(
        Application.id,
        Application.municipality_id,
        Application.initiative_id,
        Initiative.slug,
        Initiative.title,
        Initiative.summary,
        func.coalesce(Neighbourhood.name, "").label("neighbourhood"),
        Initiative.state.label("initiative_state"),
        func.coalesce(Initiative.minimum_cents, 0).label("minimum_cents"),
        Initiative.deadline_at,
        Application.scheme_id,
        Scheme.name.label("scheme_name"),
        Application.state,
        Application.asked_cents,
        Application.received_at,
        Application.decide_by,
        Decision.up_to_cents,
    )
    .join(Initiative, Initiative.id == Application.initiative_id)
    .join(Scheme, Scheme.id == Application.scheme_id)
    .outerjoin(Neighbourhood, Neighbourhood.id == Initiative.neighbourhood_id)
    .outerjoin(Decision, Decision.application_id == Application.id)
)
_BY_ID = _ROW.where(Application.id == bindparam("application_id"))
_LOCKED = _BY_ID.with_for_update(of=Application, key_share=True)
_ID_OF_INITIATIVE = select(Application.id).where(Application.initiative_id == bindparam("initiative_id"))
_QUEUE = _ROW.where(Application.municipality_id == bindparam("municipality_id")).limit(
    literal_column(str(QUEUE_LENGTH))
)
_STILL_OPEN = Application.state.in_(("received", "assessed"))
# A decision must also precede the campaign's deadline, which often comes before the term of the law ends.
_CAMPAIGN_ENDS = cast(func.timezone("Europe/Amsterdam", Initiative.deadline_at), Date)
_QUEUE_OPEN = _QUEUE.where(_STILL_OPEN).order_by(
    func.least(Application.decide_by, _CAMPAIGN_ENDS), Application.received_at, Application.id
)
_QUEUE_DONE = _QUEUE.where(~_STILL_OPEN).order_by(Application.received_at.desc(), Application.id.desc())
_ASSESSMENT = (
    select(
        Assessment.assessor_id,
        Person.name,
        Assessment.scores,
        Assessment.advice_cents,
        Assessment.advice,
        Assessment.assessed_at,
    )
    .join(Person, Person.id == Assessment.assessor_id)
    .where(Assessment.application_id == bindparam("application_id"))
)
_DECISION = (
    select(
        Decision.outcome,
        Decision.up_to_cents,
        Decision.reasons,
        Decision.legal_ground,
        Decision.decided_by,
        Decision.decided_at,
        FixedGrant.amount_cents,
    )
    .outerjoin(FixedGrant, FixedGrant.application_id == Decision.application_id)
    .where(Decision.application_id == bindparam("application_id"))
)
_AWARD = (
    select(Application.id, Application.scheme_id, Scheme.name, Decision.up_to_cents, Decision.decided_at)
    .join(Decision, Decision.application_id == Application.id)
    .join(Scheme, Scheme.id == Application.scheme_id)
    .where(
        Application.initiative_id == bindparam("initiative_id"),
        Application.state.in_(("awarded", "fixed")),
        Decision.outcome == "awarded",
    )
)
# An award that lapsed has left the ceiling free again; one that was fixed counts for what it came to.
_AWARDED = (
    select(
        func.coalesce(
            func.sum(case((Application.state == "fixed", FixedGrant.amount_cents), else_=Decision.up_to_cents)), 0
        )
    )
    .select_from(Application)
    .join(Decision, Decision.application_id == Application.id)
    .outerjoin(FixedGrant, FixedGrant.application_id == Application.id)
    .where(Application.scheme_id == bindparam("scheme_id"), Application.state.in_(("awarded", "fixed")))
)
_LIVE_ON = cast(func.timezone("Europe/Amsterdam", Initiative.live_at), Date)
_NOT_APPLIED = (
    select(Initiative.id)
    .join(SchemeNeighbourhood, SchemeNeighbourhood.neighbourhood_id == Initiative.neighbourhood_id)
    .join(
        Scheme,
        (Scheme.id == SchemeNeighbourhood.scheme_id)
        & (Scheme.municipality_id == Initiative.municipality_id)
        & (Scheme.opens_on <= _LIVE_ON)
        & (Scheme.closes_on >= _LIVE_ON),
    )
    .outerjoin(Application, Application.initiative_id == Initiative.id)
    .where(
        Initiative.state == "live",
        Initiative.deadline_at > bindparam("now"),
        Application.id.is_(None),
        # Where the scheme's share would be less than a cent there is nothing to ask.
        Scheme.pot_cents > 0,
        Initiative.minimum_cents * Scheme.ratio_percent >= literal_column("100") + Scheme.ratio_percent,
    )
    .order_by(Initiative.live_at, Initiative.id)
    .limit(literal_column("100"))
)


def application(session: Session, *, application_id: UUID, lock: bool = False) -> ApplicationRow:
    """Return an application, its row locked until the transaction ends when `lock`. Raises ApplicationNotFound."""
    row = session.execute(_LOCKED if lock else _BY_ID, {"application_id": application_id}).first()
    if row is None:
        raise ApplicationNotFound
    return ApplicationRow(**row._asdict())


def application_of(session: Session, *, initiative_id: UUID) -> UUID | None:
    """Return the id of an initiative's application, or None when it never applied."""
    return session.execute(_ID_OF_INITIATIVE, {"initiative_id": initiative_id}).scalar_one_or_none()


def open_applications(session: Session, *, municipality_id: UUID) -> list[ApplicationRow]:
    """Return what waits for an assessment or a decision, the clock that runs out first in front; at most 200.

    The clock is the term of the law or the campaign's deadline, whichever comes first.
    """
    found = session.execute(_QUEUE_OPEN, {"municipality_id": municipality_id})
    return [ApplicationRow(**row._asdict()) for row in found]


def done_applications(session: Session, *, municipality_id: UUID) -> list[ApplicationRow]:
    """Return what was decided or lapsed, the newest application in front; at most 200."""
    found = session.execute(_QUEUE_DONE, {"municipality_id": municipality_id})
    return [ApplicationRow(**row._asdict()) for row in found]


def assessment(session: Session, *, application_id: UUID) -> AssessmentRow | None:
    """Return the assessment, once there is one."""
    row = session.execute(_ASSESSMENT, {"application_id": application_id}).one_or_none()
    return None if row is None else AssessmentRow(*row)


def decision(session: Session, *, application_id: UUID) -> DecisionRow | None:
    """Return the decision, once there is one, and what it finally came to."""
    row = session.execute(_DECISION, {"application_id": application_id}).one_or_none()
    return None if row is None else DecisionRow(*row)


def award(session: Session, *, initiative_id: UUID) -> AwardFacts | None:
    """Return what was awarded to a campaign; None while nobody decided, when it was refused, or when it lapsed."""
    row = session.execute(_AWARD, {"initiative_id": initiative_id}).one_or_none()
    return None if row is None else AwardFacts(*row)


def awarded_under(session: Session, *, scheme_id: UUID) -> Money:
    """Return what was awarded under a scheme and did not lapse: this, and not what is reserved, fills the ceiling."""
    return Money(int(session.execute(_AWARDED, {"scheme_id": scheme_id}).scalar_one()))


def not_applied(session: Session, *, now: datetime) -> list[UUID]:
    """Return live initiatives that fall under a scheme and have no application yet, oldest first; at most 100."""
    return list(session.scalars(_NOT_APPLIED, {"now": now}))


_FIXED_IN_ALL = (
    select(func.coalesce(func.sum(FixedGrant.amount_cents), 0), func.count())
    .join(Application, Application.id == FixedGrant.application_id)
    .where(Application.municipality_id == bindparam("municipality_id"))
)


def fixed_in_all(session: Session, *, municipality_id: UUID) -> tuple[Money, int]:
    """Return what a municipality's awards finally came to, and how many were fixed."""
    cents, count = session.execute(_FIXED_IN_ALL, {"municipality_id": municipality_id}).one()
    return Money(int(cents)), count
