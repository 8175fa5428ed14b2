"""Every difference is kept by name from the first night it is seen to the night it is gone, and nothing is mended."""

from contextlib import closing
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from crowd.shared.audit import AuditRow
from crowd.shared.ids import new_id
from payments.books import finding_queries
from payments.books.finding_queries import FindingRow
from payments.books.operations import begin_check, explain
from payments.books.rules import (
    BOOKED_HAS_MOVED,
    EXPLANATION_LENGTH,
    MOVEMENT_IS_BOOKED,
    ExplanationMissing,
    ExplanationTooLong,
    FindingNotFound,
)
from payments.books.workflow import reconcile
from payments.gateway import Gateway
from payments.provider import OutcomeUnknown
from tests.money import MoneyWorld
from tests.sandbox_process import API_KEY
from tests.tools import NOBODY

BOOKED_ONCE = "every succeeded charge is booked once, for its amount"


@pytest.fixture
def pledge(world: MoneyWorld) -> UUID:
    """A pledge of 40 euros that was collected, its cost booked too."""
    campaign = world.campaign(40_00)
    pledge_id = world.pledge(campaign, 40_00)
    world.pass_deadline(campaign)
    world.work()
    assert world.verdict().balanced
    return pledge_id


def _spoil(world: MoneyWorld, statement: str, **values: object) -> None:
    with world.database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        assert session.execute(text(statement), values).rowcount  # type: ignore[attr-defined]  # a cursor result


def _a_night(world: MoneyWorld) -> None:
    world.advance(days=1)
    reconcile(world.database, world.gateway, now=world.now)


def _open(world: MoneyWorld) -> list[FindingRow]:
    with world.database.reading() as session:
        return finding_queries.open_findings(session)


def _gone(world: MoneyWorld) -> list[FindingRow]:
    with world.database.reading() as session:
        return finding_queries.gone_findings(session)


def _acts(world: MoneyWorld, finding_id: UUID) -> list[str]:
    with world.database.reading() as session:
        acts = select(AuditRow.action).where(AuditRow.subject_id == finding_id).order_by(AuditRow.id)
        return list(session.scalars(acts))


def test_a_night_without_differences_is_noted(world: MoneyWorld, pledge: UUID) -> None:
    del pledge
    _a_night(world)
    with world.database.reading() as session:
        last = finding_queries.last_check(session)
    assert last is not None
    assert (last.finished_at, last.differences, last.with_provider) == (world.now, 0, True)
    assert _open(world) == []


def test_a_check_that_is_under_way_can_be_seen(world: MoneyWorld) -> None:
    with world.database.transaction() as session:
        begin_check(session, now=world.now)
    with world.database.reading() as session:
        assert finding_queries.check_under_way(session) == world.now
        assert finding_queries.last_check(session) is None
    reconcile(world.database, world.gateway, now=world.now)
    with world.database.reading() as session:
        assert finding_queries.check_under_way(session) is None


def test_a_difference_has_a_name_until_it_is_gone(world: MoneyWorld, pledge: UUID) -> None:
    change = "UPDATE ledger_transfers SET amount_cents = amount_cents + :by WHERE kind = 'charge' AND source_id = :id"
    _spoil(world, change, by=1, id=str(pledge))
    _a_night(world)
    first = next(one for one in _open(world) if one.promise == BOOKED_ONCE)
    _spoil(world, change, by=1, id=str(pledge))
    _a_night(world)
    again = next(one for one in _open(world) if one.promise == BOOKED_ONCE)
    _spoil(world, change, by=-2, id=str(pledge))
    _a_night(world)

    assert (first.subject, first.expected, first.found) == (f"pledge {pledge}", "4000", "4001")
    assert (again.id, again.found) == (first.id, "4002")
    assert again.first_seen_at == first.first_seen_at < again.last_seen_at
    assert _open(world) == []
    assert next(one for one in _gone(world) if one.id == first.id).gone_at == world.now
    assert _acts(world, first.id) == ["finding.named", "finding.changed", "finding.gone"]


def test_a_difference_that_comes_back_is_a_new_finding(world: MoneyWorld, pledge: UUID) -> None:
    ids = set()
    for _ in range(2):
        _spoil(world, "UPDATE charges SET amount_cents = 1 WHERE pledge_id = :id", id=pledge)
        _a_night(world)
        ids.add(next(one.id for one in _open(world) if one.promise == BOOKED_ONCE))
        _spoil(world, "UPDATE charges SET amount_cents = 4000 WHERE pledge_id = :id", id=pledge)
        _a_night(world)
    assert len(ids) == 2
    assert ids <= {one.id for one in _gone(world)}


def test_a_movement_at_the_provider_that_nobody_booked_is_named(world: MoneyWorld, pledge: UUID) -> None:
    with world.database.reading() as session:
        charge = session.scalar(text("SELECT charge_ref FROM charges WHERE pledge_id = :id"), {"id": pledge})
    refund = world.sandbox.client().v1.refunds.create({"charge": str(charge), "amount": 5_00})
    _a_night(world)
    found = next(one for one in _open(world) if one.promise == MOVEMENT_IS_BOOKED)
    assert (found.subject, found.expected, found.found) == (refund.id, "-500, costs 0", "not booked")


def test_a_booking_that_never_moved_at_the_provider_is_named(world: MoneyWorld, pledge: UUID) -> None:
    _spoil(world, "UPDATE charges SET charge_ref = 'ch_invented' WHERE pledge_id = :id", id=pledge)
    _a_night(world)
    assert [one.subject for one in _open(world) if one.promise == BOOKED_HAS_MOVED] == ["ch_invented"]


def test_a_provider_that_is_away_leaves_its_findings_open_and_hides_none_of_ours(
    world: MoneyWorld, pledge: UUID
) -> None:
    _spoil(world, "UPDATE charges SET charge_ref = 'ch_invented' WHERE pledge_id = :id", id=pledge)
    _a_night(world)
    _spoil(world, "UPDATE charges SET amount_cents = 1 WHERE pledge_id = :id", id=pledge)
    world.advance(days=1)
    with (
        closing(Gateway(api_key=API_KEY, api_base=f"http://{NOBODY}", timeout_seconds=1)) as away,
        pytest.raises(OutcomeUnknown),
    ):
        reconcile(world.database, away, now=world.now)
    promises = {one.promise for one in _open(world)}
    assert {BOOKED_HAS_MOVED, BOOKED_ONCE} <= promises
    with world.database.reading() as session:
        last = finding_queries.last_check(session)
    assert last is not None
    assert not last.with_provider


def test_an_explanation_is_added_and_audited_and_mends_nothing(world: MoneyWorld, pledge: UUID) -> None:
    _spoil(world, "UPDATE charges SET amount_cents = 1 WHERE pledge_id = :id", id=pledge)
    _a_night(world)
    finding = _open(world)[0]
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        explain(session, finding_id=finding.id, body="  Gebeld met de bank. ", actor=treasurer, now=world.now)
    with world.database.reading() as session:
        explained = finding_queries.finding(session, finding_id=finding.id)
    assert [note.body for note in explained.notes] == ["Gebeld met de bank."]
    assert explained.gone_at is None
    assert _acts(world, finding.id) == ["finding.named", "finding.explained"]


@pytest.mark.parametrize(
    ("body", "refused"), [("  ", ExplanationMissing), ("x" * (EXPLANATION_LENGTH + 1), ExplanationTooLong)]
)
def test_an_explanation_that_says_nothing_or_too_much_is_refused(
    world: MoneyWorld, body: str, refused: type[Exception]
) -> None:
    with world.database.transaction() as session, pytest.raises(refused):
        explain(session, finding_id=new_id(), body=body, actor=world.staff("treasurer"), now=world.now)


def test_what_does_not_exist_cannot_be_explained(world: MoneyWorld) -> None:
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session, pytest.raises(FindingNotFound):
        explain(session, finding_id=new_id(), body="Hm.", actor=treasurer, now=world.now + timedelta(0))
