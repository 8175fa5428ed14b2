"""`buurtloket` as it is typed: it does what it says, refuses in one sentence, and never shows a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from crowd.accounts.models import RoleGrant
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import PostcodeArea
from crowd.shared import outbox
from crowd.shared.clock import ClockOffset, machine_now
from crowd.shared.db import Database
from crowd.shared.outbox import OutboxRow
from frontend.seed.plans import plans
from payments.bank.models import MoneyTerms
from payments.inbox.operations import lease_events, mark_failed, mark_handled, store_events
from payments.provider import Event
from tests.command_line import Buurtloket
from tests.database import ROOT


def _count(database: Database, column: object) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(column))) or 0  # type: ignore[arg-type]  # any column counts


def test_the_demonstration_is_filled_once_however_often_it_is_asked(
    buurtloket: Buurtloket, committing_database: Database
) -> None:
    first, second = buurtloket("seed-demo"), buurtloket("seed-demo")

    assert first[:2] == (0, f"Voorbeeldstad is ready: {len(plans())} new initiatives.\n")
    assert second[:2] == (0, "Voorbeeldstad is ready: 0 new initiatives.\n")
    assert _count(committing_database, Initiative.id) == len(plans())
    assert _count(committing_database, PostcodeArea.pc4) == 24
    with committing_database.reading() as session:
        states = {plan.id: plan.state for plan in plans()}
        assert {row.id: row.state for row in session.execute(select(Initiative.id, Initiative.state))} == states


def test_a_real_installation_is_not_filled_with_made_up_people(
    buurtloket: Buurtloket, committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO", "no")

    code, _said, complaint = buurtloket("seed-demo")

    assert (code, complaint) == (1, "This can only be done in a demonstration (DEMO=yes).\n")
    assert _count(committing_database, Initiative.id) == 0


def test_the_links_name_everybody_one_can_be(buurtloket: Buurtloket) -> None:
    code, said, _ = buurtloket("demo-links")

    assert code == 0
    for part in ("resident", "donor", "volunteer", "clerk", "assessor", "approver"):
        assert f"http://127.0.0.1:8000/demo/inloggen/{part}\n" in said


def test_the_clock_moves_forward_only(buurtloket: Buurtloket, committing_database: Database) -> None:
    buurtloket("seed-demo")

    assert buurtloket("move-clock", "--days", "3")[0] == 0
    assert buurtloket("move-clock", "--days", "-1")[0] == 1
    with committing_database.reading() as session:
        assert session.scalar(select(ClockOffset.seconds)) == 3 * 24 * 60 * 60


def test_a_municipality_is_set_up_and_changed_by_the_same_command(buurtloket: Buurtloket) -> None:
    words = ("municipality", "create", "--slug", "waterrade", "--phone", "14 000", "--address", "Plein 1")
    code, said, _ = buurtloket(*words, "--name", "Waterrade", "--email", "loket@waterrade.example")
    refused = buurtloket(*words, "--name", "Waterrade", "--email", "x@y.example", "--brand", "green")

    assert (code, said) == (0, "Waterrade is set up.\n")
    assert refused[0] == 1
    assert refused[2] == "Write a colour as # and six digits, for example #0b4f6c.\n"


def test_a_role_is_given_shown_and_taken_away(buurtloket: Buurtloket, committing_database: Database) -> None:
    buurtloket("seed-demo")

    given = buurtloket("roles", "grant", "new@waterrade.example", "approver", "--mandate-euros", "2500")
    shown = buurtloket("roles", "list")
    taken = buurtloket("roles", "revoke", "new@waterrade.example", "approver")
    again = buurtloket("roles", "revoke", "new@waterrade.example", "approver")

    assert given[0] == taken[0] == 0
    assert "new@waterrade.example  up to € 2500" in shown[1]
    assert (again[0], again[2]) == (1, "new@waterrade.example does not have the role approver.\n")
    with committing_database.reading() as session:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.mandate_cents == 250_000)).one()
        assert grant.revoked_at is not None


@pytest.mark.parametrize(
    "words", [("mayor",), ("approver",), ("clerk", "--mandate-euros", "10")], ids=["unknown", "no mandate", "mandate"]
)
def test_a_role_that_cannot_be_is_refused(buurtloket: Buurtloket, words: tuple[str, ...]) -> None:
    buurtloket("seed-demo")
    code, _, complaint = buurtloket("roles", "grant", "new@waterrade.example", *words)

    assert code == 1
    assert complaint.count("\n") == 1


def test_postcodes_are_read_and_bad_rows_are_named(
    buurtloket: Buurtloket, committing_database: Database, tmp_path: Path
) -> None:
    table = tmp_path / "postcodes.csv"
    table.write_text(
        "country_code,zipcode,place,latitude,longitude\n"
        "NL,9990,Verzonnenstad,52.5,5.5\n"
        "NL,9990,Verzonnenstad Noord,52.6,5.6\n"
        "NL,999,Te Kort,52.5,5.5\n"
        "NL,9991,,52.5,5.5\n"
        "NL,9992,Ver Weg,12.5,5.5\n"
        "NL,9993,Geen Getal,noord,5.5\n"
        "NL,9994,Korte Rij\n"
        "NL,9995,Verzonnendorp,nan,5.5\n"
        "NL,9996,Verzonnendorp,52.4,5.4\n",
        encoding="utf-8-sig",
    )
    buurtloket("seed-demo")
    code, said, _ = buurtloket("import-postcodes", str(table))

    assert code == 1
    assert [line.split(":")[0] for line in said.splitlines()[:-1]] == [f"line {n}" for n in (4, 5, 6, 7, 8, 9)]
    assert said.splitlines()[-1] == "2 areas stored, 1 repeats, 6 rows refused."
    with committing_database.reading() as session:
        assert session.scalar(select(PostcodeArea.place).where(PostcodeArea.pc4 == "9990")) == "Verzonnenstad"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe\x00not text", "this is not text in UTF-8."),
        (b"", "the first line must name the columns zipcode, place, latitude, longitude."),
        (b"a;b;c\n1;2;3\n", "the first line must name the columns zipcode, place, latitude, longitude."),
    ],
    ids=["binary", "empty", "semicolons"],
)
def test_a_file_that_is_no_such_table_is_refused(
    buurtloket: Buurtloket, tmp_path: Path, content: bytes, sentence: str
) -> None:
    table = tmp_path / "other.csv"
    table.write_bytes(content)

    code, _, complaint = buurtloket("import-postcodes", str(table))

    assert code == 1
    assert complaint == f"{table}: {sentence}\n"


def test_a_file_that_is_not_there_is_said_so(buurtloket: Buurtloket, tmp_path: Path) -> None:
    code, _, complaint = buurtloket("import-postcodes", str(tmp_path / "nothing.csv"))

    assert code == 1
    assert complaint.endswith("nothing.csv cannot be read: No such file or directory.\n")


def test_what_was_given_up_is_shown_and_tried_again(buurtloket: Buurtloket, committing_database: Database) -> None:
    with committing_database.transaction() as session:
        outbox.add_many(session, kind="pledge.receipt", jobs=[({"pledge_id": "x"}, str(n)) for n in range(3)])
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.dedupe_key != "0")
            .values(failed_at=machine_now(), attempts=12, last_error="SMTPServerDisconnected")
        )

    shown = buurtloket("outbox", "list")
    unclear = buurtloket("outbox", "replay")
    replayed = buurtloket("outbox", "replay", "--all")

    assert "     1 waiting  pledge.receipt" in shown[1]
    assert shown[1].count("12 attempts, SMTPServerDisconnected") == 2
    assert unclear[0] == 1
    assert replayed[:2] == (0, "2 will be tried again.\n")
    with committing_database.reading() as session:
        assert session.scalar(select(func.count()).where(OutboxRow.failed_at.is_not(None))) == 0


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY must be at least 32 characters of randomness\n"),
        ("SMTP_URL", "mail.example", "SMTP_URL must be smtp://host:port or smtps://host:port\n"),
        ("SMTP_URL", "smtps://mail.example?starttls=yes", "SMTP_URL with smtps:// is encrypted already; leave out"),
        ("BROKER_URL", "amqp://broker.example", "BROKER_URL must start with redis://, rediss:// or redis+socket://\n"),
    ],
)
def test_settings_that_cannot_be_right_are_named(
    buurtloket: Buurtloket, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)

    code, _, complaint = buurtloket("check-settings")

    assert code == 2
    assert complaint.startswith(sentence)


def test_settings_are_also_tried_out_when_asked(buurtloket: Buurtloket) -> None:
    alone, with_others = buurtloket("check-settings"), buurtloket("check-settings", "--connect")

    assert alone[0] == 0
    assert with_others[0] == 1
    assert "DATABASE_URL answers." in with_others[1]
    assert "BROKER_URL does not answer as it should" in with_others[1]


def test_a_database_that_is_away_is_said_in_one_sentence(
    buurtloket: Buurtloket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/nothing")

    code, _, complaint = buurtloket("roles", "list")

    assert code == 1
    assert complaint == "The database does not answer. Is it running, and is DATABASE_URL right?\n"


@pytest.mark.parametrize("moment", ["2020-12-31", "2020-12-31T17:00", "2020-12-31T17:00+00:00"])
def test_the_books_of_any_past_moment_can_be_asked_for(buurtloket: Buurtloket, moment: str) -> None:
    buurtloket("seed-demo")

    code, said, _ = buurtloket("check-books", "--as-of", moment)

    assert code == 0
    assert "Cannot be asked of the past: I6: the clearing account equals the provider's balance" in said
    assert said.splitlines()[-1].startswith("Every book balanced then: ")


@pytest.mark.parametrize(("moment", "code"), [("2999-01-01", 1), ("yesterday", 2)], ids=["future", "no moment"])
def test_a_moment_that_is_no_past_one_is_refused(buurtloket: Buurtloket, moment: str, code: int) -> None:
    assert buurtloket("check-books", "--as-of", moment)[0] == code


def test_the_command_starts_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from frontend.cli import main; main()", "nonsense"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "nonsense" in done.stderr


def test_the_municipalitys_bank_account_is_said_once_and_checked(
    buurtloket: Buurtloket, committing_database: Database
) -> None:
    buurtloket("seed-demo")
    wrong = buurtloket("municipality", "bank", "--account", "NL05VOOR0123456789")
    account = ("municipality", "bank", "--account", "nl91 abna 0417 1643 00")
    buurtloket(*account, "--payout-alone", "5000")
    right = buurtloket(*account, "--cash-alone", "50")

    assert wrong[0] == 1
    assert "IBAN" in wrong[2]
    assert right[:2] == (0, "Gifts by bank transfer can be taken.\n")
    with committing_database.reading() as session:
        terms = session.scalars(select(MoneyTerms)).one()
    assert (terms.bank_account, terms.cash_alone_cents, terms.payout_alone_cents) == (
        "NL91ABNA0417164300",
        50_00,
        5_000_00,
    )


def test_what_the_provider_told_can_be_handled_once_more(buurtloket: Buurtloket, committing_database: Database) -> None:
    told = [
        Event(id=f"evt_{number}", type="charge.updated", object_ref="ch_1", created=1_800_000_000 + number)
        for number in range(3)
    ]
    with committing_database.transaction() as session:
        store_events(session, events=told)
        mark_handled(session, event_id="evt_0", now=machine_now())
        [tried] = [event for event in lease_events(session, most=3) if event.id == "evt_1"]
        mark_failed(session, event=tried, error="OutcomeUnknown")

    listed = buurtloket("events", "list")
    named = buurtloket("events", "replay", "evt_0", "evt_9")
    later = buurtloket("events", "replay", "--since", "2027-01-15T08:00:02+00:00")
    refused = [buurtloket("events", "replay"), buurtloket("events", "replay", "--since", "gisteren")]

    assert listed[0] == 0
    assert "1 waiting  charge.updated" in listed[1]
    assert "evt_1  charge.updated  1 attempts, OutcomeUnknown, again at" in listed[1]
    assert named[:2] == (0, "evt_9 is not known here, and is left out.\n1 will be handled once more.\n")
    assert later[:2] == (0, "1 will be handled once more.\n")
    assert [(code, complaint) for code, _, complaint in refused] == [
        (1, "Name the events to handle once more, or use --since.\n"),
        (1, "gisteren is no moment. Write it as 2026-11-23 or 2026-11-23T14:30 (UTC).\n"),
    ]
    with committing_database.transaction() as session:
        # The one that was leased, and the one that was handled, are both to be handled again.
        assert {event.id for event in lease_events(session, most=9)} >= {"evt_0", "evt_2"}
