"""A page that everybody looks at: made once a second, and never for one visitor what was made for another."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from frontend.busy_pages import BusyPages
from frontend.security import Keys
from frontend.visit import SESSION, Visit

KEYS = Keys("only-for-tests-" + "0123456789abcdef" * 2)


@dataclass
class House:
    """An application that counts what it makes; its pages differ each time. `now` is moved by the test."""

    is_for_everyone: bool = True
    status: int = 200
    made: int = 0
    now: float = 100.0
    pages: BusyPages = field(init=False)

    def __post_init__(self) -> None:
        self.pages = BusyPages(self.answer, clock=lambda: self.now)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        self.made += 1
        scope["state"]["visit"].is_same_for_everyone = self.is_for_everyone
        headers = [(b"etag", b'W/"a"'), (b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": f"page {self.made}".encode()})

    def ask(
        self, *, times: int = 1, path: str = "/initiatieven/brug", session: str = "", **headers: str
    ) -> tuple[int, bytes]:
        """The last of so many answers, as (status, body)."""
        said: list[Message] = []

        async def hear(message: Message) -> None:
            said.append(message)

        async def nothing() -> Message:
            return {"type": "http.request"}

        for _ in range(times):
            said.clear()
            cookies = {SESSION: session} if session else {}
            visit = Visit(keys=KEYS, https=False, address="127.0.0.1", path=path, cookies=cookies, language="nl")
            lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
            scope = {"type": "http", "method": "GET", "path": path, "headers": lines, "state": {"visit": visit}}
            # In a thread of its own: the browser tests of the same process leave a loop running in this one.
            with ThreadPoolExecutor(max_workers=1) as thread:
                thread.submit(asyncio.run, self.pages(scope, nothing, hear)).result()
        return said[0]["status"], b"".join(message.get("body", b"") for message in said)


def test_a_page_that_is_asked_now_and_then_is_made_each_time() -> None:
    house = House()
    for _ in range(30):
        house.ask()
        house.now += 0.2
    assert house.made == 30


def test_a_busy_page_is_held_from_the_tenth_time_on() -> None:
    house = House()
    assert house.ask(times=200) == (200, b"page 10")
    assert house.made == 10


def test_a_held_page_is_at_most_a_second_old() -> None:
    house = House()
    house.ask(times=200)
    house.now += 1.01
    assert house.ask(times=9) == (200, b"page 19")
    assert house.ask(times=200) == (200, b"page 20")


def test_a_browser_that_holds_the_page_is_told_that_it_is_the_same() -> None:
    house = House()
    house.ask(times=50)
    assert house.ask(if_none_match='W/"a"') == (304, b"")
    assert house.ask(if_none_match='W/"b"') == (200, b"page 10")


def test_whoever_is_signed_in_never_gets_a_held_page() -> None:
    house = House()
    house.ask(times=50)
    assert house.ask(session="t") == (200, b"page 11")
    assert house.ask() == (200, b"page 10")


def test_a_page_whose_door_did_not_say_so_is_never_held() -> None:
    house = House(is_for_everyone=False)
    house.ask(times=50)
    assert house.made == 50


def test_an_error_is_never_held() -> None:
    house = House(status=503)
    house.ask(times=50)
    assert house.made == 50


def test_another_address_or_a_browser_that_cannot_unpack_has_its_own_page() -> None:
    house = House()
    house.ask(times=50, accept_encoding="gzip")
    assert house.ask() == (200, b"page 11")
    assert house.ask(path="/initiatieven/park") == (200, b"page 12")


def test_made_up_addresses_do_not_fill_the_memory() -> None:
    house = House()
    for number in range(2_100):
        house.ask(path=f"/{number}")
    assert len(house.pages._addresses) <= 2_000
