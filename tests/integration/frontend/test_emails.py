"""Mail as it arrives at a real server: in the reader's language, in two forms, and recognisable when repeated."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from crowd.accounts.models import Person, SignInLink
from crowd.pledges.models import Pledge
from crowd.shared import outbox
from crowd.shared.clock import machine_now
from crowd.shared.db import CalledOutInsideTransaction, Database
from crowd.shared.ids import new_id
from crowd.shared.outbox import OutboxRow
from frontend import smtp
from frontend.dispatcher import dispatch, drain
from frontend.links import confirm_address_path, own_pledge_path
from frontend.runtime import Runtime
from frontend.security import token_hash
from tests.factories import NOW, make_initiative, make_municipality, make_person
from tests.mailbox import Mailbox, body_of, running_mailbox
from tests.tools import running_tools

EMAIL = "noor@voorbeeld.example"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as box:
        yield box


@pytest.fixture
def tools(committing_database: Database, mailbox: Mailbox) -> Iterator[Runtime]:
    with running_tools(committing_database, SMTP_URL=mailbox.url) as made:
        yield made


@pytest.fixture
def pledge_id(tools: Runtime) -> UUID:
    """A secured pledge by a donor who reads Dutch."""
    pledge_id = new_id()
    with tools.database.transaction() as session:
        municipality_id = make_municipality(session)
        person_id = make_person(session, municipality_id=municipality_id, email=EMAIL)
        session.execute(update(Person).where(Person.id == person_id).values(email_confirmed_at=None))
        initiator_id = make_person(session, municipality_id=municipality_id, email="initiator@voorbeeld.example")
        initiative_id = make_initiative(session, municipality_id=municipality_id, initiator_id=initiator_id)
        session.execute(
            insert(Pledge).values(
                id=pledge_id,
                municipality_id=municipality_id,
                initiative_id=initiative_id,
                person_id=person_id,
                amount_cents=25_00,
                state="secured",
                locale="nl",
                promised_at=NOW,
                secured_at=NOW,
                state_since=NOW,
            )
        )
    return pledge_id


def _queue(tools: Runtime, kind: str, **args: str) -> None:
    with tools.database.transaction() as session:
        outbox.add(session, kind=kind, args=args, dedupe_key=f"{kind}/test")


def _ask_for_link(tools: Runtime, *, minutes: int = 15) -> UUID:
    link_id, now = new_id(), machine_now()
    with tools.database.transaction() as session:
        municipality_id = make_municipality(session)
        session.execute(
            insert(SignInLink).values(
                id=link_id,
                municipality_id=municipality_id,
                email=EMAIL,
                token_hash=token_hash(tools.keys.sign_in_token(link_id)),
                code_hash=b"code",
                browser_hash=b"browser",
                created_at=now,
                expires_at=now + timedelta(minutes=minutes),
            )
        )
    return link_id


def test_a_sign_in_link_arrives_with_its_button_and_its_code(tools: Runtime, mailbox: Mailbox) -> None:
    link_id = _ask_for_link(tools)

    _queue(tools, "sign_in.link", link_id=str(link_id))
    dispatch(tools)

    (mail,) = mailbox.messages
    code = tools.keys.sign_in_code(link_id)
    assert mail["To"] == EMAIL
    assert mail["Subject"] == "Je link om in te loggen"
    for kind in ("plain", "html"):
        assert f"/inloggen/{tools.keys.sign_in_token(link_id)}" in body_of(mail, kind)
        assert f"{code[:4]}-{code[4:]}" in body_of(mail, kind)


def test_a_sign_in_link_that_is_too_old_is_not_sent(tools: Runtime, mailbox: Mailbox) -> None:
    _queue(tools, "sign_in.link", link_id=str(_ask_for_link(tools, minutes=-1)))
    dispatch(tools)

    assert mailbox.messages == []
    with tools.database.reading() as session:
        assert session.query(OutboxRow).one().done_at is not None


def test_the_receipt_says_what_was_promised_and_what_happens(tools: Runtime, mailbox: Mailbox, pledge_id: UUID) -> None:
    _queue(tools, "pledge.receipt", pledge_id=str(pledge_id))
    dispatch(tools)

    (mail,) = mailbox.messages
    text, html = body_of(mail, "plain"), body_of(mail, "html")
    assert mail["Subject"] == "Dank voor je bijdrage aan Geveltuinen in de Kadestraat"
    assert "€\N{NO-BREAK SPACE}25" in text
    assert "€\N{NO-BREAK SPACE}1.000" in html
    for form in (text, html):
        assert f"http://127.0.0.1:8000{own_pledge_path(pledge_id, tools.keys)}" in form
        assert confirm_address_path(pledge_id, tools.keys) in form


def test_a_donor_who_reads_english_gets_english(tools: Runtime, mailbox: Mailbox, pledge_id: UUID) -> None:
    with tools.database.transaction() as session:
        session.execute(update(Pledge).values(locale="en"))

    _queue(tools, "pledge.receipt", pledge_id=str(pledge_id))
    dispatch(tools)

    (mail,) = mailbox.messages
    assert mail["Subject"] == "Thank you for your contribution to Geveltuinen in de Kadestraat"
    assert mail["Content-Language"] == "en"
    assert "nothing has been charged yet" in body_of(mail, "plain")


def test_a_mail_sent_twice_is_recognisably_the_same(tools: Runtime, mailbox: Mailbox, pledge_id: UUID) -> None:
    _queue(tools, "pledge.receipt", pledge_id=str(pledge_id))
    dispatch(tools)
    with tools.database.transaction() as session:
        session.execute(update(OutboxRow).values(done_at=None, leased_until=None))
    dispatch(tools)

    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@buurtloket.example>")


def test_a_server_that_cannot_take_mail_now_gets_it_later(tools: Runtime, mailbox: Mailbox, pledge_id: UUID) -> None:
    mailbox.refuse = True
    _queue(tools, "pledge.receipt", pledge_id=str(pledge_id))
    dispatch(tools)
    mailbox.refuse = False
    with tools.database.transaction() as session:
        session.execute(update(OutboxRow).values(due_at=machine_now()))
    drain(tools)

    assert len(mailbox.messages) == 1


def test_a_title_cannot_break_out_of_the_mail(tools: Runtime, mailbox: Mailbox, pledge_id: UUID) -> None:
    with tools.database.transaction() as session:
        session.connection().exec_driver_sql(
            "UPDATE initiatives SET title = E'<b>Tuin</b>\\r\\nBcc: everyone@voorbeeld.example'"
        )

    _queue(tools, "pledge.receipt", pledge_id=str(pledge_id))
    dispatch(tools)

    (mail,) = mailbox.messages
    assert mail["Bcc"] is None
    assert "<b>Tuin</b>" in body_of(mail, "plain")
    html = mail.get_body(("html",))
    assert html is not None
    assert "<b>Tuin</b>" not in html.get_content()


def test_no_mail_leaves_while_a_transaction_is_open(tools: Runtime, mailbox: Mailbox) -> None:
    with tools.database.transaction(), pytest.raises(CalledOutInsideTransaction):
        smtp.send(EmailMessage(), mailbox.url)
    assert mailbox.messages == []
