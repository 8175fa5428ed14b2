"""Taking a municipal register over by the command, as an operator types it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crowd.accounts.models import Organisation
from crowd.initiatives.import_queries import imported
from crowd.initiatives.models import BudgetLine, Initiative, TeamMember
from crowd.municipalities.queries import the_municipality
from crowd.shared.audit import AuditRow
from crowd.shared.clock import local_date, machine_now
from crowd.shared.db import Database
from tests.command_line import Buurtloket

HEADER = "DOSSIERNUMMER;AANVRAGER;REGELINGNAAM;BELEIDSTERREIN;ORGANISATIEONDERDEEL;PROJECT_NAAM;BEDRAG_AANGEVRAAGD"
GOOD = (
    "V-1;Stichting Plein;Regeling;Welzijn;stadsdeel Noord;Soos;1400.00",
    "V-2;Stichting Plein;Regeling;Welzijn;stadsdeel Noord;Soos;1400",
    "V-3;Bewoners Kade;;;;Moestuin;85.50",
)
BAD = (
    "V-4;Stichting Plein;Regeling;Welzijn;stadsdeel Noord;Soos;0",
    "V-5;;Regeling;Welzijn;stadsdeel Noord;Soos;10",
    "V-6;Stichting Plein;Regeling;Welzijn;stadsdeel Noord;NULL;10",
)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_text("\r\n".join((HEADER, *GOOD, *BAD)) + "\r\n", encoding="cp1252")
    return path


@pytest.fixture(autouse=True)
def demonstration(buurtloket: Buurtloket) -> None:
    """A municipality is set up before its register is taken over."""
    code, *_ = buurtloket(
        *("municipality", "create", "--slug", "waterrade", "--phone", "14 000", "--address", "Plein 1"),
        *("--name", "Waterrade", "--email", "loket@waterrade.example"),
    )
    assert code == 0


def _states(database: Database, *references: str) -> dict[str, str]:
    with database.reading() as session:
        here = the_municipality(session)
        assert here is not None
        found = imported(session, municipality_id=here.id, references=references)
        return {one.reference: one.state for one in found}


def _count(database: Database, column: object) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(column))) or 0  # type: ignore[arg-type]  # any column counts


def test_good_rows_become_drafts_and_bad_ones_are_named_with_line_and_reason(
    buurtloket: Buurtloket, committing_database: Database, register: Path
) -> None:
    code, said, complaint = buurtloket("import-initiatives", str(register))

    assert (code, complaint.strip()) == (0, "")
    assert said.splitlines() == [
        "line 5: The amount asked is 0.",
        "line 6: The register names no applicant.",
        "line 7: The register names no project.",
        "6 rows: 0 live, 3 draft, 0 known already, 3 refused.",
    ]
    assert _states(committing_database, "V-1", "V-2", "V-3", "V-4") == {"V-1": "draft", "V-2": "draft", "V-3": "draft"}


def test_a_second_import_adds_nothing(buurtloket: Buurtloket, committing_database: Database, register: Path) -> None:
    buurtloket("import-initiatives", str(register))
    before = [_count(committing_database, column) for column in (Initiative.id, Organisation.id, BudgetLine.id)]

    _, said, _ = buurtloket("import-initiatives", str(register))

    assert said.splitlines()[-1] == "6 rows: 0 live, 0 draft, 3 known already, 3 refused."
    assert before == [_count(committing_database, column) for column in (Initiative.id, Organisation.id, BudgetLine.id)]
    assert before == [3, 2, 3]


def test_live_initiatives_are_online_until_the_day_that_was_named_as_the_operators_act(
    buurtloket: Buurtloket, committing_database: Database, register: Path
) -> None:
    ends_on = local_date(machine_now()) + timedelta(days=20)

    code, said, _ = buurtloket("import-initiatives", str(register), "--live", "--ends-on", ends_on.isoformat())

    # Online one must know where it is; a draft may still be without a place.
    assert said.splitlines()[0].startswith("line 4: ")
    assert (code, said.splitlines()[-1]) == (0, "6 rows: 2 live, 0 draft, 0 known already, 4 refused.")
    with committing_database.reading() as session:
        here = the_municipality(session)
        assert here is not None
        first, _ = imported(session, municipality_id=here.id, references=["V-1", "V-2", "V-3"])
        assert (first.state, first.ends_on, first.minimum_cents) == ("live", ends_on, 1400_00)
        assert (first.organisation, first.neighbourhood) == ("Stichting Plein", "stadsdeel Noord")
        lines = session.execute(select(BudgetLine.amount_cents).where(BudgetLine.initiative_id == first.id)).all()
        assert [cents for (cents,) in lines] == [1400_00]
        unclaimed = session.execute(select(Organisation.claimed_by)).scalars().all()
        assert unclaimed == [None]
        assert session.execute(select(func.count(TeamMember.person_id))).scalar_one() == 0
        acts = session.execute(
            select(AuditRow.action, AuditRow.channel).where(AuditRow.subject_id == first.id).order_by(AuditRow.id)
        ).all()
    assert ("initiative.became_live", "operator") in [(action, channel) for action, channel in acts]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--live",), "--live and --ends-on DATE go together."),
        (("--ends-on", "2099-01-01"), "--live and --ends-on DATE go together."),
        (("--live", "--ends-on", "2020-01-01"), ""),
    ],
)
def test_a_date_that_cannot_be_is_refused_before_anything_is_written(
    buurtloket: Buurtloket, committing_database: Database, register: Path, words: tuple[str, ...], sentence: str
) -> None:
    code, said, complaint = buurtloket("import-initiatives", str(register), *words)

    assert (code, said) == (1, "")
    assert complaint.count("\n") == 1
    assert sentence in complaint
    assert _count(committing_database, Initiative.id) == 0


def test_a_file_that_is_away_or_no_register_is_refused_in_one_sentence(buurtloket: Buurtloket, tmp_path: Path) -> None:
    other = tmp_path / "photo.jpg"
    other.write_bytes(b"\xff\xd8\xff\0\0")
    away = buurtloket("import-initiatives", str(tmp_path / "nothing.csv"))
    wrong = buurtloket("import-initiatives", str(other))

    assert (away[0], wrong[0]) == (1, 1)
    assert away[2] == f"{tmp_path / 'nothing.csv'} cannot be read: No such file or directory.\n"
    assert wrong[2] == f"{other}: this is not a text file.\n"


# --- Simulating, as far as it is refused: the play itself has a journey of its own ------------------------------


def _simulate(register: Path, *words: str) -> tuple[str, ...]:
    return ("simulate", "--initiatives", str(register), "--donors", "1", "--volunteers", "0", *words)


def test_a_month_is_only_played_in_a_demonstration_and_nothing_is_imported_elsewhere(
    buurtloket: Buurtloket, committing_database: Database, register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILBOX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DEMO", "no")

    code, said, complaint = buurtloket(*_simulate(register))

    assert (code, said) == (1, "")
    assert complaint == "This is no demonstration: only there can mail be read and the clock be moved.\n"
    assert _count(committing_database, Initiative.id) == 0


def test_a_month_is_refused_where_no_service_answers(
    buurtloket: Buurtloket, committing_database: Database, register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILBOX_URL", "http://127.0.0.1:9")

    code, _, complaint = buurtloket(*_simulate(register, "--url", "http://127.0.0.1:9"))

    assert code == 1
    assert complaint == "Nobody answers at http://127.0.0.1:9. Start it with `make run`, or use --url.\n"
    assert _count(committing_database, Initiative.id) == 0


def test_a_threshold_that_cannot_be_is_refused(buurtloket: Buurtloket, register: Path) -> None:
    code, _, complaint = buurtloket(*_simulate(register, "--at-least", "rich=2"))

    assert code == 1
    assert "'rich=2' is none of funded=N" in complaint
