"""Files of another tool come in once, whole, with a sentence for every line that is not as it should be."""

import io
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from openpyxl import Workbook
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.shared.actor import operator
from crowd.shared.clock import Clock
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from frontend.imports.tables import UNFOLDED_MAX, NoNames, NotATable, TooLarge, TooManyLines, read_table
from matching.moving import operations, rules
from matching.moving.judging_queries import judge
from matching.moving.queries import import_facts
from matching.moving.workflow import take_in
from matching.roles.models import Role, Shift
from matching.volunteers.models import Volunteer
from tests.factories import NOW, make_initiative
from tests.people_at_work import lay_town

# The quirks of a real export: a second VOLID, columns without use, days the other way round, somebody turned away.
PEOPLE = b"""VOLID,GENDER,CITY,POSTCODE,AGE,SENDEMAILS,STATUS,VOLID,thischeckbox,yesno\r
3,,Waterrade,1011,71,True,Access Granted,3,,\r
4,Male,Elders,B1 1,40,False,,4,,\r
5,Female,Elders,B2,35,True,Access Denied,5,,\r
6,Other,Elders,,9,True,,6,,\r
,Other,Elders,,30,True,,,,\r
3,,Waterrade,1011,71,True,Access Granted,3,,\r
7,,Waterrade,1011,71,True,,7,,,torn\r
"""
ROLES = f'PLACEMENTID,NAME,TAGS,EXTRA\n2,{"Helpen bij de grote opruimdag " * 4},"Koken,xqzwv",\n'.encode()
SESSIONS = b"""NAME,PLACEMENTID,SESSIONID,SESSIONDATE,SESSIONSTARTTIME,SESSIONHOURS,POSTALCODE
x,2,10,2025-10-08,17:00,2,B154FG
x,2,11,2026-12-08,17:00,"1,5",1011
x,2,,,,,1011
x,9,12,2026-12-08,17:00,2,1011
x,2,13,2026-12-08,17:00,2,B154FG
"""


def upload(session: Session, here: UUID, content: bytes, **more: object) -> UUID:
    import_id = new_id()
    operations.store_upload(
        session,
        import_id=import_id,
        table=read_table(content),
        file_name="lijst.csv",
        kind=None,
        source=str(more.get("source", "tool")),
        actor=operator(here),
        now=NOW,
    )
    facts = import_facts(session, import_id=import_id, municipality_id=here)
    initiative = more.get("initiative_id")
    operations.save_mapping(
        session,
        facts=facts,
        kind=facts.kind,
        source=facts.source,
        mapping=facts.mapping,
        initiative_id=initiative if isinstance(initiative, UUID) else None,
        now=NOW,
    )
    facts = import_facts(session, import_id=import_id, municipality_id=here)
    operations.ask(session, facts=facts, actor=operator(here), now=NOW)
    return import_id


def come_in(database: Database, here: UUID, content: bytes, **more: object) -> dict[str, int]:
    with database.transaction() as session:
        import_id = upload(session, here, content, **more)
    take_in(database, Clock(movable=False), import_id=import_id, municipality_id=here)
    with database.reading() as session:
        facts = import_facts(session, import_id=import_id, municipality_id=here)
    assert facts.done_at is not None
    assert facts.lines == ()
    assert facts.done_lines == facts.line_count
    return facts.counts


def stored(database: Database) -> tuple[int, ...]:
    with database.reading() as session:
        return tuple(
            session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Person, Volunteer, Role, Shift)
        )


def test_an_export_with_its_quirks_comes_in_once(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        here = lay_town(session)
        initiative = make_initiative(session, municipality_id=here)
    before = stored(committing_database)

    people = come_in(committing_database, here, PEOPLE)
    roles = come_in(committing_database, here, ROLES, initiative_id=initiative)
    sessions = come_in(committing_database, here, SESSIONS)
    after = stored(committing_database)
    again = [
        come_in(committing_database, here, content, initiative_id=initiative) for content in (PEOPLE, ROLES, SESSIONS)
    ]

    assert people == {"new": 2, "known": 1, "left_out": 2, "refused": 2}
    assert roles == {"new": 1, "known": 0, "left_out": 0, "refused": 0}
    assert sessions["refused"] == 3
    assert sessions["new"] == 2
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 2, 1, 2]
    assert stored(committing_database) == after
    assert [one["new"] for one in again] == [0, 0, 0]


def test_what_a_worker_is_stopped_in_leaves_nothing_and_is_done_the_next_time(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        here = lay_town(session)
        import_id = upload(session, here, PEOPLE)
    before = stored(committing_database)

    def stop(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(committing_database, Clock(movable=False), import_id=import_id, municipality_id=here, tell=stop)
    assert stored(committing_database) == before

    for _again in range(2):
        take_in(committing_database, Clock(movable=False), import_id=import_id, municipality_id=here)
    assert stored(committing_database)[1] == before[1] + 2


def test_the_number_of_statements_does_not_grow_with_the_lines(session: Session) -> None:
    here = lay_town(session)

    def asked(lines: int) -> int:
        content = b"naam,e-mail,postcode\n" + b"".join(
            b"Iemand %d,mens-%d-%d@voorbeeld.example,1011\n" % (one, lines, one) for one in range(lines)
        )
        import_id = upload(session, here, content)
        facts = import_facts(session, import_id=import_id, municipality_id=here)
        seen: list[str] = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda _c, _cu, text, *_rest: seen.append(text))
        judged = judge(session, facts=facts, now=NOW)
        operations.keep_lines(session, facts=facts, judged=judged, now=NOW)
        assert sum(one.outcome == "new" for one in judged) == lines
        return len(seen)

    # The second listener hears both; the first call alone is the measure of a small file.
    assert asked(5) <= 15
    assert asked(400) <= 30


def test_a_mapping_is_remembered_for_the_next_file_with_these_columns(session: Session) -> None:
    here = lay_town(session)
    content = b"kenmerk,hoe heet je\n1,Noor\n"
    with pytest.raises(rules.KeyMissing):
        upload(session, here, content)
    first = import_facts(session, import_id=_stored(session, here, content), municipality_id=here)
    operations.save_mapping(
        session,
        facts=first,
        kind="volunteers",
        source="tool",
        mapping={"key": "kenmerk", "name": "hoe heet je", "email": "there is none"},
        initiative_id=None,
        now=NOW,
    )

    second = import_facts(session, import_id=_stored(session, here, content), municipality_id=here)

    assert second.mapping == {"key": "kenmerk", "name": "hoe heet je"}


def test_files_left_lying_are_forgotten(session: Session) -> None:
    here = lay_town(session)
    left = _stored(session, here, b"naam,e-mail\nNoor,noor@voorbeeld.example\n")

    assert operations.forget_imports(session, now=NOW + timedelta(hours=2)) == 0
    assert operations.forget_imports(session, now=NOW + timedelta(days=2)) == 1
    with pytest.raises(rules.ImportNotFound):
        import_facts(session, import_id=left, municipality_id=here)


def _stored(session: Session, here: UUID, content: bytes) -> UUID:
    import_id = new_id()
    operations.store_upload(
        session,
        import_id=import_id,
        table=read_table(content),
        file_name="x.csv",
        kind=None,
        source="",
        actor=operator(here),
        now=NOW,
    )
    return import_id


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(written)
    return written.getvalue()


def test_a_spreadsheet_reads_as_it_would_have_been_typed() -> None:
    table = read_table(workbook(("Naam", "Geboren", "Naam"), ("Noor", NOW.replace(tzinfo=None).date(), 12.0)))

    assert table.headers == ("Naam", "Geboren", "Naam (2)")
    assert table.lines[0].values == ("Noor", "2026-11-23", "12")


@pytest.mark.parametrize("text", ["naam;mail\nJosé;x\n".encode(code) for code in ("utf-8-sig", "cp1252", "utf-16")])
def test_any_encoding_and_separator_is_read(text: bytes) -> None:
    assert read_table(text).lines[0].values == ("José", "x")


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old", b"\x00\x01\x02"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(NotATable):
        read_table(content)


def test_bounds_hold() -> None:
    with pytest.raises(TooManyLines):
        read_table(b"naam\n" + b"x\n" * 10_001)
    with pytest.raises(NoNames):
        read_table(b"naam\n")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(UNFOLDED_MAX + 1))
    with pytest.raises(TooLarge):
        read_table(bomb.getvalue())
