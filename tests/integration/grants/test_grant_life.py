"""From application to fixed grant, on PostgreSQL."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowd.cofunding.queries import award_of
from crowd.grants import operations, queries, rules
from crowd.grants.models import Application, Decision
from crowd.grants.rules import AssessmentForm, DecisionForm
from crowd.initiatives.operations import change_state
from crowd.initiatives.queries import campaign_facts
from crowd.shared.actor import Actor, operator
from crowd.shared.audit import AuditRow
from crowd.shared.errors import InvalidFields
from crowd.shared.ids import new_id
from crowd.shared.money import ZERO, Money
from crowd.shared.outbox import OutboxRow
from tests.factories import NOW, make_initiative, make_municipality, make_neighbourhood, make_person, make_scheme

ASSESSMENT = AssessmentForm(
    scores=dict.fromkeys(rules.CRITERIA, 4),
    notes={"support": "Twintig bewoners doen mee."},
    advice=Money(400_00),
    advice_text="Een goed plan met veel steun uit de straat.",
    no_interest=True,
)
AWARD = DecisionForm(
    outcome="awarded",
    up_to=Money(400_00),
    reasons="De buurt heeft hier veel aan en doet zelf mee.",
    legal_ground="Subsidieregeling Samen voor de buurt, artikel 3",
)
REFUSAL = replace(AWARD, outcome="refused", up_to=None)


@dataclass(frozen=True)
class File:
    """A live initiative with an application, and the two people who handle it."""

    here: UUID
    place: UUID
    scheme: UUID
    initiative: UUID
    application: UUID
    assessor: Actor
    approver: Actor


def staff(session: Session, here: UUID, *roles: str, mandate_cents: int = 5_000_00) -> Actor:
    person = make_person(session, municipality_id=here, email=f"{new_id()}@waterrade.example")
    return Actor(municipality_id=here, person_id=person, roles=frozenset(roles), mandate_cents=mandate_cents)


def file(session: Session, *, pot_cents: int = 20_000_00) -> File:
    here = make_municipality(session)
    place = make_neighbourhood(session, municipality_id=here)
    scheme = make_scheme(session, municipality_id=here, neighbourhood_id=place, pot_cents=pot_cents)
    initiative, application = apply(session, here, place)
    return File(
        here, place, scheme, initiative, application, staff(session, here, "assessor"), staff(session, here, "approver")
    )


def apply(session: Session, here: UUID, place: UUID) -> tuple[UUID, UUID]:
    initiative = make_initiative(session, municipality_id=here, neighbourhood_id=place)
    application = operations.apply_for_grant(session, initiative_id=initiative, actor=operator(here), now=NOW)
    assert application is not None
    return initiative, application


def assess(session: Session, of: File, application: UUID | None = None) -> None:
    operations.assess(
        session, application_id=application or of.application, form=ASSESSMENT, actor=of.assessor, now=NOW
    )


def decide(session: Session, of: File, form: DecisionForm = AWARD, application: UUID | None = None) -> None:
    operations.decide(session, application_id=application or of.application, form=form, actor=of.approver, now=NOW)


def state(session: Session, application: UUID) -> str:
    return queries.application(session, application_id=application).state


def actions(session: Session, application: UUID) -> list[str]:
    return list(
        session.scalars(select(AuditRow.action).where(AuditRow.subject_id == application).order_by(AuditRow.id))
    )


def test_going_live_where_a_scheme_is_open_asks_for_the_most_it_can_add(session: Session) -> None:
    of = file(session)
    row = queries.application(session, application_id=of.application)
    assert (row.state, row.asked_cents, row.decide_by) == ("received", 500_00, date(2027, 1, 18))


def test_applying_twice_is_applying_once(session: Session) -> None:
    of = file(session)
    again = operations.apply_for_grant(session, initiative_id=of.initiative, actor=operator(of.here), now=NOW)
    assert again == of.application
    assert session.scalar(select(func.count()).select_from(Application)) == 1


def test_the_sweep_applies_for_whoever_went_live_by_another_door(session: Session) -> None:
    of = file(session)
    missed = make_initiative(session, municipality_id=of.here, neighbourhood_id=of.place)
    elsewhere = make_initiative(session, municipality_id=of.here)
    assert operations.apply_where_due(session, now=NOW) == 1
    assert operations.apply_where_due(session, now=NOW) == 0
    assert queries.application_of(session, initiative_id=missed) is not None
    assert queries.application_of(session, initiative_id=elsewhere) is None


def test_what_is_not_live_does_not_apply(session: Session) -> None:
    of = file(session)
    draft = make_initiative(session, municipality_id=of.here, state="draft", neighbourhood_id=of.place)
    assert operations.apply_for_grant(session, initiative_id=draft, actor=operator(of.here), now=NOW) is None


def test_an_award_goes_through_two_people_and_tells_the_initiator(session: Session) -> None:
    of = file(session)
    assess(session, of)
    decide(session, of)
    found = queries.award(session, initiative_id=of.initiative)
    assert found is not None
    assert (found.up_to_cents, found.scheme_id) == (400_00, of.scheme)
    assert award_of(session, initiative_id=of.initiative) == Money(400_00)
    assert actions(session, of.application) == ["grant.applied", "grant.assessed", "grant.awarded"]
    mail = session.scalars(select(OutboxRow).where(OutboxRow.kind == "grant.decided")).one()
    assert mail.args == {"application_id": str(of.application)}


def test_the_same_assessment_or_decision_sent_twice_changes_nothing(session: Session) -> None:
    of = file(session)
    for _ in range(2):
        assess(session, of)
    for _ in range(2):
        decide(session, of)
    assert len(actions(session, of.application)) == 3
    with pytest.raises(rules.AlreadyDecided):
        decide(session, of, REFUSAL)
    with pytest.raises(rules.AlreadyDecided):
        operations.assess(
            session,
            application_id=of.application,
            form=replace(ASSESSMENT, advice=ZERO),
            actor=of.assessor,
            now=NOW,
        )


def test_a_refusal_gives_no_award_and_keeps_the_match_at_zero(session: Session) -> None:
    of = file(session)
    assess(session, of)
    decide(session, of, REFUSAL)
    assert queries.award(session, initiative_id=of.initiative) is None
    assert award_of(session, initiative_id=of.initiative) == ZERO
    assert state(session, of.application) == "refused"


def test_somebody_with_both_roles_does_not_decide_on_what_they_assessed(session: Session) -> None:
    of = file(session)
    both = replace(of.assessor, roles=frozenset({"assessor", "approver"}))
    assess(session, of)
    with pytest.raises(rules.AssessorDecides):
        operations.decide(session, application_id=of.application, form=AWARD, actor=both, now=NOW)


def test_the_database_itself_refuses_an_assessor_who_decides(session: Session) -> None:
    of = file(session)
    assess(session, of)
    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        session.execute(
            insert(Decision).values(
                application_id=of.application,
                decided_by=of.assessor.person_id,
                outcome="refused",
                up_to_cents=0,
                reasons="Buiten de regels om.",
                legal_ground="",
                decided_at=NOW,
            )
        )
    assert isinstance(operations.translated(refused.value), rules.AssessorDecides)


def test_the_initiator_who_works_at_the_municipality_leaves_it_to_others(session: Session) -> None:
    here = make_municipality(session)
    place = make_neighbourhood(session, municipality_id=here)
    make_scheme(session, municipality_id=here, neighbourhood_id=place)
    insider = staff(session, here, "assessor", "approver")
    initiative = make_initiative(session, municipality_id=here, neighbourhood_id=place, initiator_id=insider.person_id)
    application = operations.apply_for_grant(session, initiative_id=initiative, actor=insider, now=NOW)
    assert application is not None
    with pytest.raises(rules.OwnApplication):
        operations.assess(session, application_id=application, form=ASSESSMENT, actor=insider, now=NOW)


def test_an_award_above_the_mandate_waits_for_somebody_higher(session: Session) -> None:
    of = file(session)
    assess(session, of)
    junior = staff(session, of.here, "approver", mandate_cents=100_00)
    with pytest.raises(InvalidFields) as refused:
        operations.decide(session, application_id=of.application, form=AWARD, actor=junior, now=NOW)
    assert [type(error) for error in refused.value.errors] == [rules.AboveMandate]
    assert state(session, of.application) == "assessed"


def test_awards_together_stay_below_the_ceiling_and_at_it_only_a_refusal_is_left(session: Session) -> None:
    of = file(session, pot_cents=700_00)
    _, second = apply(session, of.here, of.place)
    _, third = apply(session, of.here, of.place)
    for application in (of.application, second, third):
        assess(session, of, application)
    decide(session, of)
    with pytest.raises(InvalidFields) as refused:
        decide(session, of, application=second)
    assert [type(error) for error in refused.value.errors] == [rules.AboveCeiling]
    decide(session, of, replace(AWARD, up_to=Money(300_00)), application=second)
    with pytest.raises(rules.CeilingReached):
        decide(session, of, application=third)
    decide(session, of, REFUSAL, application=third)


def test_after_the_deadline_nobody_decides(session: Session) -> None:
    of = file(session)
    assess(session, of)
    deadline = campaign_facts(session, initiative_id=of.initiative).deadline_at
    assert deadline is not None
    with pytest.raises(rules.CampaignIsOver):
        operations.decide(session, application_id=of.application, form=AWARD, actor=of.approver, now=deadline)
    operations.decide(
        session, application_id=of.application, form=AWARD, actor=of.approver, now=deadline - timedelta(seconds=1)
    )


def test_at_the_end_the_grant_is_fixed_once_and_frees_the_rest_of_the_ceiling(session: Session) -> None:
    of = file(session)
    assess(session, of)
    decide(session, of)
    assert queries.awarded_under(session, scheme_id=of.scheme) == Money(400_00)
    change_state(session, initiative_id=of.initiative, to="collecting", actor=operator(of.here), now=NOW)
    for cents in (250_00, 1_00):
        operations.fix_grant(session, initiative_id=of.initiative, amount=Money(cents), now=NOW)
    decided = queries.decision(session, application_id=of.application)
    assert decided is not None
    assert decided.fixed_cents == 250_00
    assert queries.awarded_under(session, scheme_id=of.scheme) == Money(250_00)


def test_an_award_lapses_with_its_campaign_and_what_was_refused_stays_refused(session: Session) -> None:
    of = file(session)
    refused_initiative, refused_application = apply(session, of.here, of.place)
    for application in (of.application, refused_application):
        assess(session, of, application)
    decide(session, of)
    decide(session, of, REFUSAL, application=refused_application)
    for initiative in (of.initiative, refused_initiative):
        operations.lapse(session, initiative_id=initiative, now=NOW)
    assert (state(session, of.application), state(session, refused_application)) == ("lapsed", "refused")
    assert queries.award(session, initiative_id=of.initiative) is None
    assert queries.awarded_under(session, scheme_id=of.scheme) == ZERO


def test_the_queue_shows_the_term_that_ends_first_in_front(session: Session) -> None:
    of = file(session)
    later = make_initiative(session, municipality_id=of.here, neighbourhood_id=of.place)
    operations.apply_for_grant(session, initiative_id=later, actor=operator(of.here), now=NOW + timedelta(days=3))
    waiting = queries.open_applications(session, municipality_id=of.here)
    assert [row.initiative_id for row in waiting] == [of.initiative, later]
    assess(session, of)
    decide(session, of)
    assert [row.id for row in queries.done_applications(session, municipality_id=of.here)] == [of.application]


def test_no_audit_row_of_a_grant_names_a_person(session: Session) -> None:
    of = file(session)
    assess(session, of)
    decide(session, of)
    rows = session.scalars(select(AuditRow).where(AuditRow.subject_id == of.application)).all()
    assert {key for row in rows for key in row.facts} <= {
        "asked_cents",
        "advice_cents",
        "no_interest_declared",
        "up_to_cents",
        "legal_ground",
    }
