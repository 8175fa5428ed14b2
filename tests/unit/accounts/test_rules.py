"""Who may do what, how long a session lasts, and which addresses can exist."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.accounts import rules

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_role_sets = st.frozensets(st.sampled_from(rules.ROLES))


@given(_role_sets, _role_sets)
def test_permissions_of_two_sets_of_roles_are_those_of_both(one: frozenset[str], other: frozenset[str]) -> None:
    both = rules.permissions_of(one | other, is_signed_in=True)

    assert both == rules.permissions_of(one, is_signed_in=True) | rules.permissions_of(other, is_signed_in=True)
    assert both >= rules.RESIDENT
    assert both <= rules.PERMISSIONS


@given(_role_sets)
def test_a_visitor_who_is_not_signed_in_has_no_permission(roles: frozenset[str]) -> None:
    assert rules.permissions_of(roles, is_signed_in=False) == frozenset()


def test_no_single_role_can_score_decide_and_pay() -> None:
    careful = {"grant:assess", "grant:decide", "payout:approve", "role:grant"}

    for role in rules.ROLES:
        assert len(careful & rules.BY_ROLE[role]) <= 1, role


def test_every_permission_reads_noun_verb() -> None:
    for permission in rules.PERMISSIONS:
        noun, _colon, verb = permission.partition(":")
        assert noun, permission
        assert verb, permission


@given(
    st.timedeltas(timedelta(0), timedelta(days=100)),
    st.timedeltas(timedelta(0), timedelta(days=100)),
    st.booleans(),
)
def test_a_session_ends_by_idleness_or_by_age_whichever_comes_first(
    age: timedelta,
    idle: timedelta,
    is_staff: bool,  # noqa: FBT001  Hypothesis gives it by position
) -> None:
    idle = min(idle, age)
    created = NOW - age

    alive = rules.session_is_alive(
        created_at=created,
        last_seen_at=NOW - idle,
        expires_at=rules.session_ends_at(created_at=created, is_staff=is_staff),
        is_staff=is_staff,
        now=NOW,
    )

    lasts = rules.STAFF_SESSION_LASTS if is_staff else rules.SESSION_LASTS
    most_idle = rules.STAFF_SESSION_IDLE if is_staff else rules.SESSION_IDLE
    assert alive == (age < lasts and idle < most_idle)


def test_somebody_who_becomes_staff_falls_under_the_shorter_term_at_once() -> None:
    created = NOW - timedelta(days=8)

    assert not rules.session_is_alive(
        created_at=created,
        last_seen_at=NOW,
        expires_at=rules.session_ends_at(created_at=created, is_staff=False),
        is_staff=True,
        now=NOW,
    )


@pytest.mark.parametrize("text", ["noor@voorbeeld.example", " Noor+tag@voorbeeld.example ", "o'noor@a.b.example"])
def test_an_address_is_kept_as_typed_without_the_space_around_it(text: str) -> None:
    assert rules.address(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        *("", "noor", "noor@", "@voorbeeld.example", "noor@voorbeeld", "noor@.example", "noor@voorbeeld..example"),
        *("noor@@voorbeeld.example", "noor voorbeeld@x.example", "noor@voorbeeld.example\nBcc: x@x.example"),
        *("<noor@voorbeeld.example>", "a@b.example,c@d.example", "a" * 250 + "@x.example", "noor@-x.example"),
    ],
)
def test_what_cannot_be_delivered_is_refused(text: str) -> None:
    with pytest.raises(rules.BadAddress) as refused:
        rules.address(text)

    assert refused.value.field == "email"


@given(st.text(max_size=300))
def test_an_accepted_address_is_one_line_with_one_at_sign(text: str) -> None:
    try:
        accepted = rules.address(text)
    except rules.BadAddress:
        return

    assert accepted.count("@") == 1
    assert not any(char.isspace() for char in accepted)
    assert rules.address(accepted) == accepted


def test_a_name_becomes_one_line() -> None:
    assert rules.person_name("  Noor \n  Voorbeeld ") == "Noor Voorbeeld"
    assert rules.person_name("") == ""
    with pytest.raises(rules.BadName):
        rules.person_name("x" * (rules.NAME_LENGTH + 1))


def test_only_an_approver_has_a_mandate() -> None:
    rules.check_role(role="approver", mandate_cents=1)
    rules.check_role(role="clerk", mandate_cents=0)
    with pytest.raises(rules.NoMandateNeeded):
        rules.check_role(role="clerk", mandate_cents=1)
    with pytest.raises(rules.NoMandateNeeded):
        rules.check_role(role="approver", mandate_cents=0)
    with pytest.raises(rules.NoSuchRole):
        rules.check_role(role="mayor", mandate_cents=0)
