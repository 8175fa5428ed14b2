"""Every promise and every invariant of the books is said in Dutch, with what a treasurer can do about it."""

from frontend.i18n import say
from frontend.pages.books import TO_DO, in_words
from payments.books.queries import CHECKS
from payments.books.rules import ASKED_OF_PROVIDER, CLEARING_IS_BALANCE

PROMISES = {check.promise for check in CHECKS} | ASKED_OF_PROVIDER | {CLEARING_IS_BALANCE}


def test_every_promise_has_its_dutch() -> None:
    assert [promise for promise in sorted(PROMISES) if say(promise, "nl") == promise] == []


def test_every_invariant_has_something_to_do() -> None:
    assert {check.invariant for check in CHECKS} <= set(TO_DO)


def test_a_difference_is_said_in_the_readers_language_and_names_stay_as_they_are() -> None:
    assert in_words("re_charge_1 costs 12, not booked", "nl") == "re_charge_1 kosten 12, niet geboekt"
    assert in_words("payout line 0199-abc", "nl") == "deel van een uitbetaling 0199-abc"
    assert in_words("pledge 0199-abc", "en") == "pledge 0199-abc"
