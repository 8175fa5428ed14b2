"""A form is only accepted from a page of ours, in the browser that was given it; an old one loses nothing."""

import re
from html import unescape

from tests.journeys.conftest import Served

_ASKED = "noor@voorbeeld.example"


def test_a_form_without_its_hidden_value_is_refused(served: Served) -> None:
    with served.visitor() as visitor:
        visitor.get("/inloggen")
        visitor.token = ""

        assert visitor.send("/inloggen", email=_ASKED).status_code == 403


def test_the_hidden_value_of_another_browser_is_refused(served: Served) -> None:
    with served.visitor() as visitor, served.visitor() as other:
        visitor.get("/inloggen")
        other.get("/inloggen")
        visitor.token = other.token

        assert visitor.send("/inloggen", email=_ASKED).status_code == 403


def test_another_site_is_refused_even_with_the_right_value(served: Served) -> None:
    for header in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://["},
    ):
        with served.visitor() as visitor:
            visitor.get("/inloggen")

            answer = visitor.send("/inloggen", headers=header, email=_ASKED)

            assert answer.status_code == 403, header
            assert "andere website" in answer.text
            assert _ASKED not in answer.text


def test_an_address_that_is_none_is_no_reason_to_stumble(served: Served) -> None:
    with served.visitor() as visitor:
        answer = visitor.get("/initiatieven/bestaat-niet", headers={"referer": "http://["})

    assert answer.status_code == 404


def test_our_own_origin_is_accepted(served: Served) -> None:
    for header in ({"sec-fetch-site": "same-origin"}, {"origin": served.web.base_url}):
        with served.visitor() as visitor:
            visitor.get("/inloggen")

            answer = visitor.send("/inloggen", headers=header, email="own-origin@voorbeeld.example")

            assert answer.status_code == 303, header


def test_a_form_of_yesterday_is_shown_again_filled_in_and_goes_through_with_one_click(served: Served) -> None:
    with served.visitor() as visitor:
        visitor.get("/inloggen")
        visitor.token = "from-another-time"

        shown = visitor.send("/inloggen", headers={"sec-fetch-site": "same-origin"}, email='"yes"@voorbeeld.example')
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown.text))
        fields = {name: unescape(value) for name, value in hidden.items() if name != "csrf"}
        again = visitor.send("/inloggen", headers={"sec-fetch-site": "same-origin"}, **fields)

    assert shown.status_code == 403
    assert "Wat je invulde is er nog" in shown.text
    assert fields == {"email": '"yes"@voorbeeld.example'}
    # The address itself is refused, so the form was read.
    assert again.status_code == 400


def test_a_stranger_sends_at_most_sixty_forms_a_minute(served: Served) -> None:
    with served.visitor() as visitor:
        visitor.get("/inloggen")
        statuses = {visitor.send("/uitloggen").status_code for _ in range(60)}
        answer = visitor.send("/uitloggen")

    assert statuses == {303}
    assert answer.status_code == 429


def test_webhooks_and_the_api_never_look_at_a_cookie(served: Served) -> None:
    with served.visitor() as visitor:
        answer = visitor.client.post("/webhooks/stripe", content=b"{}")

    assert answer.status_code in {400, 404}
