"""The bank under real commits: a statement is read once and a line is one thing, whoever comes at the same moment."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from payments.bank import statement_operations as statements
from payments.bank import statement_queries
from payments.bank.models import BankLine
from payments.bank.queries import deposit
from payments.bank.statement_rules import LineMatched, NotAwaited, NotSoMuchCash, StatementKnown
from payments.bank.workflow import match_gifts
from payments.ledger.models import Transfer
from tests.bank_files import Move, camt, rabobank
from tests.concurrency.test_the_money import at_once
from tests.gifts import a_gift, open_account, record, take_cash
from tests.money import MoneyWorld


@pytest.fixture
def world(world: MoneyWorld) -> MoneyWorld:
    open_account(world)
    return world


def store(world: MoneyWorld, content: bytes) -> None:
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        statements.store_file(
            session,
            municipality_id=world.municipality_id,
            content=content,
            file_name="afschrift",
            actor=treasurer,
            now=world.now,
        )


def open_lines(world: MoneyWorld) -> list[UUID]:
    with world.database.reading() as session:
        return [line.id for line in statement_queries.open_lines(session, municipality_id=world.municipality_id)]


def booked(world: MoneyWorld, kind: str) -> int:
    with world.database.reading() as session:
        return int(
            session.scalar(select(func.coalesce(func.sum(Transfer.amount_cents), 0)).where(Transfer.kind == kind)) or 0
        )


def test_the_same_statement_uploaded_at_once_is_read_once(world: MoneyWorld) -> None:
    content = rabobank(*(Move(cents=cents, told="gelijk") for cents in (5_00, 5_00, 6_00)))
    # The same statement in a file that differs by a byte counts as the same.
    answers = at_once([lambda: store(world, content), lambda: store(world, content + b"\r\n")] * 3)
    refused = [answer for answer in answers if answer is not None]
    assert len(refused) == len(answers) - 1
    assert {type(answer) for answer in refused} == {StatementKnown}
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(BankLine)) == 3


def test_two_treasurers_who_match_one_line_match_it_once(world: MoneyWorld) -> None:
    campaign = world.campaign(600_00)
    gifts = [record(world, a_gift(campaign, 60_00, way="bank_transfer")) for _ in range(4)]
    store(world, camt(Move(cents=60_00, told="voor de tuin")))
    (line,) = open_lines(world)
    treasurers = [world.staff("treasurer") for _ in gifts]

    def match(at: int) -> None:
        with world.database.transaction() as session:
            statements.match_gift(session, line_id=line, pledge_id=gifts[at], actor=treasurers[at], now=world.now)

    answers = at_once([lambda at=at: match(at) for at in range(len(gifts))])  # type: ignore[misc]  # a default binds it
    assert [type(answer) for answer in answers if answer is not None] == [LineMatched] * 3
    assert sorted(world.state_of(gift) for gift in gifts) == ["promised"] * 3 + ["secured"]
    assert booked(world, "deposit_received") == 60_00
    assert world.verdict().findings == ()


def test_two_lines_for_one_gift_at_once_pay_it_once(world: MoneyWorld) -> None:
    campaign = world.campaign(600_00)
    gift = record(world, a_gift(campaign, 60_00, way="bank_transfer"))
    with world.database.reading() as session:
        reference = deposit(session, pledge_id=gift).reference
    store(world, camt(Move(cents=60_00, told=reference), Move(cents=60_00, told=reference)))
    lines, treasurer = open_lines(world), world.staff("treasurer")

    def by_hand(line_id: UUID) -> None:
        with world.database.transaction() as session:
            statements.match_gift(session, line_id=line_id, pledge_id=gift, actor=treasurer, now=world.now)

    answers = at_once(
        [lambda: by_hand(lines[0]), lambda: by_hand(lines[1]), lambda: match_gifts(world.database, now=world.now)] * 2
    )
    assert {type(answer) for answer in answers} <= {type(None), int, LineMatched, NotAwaited}
    assert booked(world, "deposit_received") == 60_00
    assert world.verdict().findings == ()


def test_one_drawer_of_cash_is_brought_to_the_bank_once(world: MoneyWorld) -> None:
    campaign = world.campaign(600_00)
    take_cash(world, campaign, 40_00)
    store(world, camt(Move(cents=40_00, told="storting"), Move(cents=40_00, told="storting")))
    treasurer = world.staff("treasurer")

    def bank(line_id: UUID) -> None:
        with world.database.transaction() as session:
            statements.match_cash(session, line_id=line_id, actor=treasurer, now=world.now)

    first, second = open_lines(world)
    answers = at_once([lambda: bank(first), lambda: bank(second)])
    assert {type(answer) for answer in answers} == {type(None), NotSoMuchCash}
    assert booked(world, "cash_banked") == 40_00
    assert world.verdict().findings == ()
