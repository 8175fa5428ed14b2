"""What must be true of money that does not pass the provider, as questions whose answer must be empty.

Each is (invariant, promise, question); `queries.CHECKS` asks them with the others. Every table and column read here
has a past in `past_queries.PAST`.
"""

from typing import Final

from sqlalchemy import TextClause, text

from crowd.pledges.rules import EVER_COLLECTED, OFFLINE_WAYS
from payments.bank.rules import GOES_BACK
from payments.ledger.rules import CASH_DESK, OFFLINE_DEPOSITS

OFFLINE: Final = ", ".join(f"'{way}'" for way in OFFLINE_WAYS)
_COLLECTED: Final = ", ".join(f"'{state}'" for state in sorted(EVER_COLLECTED))
_ENDED: Final = ", ".join(f"'{state}'" for state in GOES_BACK)

QUESTIONS: Final[tuple[tuple[str, str, TextClause], ...]] = (
    (
        "I2",
        "money received outside the provider is booked once, for its amount, as cash or as a transfer",
        text("""
            SELECT 'pledge ' || coalesce(d.pledge_id::text, t.source_id),
                   coalesce(d.way || ' ' || d.amount_cents, 'not received'),
                   coalesce(t.kind || ' ' || t.amount_cents, 'not booked')
            FROM (SELECT * FROM deposits WHERE state IN ('held', 'collected', 'returned')) d
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind IN ('cash_received', 'deposit_received')) t
              ON t.source_id = d.pledge_id::text
            WHERE d.amount_cents IS DISTINCT FROM t.amount_cents OR (d.way = 'cash') <> (t.kind = 'cash_received')
        """),
    ),
    (
        "I2",
        "a collected gift in cash or by transfer was held, and is booked once, all for the same amount",
        text(f"""
            SELECT 'pledge ' || coalesce(p.id::text, d.pledge_id::text, t.source_id),
                   coalesce(p.state || ' ' || p.amount_cents, 'not collected'),
                   coalesce(d.amount_cents::text, 'no money') || ', booked ' || coalesce(t.amount_cents::text, 'not')
            FROM (SELECT * FROM pledges WHERE state IN ({_COLLECTED}) AND way IN ({OFFLINE})) p
            FULL JOIN (SELECT * FROM deposits WHERE state = 'collected') d ON d.pledge_id = p.id
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind = 'deposit_collected') t
              ON t.source_id = d.pledge_id::text
            WHERE p.amount_cents IS DISTINCT FROM d.amount_cents OR d.amount_cents IS DISTINCT FROM t.amount_cents
        """),
    ),
    (
        "I2",
        "what was given back by bank is booked once, for its amount, and its pledge says so",
        text("""
            SELECT 'pledge ' || coalesce(r.pledge_id::text, t.source_id),
                   coalesce(r.kind || ' ' || r.amount_cents, 'nothing given back'),
                   coalesce(t.kind || ' ' || t.amount_cents, 'not booked') || ', money ' || coalesce(d.state, 'unknown')
                   || ', pledge ' || coalesce(p.state, 'unknown')
            FROM (SELECT * FROM bank_returns WHERE state = 'paid') r
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind IN ('deposit_returned', 'refund_by_bank')) t
              ON t.source_id = r.pledge_id::text
            LEFT JOIN deposits d ON d.pledge_id = r.pledge_id
            LEFT JOIN pledges p ON p.id = r.pledge_id
            WHERE r.amount_cents IS DISTINCT FROM t.amount_cents
               OR (r.kind = 'deposit') <> (t.kind = 'deposit_returned')
               OR (r.kind = 'deposit') <> (d.state = 'returned') OR (r.kind = 'refund') <> (p.state = 'refunded')
        """),
    ),
    (
        "I2",
        "money that is said to be back with its donor was paid",
        text(f"""
            SELECT 'pledge ' || p.id, 'a payment by bank', 'money ' || d.state || ', pledge ' || p.state
            FROM deposits d JOIN pledges p ON p.id = d.pledge_id
            LEFT JOIN bank_returns r ON r.pledge_id = p.id AND r.state = 'paid'
            WHERE p.way IN ({OFFLINE}) AND (d.state = 'returned' OR p.state = 'refunded') AND r.pledge_id IS NULL
        """),
    ),
    (
        "I2",
        "a line of our bank account is booked once, for its amount, as what it was matched with",
        text("""
            SELECT 'bank line ' || coalesce(l.id::text, t.source_id),
                   coalesce(m.outcome || ' ' || l.amount_cents, 'no line'),
                   coalesce(t.kind || ' ' || t.amount_cents, 'not booked')
            FROM (SELECT * FROM bank_matches WHERE outcome IN ('deposit', 'share', 'cash_banked')) m
            JOIN bank_lines l ON l.id = m.line_id
            FULL JOIN (
                SELECT * FROM ledger_transfers WHERE kind IN ('deposit_received', 'match_received', 'cash_banked')
            ) t ON t.source_id = coalesce(m.pledge_id::text, m.initiative_id::text, l.id::text)
            WHERE l.amount_cents IS DISTINCT FROM t.amount_cents
              AND NOT (l.id IS NULL AND t.kind = 'match_received')
        """),
    ),
    (
        "I5",
        "money held for a donor is collected only in a campaign that reached its minimum at the deadline",
        text("""
            SELECT 'pledge ' || d.pledge_id, 'held', d.state
            FROM deposits d LEFT JOIN closings k ON k.initiative_id = d.initiative_id
            WHERE d.state = 'collected' AND k.outcome IS DISTINCT FROM 'collecting'
        """),
    ),
    (
        "I5",
        "a gift in cash or by transfer counts while its money is held, and goes back when it no longer does",
        text(f"""
            SELECT 'pledge ' || p.id, 'money held', coalesce(d.state, 'no money') || ', pledge ' || p.state
            FROM pledges p LEFT JOIN deposits d ON d.pledge_id = p.id
            WHERE p.way IN ({OFFLINE})
              AND ((p.state = 'secured' AND d.state IS DISTINCT FROM 'held')
                OR (d.state = 'held' AND p.state NOT IN ('secured', {_ENDED})))
        """),
    ),
    (
        "I6",
        "what is held for donors outside the provider is what the ledger says we owe them",
        text(f"""
            SELECT 'municipality ' || coalesce(h.municipality_id, l.municipality_id), coalesce(h.cents, 0)::text,
                   coalesce(l.cents, 0)::text
            FROM (
                SELECT municipality_id, sum(amount_cents) AS cents FROM (
                    SELECT municipality_id, amount_cents FROM deposits WHERE state = 'held'
                    UNION ALL
                    SELECT municipality_id, amount_cents FROM line_returns WHERE paid_at IS NULL
                ) kept GROUP BY 1
            ) h
            FULL JOIN (
                SELECT a.municipality_id,
                       sum(CASE WHEN t.credit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END) AS cents
                FROM ledger_accounts a JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
                WHERE a.kind = '{OFFLINE_DEPOSITS}' GROUP BY 1
            ) l ON l.municipality_id = h.municipality_id
            WHERE coalesce(h.cents, 0) <> coalesce(l.cents, 0)
        """),
    ),
    (
        "I7",
        "no more cash was brought to the bank than was taken at the desk",
        text(f"""
            SELECT 'municipality ' || a.municipality_id, 'at least 0',
                   sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END)::text
            FROM ledger_accounts a JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
            WHERE a.kind = '{CASH_DESK}' GROUP BY 1
            HAVING sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END) < 0
        """),
    ),
)
