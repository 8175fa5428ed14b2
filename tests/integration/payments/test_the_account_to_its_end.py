"""Every line of our bank account finds its place: other amounts, what left, the provider, and day by day."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.ids import new_id
from payments.bank import clearing_queries, line_operations, line_rules, statement_queries
from payments.bank import statement_operations as statements
from payments.bank.clearing_operations import match_booked, match_costs
from payments.bank.clearing_rules import Booked, BookedOtherwise, NotBooked
from payments.bank.forgetting_operations import forget_statement_parties
from payments.bank.line_queries import open_line_returns
from payments.bank.models import BankLine, BankLineParty
from payments.bank.provider_workflow import book_moves
from payments.bank.queries import deposit, return_of
from payments.bank.rules import NothingToReturn, spaced
from payments.bank.statement_rules import LineMatched
from payments.bank.workflow import match_booked_lines, match_gifts
from payments.books.workflow import check_books_as_of
from payments.cancelling.town_queries import town_references
from payments.ledger.models import Transfer
from payments.ledger.queries import balance_cents
from payments.ledger.rules import BANK, OFFLINE_DEPOSITS, PROVIDER_CLEARING, PROVIDER_FEES
from tests.bank_files import DAY, THEIRS, Move, camt, ing
from tests.gifts import a_gift, open_account, record, take_cash, withdraw_and_give_back
from tests.in_process import Visitor, open_house, words
from tests.money import MoneyWorld
from tests.payouts import a_campaign_to_pay, approve


@pytest.fixture
def world(world: MoneyWorld) -> MoneyWorld:
    open_account(world)
    return world


def announce(world: MoneyWorld, campaign: UUID, cents: int = 60_00) -> tuple[UUID, str]:
    pledge_id = record(world, a_gift(campaign, cents, way="bank_transfer", email="jan@voorbeeld.example"))
    with world.database.reading() as session:
        return pledge_id, deposit(session, pledge_id=pledge_id).reference


def read(world: MoneyWorld, *moves: Move, on: date = DAY, opening: int = 1_000_00, content: bytes = b"") -> None:
    """A treasurer reads a statement of one day, and everything that can be is matched by itself."""
    content = content or camt(*moves, ref=str(new_id())[:35], opening=opening).replace(
        str(DAY).encode(), str(on).encode()
    )
    actor = world.staff("treasurer")
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
    match_booked_lines(world.database, notes_in=town_references, now=world.now)


def waiting(world: MoneyWorld) -> list[statement_queries.LineRow]:
    with world.database.reading() as session:
        here = world.municipality_id
        return [
            *statement_queries.open_lines(session, municipality_id=here),
            *statement_queries.lines_that_left(session, municipality_id=here),
        ]


def booked(world: MoneyWorld) -> list[Booked]:
    with world.database.reading() as session:
        return clearing_queries.booked(session, municipality_id=world.municipality_id)


def balances(world: MoneyWorld, *accounts: str) -> list[int]:
    with world.database.reading() as session:
        return [balance_cents(session, municipality_id=world.municipality_id, account=one) for one in accounts]


def take(world: MoneyWorld, line_id: UUID) -> UUID:
    actor = world.staff("treasurer")
    with world.database.transaction() as session:
        return line_operations.take_as_gift(session, line_id=line_id, actor=actor, now=world.now)


def findings(world: MoneyWorld) -> list[tuple[str, str, str]]:
    return [(one.subject, one.expected, one.found) for one in world.verdict().findings]


# --- Otherwise than announced ---------------------------------------------------------------------------------


def test_another_amount_than_announced_becomes_the_gift_and_its_donor_gets_a_receipt(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    pledge, reference = announce(world, campaign)
    read(world, Move(cents=59_99, told=reference))
    (line,) = waiting(world)
    assert take(world, line.id) == pledge
    with world.database.reading() as session:
        assert deposit(session, pledge_id=pledge).amount_cents == 59_99
    assert (world.state_of(pledge), world.mails("pledge.receipt")) == ("secured", [str(pledge)])
    assert balances(world, BANK, OFFLINE_DEPOSITS) == [59_99, -59_99]
    with pytest.raises(LineMatched):
        take(world, line.id)
    assert findings(world) == []
    world.pass_deadline(campaign)
    world.work()
    assert findings(world) == []


def test_a_second_transfer_with_one_reference_becomes_a_second_gift_of_the_same_donor(world: MoneyWorld) -> None:
    campaign = world.campaign(90_00)
    _, reference = announce(world, campaign)
    read(world, Move(cents=60_00, told=reference), Move(cents=30_00, told=reference))
    (line,) = waiting(world)
    second = take(world, line.id)
    with world.database.reading() as session:
        gift = deposit(session, pledge_id=second)
    assert (gift.donor_name, gift.amount_cents, gift.reference != reference) == ("Jan Zonder Adres", 30_00, True)
    assert (world.state_of(second), waiting(world)) == ("secured", [])
    world.pass_deadline(campaign)
    world.work()
    assert (world.state_of_campaign(campaign), world.state_of(second)) == ("funded", "collected")
    assert findings(world) == []


def test_another_amount_for_a_gift_that_ended_goes_back_as_what_came(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    pledge, reference = announce(world, campaign)
    world.pass_deadline(campaign)
    world.work()
    read(world, Move(cents=70_00, told=reference))
    take(world, waiting(world)[0].id)
    with world.database.reading() as session:
        back = return_of(session, pledge_id=pledge)
    assert back is not None
    assert back.amount_cents == 70_00
    assert findings(world) == []


def test_who_announced_a_gift_hears_that_another_transfer_with_its_reference_went_back(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    pledge, reference = announce(world, campaign)
    read(world, Move(cents=60_00, told=reference), Move(cents=1_00, told=reference))
    (line,) = waiting(world)
    for actor, step in ((world.staff("treasurer"), "decide"), (world.staff("treasurer"), "pay")):
        with world.database.transaction() as session:
            if step == "decide":
                line_operations.send_back(session, line_id=line.id, holder="", account="", actor=actor, now=world.now)
            else:
                line_operations.record_sent_back(
                    session, line_id=line.id, to_account=THEIRS, reference="TERUG 3", actor=actor, now=world.now
                )
    assert (world.mails("pledge.transfer_sent_back"), world.state_of(pledge)) == ([str(pledge)], "secured")
    assert findings(world) == []


def test_what_is_nobodys_gift_goes_back_where_it_came_from_by_two_people(world: MoneyWorld) -> None:
    read(world, Move(cents=12_34, told="verkeerd overgemaakt"))
    (line,) = waiting(world)
    one, other = world.staff("treasurer"), world.staff("treasurer")
    with world.database.transaction() as session, pytest.raises(line_rules.NoGiftNamed):
        line_operations.take_as_gift(session, line_id=line.id, actor=one, now=world.now)
    with world.database.transaction() as session, pytest.raises(line_rules.ComesFromElsewhere):
        line_operations.send_back(
            session, line_id=line.id, holder="J. Ander", account="NL39RABO0300065264", actor=one, now=world.now
        )
    with world.database.transaction() as session:
        line_operations.send_back(session, line_id=line.id, holder="", account="", actor=one, now=world.now)
    assert (balances(world, BANK, OFFLINE_DEPOSITS), findings(world)) == ([12_34, -12_34], [])

    def pay(actor: Actor, reference: str = "TERUG 2026-1") -> None:
        with world.database.transaction() as session:
            line_operations.record_sent_back(
                session,
                line_id=line.id,
                to_account=THEIRS,
                reference=reference,
                actor=actor,
                now=world.now,
            )

    with pytest.raises(line_rules.DecidedByYourself):
        pay(one)
    pay(other)
    with pytest.raises(NothingToReturn):
        pay(other)
    with world.database.reading() as session:
        assert open_line_returns(session, municipality_id=world.municipality_id) == []
    assert balances(world, BANK, OFFLINE_DEPOSITS) == [0, 0]
    read(world, Move(cents=-12_34, told="TERUG 2026-1"), on=DAY + timedelta(days=1), opening=1_012_34)
    assert (waiting(world), booked(world), findings(world)) == ([], [], [])


# --- What left ------------------------------------------------------------------------------------------------


def test_payouts_and_returns_are_seen_on_the_account_by_their_reference_and_by_hand(world: MoneyWorld) -> None:
    live = world.campaign(500_00, days=300)
    gone = take_cash(world, live, 5_00)
    withdraw_and_give_back(world, gone)
    campaign = a_campaign_to_pay(world, gifts=(), cash=(40_00,), match=20_00)
    approve(world, campaign)
    world.work()
    by_kind = {one.kind: one for one in booked(world)}
    payout, share = by_kind["payout"], by_kind["match_received"]
    assert (payout.cents, by_kind["deposit_returned"].cents, share.cents) == (-60_00, -5_00, 20_00)
    read(
        world,
        Move(cents=-60_00, told=f"Uitbetaling {spaced(payout.reference)}"),
        Move(cents=-5_00, told="Betaal 7"),
        Move(cents=20_00, told="gemeente"),
        Move(cents=-1_00, told="kosten bank"),
    )
    came, costs = waiting(world)
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session, pytest.raises(BookedOtherwise):
        match_booked(session, line_id=costs.id, transfer_ids=share.transfer_ids, actor=treasurer, now=world.now)
    with world.database.transaction() as session, pytest.raises(NotBooked):
        match_booked(session, line_id=costs.id, transfer_ids=payout.transfer_ids, actor=treasurer, now=world.now)
    with world.database.transaction() as session:
        match_booked(session, line_id=came.id, transfer_ids=share.transfer_ids, actor=treasurer, now=world.now)
    with world.database.transaction() as session:
        statements.set_aside(session, line_id=costs.id, note="", actor=treasurer, now=world.now)
    assert (waiting(world), booked(world), findings(world)) == ([], [], [])
    assert check_books_as_of(world.database, moment=world.now).findings == ()


# --- The provider ---------------------------------------------------------------------------------------------


def test_the_providers_payouts_and_costs_end_at_the_bank_once(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(50_00,))
    world.advance(days=5)
    # What the gift cost is known by now; it is paid out by hand, and nothing more of it leaves than there is.
    assert findings(world) == []
    fees = balances(world, PROVIDER_FEES)[0]
    client = world.sandbox.client().v1
    payout = client.payouts.create({"amount": 10_00, "currency": "eur"})
    topup = client.topups.create({"amount": 4_00, "currency": "eur"})
    assert {subject for subject, *_ in findings(world)} >= {payout.id, topup.id}
    assert [book_moves(world.database, world.gateway, now=world.now) for _ in range(2)] == [2, 0]
    assert findings(world) == []
    day = local_date(world.now)
    read(
        world,
        Move(cents=10_00, told=f"STRIPE {payout.id}"),
        Move(cents=-4_00, told=f"Storting {topup.id}"),
        Move(cents=fees, told="kosten 2026"),
        on=day,
    )
    (costs,) = waiting(world)
    with world.database.transaction() as session:
        match_costs(session, line_id=costs.id, actor=world.staff("treasurer"), now=world.now)
    assert balances(world, BANK, PROVIDER_FEES, PROVIDER_CLEARING) == [6_00 + fees, 0, 50_00 - fees - 6_00]
    assert (waiting(world), booked(world), findings(world)) == ([], [], [])
    assert world.state_of_campaign(campaign) == "funded"


# --- Day by day -----------------------------------------------------------------------------------------------


def test_a_gap_between_statements_is_named_and_the_days_after_it_are_compared_anew(world: MoneyWorld) -> None:
    read(world, Move(cents=5_00, told="huur"))
    read(world, Move(cents=6_00, told="huur"), on=DAY + timedelta(days=3), opening=1_005_00)
    assert findings(world) == []
    after = DAY + timedelta(days=5)
    read(world, Move(cents=7_00, told="huur"), on=after, opening=2_000_00)
    assert findings(world) == [(f"bank account between {DAY + timedelta(days=3)} / {after}", "101100", "200000")]


def test_a_day_read_in_two_layouts_is_named_and_so_is_what_nobody_explains_for_a_week(world: MoneyWorld) -> None:
    moves = (Move(cents=5_00, told="huur"),)
    read(world, *moves)
    read(world, content=ing(*moves))
    assert findings(world) == [(f"bank account on {DAY}", "100500", "101000")]
    assert check_books_as_of(world.database, moment=world.now - timedelta(hours=1)).findings == ()


def test_a_line_that_nobody_explains_for_a_week_differs_until_somebody_does(world: MoneyWorld) -> None:
    read(world, Move(cents=5_00, told="huur"))
    later = DAY + timedelta(days=7)
    read(world, Move(cents=1_00, told="rente"), on=later, opening=1_005_00)
    assert findings(world) == [(f"bank account on {later}", "100600", "100100")]
    rent, _ = waiting(world)
    with world.database.transaction() as session:
        statements.set_aside(session, line_id=rent.id, note="", actor=world.staff("treasurer"), now=world.now)
    assert findings(world) == []


# --- On the page ----------------------------------------------------------------------------------------------


def test_a_treasurer_does_all_of_it_on_the_page_and_another_one_pays(world: MoneyWorld) -> None:
    campaign = world.campaign(90_00)
    _, reference = announce(world, campaign)
    read(world, Move(cents=59_00, told=reference), Move(cents=7_00, told="huur"), Move(cents=-2_00, told="kosten"))
    taken, rent, costs = waiting(world)
    with open_house(world.database) as house:
        one, other = Visitor(house).work_as("treasurer"), Visitor(house).work_as("treasurer")
        assert "Jan Zonder Adres kondigde € 60 aan" in words(one.get("/loket/bank").text)
        assert one.send(f"/loket/bank/regels/{taken.id}/bijdrage", {}).status_code == 303
        assert "Waarvoor is dit betaald?" in words(one.get("/loket/bank").text)
        assert one.send(f"/loket/bank/regels/{rent.id}/terug", {}).status_code == 303
        one.get("/loket/bank")
        assert one.send(f"/loket/bank/regels/{costs.id}/terzijde", {}).status_code == 303
        assert "Je hebt zelf besloten dat dit teruggaat" in words(one.get("/loket/terugbetalingen").text)
        path = f"/loket/terugbetalingen/regels/{rent.id}/betaling"
        other.get("/loket/terugbetalingen")
        assert other.send(path, {"reference": " "}).status_code == 400
        assert other.send(path, {"reference": "TERUG 2026-2"}).status_code == 303
        assert "Overboeking teruggestuurd" in words(other.get("/loket/bank").text)
    assert (waiting(world), [one.cents for one in booked(world)], findings(world)) == ([], [-7_00], [])


def test_an_account_that_is_no_account_is_said_beside_it_and_what_was_typed_is_still_there(world: MoneyWorld) -> None:
    read(world, Move(cents=7_00, told="huur", account=""))
    (rent,) = waiting(world)
    path, account, holder = f"/loket/bank/regels/{rent.id}/terug", f"account-{rent.id}", f"holder-{rent.id}"
    with open_house(world.database) as house:
        treasurer = Visitor(house).work_as("treasurer")
        assert 'value="J. Voorbeeld"' in treasurer.get("/loket/bank").text
        refused = treasurer.send(path, {account: "NL00 BANK 1", holder: "Stichting De Buurt"})
        assert (refused.status_code, waiting(world)) == (400, [rent])
        assert f'href="#{account}"' in refused.text
        assert 'value="NL00 BANK 1"' in refused.text
        assert 'value="Stichting De Buurt"' in refused.text
        assert treasurer.send(path, {account: THEIRS, holder: "Stichting De Buurt"}).status_code == 303
    assert waiting(world) == []


# --- Forgetting -----------------------------------------------------------------------------------------------


def test_who_stood_on_a_statement_is_forgotten_and_nothing_else_of_it_can_change(world: MoneyWorld) -> None:
    read(world, Move(cents=5_00, told="huur van Jan"), Move(cents=6_00, told="gaat terug"))
    _, back = waiting(world)
    with world.database.transaction() as session:
        line_operations.send_back(
            session, line_id=back.id, holder="", account="", actor=world.staff("treasurer"), now=world.now
        )
    for values in ({"description": "anders"}, {"forgotten_at": world.now}):
        with pytest.raises(IntegrityError), world.database.transaction() as session:
            session.execute(update(BankLineParty).values(values))
    for expected in (1, 0):
        with world.database.transaction() as session:
            before = DAY + timedelta(days=1)
            assert forget_statement_parties(session, booked_before=before, now=world.now) == expected
    with world.database.reading() as session:
        told = session.scalars(select(BankLineParty.description)).all()
        assert sorted(told) == ["", "gaat terug"]
        assert session.scalar(select(func.sum(BankLine.amount_cents))) == 11_00
        assert session.scalar(select(func.count()).select_from(Transfer)) == 1
