"""What a donor is told of a failed payment, by the family of the provider's code."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.troubles import told
from payments.collection.rules import HARD_DECLINES, MUST_ACT
from payments.collection.trouble_rules import NAMED, Trouble, same_way_may_help, trouble_of


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("authentication_required", "approval"),
        ("insufficient_funds", "funds"),
        ("expired_card", "expired"),
        ("incorrect_cvc", "details"),
        ("card_not_supported", "unsupported"),
        ("account_closed", "account"),
        ("stolen_card", "blocked"),
        ("processing_error", "temporary"),
        ("generic_decline", "refused"),
        ("do_not_honor", "refused"),
        (None, "refused"),
    ],
)
def test_each_code_belongs_to_a_family(code: str | None, trouble: Trouble) -> None:
    assert trouble_of(code) == trouble


def test_every_code_we_act_on_has_words_of_its_own() -> None:
    assert HARD_DECLINES | MUST_ACT <= NAMED


@given(st.text())
def test_a_code_nobody_heard_of_is_a_refusal(code: str) -> None:
    assert trouble_of(code) in get_args(Trouble)
    assert code in NAMED or trouble_of(code) == "refused"


def test_nobody_reads_that_a_card_was_stolen() -> None:
    said = {told(trouble_of(code), may_try_same=False, language="en") for code in ("lost_card", "stolen_card")}
    assert len(said) == 1
    assert not {"lost", "stolen", "fraud"} & set(str(said).lower().split())


@pytest.mark.parametrize("trouble", get_args(Trouble))
def test_whoever_may_not_try_again_is_not_told_to(trouble: Trouble) -> None:
    if not same_way_may_help(trouble, may_retry=False):
        assert "try again" not in told(trouble, may_try_same=False, language="en").remedy.lower()


@pytest.mark.parametrize("trouble", get_args(Trouble))
def test_both_languages_have_both_sentences(trouble: Trouble) -> None:
    dutch, english = (told(trouble, may_try_same=True, language=language) for language in ("nl", "en"))
    assert dutch.what != english.what
    assert dutch.remedy != english.remedy
