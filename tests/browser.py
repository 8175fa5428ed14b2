"""A real Chromium for journeys: `page` is a fresh visitor on a phone-sized screen, without a past.

A script's error, or anything the Content-Security-Policy refuses, fails the test that caused it.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.chromium import ensure_chromium

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

_ARGUMENTS = [
    # Root has no sandbox to lend; the pages are our own.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    # Nothing outside this machine is ever asked, not even for a name.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=ensure_chromium(), args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor's page: Dutch, phone-sized; `page.set_viewport_size(DESKTOP)` for the other."""
    context = browser.new_context(locale="nl-NL", timezone_id="Europe/Amsterdam", viewport=PHONE)  # type: ignore[arg-type]  # a plain dict of the right shape
    context.set_default_timeout(30_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: _note(message, wrong))
    yield page
    context.close()
    assert not wrong, f"the browser complained: {wrong}"


def _note(message: ConsoleMessage, wrong: list[str]) -> None:
    if message.type == "error" and "Content Security Policy" in message.text:
        wrong.append(message.text)
