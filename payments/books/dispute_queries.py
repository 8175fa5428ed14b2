"""What must be true of disputed payments, as questions whose answer must be empty. As in bank_queries.py."""

from typing import Final

from sqlalchemy import TextClause, text

QUESTIONS: Final[tuple[tuple[str, str, TextClause], ...]] = (
    (
        "I2",
        "a dispute that took money is booked as opened once, for its amount, with what it costs",
        text("""
            SELECT 'dispute ' || coalesce(d.id::text, t.source_id),
                   coalesce(d.amount_cents || ' + ' || d.fee_cents, 'no dispute'),
                   coalesce(t.opened || ' + ' || t.fee, 'not booked')
            FROM (SELECT * FROM disputes WHERE withdrawn_at IS NOT NULL) d
            FULL JOIN (
                SELECT source_id, coalesce(sum(amount_cents) FILTER (WHERE kind = 'dispute_opened'), 0) AS opened,
                       coalesce(sum(amount_cents) FILTER (WHERE kind = 'dispute_fee'), 0) AS fee
                FROM ledger_transfers WHERE kind IN ('dispute_opened', 'dispute_fee') GROUP BY source_id
            ) t ON t.source_id = d.id::text
            WHERE d.amount_cents IS DISTINCT FROM t.opened OR d.fee_cents IS DISTINCT FROM t.fee
        """),
    ),
    (
        "I2",
        "a dispute that ended is booked once, for its amount, as it ended",
        text("""
            SELECT 'dispute ' || coalesce(d.id::text, t.source_id),
                   coalesce(d.amount_cents || ' ' || d.state || ', ' || d.by_campaign, 'not ended'),
                   coalesce(t.won || ' won, ' || t.lost || ' + ' || t.after_payout || ' lost', 'not booked')
            FROM (
                SELECT d.id, d.amount_cents, d.state,
                       CASE WHEN d.state = 'won' THEN 0 WHEN c.cents IS NOT NULL THEN least(c.cents, d.amount_cents)
                            WHEN d.borne_by = 'campaign' THEN d.amount_cents ELSE 0 END AS by_campaign
                FROM disputes d
                -- Of a cancelled campaign only what its donor would have got by the plan.
                LEFT JOIN (
                    SELECT l.pledge_id, l.amount_cents AS cents FROM cancellation_steps s
                    JOIN cancellation_lines l ON l.id = s.line_id WHERE s.way = 'lost'
                ) c ON c.pledge_id = d.pledge_id
                WHERE d.withdrawn_at IS NOT NULL AND d.state IN ('won', 'lost')
            ) d
            FULL JOIN (
                SELECT source_id, coalesce(sum(amount_cents) FILTER (WHERE kind = 'dispute_won'), 0) AS won,
                       coalesce(sum(amount_cents) FILTER (WHERE kind = 'dispute_lost'), 0) AS lost,
                       coalesce(sum(amount_cents) FILTER (WHERE kind = 'dispute_lost_after_payout'), 0) AS after_payout
                FROM ledger_transfers
                WHERE kind IN ('dispute_won', 'dispute_lost', 'dispute_lost_after_payout') GROUP BY source_id
            ) t ON t.source_id = d.id::text
            WHERE d.id IS NULL OR t.source_id IS NULL
               OR t.won <> CASE WHEN d.state = 'won' THEN d.amount_cents ELSE 0 END
               OR t.lost <> d.by_campaign
               OR t.after_payout <> CASE WHEN d.state = 'won' THEN 0 ELSE d.amount_cents - d.by_campaign END
        """),
    ),
    (
        "I2",
        "a pledge under dispute has a dispute that took its money, and one that was charged back a lost one",
        text("""
            SELECT 'pledge ' || p.id, coalesce(d.becomes, 'no dispute'), p.state
            FROM pledges p
            LEFT JOIN (
                SELECT pledge_id, CASE WHEN state = 'lost' THEN 'charged_back' ELSE 'disputed' END AS becomes
                FROM disputes WHERE withdrawn_at IS NOT NULL AND state IN ('open', 'under_review', 'lost')
            ) d ON d.pledge_id = p.id
            WHERE (p.state IN ('disputed', 'charged_back') AND d.becomes IS DISTINCT FROM p.state)
               OR (d.becomes <> p.state AND p.state <> 'refunded')
        """),
    ),
)
