"""Signing in over real HTTP: the link, its code, and everything that must not work."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from crowd.accounts.models import Person, SignInSession
from crowd.shared.clock import machine_now
from tests.journeys.conftest import Served
from tests.journeys.mailed_links import ask, code, let_link_end, link_path, sign_in
from tests.visitor import Visitor
from tests.web_server import running_web

_numbers = count(1)
PHONE = "Mozilla/5.0 (Linux; Android 16) Gecko/20100101 Firefox/150.0"


@pytest.fixture
def email() -> str:
    return f"visitor-{next(_numbers)}@voorbeeld.example"


@pytest.fixture
def visitor(served: Served) -> Iterator[Visitor]:
    with served.visitor() as somebody:
        yield somebody


def test_a_link_signs_in_the_browser_that_asked_and_brings_it_where_it_was_going(
    served: Served, visitor: Visitor, email: str
) -> None:
    wanted = visitor.get("/mijn/account")
    form = visitor.follow(wanted)
    assert 'value="/mijn/account"' in form.text
    ask(visitor, email, volgende="/mijn/account")
    path = link_path(served, email)

    button = visitor.get(path)
    answer = visitor.send(path)

    assert email in button.text
    assert answer.status_code == 303
    assert answer.headers["location"] == "/mijn/account"
    assert email in visitor.follow(answer).text
    with served.database.reading() as session:
        assert session.scalars(select(Person.email_confirmed_at).where(Person.email == email)).one() is not None


def test_opening_a_link_uses_nothing_up(served: Served, visitor: Visitor, email: str) -> None:
    ask(visitor, email)
    path = link_path(served, email)

    with served.visitor() as scanner:
        scanner.get(path)
        scanner.get(path)
    visitor.get(path)

    assert visitor.send(path).status_code == 303


def test_a_link_works_once(served: Served, visitor: Visitor, email: str) -> None:
    ask(visitor, email)
    path = link_path(served, email)
    visitor.get(path)
    visitor.send(path)

    again = visitor.send(path)

    assert again.status_code == 409
    assert "meer dan 15 minuten oud" in again.text


def test_a_link_in_another_browser_points_to_the_code_and_signs_nobody_in(
    served: Served, visitor: Visitor, email: str
) -> None:
    ask(visitor, email)
    path = link_path(served, email)

    with served.visitor() as other:
        shown = other.get(path)
        other.get("/inloggen")
        answer = other.send(path)
        page = other.get("/mijn")

    assert "Ga terug naar de andere browser" in shown.text
    assert email not in shown.text
    assert answer.status_code == 409
    assert page.headers["location"].startswith("/inloggen?volgende=")


def test_the_code_signs_in_however_it_is_typed(served: Served, visitor: Visitor, email: str) -> None:
    ask(visitor, email)
    typed = code(served, email).lower()

    answer = visitor.send("/inloggen/code", code=f" {typed[:4]} - {typed[4:]} ")

    assert answer.status_code == 303
    assert visitor.get("/mijn").status_code == 200


def test_the_code_of_another_browser_is_worth_nothing(served: Served, visitor: Visitor, email: str) -> None:
    ask(visitor, email)
    right = code(served, email)

    with served.visitor() as other:
        ask(other, f"other-{email}")
        answer = other.send("/inloggen/code", code=right)

    assert answer.status_code == 400


def test_after_five_wrong_codes_the_right_one_is_refused_too(served: Served, visitor: Visitor, email: str) -> None:
    ask(visitor, email)
    right = code(served, email)

    answers = [visitor.send("/inloggen/code", code="AAAAAAAA") for _ in range(5)]
    last = visitor.send("/inloggen/code", code=right)

    assert [answer.status_code for answer in answers] == [400, 400, 400, 400, 409]
    assert "Resterende pogingen: 4" in answers[0].text
    assert 'value="AAAAAAAA"' in answers[0].text
    assert last.status_code == 409


def test_an_old_link_and_its_code_no_longer_work(served: Served, visitor: Visitor, email: str) -> None:
    ask(visitor, email)
    path, right = link_path(served, email), code(served, email)
    let_link_end(served, email, at=machine_now() - timedelta(seconds=1))

    assert visitor.get(path).status_code == 409
    assert visitor.send(path).status_code == 409
    assert visitor.send("/inloggen/code", code=right).status_code == 409


def test_a_new_link_ends_the_one_before_it(served: Served, visitor: Visitor, email: str) -> None:
    ask(visitor, email)
    first = link_path(served, email)

    ask(visitor, email)

    assert visitor.send(first).status_code == 409
    assert visitor.send(link_path(served, email)).status_code == 303


def test_nothing_tells_whether_an_address_is_known(served: Served, visitor: Visitor, email: str) -> None:
    with served.visitor() as owner:
        sign_in(served, owner, email)
    stranger = f"nobody-{email}"

    answers = {}
    for address in (email, stranger):
        visitor.get("/inloggen")
        asked = visitor.send("/inloggen", email=address)
        waiting = visitor.follow(asked)
        # Only what the visitor typed themselves, and what differs in every answer, may differ.
        text = re.sub(r'name="csrf" value="[^"]+"', "", waiting.text.replace(address, "ADDRESS"))
        answers[address] = (asked.status_code, asked.headers["location"], waiting.status_code, text)

    assert answers[email] == answers[stranger]


def test_a_bad_address_is_refused_with_a_sentence_and_kept(visitor: Visitor) -> None:
    visitor.get("/inloggen")

    answer = visitor.send("/inloggen", email="noor at voorbeeld")

    assert answer.status_code == 400
    assert "Vul je e-mailadres in" in answer.text
    assert 'value="noor at voorbeeld"' in answer.text
    assert "<title>Fout:" in answer.text


def test_the_way_on_never_leads_to_another_site(served: Served, visitor: Visitor, email: str) -> None:
    ask(visitor, email, volgende="//elsewhere.example/")
    path = link_path(served, email)
    visitor.get(path)

    assert visitor.send(path).headers["location"] == "/mijn"


def test_a_planted_session_opens_nothing_and_signing_in_gives_a_new_one(
    served: Served, visitor: Visitor, email: str
) -> None:
    visitor.client.cookies.set("sessie", "planted", domain="127.0.0.1")
    assert visitor.get("/mijn").status_code == 303

    sign_in(served, visitor, email)
    first = visitor.client.cookies["sessie"]
    sign_in_again = link_path(served, email)
    assert first not in {"", "planted"}
    assert visitor.get(sign_in_again).headers["location"] == "/mijn"


def test_sessions_are_listed_and_one_can_be_ended_from_another_browser(
    served: Served, visitor: Visitor, email: str
) -> None:
    with served.visitor(**{"user-agent": PHONE}) as phone:
        sign_in(served, phone, email)
        sign_in(served, visitor, email)
        listed = visitor.get("/mijn/account").text
        with served.database.reading() as session:
            statement = select(SignInSession.id).where(SignInSession.browser == "Firefox, Android")
            phones = session.scalars(statement.order_by(SignInSession.created_at.desc())).first()

        ended = visitor.send(f"/mijn/sessies/{phones}/einde")

        assert "Firefox, Android" in listed
        assert ended.headers["location"] == "/mijn/account"
        assert phone.get("/mijn").status_code == 303
        assert visitor.get("/mijn").status_code == 200


def test_somebody_elses_session_is_not_found(served: Served, visitor: Visitor, email: str) -> None:
    sign_in(served, visitor, email)
    with served.visitor() as owner:
        sign_in(served, owner, f"owner-{email}")
        with served.database.reading() as session:
            newest = session.scalars(select(SignInSession.id).order_by(SignInSession.created_at.desc())).first()

        answer = visitor.send(f"/mijn/sessies/{newest}/einde")

        assert answer.status_code == 404
        assert owner.get("/mijn").status_code == 200


def test_signing_out_everywhere_ends_every_session(served: Served, visitor: Visitor, email: str) -> None:
    with served.visitor() as other:
        sign_in(served, other, email)
        sign_in(served, visitor, email)

        visitor.send("/mijn/sessies/einde")

        assert visitor.get("/mijn").status_code == 303
        assert other.get("/mijn").status_code == 303


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(
    served: Served, visitor: Visitor, email: str
) -> None:
    sign_in(served, visitor, email)
    kept = visitor.client.cookies["sessie"]
    visitor.send("/uitloggen")
    assert "sessie" not in visitor.client.cookies

    visitor.client.cookies.set("sessie", kept, domain="127.0.0.1")

    assert visitor.get("/mijn").status_code == 303


def test_one_mailbox_gets_five_links_an_hour(served: Served, email: str) -> None:
    answers = []
    for _ in range(6):
        with served.visitor() as somebody:
            somebody.get("/inloggen")
            answers.append(somebody.send("/inloggen", email=email))

    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Probeer het opnieuw vanaf" in answers[-1].text


def test_a_limit_is_counted_by_all_processes_together(served: Served, email: str) -> None:
    with running_web(served.database_url, broker_url=served.broker_url) as second:
        first_visitor = served.visitor()
        second_visitor = Visitor(second.base_url, address=first_visitor.address)
        with first_visitor, second_visitor:
            statuses = []
            for number in range(31):
                somebody = (first_visitor, second_visitor)[number % 2]
                somebody.get("/inloggen")
                statuses.append(somebody.send("/inloggen", email=f"{number}-{email}").status_code)

    assert statuses == [303] * 30 + [429]


def test_a_name_and_a_language_are_kept_and_the_site_speaks_it(served: Served, visitor: Visitor, email: str) -> None:
    sign_in(served, visitor, email)
    visitor.get("/mijn/account")

    answer = visitor.send("/mijn/account", name="  Noor   Voorbeeld ", locale="en")

    shown = visitor.follow(answer).text
    assert 'lang="en"' in shown
    assert 'value="Noor Voorbeeld"' in shown
    assert "Saved: your name and language." in shown
    assert "Saved: your name and language." not in visitor.get("/mijn/account").text
