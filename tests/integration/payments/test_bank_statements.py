"""A bank file brings money to the gifts it was announced for, once; everything else of it waits for a person."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.shared.actor import Actor
from crowd.shared.errors import DomainError
from crowd.shared.money import Money
from payments.bank import statement_operations as statements
from payments.bank import statement_queries, statement_rules
from payments.bank.models import BankLine, BankStatement
from payments.bank.queries import deposit
from payments.bank.rules import OnlyTheTreasurerPays, spaced
from payments.bank.workflow import match_gifts
from payments.ledger.models import Transfer
from payments.payouts.operations import record_match_received
from payments.payouts.queries import match_receipt
from payments.payouts.share_operations import match_share
from payments.payouts.share_queries import awaited_shares
from payments.payouts.share_workflow import match_shares
from tests.bank_files import THEIRS, Move, camt, ing, rabobank
from tests.gifts import a_gift, open_account, record, take_cash
from tests.money import MoneyWorld


def announce(world: MoneyWorld, campaign: UUID, cents: int = 60_00) -> tuple[UUID, str]:
    """Somebody is going to transfer money; the pledge and its reference."""
    pledge_id = record(world, a_gift(campaign, cents, way="bank_transfer"))
    with world.database.reading() as session:
        return pledge_id, deposit(session, pledge_id=pledge_id).reference


def upload(world: MoneyWorld, content: bytes, actor: Actor | None = None) -> None:
    actor = actor or world.staff("treasurer")
    with world.database.transaction() as session:
        statements.store_file(
            session,
            municipality_id=world.municipality_id,
            content=content,
            file_name="afschrift.xml",
            actor=actor,
            now=world.now,
        )
    match_gifts(world.database, now=world.now)
    match_shares(world.database, now=world.now)


def open_lines(world: MoneyWorld) -> list[statement_queries.LineRow]:
    with world.database.reading() as session:
        return statement_queries.open_lines(session, municipality_id=world.municipality_id)


def booked(world: MoneyWorld) -> dict[str, int]:
    with world.database.reading() as session:
        rows = session.execute(select(Transfer.kind, func.sum(Transfer.amount_cents)).group_by(Transfer.kind))
        return {kind: int(cents) for kind, cents in rows}


@pytest.fixture
def world(world: MoneyWorld) -> MoneyWorld:
    open_account(world)
    return world


@pytest.mark.parametrize("make", [camt, ing, rabobank], ids=["camt", "ing", "rabobank"])
def test_a_transfer_with_its_reference_counts_when_the_file_was_read(world: MoneyWorld, make: object) -> None:
    campaign = world.campaign(60_00)
    pledge_id, reference = announce(world, campaign)
    upload(world, make(Move(cents=-5_00), Move(cents=60_00, told=f"Tuin {spaced(reference)}")))  # type: ignore[operator]
    assert world.state_of(pledge_id) == "secured"
    assert booked(world) == {"deposit_received": 60_00}
    assert open_lines(world) == []
    assert world.verdict().findings == ()


def test_a_file_read_twice_changes_nothing(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    _, reference = announce(world, campaign)
    content = camt(Move(cents=60_00, told=reference))
    upload(world, content)
    again = camt(Move(cents=60_00, told=reference)).replace(b"<MsgId>M1", b"<MsgId>M2")
    for known in (content, again):
        with pytest.raises(statement_rules.StatementKnown):
            upload(world, known)
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(BankLine)) == 1
        assert session.scalar(select(func.count()).select_from(BankStatement)) == 1
    assert booked(world) == {"deposit_received": 60_00}


def test_downloads_that_overlap_store_each_line_once(world: MoneyWorld) -> None:
    moves = [Move(cents=cents, told="gelijk") for cents in (5_00, 5_00, 7_00)]
    upload(world, ing(*moves[:2]))
    upload(world, ing(*moves[1:], opening=1_005_00))
    assert sorted(line.amount_cents for line in open_lines(world)) == [5_00, 5_00, 7_00]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", statement_rules.FileMissing),
        (b"x" * (statement_rules.BYTES_MAX + 1), statement_rules.FileTooLarge),
        (b"geen bankbestand", statement_rules.FileUnreadable),
        (camt(Move(cents=60_00), head='<!DOCTYPE Document [<!ENTITY a "b">]>'), statement_rules.FileUnsafe),
        (camt(Move(cents=60_00), account=THEIRS), statement_rules.ForeignAccount),
        (camt(Move(cents=60_00), currency="USD"), statement_rules.WrongCurrency),
        (camt(Move(cents=60_00), closing=5), statement_rules.DoesNotAddUp),
        (camt(Move(cents=60_00)).replace(b"CLBD", b"CLAV"), statement_rules.NoBalance),
        (camt(Move(cents=60_00)).replace(b"<CdtDbtInd>CRDT", b"<CdtDbtInd>PLUS"), statement_rules.FileIncomplete),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_bad_file_is_refused_whole_with_a_sentence(
    world: MoneyWorld, content: bytes, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal) as refused:
        upload(world, content)
    assert str(refused.value).endswith(".")
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(BankStatement)) == 0


def test_one_bad_statement_in_a_file_refuses_the_good_one_too(world: MoneyWorld) -> None:
    good, bad = camt(Move(cents=1_00)).decode(), camt(Move(cents=2_00), ref="AFSCHRIFT-2", closing=0).decode()
    second = bad[bad.index("<Stmt>") : bad.index("</Stmt>") + len("</Stmt>")]
    with pytest.raises(statement_rules.DoesNotAddUp):
        upload(world, good.replace("</Stmt>", f"</Stmt>{second}").encode())
    assert open_lines(world) == []


def test_only_a_treasurer_reads_statements_and_only_of_an_account_that_is_ours(world: MoneyWorld) -> None:
    with pytest.raises(OnlyTheTreasurerPays):
        upload(world, camt(Move(cents=1_00)), world.staff("clerk"))
    elsewhere = Actor(municipality_id=world.municipality_id, person_id=world.initiator_id)
    with world.database.reading() as session, pytest.raises(statement_rules.NoSuchLine):
        statement_queries.line(session, line_id=world.initiator_id, municipality_id=elsewhere.municipality_id)


def test_another_amount_waits_for_a_person_and_is_refused_by_hand_too(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    pledge_id, reference = announce(world, campaign)
    upload(world, camt(Move(cents=59_99, told=reference)))
    (line,) = open_lines(world)
    with world.database.transaction() as session, pytest.raises(statement_rules.AmountDiffers):
        statements.match_gift(
            session, line_id=line.id, pledge_id=pledge_id, actor=world.staff("treasurer"), now=world.now
        )
    assert world.state_of(pledge_id) == "promised"
    assert booked(world) == {}


def test_a_second_transfer_with_one_reference_waits_for_a_person(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    _, reference = announce(world, campaign)
    upload(world, camt(Move(cents=60_00, told=reference), Move(cents=60_00, told=reference)))
    assert len(open_lines(world)) == 1
    assert booked(world) == {"deposit_received": 60_00}
    assert world.verdict().findings == ()


def test_a_line_without_a_reference_is_matched_by_hand_once(world: MoneyWorld) -> None:
    campaign = world.campaign(120_00)
    pledge_id, _ = announce(world, campaign)
    other, _ = announce(world, campaign)
    upload(world, camt(Move(cents=60_00, told="voor de tuin")))
    (line,) = open_lines(world)
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        statements.match_gift(session, line_id=line.id, pledge_id=pledge_id, actor=treasurer, now=world.now)
    with world.database.transaction() as session, pytest.raises(statement_rules.LineMatched):
        statements.match_gift(session, line_id=line.id, pledge_id=other, actor=treasurer, now=world.now)
    assert (world.state_of(pledge_id), world.state_of(other)) == ("secured", "promised")
    assert world.verdict().findings == ()


def test_money_that_came_before_its_gift_was_written_down_is_matched_then(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    pledge_id, reference = announce(world, campaign)
    upload(world, camt(Move(cents=60_00, told="RF00 zonder")))
    assert world.state_of(pledge_id) == "promised"
    upload(world, camt(Move(cents=60_00, told=reference), ref="AFSCHRIFT-2"))
    assert world.state_of(pledge_id) == "secured"


def test_a_line_set_aside_can_still_be_matched(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    upload(world, camt(Move(cents=60_00, told="huur")))
    (line,) = open_lines(world)
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        statements.set_aside(session, line_id=line.id, note="huur", actor=treasurer, now=world.now)
    with world.database.transaction() as session, pytest.raises(statement_rules.LineMatched):
        statements.set_aside(session, line_id=line.id, note="", actor=treasurer, now=world.now)
    assert open_lines(world) == []
    pledge_id, _ = announce(world, campaign)
    with world.database.transaction() as session:
        statements.match_gift(session, line_id=line.id, pledge_id=pledge_id, actor=treasurer, now=world.now)
    assert world.state_of(pledge_id) == "secured"
    assert world.verdict().findings == ()


def test_cash_that_was_brought_to_the_bank_is_never_more_than_was_taken(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    take_cash(world, campaign, 40_00)
    upload(world, camt(Move(cents=30_00, told="storting"), Move(cents=20_00, told="storting"), Move(cents=-1_00)))
    first, second = open_lines(world)
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        statements.match_cash(session, line_id=first.id, actor=treasurer, now=world.now)
    with world.database.transaction() as session, pytest.raises(statement_rules.NotSoMuchCash):
        statements.match_cash(session, line_id=second.id, actor=treasurer, now=world.now)
    assert booked(world) == {"cash_received": 40_00, "cash_banked": 30_00}
    assert world.verdict().findings == ()


def test_the_municipalitys_share_is_seen_by_its_reference(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    world.award_match(campaign, up_to_cents=20_00)
    take_cash(world, campaign, 40_00)
    world.pass_deadline(campaign)
    world.work()
    with world.database.reading() as session:
        (share,) = awaited_shares(session, municipality_id=world.municipality_id)
    assert share.amount_cents == 20_00
    upload(world, camt(Move(cents=20_00, told=f"Bijdrage gemeente {share.reference}")))
    with world.database.reading() as session:
        receipt = match_receipt(session, initiative_id=campaign)
    assert receipt is not None
    assert booked(world)["match_received"] == 20_00
    assert world.verdict().findings == ()


def test_a_share_that_was_noted_already_is_not_awaited_any_more(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    world.award_match(campaign, up_to_cents=20_00)
    take_cash(world, campaign, 40_00)
    world.pass_deadline(campaign)
    world.work()
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        record_match_received(
            session, initiative_id=campaign, amount=Money(20_00), reference="A1", actor=treasurer, now=world.now
        )
    upload(world, camt(Move(cents=20_00, told="gemeente")))
    (line,) = open_lines(world)
    with world.database.transaction() as session, pytest.raises(statement_rules.NotAwaited):
        match_share(session, line_id=line.id, initiative_id=campaign, actor=treasurer, now=world.now)
    assert world.verdict().findings == ()
