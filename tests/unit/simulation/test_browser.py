"""What a simulated browser makes of a page."""

import httpx2
import pytest

from frontend.simulation.browser import Page, Surprise, Traffic, address_of, patiently

HTML = """
<a href="/meehelpen/1">Help</a> <a href="/meehelpen/1">Again</a> <a href="http://127.0.0.1:9/x?a=1&amp;b=2">There</a>
<form method="get" action="/zoek"><input name="q"></form>
<form class="x" method="post" action="/steunen" novalidate>
  <input type="hidden" name="csrf" value="a&amp;b"><input type="hidden" name="pledge_id" value="7">
  <label><input type="radio" name="amount" value="10"></label><input type="radio" name="amount" value="25" checked>
  <input type="checkbox" name="places" value="oost" checked><input type="checkbox" name="places" value="west" checked>
  <textarea name="story">Een &lt;b&gt;verhaal</textarea>
  <select name="age"><option value="">-</option><option value="18" selected>18</option></select>
  <select name="kind"><option value="x">x</option></select>
  <input name="email" value=""><input type="file" name="photo"><button name="act" value="go">Go</button>
</form>
"""
PAGE = Page("http://127.0.0.1:8000/initiatieven/plein", 200, HTML)


def test_a_form_is_sent_as_it_stands_on_the_page() -> None:
    form = PAGE.form("/steunen")

    assert form.address == "http://127.0.0.1:8000/steunen"
    assert form.values == {
        "csrf": ["a&b"],
        "pledge_id": ["7"],
        "amount": ["25"],
        "places": ["oost", "west"],
        "story": ["Een <b>verhaal"],
        "age": ["18"],
        "kind": ["x"],
        "email": [""],
    }
    assert form.offered["amount"] == ["10", "25"]


def test_a_form_that_is_not_there_is_a_surprise_that_names_no_person() -> None:
    page = Page("http://127.0.0.1:8000/bijdragen/AaIJCcI6c5mNnXiaeaXtczFm6kVpHvs_uWGIcktq3_c", 409, "")
    with pytest.raises(Surprise, match=r"no form to /intrekking on /bijdragen/… \(409\)"):
        page.form("/intrekking")


def test_links_are_whole_and_each_is_there_once() -> None:
    assert PAGE.links("/meehelpen/") == ["http://127.0.0.1:8000/meehelpen/1"]
    assert PAGE.links(":9/") == ["http://127.0.0.1:9/x?a=1&b=2"]


def test_everybody_has_an_address_of_their_own_on_loopback() -> None:
    addresses = {address_of(kind, number) for kind in (16, 48, 80, 96) for number in range(20_000)}
    assert len(addresses) == 80_000
    assert all(address.startswith("127.") for address in addresses)


def test_a_refused_connection_is_tried_again() -> None:
    answers = iter((httpx2.ConnectError("refused"), httpx2.Response(503), httpx2.Response(200)))

    def ask() -> httpx2.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    traffic = Traffic()
    assert patiently(ask, traffic, pauses=(0.0, 0.0)).status_code == 200
    assert (traffic.retries, traffic.requests) == (2, 1)
