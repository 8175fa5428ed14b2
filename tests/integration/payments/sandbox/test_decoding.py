"""Decoding what comes in: anything at all is either understood or refused, and never breaks the door."""

import contextlib
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.sandbox.errors import InvalidParameters
from payments.sandbox.objects import accounts, payment_intents
from payments.sandbox.parameters import check, decode_form, decode_json

PIECES = st.lists(
    st.sampled_from(["a", "[", "]", "[]", "=", "&", "%", "%FF", "%00", "metadata", "amount", "é", "1", "+"])
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(PIECES)
def test_any_form_is_understood_or_refused(pieces: list[str]) -> None:
    with contextlib.suppress(InvalidParameters):
        check(payment_intents.CREATE_FIELDS, decode_form("".join(pieces)))


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_json_body_is_understood_or_refused(body: bytes) -> None:
    with contextlib.suppress(InvalidParameters):
        check(accounts.CREATE_FIELDS, decode_json(body))


@given(st.dictionaries(st.text(alphabet="abcdef", min_size=1), st.text(), max_size=5))
def test_what_was_encoded_is_decoded(values: dict[str, str]) -> None:
    flat = urlencode({f"metadata[{name}]": value for name, value in values.items()})
    assert decode_form(flat) == ({"metadata": values} if values else {})


def test_lists_come_with_and_without_numbers() -> None:
    assert decode_form("expand[]=a&expand[]=b") == {"expand": {"0": "a", "1": "b"}}
    assert decode_form("expand[0]=a&expand[1]=b") == {"expand": {"0": "a", "1": "b"}}


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(InvalidParameters):
        decode_json(b'{"display_name": "\\ud800"}')
