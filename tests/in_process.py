"""A visitor of the real application on a test's database, in this process: reads pages, sends their forms."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import event
from starlette.testclient import TestClient

from crowd.accounts.operations import grant_role, start_session
from crowd.shared.actor import Actor, operator
from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from frontend.runtime import Runtime
from frontend.security import new_token, token_hash
from frontend.visit import SESSION
from frontend.web import create_app
from tests.factories import make_person
from tests.tools import settings_for_tests


@contextmanager
def open_house(database: Database, **changes: str) -> Iterator[FastAPI]:
    """The web application on this database."""
    url = database.engine.url.render_as_string(hide_password=False)
    app = create_app(settings_for_tests(DATABASE_URL=url, **changes))
    # There is no broker here, and waiting for its refusal would take seconds; the sweep finds the rows anyway.
    app.state.runtime.database._on_outbox = None
    try:
        yield app
    finally:
        app.state.runtime.close()


class Visitor:
    """Someone with a browser. `sign_in` makes them somebody."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.browser = TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False)
        self.page: Response | None = None

    def sign_in(self, database: Database, *, person_id: UUID) -> "Visitor":
        """Hold a session of this person, as after clicking the link in the mail."""
        token = new_token()
        with database.transaction() as session:
            start_session(
                session,
                person_id=person_id,
                token_hash=token_hash(token),
                browser="Test",
                actor=Actor(municipality_id=None, person_id=person_id),
                now=machine_now(),
            )
        self.browser.cookies.set(SESSION, token)
        return self

    def work_as(
        self, *roles: str, here: UUID | None = None, person_id: UUID | None = None, mandate_cents: int = 0
    ) -> "Visitor":
        """Be somebody who holds these roles in the house's municipality, or another, signed in."""
        runtime: Runtime = self.app.state.runtime
        database, here = runtime.database, here or runtime.town.facts().id
        with database.transaction() as session:
            who = person_id or make_person(session, municipality_id=here, name="Bo Werkt-Hier")
            for role in roles:
                grant_role(
                    session,
                    person_id=who,
                    role=role,
                    actor=operator(here),
                    now=machine_now(),
                    mandate_cents=mandate_cents if role == "approver" else 0,
                )
        return self.sign_in(database, person_id=who)

    def get(self, path: str, **headers: str) -> Response:
        """Open a page and stay on it."""
        self.page = self.browser.get(path, headers=headers)
        return self.page

    def send(self, path: str, fields: Mapping[str, Any], *, files: Mapping[str, Any] | None = None) -> Response:
        """Send the form of the open page that goes to `path`, with `fields` changed, as a browser would."""
        assert self.page is not None, "open a page first"
        form = next((form for form in _forms(self.page.text) if form.action == path), None)
        assert form is not None, f"there is no form to {path} on this page"
        data = {**form.values, **fields}
        headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
        self.page = self.browser.post(path, data=data, files=files, headers=headers)
        return self.page

    def follow(self) -> Response:
        """Go where the last answer sent us."""
        assert self.page is not None
        assert self.page.status_code == 303, f"{self.page.status_code} is no redirect: {words(self.page.text)[:2000]}"
        return self.get(self.page.headers["location"])


class _Form:
    def __init__(self, action: str) -> None:
        self.action = action
        self.values: dict[str, str] = {}


class _Reader(HTMLParser):
    """Collects the forms of a page with what stands in their fields, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._open: _Form | None = None
        self._textarea = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = _Form(given.get("action", ""))
            self.forms.append(self._open)
        if self._open is None:
            return
        name = given.get("name", "")
        if tag == "input" and name and _is_sent(given):
            self._open.values[name] = given.get("value", "on")
        elif tag == "textarea":
            self._textarea = name
            self._open.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open.values):
            self._open.values[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._textarea and self._open is not None:
            self._open.values[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""


def _is_sent(given: Mapping[str, str]) -> bool:
    kind = given.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return "checked" in given
    return kind not in {"submit", "button", "file"}


def _forms(html: str) -> list[_Form]:
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def words(html: str) -> str:
    """The words of a page, as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", html)).split())


@contextmanager
def counted_statements(app: FastAPI) -> Iterator[list[str]]:
    """Collect every SQL statement the application sends."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    engine = app.state.runtime.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)
