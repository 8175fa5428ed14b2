"""check-books is worth nothing unless it can fail: each planted fault must be found, and named."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import text

from crowd.shared.db import Database
from payments.books.workflow import check_books
from tests.cancelling import stop_half_way
from tests.database import Server
from tests.gifts import take_cash, withdraw_and_give_back
from tests.money import DECLINED_WHEN_CHARGED, LOST, MoneyWorld, lose_dispute, money_world
from tests.near_misses import answer, collect, hand_in, take_back
from tests.payouts import a_campaign_to_pay, pay_in_two_parts

_NUMBERS = count(1)

# What is planted -> the invariant that must be named. Append-only tables are changed behind their trigger's back.
PLANTED = {
    "a pledge says collected, no charge": (
        "UPDATE pledges SET state = 'collected' WHERE id = :other",
        "I2",
    ),
    "a charge has another amount than its pledge": (
        "UPDATE charges SET amount_cents = amount_cents + 1 WHERE pledge_id = :pledge",
        "I2",
    ),
    "a booking vanished": (
        "DELETE FROM ledger_transfers WHERE kind = 'charge' AND source_id = CAST(:pledge AS text)",
        "I2",
    ),
    "a booking changed by a cent": (
        (
            "UPDATE ledger_transfers SET amount_cents = amount_cents - 1"
            " WHERE kind = 'charge' AND source_id = CAST(:pledge AS text)"
        ),
        "I2",
    ),
    "a fee booked that was never charged": (
        "UPDATE charges SET fee_cents = fee_cents + 1 WHERE pledge_id = :pledge",
        "I2",
    ),
    "a transfer on the wrong accounts": (
        (
            "UPDATE ledger_transfers SET debit_account_id = credit_account_id, credit_account_id = debit_account_id"
            " WHERE kind = 'charge' AND source_id = CAST(:pledge AS text)"
        ),
        "I4",
    ),
    "a charge without a closing": (
        "DELETE FROM closings WHERE initiative_id = :campaign",
        "I5",
    ),
    "money kept in a campaign that failed": (
        "UPDATE initiatives SET state = 'unfunded' WHERE id = :campaign",
        "I5",
    ),
    "a pledge left hanging": (
        "UPDATE pledges SET state = 'declined' WHERE id = :other",
        "I5",
    ),
    "more paid out than came in": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT credit_account_id, debit_account_id, amount_cents * 2, 'payout_line',"
            " 'planted', 'payout_gifts', now() FROM ledger_transfers WHERE kind = 'charge'"
            " AND source_id = CAST(:pledge AS text)"
        ),
        "I7",
    ),
    "a charge the provider does not know": (
        "UPDATE charges SET intent_ref = 'pi_invented' WHERE pledge_id = :pledge",
        "I2",
    ),
    "the clearing account differs from the provider's balance": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT debit_account_id, credit_account_id, 1, 'pledge', 'planted', 'charge', now()"
            " FROM ledger_transfers WHERE kind = 'charge' AND source_id = CAST(:pledge AS text)"
        ),
        "I6",
    ),
    "a charge booked under another name than the provider's": (
        "UPDATE charges SET charge_ref = 'ch_invented' WHERE pledge_id = :pledge",
        "I6",
    ),
    "a public total that is not the truth": (
        "INSERT INTO campaign_deltas (initiative_id, amount_cents, pledge_count) VALUES (:live, 1, 0)",
        "totals",
    ),
    "a plan that differs from what was frozen": (
        "UPDATE settlements SET planned_cents = planned_cents + 1 WHERE initiative_id = :campaign",
        "totals",
    ),
    "cash that was taken and never booked": (
        "DELETE FROM ledger_transfers WHERE kind = 'cash_received' AND source_id = CAST(:held AS text)",
        "I6",
    ),
    "cash booked as a transfer": (
        (
            "UPDATE ledger_transfers SET kind = 'deposit_received', debit_account_id = (SELECT id FROM ledger_accounts"
            " WHERE kind = 'bank') WHERE kind = 'cash_received' AND source_id = CAST(:held AS text)"
        ),
        "I2",
    ),
    "a collected gift in cash whose money is elsewhere": (
        "DELETE FROM ledger_transfers WHERE kind = 'deposit_collected' AND source_id = CAST(:cash AS text)",
        "I2",
    ),
    "a collected gift in cash booked for another amount": (
        (
            "UPDATE ledger_transfers SET amount_cents = amount_cents + 1"
            " WHERE kind = 'deposit_collected' AND source_id = CAST(:cash AS text)"
        ),
        "I2",
    ),
    "a gift in cash that counts without money": (
        "UPDATE deposits SET state = 'refused', received_at = NULL WHERE pledge_id = :held",
        "I5",
    ),
    "money given back that was never booked": (
        "DELETE FROM ledger_transfers WHERE kind = 'deposit_returned' AND source_id = CAST(:gone AS text)",
        "I2",
    ),
    "money given back that nobody paid": (
        "DELETE FROM bank_returns WHERE pledge_id = :gone",
        "I2",
    ),
    "a gift in cash collected without a minimum": (
        "DELETE FROM closings WHERE initiative_id IN (SELECT initiative_id FROM deposits WHERE pledge_id = :cash)",
        "I5",
    ),
    "a payout without the gifts in cash": (
        (
            "WITH part AS (INSERT INTO tranches (initiative_id, number, amount_cents, match_cents)"
            " VALUES (:campaign, 1, 6000, 2000) RETURNING *)"
            " INSERT INTO payouts (tranche_id, initiative_id, payee_id, gifts_cents, deposits_cents, match_cents,"
            " approved_at, approved_by) SELECT id, initiative_id, uuidv7(), 4000, 0, 2000, now(), uuidv7() FROM part"
        ),
        "I2",
    ),
    "gifts in cash that left without a payout": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT t.credit_account_id, b.id, 1, 'initiative', 'planted', 'payout_deposits', now()"
            " FROM ledger_transfers t, ledger_accounts b WHERE b.kind = 'bank' AND t.kind = 'deposit_collected'"
            " AND t.source_id = CAST(:cash AS text)"
        ),
        "I2",
    ),
    "a gift given back by bank that nobody paid": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT t.credit_account_id, b.id, 1, 'pledge', CAST(:cash AS text), 'refund_by_bank',"
            " now() FROM ledger_transfers t, ledger_accounts b WHERE b.kind = 'bank' AND t.kind = 'deposit_collected'"
            " AND t.source_id = CAST(:cash AS text)"
        ),
        "I2",
    ),
    "a match that is not in the parts of its payout": (
        "UPDATE tranches SET match_cents = match_cents - 1 WHERE initiative_id = :paid AND number = 2",
        "I2",
    ),
    "a payout that took more than its lines": (
        "UPDATE payouts SET gifts_cents = gifts_cents + 1 WHERE initiative_id = :paid",
        "I2",
    ),
    "a match that left and was never booked": (
        (
            "DELETE FROM ledger_transfers WHERE kind = 'payout_match' AND source_id IN"
            " (SELECT CAST(id AS text) FROM tranches WHERE initiative_id = :paid)"
        ),
        "I2",
    ),
    "a gift that leaves twice": (
        (
            "INSERT INTO payout_lines (tranche_id, initiative_id, pledge_id, amount_cents) SELECT t.id,"
            " l.initiative_id, l.pledge_id, l.amount_cents FROM payout_lines l JOIN tranches t"
            " ON t.initiative_id = l.initiative_id AND t.number = 2"
            " WHERE l.initiative_id = :paid AND t.id <> l.tranche_id AND l.amount_cents = 3000"
        ),
        "I7",
    ),
    "a second part without an approved report": (
        "UPDATE progress_reports SET state = 'returned' WHERE initiative_id = :paid",
        "I7",
    ),
    "a share that left before it arrived": (
        "DELETE FROM match_receipts WHERE initiative_id = :paid",
        "I7",
    ),
    "more cash at the bank than was taken": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT b.id, c.id, 1000000, 'bank_line', 'planted', 'cash_banked', now()"
            " FROM ledger_accounts b, ledger_accounts c WHERE b.kind = 'bank' AND c.kind = 'cash_desk'"
        ),
        "I7",
    ),
    "a line of our bank account that was booked twice over": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT b.id, d.id, 1, 'pledge', 'planted', 'deposit_received', now()"
            " FROM ledger_accounts b, ledger_accounts d WHERE b.kind = 'bank' AND d.kind = 'offline_deposits'"
        ),
        "I2",
    ),
    "a dispute that was never booked": (
        "DELETE FROM ledger_transfers WHERE kind = 'dispute_opened'",
        "I2",
    ),
    "a dispute that cost more than was booked": (
        "UPDATE disputes SET fee_cents = fee_cents + 1 WHERE pledge_id = :lost",
        "I2",
    ),
    "a lost dispute that nobody bears": (
        "DELETE FROM ledger_transfers WHERE kind = 'dispute_lost'",
        "I2",
    ),
    "a gift that was taken back and says collected": (
        "UPDATE pledges SET state = 'collected' WHERE id = :lost",
        "I2",
    ),
    "money that came back from a payee and was never booked": (
        (
            "INSERT INTO transfer_reversals (line_id, pledge_id, amount_cents, state, needs_second, asked_at, asked_by,"
            " reversal_ref, ended_at) SELECT id, pledge_id, amount_cents, 'succeeded', false, now(), uuidv7(),"
            " 'trr_planted', now() FROM payout_lines WHERE initiative_id = :paid LIMIT 1"
        ),
        "I2",
    ),
    "money asked back of a gift that was not lost": (
        (
            "INSERT INTO transfer_reversals (line_id, pledge_id, amount_cents, state, needs_second, asked_at, asked_by)"
            " SELECT id, pledge_id, amount_cents, 'planned', false, now(), uuidv7()"
            " FROM payout_lines WHERE initiative_id = :paid LIMIT 1"
        ),
        "I7",
    ),
    "a refund that came back and was never booked back": (
        (
            "INSERT INTO refunds (pledge_id, amount_cents, state, reason, refund_ref, planned_at, succeeded_at,"
            " failed_at) VALUES (:pledge, 4000, 'failed', 'planted', 're_planted', now(), now(), now())"
        ),
        "I2",
    ),
    "a refund that came back and stays with us": (
        (
            "INSERT INTO refunds (pledge_id, amount_cents, state, reason, refund_ref, planned_at, succeeded_at,"
            " failed_at) VALUES (:pledge, 4000, 'failed', 'planted', 're_planted', now(), now(), now())"
        ),
        "I5",
    ),
    "a plan to cancel that gives a cent too much": (
        (
            "UPDATE cancellation_lines SET amount_cents = amount_cents + 1 WHERE pledge_id IN"
            " (SELECT id FROM pledges WHERE initiative_id = :stopped AND state = 'collected')"
        ),
        "I7",
    ),
    "a line of a plan that was booked twice over": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT debit_account_id, credit_account_id, amount_cents, source_type, 'planted',"
            " kind, now() FROM ledger_transfers WHERE kind = 'gift_moved'"
        ),
        "I2",
    ),
    "a gift left to the neighbourhood that was never booked": (
        "DELETE FROM ledger_transfers WHERE kind = 'gift_left'",
        "I2",
    ),
    "a share that was to go back and was kept": (
        "DELETE FROM ledger_transfers WHERE kind = 'match_returned'",
        "I5",
    ),
    "a line of a plan that nothing was done with": (
        "DELETE FROM cancellation_steps WHERE way = 'share'",
        "I5",
    ),
    "more given back than was given": (
        (
            "UPDATE refunds SET amount_cents = 100000 WHERE state = 'succeeded' AND pledge_id IN"
            " (SELECT id FROM pledges WHERE initiative_id = :stopped)"
        ),
        "I7",
    ),
    "a part of a gift refunded for another amount than planned": (
        (
            "UPDATE refunds SET amount_cents = amount_cents - 1 WHERE state = 'succeeded' AND pledge_id IN"
            " (SELECT id FROM pledges WHERE initiative_id = :stopped)"
        ),
        "I2",
    ),
    "what is left of a near miss is not what was collected": (
        "UPDATE near_misses SET left_cents = left_cents + 1 WHERE initiative_id = :near",
        "totals",
    ),
    "a gift that counts no more and that nobody planned to give back": (
        "DELETE FROM refunds WHERE pledge_id = :leaves",
        "I5",
    ),
    "a gift that counts no more, of which a cent would stay": (
        "UPDATE refunds SET amount_cents = amount_cents - 1 WHERE pledge_id = :leaves",
        "I5",
    ),
    "a near miss that was funded without its plan": (
        (
            "INSERT INTO final_decisions (initiative_id, decided_at, collected_cents, collected_count, match_cents,"
            " outcome) SELECT initiative_id, now(), left_cents, left_count, 0, 'funded' FROM near_misses"
            " WHERE initiative_id = :near"
        ),
        "I5",
    ),
    "a near miss that was paid out meanwhile": (
        (
            "WITH part AS (INSERT INTO tranches (initiative_id, number, amount_cents, match_cents)"
            " VALUES (:near, 1, 7000, 0) RETURNING *)"
            " INSERT INTO payouts (tranche_id, initiative_id, payee_id, gifts_cents, deposits_cents, match_cents,"
            " approved_at, approved_by) SELECT id, initiative_id, uuidv7(), 0, 7000, 0, now(), uuidv7() FROM part"
        ),
        "I7",
    ),
    "a posting that was carried out by a line nobody matched": (
        (
            "INSERT INTO bank_clearings (transfer_id, line_id, cleared_at)"
            " SELECT id, uuidv7(), now() FROM ledger_transfers WHERE kind = 'deposit_returned'"
        ),
        "I2",
    ),
    "a transfer that is kept and was never booked": (
        (
            "INSERT INTO line_returns (line_id, municipality_id, amount_cents, account_holder, account_iban,"
            " decided_at, decided_by) SELECT uuidv7(), municipality_id, 500, 'J. Voorbeeld', 'NL91ABNA0417164300',"
            " now(), uuidv7() FROM initiatives WHERE id = :campaign"
        ),
        "I2",
    ),
    "more costs borne than there were": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT b.id, f.id, 1000000, 'bank_line', 'planted', 'costs_borne', now()"
            " FROM ledger_accounts b, ledger_accounts f WHERE b.kind = 'bank' AND f.kind = 'provider_fees'"
        ),
        "I7",
    ),
    "money from the provider that it never sent": (
        (
            "INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type, source_id,"
            " kind, occurred_at) SELECT b.id, c.id, 100, 'provider_move', 'po_planted', 'provider_paid_out', now()"
            " FROM ledger_accounts b, ledger_accounts c WHERE b.kind = 'bank' AND c.kind = 'provider_clearing'"
        ),
        "I6",
    ),
    "a statement that closes with more than was booked": (
        (
            "INSERT INTO bank_statements (municipality_id, statement_ref, file_hash, file_name, layout, opening_cents,"
            " closing_cents, from_on, to_on, uploaded_by, uploaded_at) SELECT municipality_id, 'planted', '', '',"
            " 'camt053', 0, 5, date '2001-01-01', date '2001-01-01', uuidv7(), now() FROM initiatives"
            " WHERE id = :campaign"
        ),
        "I6",
    ),
    "statements that do not follow on each other": (
        (
            "INSERT INTO bank_statements (municipality_id, statement_ref, file_hash, file_name, layout, opening_cents,"
            " closing_cents, from_on, to_on, uploaded_by, uploaded_at) SELECT i.municipality_id, s.ref, '', '',"
            " 'camt053', s.cents, s.cents, s.day, s.day, uuidv7(), now() FROM initiatives i,"
            " (VALUES ('one', 0, date '2001-01-01'), ('two', 5, date '2001-01-03')) AS s (ref, cents, day)"
            " WHERE i.id = :campaign"
        ),
        "I6",
    ),
    "a pot that forgot a reservation": (
        "UPDATE schemes SET reserved_cents = reserved_cents + 1",
        "pot",
    ),
}


class Settled(NamedTuple):
    """A world in which everything happened, in a database that is only copied from now on."""

    world: MoneyWorld
    template: str
    ids: dict[str, UUID]


@pytest.fixture(scope="module")
def settled(database_server: Server, worker_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    """A funded campaign with a match and a failed pledge, one paid in two parts, one stopped half way, one live.

    And one that nearly made it and may go on, of which a donor leaves. Its books balance.
    """
    template = f"settled_{worker_name}"
    database = Database(database_server.clone(template), pool_size=12)
    with money_world(database, tmp_path_factory.mktemp("sandbox")) as world:
        campaign, live = world.campaign(60_00), world.campaign(99_00, days=300)
        world.award_match(campaign, up_to_cents=20_00)
        pledge, other = world.promise(campaign, 40_00), world.promise(campaign, 10_00)
        waiting = world.promise(live, 10_00)
        world.confirm_everyone()
        world.pay(pledge)
        world.pay(other, DECLINED_WHEN_CHARGED)
        world.pay(waiting)
        lost = world.pledge(campaign, 5_00)
        cash, held, gone = (
            take_cash(world, campaign, 10_00),
            take_cash(world, live, 20_00),
            take_cash(world, live, 5_00),
        )
        withdraw_and_give_back(world, gone)
        paid = a_campaign_to_pay(world, gifts=(30_00, 30_00), match=30_00, confirmed=True)
        pay_in_two_parts(world, paid)
        world.pass_deadline(campaign)
        world.live_through_collecting()
        assert world.state_of_campaign(campaign) == "funded"
        lose_dispute(world, lost)
        stopped = a_campaign_to_pay(world, gifts=(20_00, 20_00, 20_00), match=30_00)
        stop_half_way(world, stopped)
        near, leaves = _a_near_miss(world)
        assert world.verdict().findings == ()
        database.close()
        ids = {"paid": paid, "campaign": campaign, "live": live, "pledge": pledge, "other": other}
        ids |= {"stopped": stopped, "cash": cash, "held": held, "gone": gone, "lost": lost}
        ids |= {"near": near, "leaves": leaves}
        yield Settled(world, template, ids)


def _a_near_miss(world: MoneyWorld) -> tuple[UUID, UUID]:
    """A campaign that collected 90% of its minimum, and the card payment that its donor takes back."""
    near = world.campaign(100_00, days=8)
    take_cash(world, near, 70_00)
    world.pledge(near, 10_00, LOST)
    leaves = world.pledge(near, 20_00)
    world.pass_deadline(near)
    collect(world)
    hand_in(world, near, 60_00)
    answer(world, near, "confirmed")
    take_back(world, leaves)
    return near, leaves


@pytest.fixture
def copy(settled: Settled, database_server: Server, worker_name: str) -> Iterator[Database]:
    """A copy of the settled database, to spoil."""
    name = f"spoilt_{worker_name}_{next(_NUMBERS)}"
    cluster = database_server.cluster()
    cluster.create_database(name, template=settled.template)
    with closing(Database(cluster.url(name))) as database:
        yield database


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(settled: Settled, copy: Database, fault: str) -> None:
    statement, invariant = PLANTED[fault]
    with copy.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        wanted = {name: value for name, value in settled.ids.items() if f":{name}" in statement}
        changed = session.execute(text(statement), wanted)
        assert changed.rowcount  # type: ignore[attr-defined]  # a cursor result for DML
    verdict = check_books(copy, settled.world.gateway)
    assert not verdict.balanced
    assert invariant in {finding.invariant for finding in verdict.findings}


def test_a_second_payment_at_the_provider_is_found(settled: Settled, copy: Database) -> None:
    intent = settled.world.sandbox.client().v1.payment_intents.create(
        {
            "amount": 40_00,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "allowed_payment_method_types": ["card"],
            "metadata": {"pledge_id": str(settled.ids["pledge"])},
        }
    )
    assert intent.status == "succeeded"
    found = check_books(copy, settled.world.gateway).findings
    assert {"I1", "I2"} <= {finding.invariant for finding in found}
