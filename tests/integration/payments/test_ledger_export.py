"""The ledger for an accountant: whole, right to the cent, in the format's own order, and in little memory."""

import csv
import io
import re
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from crowd.shared.clock import local_midnight
from crowd.shared.db import Database
from payments.books.auditfile_rules import EARLIER_RESULT, JOURNALS, Heading
from payments.books.export_rules import NUMBERS, WORDS, Period, PeriodAcrossYears, PeriodBackwards
from payments.books.export_workflow import Exported, Format, export_ledger
from payments.ledger.models import Account
from payments.ledger.rules import ACCOUNT_KINDS, CAMPAIGN_FUNDS, POSTINGS
from tests import factories
from tests.auditfile import wrong_with
from tests.command_line import command_line
from tests.database import Server

CAMPAIGNS = 12
POSTED = 6_000
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
_POST = text("""
    INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id, kind,
                                  occurred_at)
    SELECT CASE WHEN d.shared IS NOT NULL THEN d.shared ELSE f.id END,
           CASE WHEN c.shared IS NOT NULL THEN c.shared ELSE f.id END,
           100 + n, 'pledge', 'made-up ' || n, k.kind, CAST(:starts AS timestamptz) + n * interval '2 hours'
    FROM generate_series(1, :many) AS n
    JOIN unnest(CAST(:kinds AS text[]), CAST(:debits AS text[]), CAST(:credits AS text[]))
         WITH ORDINALITY AS k (kind, debit, credit, nr) ON k.nr = 1 + n % cardinality(CAST(:kinds AS text[]))
    JOIN unnest(CAST(:funds AS uuid[])) WITH ORDINALITY AS f (id, nr)
      ON f.nr = 1 + n % cardinality(CAST(:funds AS uuid[]))
    LEFT JOIN LATERAL (SELECT id AS shared FROM ledger_accounts a WHERE a.kind = k.debit
                       AND a.initiative_id IS NULL AND a.municipality_id = :municipality) d ON true
    LEFT JOIN LATERAL (SELECT id AS shared FROM ledger_accounts a WHERE a.kind = k.credit
                       AND a.initiative_id IS NULL AND a.municipality_id = :municipality) c ON true
""")


class Books(NamedTuple):
    """A ledger of thousands of made-up postings of every kind, from the middle of 2025 until the end of 2026."""

    database: Database
    municipality_id: UUID


@pytest.fixture(scope="module")
def books(database_server: Server, worker_name: str) -> Iterator[Books]:
    with closing(Database(database_server.clone(f"export_{worker_name}"), pool_size=3)) as database:
        with database.transaction() as session:
            municipality_id = factories.make_municipality(session)
            neighbourhood = factories.make_neighbourhood(session, municipality_id=municipality_id)
            person = factories.make_person(session, municipality_id=municipality_id)
            titles = ['Bank & boom <"groen">', "=1+1", "Straat\x07feest", *(f"Plein {n}" for n in range(CAMPAIGNS - 3))]
            shared = [kind for kind in ACCOUNT_KINDS if kind != CAMPAIGN_FUNDS]
            session.execute(insert(Account), [{"municipality_id": municipality_id, "kind": kind} for kind in shared])
            funds = []
            for title in titles:
                initiative = factories.make_initiative(
                    session,
                    municipality_id=municipality_id,
                    initiator_id=person,
                    neighbourhood_id=neighbourhood,
                    title=title,
                )
                row = {"municipality_id": municipality_id, "kind": CAMPAIGN_FUNDS, "initiative_id": initiative}
                funds.append(session.execute(insert(Account).values(row).returning(Account.id)).scalar_one())
            # One between two campaigns would need another one here; to a file it is a posting like any other.
            between_kinds = [(kind, posting) for kind, posting in POSTINGS.items() if posting.debit != posting.credit]
            session.execute(
                _POST,
                {
                    "many": POSTED,
                    "starts": local_midnight(date(2025, 8, 1)),
                    "kinds": [kind for kind, _ in between_kinds],
                    "debits": [posting.debit for _, posting in between_kinds],
                    "credits": [posting.credit for _, posting in between_kinds],
                    "funds": funds,
                    "municipality": municipality_id,
                },
            )
        yield Books(database, municipality_id)


def _heading(period: Period = YEAR) -> Heading:
    return Heading(
        company="Voorbeeldstad",
        address="Plein 1, 9990 AA Voorbeeldstad",
        tax_number="",
        period=period,
        created_on=date(2027, 1, 2),
        version="1.0",
    )


def _export(books: Books, form: Format, period: Period = YEAR) -> tuple[str, Exported]:
    pieces: list[str] = []
    done = export_ledger(
        books.database,
        municipality_id=books.municipality_id,
        heading=_heading(period),
        form=form,
        write=pieces.append,
    )
    return "".join(pieces), done


def _in_the_ledger(books: Books, period: Period) -> Exported:
    with books.database.reading() as session:
        row = session.execute(
            text("""SELECT count(*), sum(amount_cents) FROM ledger_transfers
                    WHERE (occurred_at AT TIME ZONE 'Europe/Amsterdam')::date BETWEEN :first AND :last"""),
            {"first": period.first, "last": period.last},
        ).one()
    return Exported(int(row[0]), int(row[1]))


@pytest.mark.parametrize(
    "period", [YEAR, Period(date(2026, 3, 30), date(2026, 4, 2)), Period(date(2024, 1, 1), date(2024, 12, 31))]
)
def test_an_audit_file_is_what_the_format_asks(books: Books, period: Period) -> None:
    written, _ = _export(books, "xaf", period)
    assert wrong_with(written) == []


def test_an_export_holds_the_ledger_to_the_cent(books: Books) -> None:
    whole = _in_the_ledger(books, YEAR)
    audit_file, in_xml = _export(books, "xaf")
    table, in_csv = _export(books, "csv")
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")), delimiter=";"))
    assert whole.postings > 4_000
    assert in_xml == in_csv == whole
    assert audit_file.count("<transaction>") == len(rows) == whole.postings
    assert sum(int(row["bedrag"].replace(",", "")) for row in rows) == whole.cents
    assert len({row["boeking"] for row in rows}) == whole.postings
    assert {row["datum"][:4] for row in rows} == {"2026"}


def test_every_account_ends_where_the_ledger_ends(books: Books) -> None:
    """Opening balance and movements of the audit file together are the account's balance in the ledger."""
    written, _ = _export(books, "xaf")
    found: dict[str, int] = {}
    for code, amount, side in re.findall(
        r"<accID>(\w+)</accID>\n(?:<docRef>.*\n.*\n.*\n)?<amnt>(.+)</amnt>\n<amntTp>(.)", written
    ):
        found[code] = found.get(code, 0) + int(amount.replace(".", "")) * (1 if side == "D" else -1)
    with books.database.reading() as session:
        rows = session.execute(
            text("""SELECT a.kind, a.id, sum(CASE WHEN t.debit_account_id = a.id THEN 1 ELSE -1 END * t.amount_cents)
                    FROM ledger_accounts a JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
                    GROUP BY a.id""")
        ).all()
    booked = {
        f"F{id_.hex}" if kind == CAMPAIGN_FUNDS else NUMBERS[kind].number: int(cents) for kind, id_, cents in rows
    }
    results = {number.number for number in NUMBERS.values() if number.is_result}
    assert found.keys() - {EARLIER_RESULT} == booked.keys()
    assert {code: cents for code, cents in found.items() if code not in results | {EARLIER_RESULT}} == {
        code: cents for code, cents in booked.items() if code not in results
    }
    # What was spent before the year began stands apart, and together it is all that was ever spent.
    assert sum(found[code] for code in (results & found.keys()) | {EARLIER_RESULT}) == sum(
        booked[code] for code in results & booked.keys()
    )


def test_memory_does_not_grow_with_the_ledger(books: Books) -> None:
    def peak(period: Period) -> int:
        tracemalloc.start()
        try:
            export_ledger(
                books.database,
                municipality_id=books.municipality_id,
                heading=_heading(period),
                form="csv",
                write=len,
            )
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    a_lot = peak(Period(date(2025, 8, 1), date(2026, 12, 31)))
    some = peak(Period(date(2025, 8, 1), date(2025, 12, 15)))
    assert _in_the_ledger(books, Period(date(2025, 8, 1), date(2025, 12, 15))).postings > 1_500
    assert a_lot < some * 1.5


def test_a_text_is_no_formula_and_no_markup(books: Books) -> None:
    audit_file, table = _export(books, "xaf")[0], _export(books, "csv")[0]
    assert "Bank &amp; boom &lt;" in audit_file
    assert "Straatfeest" in audit_file
    assert not re.search(r"(^|;)[=+@]", table, re.MULTILINE)


def test_days_are_those_of_the_netherlands(books: Books) -> None:
    # The last posting of a Dutch New Year's Eve is after 23.00 hours in UTC, which is next year there already.
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    whole = _in_the_ledger(books, Period(first, last))
    parts = [
        _export(books, "csv", Period(first, date(2026, 6, 30)))[1],
        _export(books, "csv", Period(date(2026, 7, 1), last))[1],
    ]
    assert Exported(sum(p.postings for p in parts), sum(p.cents for p in parts)) == whole


def test_days_that_make_no_period_are_refused(books: Books) -> None:
    with pytest.raises(PeriodBackwards):
        Period(date(2026, 1, 2), date(2026, 1, 1))
    across = Period(date(2025, 12, 1), date(2026, 1, 1))
    with pytest.raises(PeriodAcrossYears):
        _export(books, "xaf", across)
    assert _export(books, "csv", across)[1].postings


def test_every_account_and_posting_has_its_dutch_name() -> None:
    assert set(ACCOUNT_KINDS) <= set(NUMBERS)
    assert set(POSTINGS) <= set(WORDS)
    assert len({number.number for number in NUMBERS.values()} | {EARLIER_RESULT}) == len(NUMBERS) + 1
    assert {journal.account_kind for journal in JOURNALS} - {""} <= set(NUMBERS)


# What is spoilt -> a word of the sentence that must say so.
SPOILT = {
    "a line too many in the count": (r"(<transactions>\n<linesCount>)\d+", r"\g<1>1", "transactions: says"),
    "a total a cent off": (r"(<transactions>\n.*\n<totalDebit>\d+\.)\d\d", r"\g<1>99", "transactions: says"),
    "an account nobody knows": (r"(<trLine>\n<nr>1</nr>\n<accID>)\w+", r"\g<1>9999", "are not among"),
    "a period nobody knows": (
        r"<periodNumber>3</periodNumber>\n<startDate",
        "<periodNumber>13</periodNumber>\n<startDate",
        "are not among",
    ),
    "an unbalanced posting": (r"(<trLine>\n<nr>1(?:.*\n){5}<amnt>\d+\.)\d\d", r"\g<1>98", "does not balance"),
    "a long number": (r"<nr>\d+</nr>\n<desc>", f"<nr>{'1' * 36}</nr>\n<desc>", "is not"),
    "an amount without cents": (r"(<amnt>\d+)\.\d\d", r"\g<1>", "is not"),
    "another order": (r"(<curCode>EUR</curCode>\n)(<dateCreated>.*\n)", r"\g<2>\g<1>", "another order"),
    "no tax number": (r"<taxRegIdent>.*\n", "", "stands there 0 times"),
    "an unknown element": (r"<header>\n", "<header>\n<author>x</author>\n", "do not belong"),
    "a day outside its period": (r"<trDt>2026-05-", "<trDt>2026-06-", "is not in its period"),
    "costs that open a year": (r"(<obLine>\n<nr>1</nr>\n<accID>)\w+", r"\g<1>4000", "costs and losses"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_spoilt_audit_file_is_noticed(books: Books, fault: str) -> None:
    written, _ = _export(books, "xaf")
    pattern, becomes, sentence = SPOILT[fault]
    spoilt, times = re.subn(pattern, becomes, written, count=1)
    assert times == 1
    assert any(sentence in said for said in wrong_with(spoilt)), wrong_with(spoilt)


@pytest.mark.parametrize("form", ["xaf", "csv"])
def test_the_command_writes_a_file_once(
    books: Books, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    buurtloket = command_line(books.database, monkeypatch, capsys)
    file = tmp_path / f"ledger.{form}"
    words = ("export-ledger", str(file), "--from", "2026-01-01", "--to", "2026-12-31", "--format", form)

    code, said, _ = buurtloket(*words)
    again = buurtloket(*words)

    whole = _in_the_ledger(books, YEAR)
    assert code == 0
    assert f"{whole.postings} postings, € {whole.cents // 100}.{whole.cents % 100:02d} debited and credited." in said
    assert ("ONBEKEND" in said) == (form == "xaf")
    assert file.stat().st_mode & 0o077 == 0
    assert (again[0], again[2]) == (1, f"{file} cannot be written: File exists.\n")


def test_a_refused_export_leaves_no_half_file(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    buurtloket = command_line(books.database, monkeypatch, capsys)
    file = tmp_path / "two-years.xaf"

    code, _, complaint = buurtloket("export-ledger", str(file), "--from", "2025-12-01", "--to", "2026-01-31")

    assert (code, complaint) == (
        1,
        "An audit file covers one calendar year at most: choose days of the same year, or CSV.\n",
    )
    assert not file.exists()


def test_a_number_is_given_where_the_municipality_has_one(books: Books) -> None:
    pieces: list[str] = []
    heading = replace(_heading(), tax_number="001234567")
    export_ledger(
        books.database, municipality_id=books.municipality_id, heading=heading, form="xaf", write=pieces.append
    )
    assert "<taxRegIdent>001234567</taxRegIdent>" in "".join(pieces)
