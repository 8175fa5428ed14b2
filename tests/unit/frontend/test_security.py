"""Tokens and codes: ours are accepted, anything else is not."""

from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from frontend.security import (
    CODE_ALPHABET,
    CODE_LENGTH,
    Keys,
    new_token,
    shown_code,
    typed_code,
)
from frontend.visit import own_path

KEYS = Keys("only-for-tests-" + "0123456789abcdef" * 2)
OTHER_KEYS = Keys("another-one-for-tests-" + "0123456789abcdef")
_ids = st.uuids()


@given(st.text(alphabet="abcABC123-_", min_size=1, max_size=60))
def test_a_form_token_is_accepted_for_its_own_browser_only(browser: str) -> None:
    token = KEYS.form_token(browser)

    assert KEYS.accepts_form_token(token, browser=browser)
    assert not KEYS.accepts_form_token(token, browser=browser + "x")
    assert not OTHER_KEYS.accepts_form_token(token, browser=browser)
    assert token != KEYS.form_token(browser)


@given(st.text(max_size=80))
def test_a_made_up_form_token_is_refused(text: str) -> None:
    assert not KEYS.accepts_form_token(text, browser="browser")


def test_a_browser_without_a_name_has_no_valid_token() -> None:
    assert not KEYS.accepts_form_token(KEYS.form_token(""), browser="")


@given(st.binary(max_size=200))
def test_what_is_sealed_can_be_opened_for_the_same_purpose_only(payload: bytes) -> None:
    sealed = KEYS.seal("one", payload)

    assert KEYS.unseal("one", sealed) == payload
    assert KEYS.unseal("other", sealed) is None
    assert OTHER_KEYS.unseal("one", sealed) is None
    assert KEYS.unseal("one", "A" + sealed) is None


@given(_ids)
def test_a_code_survives_being_shown_and_typed(link_id: UUID) -> None:
    code = KEYS.sign_in_code(link_id)

    assert len(code) == CODE_LENGTH
    assert set(code) <= set(CODE_ALPHABET)
    assert typed_code(f" {shown_code(code).lower()} ") == code


@given(_ids, _ids)
def test_the_secrets_of_two_links_differ(one: UUID, other: UUID) -> None:
    same = one == other

    assert (KEYS.sign_in_token(one) == KEYS.sign_in_token(other)) is same
    assert KEYS.sign_in_token(one) != KEYS.sign_in_code(one)


def test_parts_are_kept_apart() -> None:
    assert KEYS.derive("x", b"ab", b"c") != KEYS.derive("x", b"a", b"bc")


def test_every_new_token_is_another() -> None:
    assert len({new_token() for _ in range(100)}) == 100


@given(st.text(max_size=60))
@example("[")
def test_a_way_on_is_a_path_of_ours_or_the_front_page(text: str) -> None:
    for typed in (text, "/" + text, "//" + text, "/\\" + text):
        path = own_path(typed)

        assert path.startswith("/")
        assert not path.startswith(("//", "/\\"))
        assert "\n" not in path
