"""What must be true of campaigns cancelled after they were funded, as questions whose answer must be empty.

Each is (invariant, promise, question); `queries.CHECKS` asks them with the others. Every table and column read here
has a past in `past_queries.PAST`.
"""

from typing import Final

from sqlalchemy import TextClause, text

QUESTIONS: Final[tuple[tuple[str, str, TextClause], ...]] = (
    (
        "I2",
        "what is done with a line of a plan to cancel is booked once, for its amount, or is one refund of it",
        text("""
            SELECT 'line ' || coalesce(l.id::text, t.source_id),
                   coalesce(l.way || ' ' || l.amount_cents, 'not done'),
                   coalesce(t.kind || ' ' || t.amount_cents, r.state || ' ' || r.amount_cents,
                            b.state || ' ' || b.amount_cents, 'not booked')
            FROM (
                SELECT l.id, l.pledge_id, l.amount_cents, s.way, s.done_at
                FROM cancellation_lines l JOIN cancellation_steps s ON s.line_id = l.id
            ) l
            FULL JOIN (
                SELECT * FROM ledger_transfers WHERE kind IN ('match_returned', 'gift_moved', 'gift_left')
            ) t ON t.source_id = l.id::text
            LEFT JOIN refunds r ON r.pledge_id = l.pledge_id AND l.way = 'refund' AND r.state <> 'failed'
            -- Also what the provider sent, and got back.
            LEFT JOIN bank_returns b ON b.pledge_id = l.pledge_id AND l.way IN ('refund', 'bank')
                                    AND b.state <> 'cancelled'
            WHERE CASE
                WHEN l.id IS NULL THEN true
                WHEN l.way IN ('refund', 'bank')
                    THEN t.id IS NOT NULL OR coalesce(r.amount_cents, b.amount_cents) IS DISTINCT FROM l.amount_cents
                WHEN l.way = 'lost' OR l.done_at IS NULL THEN t.id IS NOT NULL
                ELSE t.amount_cents IS DISTINCT FROM l.amount_cents
                  OR t.kind <> CASE l.way WHEN 'move' THEN 'gift_moved' WHEN 'share' THEN 'match_returned'
                                          ELSE 'gift_left' END
            END
        """),
    ),
    (
        "I5",
        "of a campaign cancelled by a plan nothing is kept but what the plan has not done yet",
        text("""
            SELECT 'campaign ' || c.initiative_id, coalesce(o.cents, 0) + coalesce(w.cents, 0) || ' to be done',
                   coalesce(f.cents, 0) || ' kept'
            FROM (SELECT * FROM cancellations WHERE state = 'approved') c
            LEFT JOIN LATERAL (
                SELECT sum(l.amount_cents) AS cents FROM cancellation_lines l
                LEFT JOIN cancellation_steps s ON s.line_id = l.id
                LEFT JOIN refunds r ON r.pledge_id = l.pledge_id AND s.way = 'refund' AND r.state = 'succeeded'
                LEFT JOIN bank_returns b ON b.pledge_id = l.pledge_id AND s.way IN ('refund', 'bank')
                                        AND b.state = 'paid'
                WHERE l.cancellation_id = c.id AND s.done_at IS NULL AND r.id IS NULL AND b.pledge_id IS NULL
            ) o ON true
            -- What a bank paid too late to count goes back whole, by itself.
            LEFT JOIN LATERAL (
                SELECT sum(p.amount_cents) AS cents FROM pledges p
                WHERE p.initiative_id = c.initiative_id AND p.state IN ('collected', 'disputed')
                  AND NOT EXISTS (
                      SELECT 1 FROM cancellation_lines l WHERE l.cancellation_id = c.id AND l.pledge_id = p.id
                  )
            ) w ON true
            LEFT JOIN LATERAL (
                SELECT sum(CASE WHEN t.credit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END) AS cents
                FROM ledger_accounts a JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
                WHERE a.initiative_id = c.initiative_id
            ) f ON true
            WHERE coalesce(f.cents, 0) <> coalesce(o.cents, 0) + coalesce(w.cents, 0)
        """),
    ),
    (
        "I7",
        "a plan to cancel divides exactly what was left, and nobody gets more than they gave",
        text("""
            SELECT 'plan ' || c.id, c.left_cents || ' of ' || c.gave_cents,
                   coalesce(sum(l.amount_cents), 0) || ' of ' || coalesce(sum(l.gave_cents), 0)
            FROM cancellations c LEFT JOIN cancellation_lines l ON l.cancellation_id = c.id
            GROUP BY c.id, c.left_cents, c.gave_cents
            HAVING c.left_cents <> coalesce(sum(l.amount_cents), 0) OR c.gave_cents <> coalesce(sum(l.gave_cents), 0)
                OR bool_or(l.amount_cents > l.gave_cents)
        """),
    ),
    (
        "I7",
        "of one gift no more goes back than was given",
        text("""
            SELECT 'pledge ' || p.id, p.amount_cents::text,
                   coalesce(r.amount_cents, 0) || ' + ' || coalesce(b.amount_cents, 0)
            FROM pledges p
            LEFT JOIN refunds r ON r.pledge_id = p.id AND r.state = 'succeeded'
            LEFT JOIN bank_returns b ON b.pledge_id = p.id AND b.state = 'paid' AND b.kind = 'refund'
            WHERE coalesce(r.amount_cents, 0) + coalesce(b.amount_cents, 0) > p.amount_cents
        """),
    ),
)
