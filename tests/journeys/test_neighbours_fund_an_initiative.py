"""The whole road in a real browser, on the real processes: a neighbour pledges, the goal is reached, money moves.

One story in chapters: each goes on where the one before stopped, so they share one stack and run in order.
"""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP
from tests.stack import Stack, await_true, running_stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

INITIATIVE = "/initiatieven/maaltijdbuur"
DONOR = "gulle-buur@voorbeeldstad.example"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


def _open(page: Page, stack: Stack, path: str) -> None:
    page.goto(stack.base_url + path)


def _become(page: Page, stack: Stack, part: str) -> None:
    _open(page, stack, f"/demo/inloggen/{part}")
    page.get_by_role("button", name=re.compile("Inloggen als")).first.click()


def _give(page: Page, stack: Stack, euros: str, email: str) -> None:
    _open(page, stack, INITIATIVE + "/steunen")
    page.get_by_label("Ander bedrag").first.check()
    page.locator("input[name=other_amount]").fill(euros)
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_role("button", name=re.compile("betaalt")).click()


def _choose_cards(page: Page) -> None:
    """Say on the hosted page that it will be a card: small gifts can also be given from a bank account."""
    page.get_by_role("link", name=re.compile("^Kaart")).click()


def test_1_a_neighbour_pledges_on_a_phone_without_an_account(stack: Stack, page: Page) -> None:
    _give(page, stack, "1.150", DONOR)
    expect(page.get_by_text("geen echt geld").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Goede kaart")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wat fijn")
    expect(page.get_by_text("€ 1.150").first).to_be_visible()


def test_2_the_receipt_confirms_the_address_in_one_click(stack: Stack, page: Page) -> None:
    message = stack.await_mail(DONOR)
    page.goto(f"{stack.mailbox_url}/messages/{message['id']}")
    link = re.search(r"http://\S+/bevestiging/\S+", message["text"])
    assert link is not None
    page.goto(link.group())
    expect(page.get_by_text("Nog één klik")).to_have_count(0)


def test_3_a_double_click_is_one_pledge(stack: Stack, page: Page) -> None:
    _open(page, stack, INITIATIVE + "/steunen")
    page.get_by_label("E-mailadres").fill("twee-keer@voorbeeldstad.example")
    page.get_by_role("button", name=re.compile("betaalt")).dblclick()
    _choose_cards(page)
    page.get_by_role("button", name=re.compile("Goede kaart")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wat fijn")
    stack.await_mail("twee-keer@voorbeeldstad.example")
    time.sleep(2)
    assert len(stack.mail_to("twee-keer@voorbeeldstad.example")) == 1


def test_4_a_donor_who_thinks_again_withdraws(stack: Stack, page: Page) -> None:
    _give(page, stack, "15", "toch-niet@voorbeeldstad.example")
    _choose_cards(page)
    page.get_by_role("button", name=re.compile("Goede kaart")).click()
    page.get_by_text("Mijn bijdrage intrekken").click()
    page.get_by_role("button", name=re.compile("trek.*in|intrekken", re.IGNORECASE)).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ingetrokken")


def test_5_after_the_deadline_money_is_collected_and_the_goal_is_reached(stack: Stack, page: Page) -> None:
    moved = stack.run("move-clock", "--days", "32")
    assert moved.returncode == 0, moved.stderr

    def is_funded() -> bool:
        _open(page, stack, INITIATIVE + "/elke-euro")
        return page.get_by_text("Bijdrage afgeschreven").count() >= 1

    await_true(is_funded, "the money to be collected", seconds=60)
    assert any("maaltijdbuur" in mail["subject"].lower() for mail in stack.mail_to(DONOR))


def test_6_the_initiator_says_where_it_goes_and_the_treasurer_pays_it_out(stack: Stack, page: Page) -> None:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict of the right shape
    _become(page, stack, "resident")
    fill_in = page.get_by_role("button", name="Mijn rekening invullen")

    def is_decided() -> bool:
        # The last contribution is in; the decision over all of them follows a moment later.
        _open(page, stack, INITIATIVE + "/uitbetaling")
        return fill_in.count() == 1

    await_true(is_decided, "the final decision", seconds=60)
    fill_in.click()
    page.locator("button[name=fill]").click()
    expect(page.get_by_text("Je rekening is bekend")).to_be_visible()
    page.context.clear_cookies()
    _become(page, stack, "treasurer")
    _open(page, stack, INITIATIVE.replace("/initiatieven", "/loket/uitbetalingen"))
    page.get_by_role("button", name=re.compile("uitbetalen")).click()
    page.wait_for_load_state()

    def is_paid_out() -> bool:
        _open(page, stack, INITIATIVE.replace("/initiatieven", "/loket/uitbetalingen"))
        return page.get_by_text("Uitbetaald").count() > 0

    await_true(is_paid_out, "the payout to be sent", seconds=60)


def test_7_every_book_balances(stack: Stack) -> None:
    checked = stack.run("check-books")
    assert checked.returncode == 0, checked.stdout
    assert "Every book balances" in checked.stdout
