"""Signed references: ours, for one purpose, and no other spelling of them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.ids import new_id
from frontend.links import (
    LinkNotOurs,
    Purpose,
    confirm_address_path,
    own_pledge_path,
    sign,
    stop_updates_path,
    verify,
)
from frontend.security import Keys

KEYS = Keys("k" * 32)
IDS = st.uuids()


@given(IDS, st.sampled_from(Purpose))
def test_a_signed_reference_leads_back_to_its_subject(subject: UUID, purpose: Purpose) -> None:
    assert verify(purpose, sign(purpose, subject, KEYS), KEYS) == subject


@given(IDS)
def test_a_reference_is_the_same_every_time_and_fits_in_an_address(subject: UUID) -> None:
    token = sign(Purpose.OWN_PLEDGE, subject, KEYS)

    assert token == sign(Purpose.OWN_PLEDGE, subject, KEYS)
    assert len(token) == 43
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("signed_for", Purpose)
@pytest.mark.parametrize("used_for", Purpose)
def test_a_reference_serves_only_its_own_purpose(signed_for: Purpose, used_for: Purpose) -> None:
    token = sign(signed_for, new_id(), KEYS)

    if signed_for is used_for:
        verify(used_for, token, KEYS)
    else:
        with pytest.raises(LinkNotOurs):
            verify(used_for, token, KEYS)


def test_a_reference_of_another_installation_is_refused() -> None:
    token = sign(Purpose.OWN_PLEDGE, new_id(), Keys("another key " * 3))

    with pytest.raises(LinkNotOurs):
        verify(Purpose.OWN_PLEDGE, token, KEYS)


@given(IDS, st.data())
def test_one_changed_character_breaks_a_reference(subject: UUID, data: st.DataObject) -> None:
    token = sign(Purpose.OWN_PLEDGE, subject, KEYS)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda char: char != token[place]))

    with pytest.raises(LinkNotOurs):
        verify(Purpose.OWN_PLEDGE, token[:place] + other + token[place + 1 :], KEYS)


@given(st.text())
def test_whatever_somebody_types_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(LinkNotOurs):
        verify(Purpose.OWN_PLEDGE, text, KEYS)


@pytest.mark.parametrize("spoilt", ["", " {}", "{} ", "{}=", "{}\n", "{}A", ".{}"])
def test_a_reference_has_one_spelling(spoilt: str) -> None:
    token = sign(Purpose.OWN_PLEDGE, new_id(), KEYS)

    with pytest.raises(LinkNotOurs):
        verify(Purpose.OWN_PLEDGE, spoilt.format(token), KEYS)


def test_a_donors_own_page_does_not_give_away_the_proof_of_their_address() -> None:
    pledge_id = new_id()
    own, confirm, stop = (path(pledge_id, KEYS) for path in (own_pledge_path, confirm_address_path, stop_updates_path))

    assert confirm.startswith(f"{own}/bevestiging/")
    assert confirm.rsplit("/", 1)[1] not in {own.rsplit("/", 1)[1], stop.rsplit("/", 1)[1]}
