"""What must be true of money asked back from a payee: questions whose answer must be empty, as in bank_queries.py."""

from typing import Final

from sqlalchemy import TextClause, text

QUESTIONS: Final[tuple[tuple[str, str, TextClause], ...]] = (
    (
        "I2",
        "what came back from a payee is booked once, for its amount, and makes good what was lost of the same gift",
        text("""
            SELECT 'reversal ' || coalesce(v.id::text, t.source_id), coalesce(v.amount_cents::text, 'not received'),
                   coalesce(t.came_back || ', booked ' || t.made_good, 'not booked')
            FROM (SELECT * FROM transfer_reversals WHERE state = 'succeeded') v
            FULL JOIN (
                SELECT source_id, coalesce(sum(amount_cents) FILTER (WHERE kind = 'transfer_reversed'), 0) AS came_back,
                       coalesce(sum(amount_cents) FILTER (WHERE kind = 'loss_recovered'), 0) AS made_good
                FROM ledger_transfers WHERE kind IN ('transfer_reversed', 'loss_recovered') GROUP BY source_id
            ) t ON t.source_id = v.id::text
            WHERE v.amount_cents IS DISTINCT FROM t.came_back OR v.amount_cents IS DISTINCT FROM t.made_good
        """),
    ),
    (
        "I7",
        "of a transfer no more is asked back than was sent, and only of a gift that was lost",
        text("""
            SELECT 'payout line ' || v.line_id, 'at least ' || sum(v.amount_cents),
                   coalesce(max(l.amount_cents), 0) || ', pledge ' || coalesce(max(p.state), 'unknown')
            FROM transfer_reversals v
            LEFT JOIN payout_lines l ON l.id = v.line_id AND l.state = 'sent' AND l.pledge_id = v.pledge_id
            LEFT JOIN pledges p ON p.id = v.pledge_id
            WHERE v.state <> 'refused'
            GROUP BY v.line_id
            HAVING sum(v.amount_cents) > coalesce(max(l.amount_cents), 0)
                OR max(p.state) IS DISTINCT FROM 'charged_back'
        """),
    ),
)
