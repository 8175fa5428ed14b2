"""People, links, sessions and roles on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from crowd.accounts import operations, queries, rules
from crowd.accounts.models import Person, RoleGrant, SignInLink, SignInSession
from crowd.shared.actor import Actor, operator
from crowd.shared.audit import AuditRow
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from tests.factories import NOW, make_municipality, make_person

TOKEN, BROWSER, CODE = b"t" * 32, b"b" * 32, b"c" * 32


@pytest.fixture
def municipality_id(session: Session) -> UUID:
    return make_municipality(session)


@pytest.fixture
def person_id(session: Session, municipality_id: UUID) -> UUID:
    return make_person(session, municipality_id=municipality_id)


def _ask(session: Session, municipality_id: UUID, *, token: bytes = TOKEN, browser: bytes = BROWSER) -> None:
    operations.ask_for_link(
        session,
        link_id=new_id(),
        municipality_id=municipality_id,
        email="noor@voorbeeld.example",
        token_hash=token,
        code_hash=CODE,
        browser_hash=browser,
        locale="nl",
        next_path="",
        now=NOW,
    )


def _start(session: Session, person_id: UUID, *, token: bytes = TOKEN) -> None:
    actor = Actor(municipality_id=None, person_id=person_id)
    operations.start_session(session, person_id=person_id, token_hash=token, browser="Firefox", actor=actor, now=NOW)


def test_an_address_in_other_capitals_is_the_same_person(session: Session, municipality_id: UUID) -> None:
    wanted = {"municipality_id": municipality_id, "locale": "nl", "now": NOW}

    one = operations.find_or_add_person(session, email="Noor@Voorbeeld.example", **wanted)  # type: ignore[arg-type]  # a mixed dict
    other = operations.find_or_add_person(session, email="noor@voorbeeld.example", name="Noor", **wanted)  # type: ignore[arg-type]  # as above
    third = operations.find_or_add_person(session, email="noor@voorbeeld.example", name="Else", **wanted)  # type: ignore[arg-type]  # as above

    assert one == other == third
    found = queries.person(session, person_id=one)
    assert found is not None
    assert found.name == "Noor"
    assert found.email_confirmed_at is None


def test_many_at_once_with_one_address_are_one_person(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        municipality_id = make_municipality(session)
    together = Barrier(8)

    def add(_number: int) -> UUID:
        together.wait()
        with committing_database.transaction() as session:
            return operations.find_or_add_person(
                session, municipality_id=municipality_id, email="noor@voorbeeld.example", locale="nl", now=NOW
            )

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(add, range(8)))

    assert len(ids) == 1


def test_an_address_is_confirmed_once_and_the_first_moment_is_kept(session: Session, municipality_id: UUID) -> None:
    person_id = operations.find_or_add_person(
        session, municipality_id=municipality_id, email="noor@voorbeeld.example", locale="nl", now=NOW
    )

    first = operations.confirm_address(session, person_id=person_id, now=NOW)
    second = operations.confirm_address(session, person_id=person_id, now=NOW + timedelta(days=1))

    assert (first, second) == (True, False)
    assert session.scalars(select(Person.email_confirmed_at).where(Person.id == person_id)).one() == NOW


def test_of_two_clicks_at_once_on_one_link_one_wins(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        _ask(session, make_municipality(session))
    together = Barrier(4)

    def click(_number: int) -> bool:
        together.wait()
        try:
            with committing_database.transaction() as session:
                operations.use_link(session, token_hash=TOKEN, browser_hash=BROWSER, now=NOW)
        except rules.LinkNotUsable:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, range(4))) == [False, False, False, True]


def test_wrong_codes_tried_at_once_are_all_counted(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        _ask(session, make_municipality(session))
    together = Barrier(8)

    def attempt(_number: int) -> bool:
        together.wait()
        try:
            with committing_database.transaction() as session:
                operations.try_code(session, browser_hash=BROWSER, code_hash=b"wrong", now=NOW)
        except rules.CodeUsedUp:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(attempt, range(8)))

    assert tried.count(True) == rules.CODE_ATTEMPTS


def test_the_right_code_uses_its_link_up(session: Session, municipality_id: UUID) -> None:
    _ask(session, municipality_id)

    tried = operations.try_code(session, browser_hash=BROWSER, code_hash=CODE, now=NOW)

    assert tried.proven is not None
    assert tried.proven.email == "noor@voorbeeld.example"
    with pytest.raises(rules.LinkNotUsable):
        operations.use_link(session, token_hash=TOKEN, browser_hash=BROWSER, now=NOW)


def test_a_link_of_another_browser_stays_usable(session: Session, municipality_id: UUID) -> None:
    _ask(session, municipality_id)

    with pytest.raises(rules.LinkOfAnotherBrowser):
        operations.use_link(session, token_hash=TOKEN, browser_hash=b"other", now=NOW)

    proven = operations.use_link(session, token_hash=TOKEN, browser_hash=BROWSER, now=NOW)
    assert proven.email == "noor@voorbeeld.example"


def test_somebody_elses_request_for_the_same_address_leaves_mine_alone(session: Session, municipality_id: UUID) -> None:
    _ask(session, municipality_id)
    _ask(session, municipality_id, token=b"u" * 32, browser=b"a" * 32)

    proven = operations.use_link(session, token_hash=TOKEN, browser_hash=BROWSER, now=NOW)
    assert proven.email == "noor@voorbeeld.example"


def test_useless_links_are_forgotten_after_a_day(session: Session, municipality_id: UUID) -> None:
    _ask(session, municipality_id)
    end = NOW + rules.LINK_LASTS + rules.LINK_KEPT

    assert operations.forget_old_links(session, now=end) == 0
    assert operations.forget_old_links(session, now=end + timedelta(seconds=1)) == 1
    assert session.scalars(select(func.count()).select_from(SignInLink)).one() == 0


def test_who_uses_a_session_is_known_with_roles_and_mandate_in_one_query(session: Session, person_id: UUID) -> None:
    operations.grant_role(session, person_id=person_id, role="clerk", actor=operator(None), now=NOW)
    operations.grant_role(
        session, person_id=person_id, role="approver", mandate_cents=500_000, actor=operator(None), now=NOW
    )
    _start(session, person_id)
    statements: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    found = queries.signed_in(session, token_hash=TOKEN, now=NOW)

    assert found is not None
    assert found.roles == {"clerk", "approver"}
    assert found.mandate_cents == 500_000
    assert len(statements) == 1


def test_a_session_without_roles_is_found_too_and_an_unknown_one_is_not(session: Session, person_id: UUID) -> None:
    _start(session, person_id)

    found = queries.signed_in(session, token_hash=TOKEN, now=NOW)

    assert found is not None
    assert found.roles == frozenset()
    assert queries.signed_in(session, token_hash=b"?", now=NOW) is None
    assert queries.signed_in(session, token_hash=TOKEN, now=NOW + rules.SESSION_IDLE) is None


def test_a_role_taken_away_is_gone_at_the_next_request(session: Session, person_id: UUID) -> None:
    operations.grant_role(session, person_id=person_id, role="clerk", actor=operator(None), now=NOW)
    _start(session, person_id)

    assert operations.revoke_role(session, person_id=person_id, role="clerk", actor=operator(None), now=NOW)

    found = queries.signed_in(session, token_hash=TOKEN, now=NOW)
    assert found is not None
    assert found.roles == frozenset()
    assert not operations.revoke_role(session, person_id=person_id, role="clerk", actor=operator(None), now=NOW)


def test_a_session_is_written_to_at_most_every_few_minutes(session: Session, person_id: UUID) -> None:
    _start(session, person_id)
    session_id = session.scalars(select(SignInSession.id)).one()

    seen = []
    for minutes in (1, 6, 7):
        operations.note_seen(session, session_id=session_id, now=NOW + timedelta(minutes=minutes))
        found = session.scalars(text("SELECT last_seen_at FROM sign_in_sessions").columns(SignInSession.last_seen_at))
        seen.append(found.one() - NOW)

    assert seen == [timedelta(0), timedelta(minutes=6), timedelta(minutes=6)]


def test_a_new_mandate_replaces_the_old_one_and_both_stay_on_record(session: Session, person_id: UUID) -> None:
    for cents in (100_000, 100_000, 200_000):
        operations.grant_role(
            session, person_id=person_id, role="approver", mandate_cents=cents, actor=operator(None), now=NOW
        )

    open_, closed = (
        session.scalars(
            select(RoleGrant.mandate_cents).where(
                RoleGrant.person_id == person_id,
                RoleGrant.revoked_at.is_(None) if is_open else RoleGrant.revoked_at.is_not(None),
            )
        ).all()
        for is_open in (True, False)
    )
    assert (list(open_), list(closed)) == ([200_000], [100_000])
    actions = session.scalars(select(AuditRow.action).where(AuditRow.subject_id == person_id)).all()
    assert actions.count("role.granted") == 2


def test_nobody_appoints_themselves(session: Session, person_id: UUID) -> None:
    self = Actor(municipality_id=None, person_id=person_id, roles=frozenset({"administrator"}))

    with pytest.raises(rules.NotYourOwnRole):
        operations.grant_role(session, person_id=person_id, role="treasurer", actor=self, now=NOW)
    with pytest.raises(rules.NotYourOwnRole):
        operations.revoke_role(session, person_id=person_id, role="treasurer", actor=self, now=NOW)


def test_ending_a_session_is_for_its_own_person(session: Session, municipality_id: UUID, person_id: UUID) -> None:
    _start(session, person_id)
    session_id = session.scalars(select(SignInSession.id)).one()
    other = make_person(session, municipality_id=municipality_id)
    actor = Actor(municipality_id=municipality_id, person_id=other)

    with pytest.raises(rules.NoSuchSession):
        operations.end_session(session, person_id=other, session_id=session_id, actor=actor, now=NOW)

    assert queries.signed_in(session, token_hash=TOKEN, now=NOW) is not None
