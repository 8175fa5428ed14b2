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
                   coalesce(d.kind || ' ' || d.amount_cents, 'not ended'),
                   coalesce(t.kind || ' ' || t.amount_cents, 'not booked')
            FROM (
                SELECT id, amount_cents,
                       CASE WHEN state = 'won' THEN 'dispute_won' WHEN borne_by = 'campaign' THEN 'dispute_lost'
                            ELSE 'dispute_lost_after_payout' END AS kind
                FROM disputes WHERE withdrawn_at IS NOT NULL AND state IN ('won', 'lost')
            ) d
            FULL JOIN (
                SELECT * FROM ledger_transfers
                WHERE kind IN ('dispute_won', 'dispute_lost', 'dispute_lost_after_payout')
            ) t ON t.source_id = d.id::text
            WHERE d.amount_cents IS DISTINCT FROM t.amount_cents OR d.kind IS DISTINCT FROM t.kind
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
