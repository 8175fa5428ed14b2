"""Every promise and every invariant of the books is said in Dutch, with what a treasurer can do about it."""

from frontend.i18n import say
from frontend.pages.books import TO_DO
from payments.books.queries import CHECKS
from payments.books.rules import ASKED_OF_PROVIDER, CLEARING_IS_BALANCE

PROMISES = {check.promise for check in CHECKS} | ASKED_OF_PROVIDER | {CLEARING_IS_BALANCE}


def test_every_promise_has_its_dutch() -> None:
    assert [promise for promise in sorted(PROMISES) if say(promise, "nl") == promise] == []


def test_every_invariant_has_something_to_do() -> None:
    assert {check.invariant for check in CHECKS} <= set(TO_DO)
