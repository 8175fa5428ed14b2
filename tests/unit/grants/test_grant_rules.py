"""Terms, mandates and four eyes: what a grant may become, by when, through whom."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.grants import rules
from crowd.grants.rules import ApplicationFacts, AssessmentForm, DecisionForm, Limits
from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields
from crowd.shared.money import ZERO, Money

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
ANNA, BRAM = UUID(int=3), UUID(int=4)
WIDE = Limits(asked=Money(5_000_00), mandate=Money(5_000_00), ceiling_left=Money(5_000_00))
REASONS = "De buurt heeft hier veel aan en doet zelf mee."


def staff(person: UUID, *roles: str, municipality: UUID = HERE) -> Actor:
    return Actor(municipality_id=municipality, person_id=person, roles=frozenset(roles), mandate_cents=5_000_00)


def facts(*, state: str = "received", team: bool = False, assessor: UUID | None = None) -> ApplicationFacts:
    return ApplicationFacts(municipality_id=HERE, state=state, is_of_the_team=team, assessor_id=assessor)


def award(**changes: object) -> DecisionForm:
    return DecisionForm(
        **{"outcome": "awarded", "up_to": Money(1_000_00), "reasons": REASONS, "legal_ground": "art. 3", **changes}  # type: ignore[arg-type]
    )


def assessment(**changes: object) -> AssessmentForm:
    whole = {
        "scores": dict.fromkeys(rules.CRITERIA, 4),
        "notes": {},
        "advice": Money(1_000_00),
        "advice_text": "Een goed plan met veel steun uit de straat.",
        "no_interest": True,
    }
    return AssessmentForm(**{**whole, **changes})  # type: ignore[arg-type]


def fields(error: InvalidFields) -> dict[str | None, type[Exception]]:
    return {one.field: type(one) for one in error.errors}


@pytest.mark.parametrize(
    ("received_on", "weeks", "last_day"),
    [
        # 8 weeks after Monday 23 November is Monday 18 January.
        (date(2026, 11, 23), 8, date(2027, 1, 18)),
        # It would end on Christmas Day, a Friday; then Saturday, Sunday; so Monday the 28th.
        (date(2026, 10, 30), 8, date(2026, 12, 28)),
        # Good Friday stands beside the recognised holidays, then Easter until and with Monday.
        (date(2027, 1, 29), 8, date(2027, 3, 30)),
        # 5 May counts in every year, also in one not divisible by five; the 6th is Ascension Day in 2027.
        (date(2027, 3, 10), 8, date(2027, 5, 7)),
        # New Year's Day in the year after the one in which it began.
        (date(2026, 11, 6), 8, date(2027, 1, 4)),
    ],
)
def test_a_term_moves_past_weekends_and_holidays(received_on: date, weeks: int, last_day: date) -> None:
    assert rules.decide_by(received_on=received_on, weeks=weeks) == last_day


def test_a_term_of_more_than_twelve_weeks_does_not_move() -> None:
    saturday = rules.decide_by(received_on=date(2026, 11, 21), weeks=13)
    assert saturday == date(2027, 2, 20)
    assert saturday.isoweekday() == 6


@given(st.dates(min_value=date(2026, 1, 1), max_value=date(2040, 1, 1)), st.integers(min_value=1, max_value=12))
def test_a_term_never_ends_early_nor_on_a_free_day(received_on: date, weeks: int) -> None:
    last_day = rules.decide_by(received_on=received_on, weeks=weeks)
    assert timedelta(0) <= last_day - (received_on + timedelta(weeks=weeks)) <= timedelta(days=5)
    assert last_day == rules.moved_past_holidays(last_day)


@given(st.sampled_from(rules.STATES), st.sampled_from(rules.STATES))
def test_no_step_outside_the_table_is_taken(current: str, to: str) -> None:
    if to in rules.TRANSITIONS[current]:
        rules.check_transition(current=current, to=to)
    else:
        with pytest.raises((rules.AlreadyAssessed, rules.NotYetAssessed, rules.AlreadyDecided)):
            rules.check_transition(current=current, to=to)


def test_nothing_is_decided_that_nobody_assessed() -> None:
    with pytest.raises(rules.NotYetAssessed):
        rules.check_transition(current="received", to="refused")


def test_nothing_is_assessed_or_decided_from_the_deadline_on() -> None:
    deadline = datetime(2026, 12, 11, 23, 0, tzinfo=UTC)
    rules.check_before_deadline(state="live", deadline_at=deadline, now=deadline - timedelta(seconds=1))
    for state, now in [("live", deadline), ("collecting", deadline - timedelta(days=1))]:
        with pytest.raises(rules.CampaignIsOver):
            rules.check_before_deadline(state=state, deadline_at=deadline, now=now)


def test_the_assessor_does_not_decide_also_when_they_hold_both_roles() -> None:
    both = staff(ANNA, "assessor", "approver")
    assert rules.may_assess(both, facts()) is None
    assert isinstance(rules.may_decide(both, facts(state="assessed", assessor=ANNA)), rules.AssessorDecides)
    assert rules.may_decide(both, facts(state="assessed", assessor=BRAM)) is None


def test_nobody_assesses_or_decides_on_their_own_initiative() -> None:
    own = facts(team=True)
    assert isinstance(rules.may_assess(staff(ANNA, "assessor"), own), rules.OwnApplication)
    assert isinstance(rules.may_decide(staff(ANNA, "approver"), own), rules.OwnApplication)


def test_each_role_does_its_own_part() -> None:
    assert isinstance(rules.may_assess(staff(ANNA, "approver"), facts()), rules.OnlyAssessors)
    assert isinstance(rules.may_decide(staff(ANNA, "assessor"), facts()), rules.OnlyApprovers)


@pytest.mark.parametrize("roles", [(), ("assessor",), ("approver",)])
def test_outside_the_municipality_s_staff_an_application_does_not_exist(roles: tuple[str, ...]) -> None:
    stranger = staff(ANNA, *roles, municipality=ELSEWHERE) if roles else staff(ANNA)
    for denial in (rules.may_see, rules.may_assess, rules.may_decide):
        assert isinstance(denial(stranger, facts()), rules.ApplicationNotFound)


def test_an_assessment_names_everything_that_is_missing_at_once() -> None:
    empty = assessment(scores={}, advice=None, advice_text="kort", no_interest=False)
    with pytest.raises(InvalidFields) as refused:
        rules.check_assessment(form=empty, asked=Money(1_000_00))
    assert set(fields(refused.value)) == {
        *(f"score_{key}" for key in rules.CRITERIA),
        "advice",
        "advice_text",
        "no_interest",
    }


@pytest.mark.parametrize("score", [0, 6, -1, None])
def test_a_score_lies_between_1_and_5(score: int | None) -> None:
    with pytest.raises(InvalidFields):
        rules.check_assessment(
            form=assessment(scores={**dict.fromkeys(rules.CRITERIA, 4), "open": score}), asked=Money(1_000_00)
        )


def test_the_advice_may_be_to_give_nothing_and_is_never_more_than_was_asked() -> None:
    assert rules.check_assessment(form=assessment(advice=ZERO), asked=Money(1_000_00)) == ZERO
    with pytest.raises(InvalidFields) as refused:
        rules.check_assessment(form=assessment(advice=Money(1_000_01)), asked=Money(1_000_00))
    assert fields(refused.value) == {"advice": rules.AboveAsked}


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"asked": Money(999_99)}, rules.AboveAsked),
        ({"mandate": Money(999_99)}, rules.AboveMandate),
        ({"ceiling_left": Money(999_99)}, rules.AboveCeiling),
    ],
)
def test_an_award_stays_within_every_limit(limits: dict[str, Money], error: type[Exception]) -> None:
    whole = {"asked": WIDE.asked, "mandate": WIDE.mandate, "ceiling_left": WIDE.ceiling_left}
    with pytest.raises(InvalidFields) as refused:
        rules.check_decision(form=award(), limits=Limits(**(whole | limits)))
    assert fields(refused.value) == {"up_to": error}
    exactly = Limits(**(whole | {name: Money(1_000_00) for name in limits}))
    assert rules.check_decision(form=award(), limits=exactly) == Money(1_000_00)


def test_at_the_ceiling_only_a_refusal_can_be_decided() -> None:
    full = Limits(asked=WIDE.asked, mandate=WIDE.mandate, ceiling_left=ZERO)
    with pytest.raises(rules.CeilingReached):
        rules.check_decision(form=award(), limits=full)
    assert rules.check_decision(form=award(outcome="refused", up_to=None), limits=full) == ZERO


def test_a_decision_needs_an_outcome_reasons_and_an_article() -> None:
    with pytest.raises(InvalidFields) as refused:
        rules.check_decision(form=award(outcome="", reasons=" ", legal_ground=""), limits=WIDE)
    assert set(fields(refused.value)) == {"outcome", "reasons", "legal_ground"}


@pytest.mark.parametrize("up_to", [None, ZERO, Money(-1)])
def test_an_award_of_nothing_is_no_award(up_to: Money | None) -> None:
    with pytest.raises(InvalidFields) as refused:
        rules.check_decision(form=award(up_to=up_to), limits=WIDE)
    assert fields(refused.value) == {"up_to": rules.GrantAmountMissing}
