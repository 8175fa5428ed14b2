"""What must be true of money that goes back to donors: questions whose answer must be empty, as in bank_queries.py."""

from typing import Final

from sqlalchemy import TextClause, text

from payments.books.bank_queries import OFFLINE

QUESTIONS: Final[tuple[tuple[str, str, TextClause], ...]] = (
    (
        "I2",
        "a refunded pledge has one succeeded refund, booked once, all for the same amount",
        text(f"""
            SELECT 'pledge ' || coalesce(p.id, r.pledge_id), coalesce(p.amount_cents::text, 'not refunded'),
                   coalesce(r.amount_cents::text, 'no refund') || ', booked ' || coalesce(t.amount_cents::text, 'not')
            FROM (
                -- Of a cancelled campaign a gift goes back as far as its plan says.
                SELECT g.id, coalesce(l.amount_cents, g.amount_cents) AS amount_cents FROM pledges g
                LEFT JOIN cancellation_lines l ON l.pledge_id = g.id
                  AND EXISTS (SELECT FROM cancellation_steps s WHERE s.line_id = l.id AND s.way = 'refund')
                WHERE g.state = 'refunded' AND g.way NOT IN ({OFFLINE})
                  AND NOT EXISTS (SELECT FROM bank_returns b WHERE b.pledge_id = g.id AND b.state = 'paid')
            ) p
            FULL JOIN (SELECT * FROM refunds WHERE state = 'succeeded') r ON r.pledge_id = p.id
            FULL JOIN (
                SELECT * FROM ledger_transfers f WHERE f.kind = 'refund'
                  AND NOT EXISTS (SELECT FROM refunds c WHERE c.id::text = f.source_id AND c.state = 'failed')
            ) t ON t.source_id = r.id::text
            WHERE p.amount_cents IS DISTINCT FROM r.amount_cents OR r.amount_cents IS DISTINCT FROM t.amount_cents
        """),
    ),
    (
        "I2",
        "a refund that came back is booked and booked back, once each, for its amount",
        text("""
            SELECT 'refund ' || coalesce(r.id::text, t.source_id), coalesce(r.amount_cents::text, 'not failed'),
                   coalesce(t.amount_cents::text, 'not booked') || ', booked ' || coalesce(b.amount_cents::text, 'not')
            FROM (SELECT * FROM refunds WHERE state = 'failed') r
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind = 'refund_failed') t ON t.source_id = r.id::text
            LEFT JOIN ledger_transfers b ON b.kind = 'refund' AND b.source_id = r.id::text
            WHERE r.amount_cents IS DISTINCT FROM t.amount_cents OR r.amount_cents IS DISTINCT FROM b.amount_cents
        """),
    ),
    (
        "I5",
        "a refund that came back goes back again: it is planned, or its donor is asked for an account",
        text("""
            SELECT 'pledge ' || p.id, 'refunded, or a refund planned', p.state
            FROM refunds f JOIN pledges p ON p.id = f.pledge_id
            LEFT JOIN refunds r ON r.pledge_id = p.id AND r.state <> 'failed'
            LEFT JOIN bank_returns b ON b.pledge_id = p.id AND b.state <> 'cancelled'
            WHERE f.state = 'failed' AND p.state = 'collected' AND r.id IS NULL AND b.pledge_id IS NULL
        """),
    ),
    (
        "I5",
        "nothing is kept of a campaign that failed: what is not refunded is planned to be",
        text("""
            SELECT 'pledge ' || p.id, 'refunded, or a refund planned', p.state
            FROM pledges p JOIN initiatives i ON i.id = p.initiative_id
            LEFT JOIN refunds r ON r.pledge_id = p.id AND r.state <> 'failed'
            LEFT JOIN bank_returns b ON b.pledge_id = p.id AND b.state <> 'cancelled'
            LEFT JOIN cancellation_lines l ON l.pledge_id = p.id
            WHERE i.state IN ('unfunded', 'cancelled') AND p.state = 'collected'
              AND r.id IS NULL AND b.pledge_id IS NULL AND l.id IS NULL
        """),
    ),
)
