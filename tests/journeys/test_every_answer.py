"""What every answer carries: strict headers, a correlation id, one line in the log; and how failures look."""

import json
import re
from pathlib import Path

import pytest

from tests.journeys.conftest import Served
from tests.stack import await_true
from tests.visitor import Visitor
from tests.web_server import running_web

_STRICT = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/inloggen", "/health/live", "/nowhere", "/mijn", "/api/nowhere"])
def test_every_answer_has_strict_headers(served: Served, path: str) -> None:
    with served.visitor() as visitor:
        headers = visitor.get(path).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert {name: headers[name] for name in _STRICT} == _STRICT
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["form-action"] == "'self' https://checkout.stripe.com https://connect.stripe.com"
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers
    assert "strict-transport-security" not in headers


def test_over_tls_cookies_and_headers_insist_on_it(served: Served) -> None:
    secure = {"BASE_URL": "https://loket.example"}
    with (
        running_web(served.database_url, broker_url=served.broker_url, **secure) as web,
        Visitor(web.base_url) as visitor,
    ):
        answer = visitor.get("/inloggen")

    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert re.match(
        r"__Host-browser=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure", answer.headers["set-cookie"]
    )


def test_a_request_is_one_line_with_its_template_and_nothing_personal(served: Served) -> None:
    with served.visitor() as visitor:
        answer = visitor.get(
            "/inloggen/some-secret-token?email=noor@voorbeeld.example", {"x-request-id": "given-12345"}
        )

    def mine() -> str:
        return next((line for line in served.web.said if "given-12345" in line), "")

    await_true(lambda: bool(mine()), "the line", seconds=5)
    line = json.loads(mine())
    assert answer.headers["x-request-id"] == "given-12345"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/inloggen/{token}", 409)
    assert "secret" not in mine()
    assert "noor" not in mine()


@pytest.mark.parametrize("given", ["", "x", "a b c d e f g h", "{}" * 10, "x" * 65])
def test_a_strange_correlation_id_is_replaced(served: Served, given: str) -> None:
    with served.visitor() as visitor:
        answer = visitor.get("/health/live", {"x-request-id": given})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def test_an_unknown_page_is_a_page_and_a_trailing_slash_is_unknown(served: Served) -> None:
    with served.visitor() as visitor:
        for path in ("/nowhere", "/inloggen/code/", "/mijn/"):
            answer = visitor.get(path)
            assert answer.status_code == 404, path
            assert "text/html" in answer.headers["content-type"]


def test_the_api_answers_refusals_as_problems(served: Served) -> None:
    with served.visitor() as visitor:
        answer = visitor.get("/api/nowhere")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"status", "title", "detail"} <= answer.json().keys()


def test_the_language_is_switched_by_a_link_and_remembered(served: Served) -> None:
    with served.visitor() as visitor:
        switched = visitor.get("/inloggen?volgende=%2Fmijn&lang=en")
        shown = visitor.follow(switched)
        later = visitor.get("/inloggen")

    assert switched.status_code == 303
    assert switched.headers["location"] == "/inloggen?volgende=%2Fmijn"
    assert '<html lang="en"' in shown.text
    assert '<html lang="en"' in later.text


def test_what_is_larger_than_a_photo_is_refused_with_a_page(served: Served) -> None:
    with served.visitor() as visitor:
        for megabytes in (13, 50):
            photo = {"photo": ("photo.jpg", b"x" * (megabytes * 1024 * 1024), "image/jpeg")}
            answer = visitor.client.post("/inloggen", data={"email": "noor@voorbeeld.example"}, files=photo)

            assert answer.status_code == 413
            assert "te groot" in answer.text


def test_static_files_may_be_kept_for_a_year_and_come_compressed(served: Served) -> None:
    with served.visitor() as visitor:
        page = visitor.get("/inloggen").text
        found = re.search(r'href="(/static/[^"]+\.css)"', page)
        assert found
        sheet = visitor.get(found.group(1))
        again = visitor.get(found.group(1), {"if-none-match": sheet.headers["etag"]})
        missing = visitor.get("/static/../web.py")

    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert sheet.headers["content-encoding"] == "gzip"
    assert again.status_code == 304
    assert missing.status_code == 404


def test_readiness_names_what_is_missing(served: Served) -> None:
    with served.visitor() as visitor:
        ready = visitor.get("/health/ready")
    with (
        running_web(served.database_url, broker_url="redis://127.0.0.1:9/0") as web,
        Visitor(web.base_url) as visitor,
    ):
        degraded = visitor.get("/health/ready")
        alive = visitor.get("/health/live")
        visitor.get("/inloggen")
        asked = visitor.send("/inloggen", email="without-broker@voorbeeld.example")

    assert ready.json()["checks"] == {"database": "ok", "broker": "ok", "worker": "late"}
    assert (degraded.status_code, degraded.json()["checks"]["broker"]) == (503, "down")
    assert alive.status_code == 200
    # Nobody is kept from signing in by a broker that is away: the message waits in the database.
    assert asked.status_code == 303


def test_a_database_that_is_away_gives_a_page_that_says_so(served: Served) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    with running_web(nowhere, broker_url=served.broker_url) as web, Visitor(web.base_url) as visitor:
        page = visitor.get("/inloggen")
        api = visitor.get("/health/ready")

    assert page.status_code == 503
    assert page.headers["retry-after"]
    assert "even gesloten" in page.text.lower()
    assert api.json()["checks"]["database"] == "down"


def test_the_numbers_are_for_this_machine_or_for_whoever_has_the_token(served: Served) -> None:
    proxy = {"TRUSTED_PROXY": "127.0.0.1", "METRICS_TOKEN": "only-for-tests"}
    with (
        running_web(served.database_url, broker_url=served.broker_url, **proxy) as web,
        Visitor(web.base_url, address="127.0.0.1") as visitor,
    ):
        here = visitor.get("/metrics")
        elsewhere = visitor.get("/metrics", {"x-forwarded-for": "203.0.113.9"})
        claimed = visitor.get("/metrics", {"x-forwarded-for": "127.0.0.1, 203.0.113.9"})
        shown = visitor.get("/metrics", {"x-forwarded-for": "203.0.113.9", "authorization": "Bearer only-for-tests"})

    assert 'route="/health/live"' in here.text
    assert (elsewhere.status_code, claimed.status_code, shown.status_code) == (404, 404, 200)


def test_any_process_answers_for_the_numbers_of_all(served: Served, tmp_path: Path) -> None:
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    with (
        running_web(served.database_url, broker_url=served.broker_url, **shared) as one,
        running_web(served.database_url, broker_url=served.broker_url, **shared) as other,
        Visitor(one.base_url) as asks,
        Visitor(other.base_url) as looks,
    ):
        for _ in range(3):
            asks.get("/inloggen")
        numbers = looks.get("/metrics").text

    assert 'buurtloket_requests_total{method="GET",route="/inloggen",status="200"} 3.0' in numbers


def test_an_address_cannot_be_claimed_without_a_trusted_proxy(served: Served) -> None:
    with served.visitor() as visitor:
        answer = visitor.get("/metrics", {"x-forwarded-for": "203.0.113.9"})

    assert answer.status_code == 200
