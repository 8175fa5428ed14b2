"""Our own mistakes: an answer with headers and a reference, and a log line without the text of the exception."""

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from frontend.web import create_app
from tests.tools import settings_for_tests

SECRET = "noor@voorbeeld.example"


@pytest.fixture
def app() -> FastAPI:
    app = create_app(settings_for_tests())

    def crash() -> None:
        raise LookupError(SECRET)

    app.add_api_route("/crash", crash)
    app.add_api_route("/api/v1/crash", crash)
    return app


def test_a_crash_is_a_page_that_names_its_reference_and_nothing_else(
    app: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = TestClient(app).get("/crash", headers={"x-request-id": "reference-1234"})

    assert answer.status_code == 500
    assert "reference-1234" in answer.text
    assert "content-security-policy" in answer.headers
    said = capsys.readouterr().out
    assert SECRET not in said + answer.text
    lines = [json.loads(line) for line in said.splitlines()]
    crashed = next(line for line in lines if line["event"] == "request_crashed")
    assert crashed["error"] == "LookupError"
    assert "test_crashes.py" in crashed["exception"]
    assert {line["correlation_id"] for line in lines} == {"reference-1234"}


def test_a_crash_of_the_api_is_a_problem(app: FastAPI) -> None:
    answer = TestClient(app).get("/api/v1/crash")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text
