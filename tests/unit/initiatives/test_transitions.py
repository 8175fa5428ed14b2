"""The transition table of an initiative, and who may do what."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.initiatives import rules
from crowd.initiatives.rules import InitiativeFacts
from crowd.shared.actor import Actor, operator

HERE = UUID(int=1)
ELSEWHERE = UUID(int=2)
SOMEONE = UUID(int=3)

states = st.sampled_from(rules.STATES)
parts = st.sampled_from([None, "initiator", "team"])


def resident(**changes: object) -> Actor:
    return Actor(**{"municipality_id": HERE, "person_id": SOMEONE, **changes})  # type: ignore[arg-type]


def clerk(**changes: object) -> Actor:
    return resident(roles=frozenset({"clerk"}), **changes)


def facts(state: str, *, part: str | None = None, was_live: bool = False) -> InitiativeFacts:
    return InitiativeFacts(municipality_id=HERE, state=state, part=part, was_live=was_live)


@given(states, states)
def test_no_step_outside_the_table_is_taken(current: str, to: str) -> None:
    if to in rules.TRANSITIONS[current]:
        rules.check_transition(current=current, to=to, reason="because")
    else:
        with pytest.raises(rules.InitiativeCannotBecome):
            rules.check_transition(current=current, to=to, reason="because")


@given(st.lists(states, max_size=12))
def test_money_is_collected_only_after_review_and_a_live_campaign(wishes: list[str]) -> None:
    road = ["draft"]
    for wish in wishes:
        if wish in rules.TRANSITIONS[road[-1]]:
            road.append(wish)
    if road[-1] in {"collecting", "near_miss", "funded", "unfunded"}:
        assert road[:2] == ["draft", "submitted"]
        assert road.index("approved") < road.index("live")


def test_every_state_can_be_reached_and_two_are_final() -> None:
    reached = {"draft"}.union(*rules.TRANSITIONS.values())
    assert reached == set(rules.STATES)
    assert {state for state, nexts in rules.TRANSITIONS.items() if not nexts} == {"unfunded", "cancelled"}


@pytest.mark.parametrize(
    ("current", "to"), [("submitted", "changes_requested"), ("live", "suspended"), ("live", "cancelled")]
)
def test_a_step_that_takes_something_from_people_needs_a_reason(current: str, to: str) -> None:
    with pytest.raises(rules.ReasonMissing):
        rules.check_transition(current=current, to=to, reason="  ")


def test_a_draft_may_be_thrown_away_without_explaining() -> None:
    rules.check_transition(current="draft", to="cancelled")


@given(states, parts, st.booleans())
def test_a_stranger_never_learns_that_a_private_initiative_exists(state: str, part: str | None, was_live: bool) -> None:  # noqa: FBT001  Hypothesis passes it by position
    denial = rules.may_see(resident(), facts(state, part=part, was_live=was_live))
    private = not rules.is_public(facts(state, was_live=was_live))
    assert isinstance(denial, rules.InitiativeNotFound) == (private and part is None)


@given(states, st.sampled_from(["may_edit", "may_review", "may_publish", "may_suspend", "may_cancel"]))
def test_a_stranger_may_do_nothing(state: str, name: str) -> None:
    assert getattr(rules, name)(resident(), facts(state)) is not None


@given(states, st.sampled_from(["may_review", "may_publish", "may_suspend", "may_cancel", "may_hand_over"]))
def test_a_clerk_of_another_municipality_is_a_stranger(state: str, name: str) -> None:
    assert getattr(rules, name)(clerk(municipality_id=ELSEWHERE), facts(state)) is not None


def test_a_clerk_does_not_review_their_own_initiative() -> None:
    assert rules.may_review(clerk(), facts("submitted")) is None
    assert isinstance(rules.may_review(clerk(), facts("submitted", part="initiator")), rules.OwnInitiative)


def test_a_clerk_edits_only_what_was_begun_at_the_counter() -> None:
    helped = InitiativeFacts(municipality_id=HERE, state="draft", assisted=True)
    assert rules.may_edit(clerk(), helped) is None
    assert isinstance(rules.may_edit(clerk(), facts("draft")), rules.InitiativeNotFound)
    assert isinstance(rules.may_edit(clerk(), facts("changes_requested")), rules.NotYourInitiative)


@given(states)
def test_the_text_stands_still_once_handed_in(state: str) -> None:
    denial = rules.may_edit(resident(), facts(state, part="initiator"))
    assert (denial is None) == (state in {"draft", "changes_requested"})


def test_staff_do_not_read_along_in_a_draft() -> None:
    assessor = resident(roles=frozenset({"assessor"}))
    assert rules.may_see(assessor, facts("draft")) is not None
    assert rules.may_see(assessor, facts("submitted")) is None


def test_the_operator_acts_for_the_counter() -> None:
    assert rules.may_publish(operator(HERE), facts("approved")) is None
