"""What must be true of money that is paid out in tranches, as questions whose answer must be empty.

Each is (invariant, promise, question); `queries.CHECKS` asks them with the others. Every table and column read here
has a past in `past_queries.PAST`.
"""

from typing import Final

from sqlalchemy import TextClause, text

QUESTIONS: Final[tuple[tuple[str, str, TextClause], ...]] = (
    (
        "I2",
        "a payout is the sum of its lines, and its match is that of its part of the plan",
        text("""
            SELECT 'payout ' || p.tranche_id, p.gifts_cents || ' + ' || p.match_cents,
                   coalesce(sum(l.amount_cents), 0) || ' + ' || coalesce(max(t.match_cents), 0)
            FROM payouts p
            LEFT JOIN payout_lines l ON l.tranche_id = p.tranche_id
            LEFT JOIN tranches t ON t.id = p.tranche_id
            GROUP BY p.tranche_id, p.gifts_cents, p.match_cents
            HAVING p.gifts_cents <> coalesce(sum(l.amount_cents), 0)
                OR p.match_cents <> coalesce(max(t.match_cents), 0)
        """),
    ),
    (
        "I2",
        "the parts of a payout hold exactly the match that was fixed",
        text("""
            SELECT 'campaign ' || p.initiative_id, coalesce(max(d.match_cents), 0)::text,
                   coalesce(sum(t.match_cents), 0)::text
            FROM (SELECT initiative_id FROM payouts GROUP BY 1) p
            LEFT JOIN tranches t ON t.initiative_id = p.initiative_id
            LEFT JOIN final_decisions d ON d.initiative_id = p.initiative_id
            GROUP BY p.initiative_id HAVING coalesce(max(d.match_cents), 0) <> coalesce(sum(t.match_cents), 0)
        """),
    ),
    (
        "I2",
        "what leaves by bank with a payout is booked once it was sent, for its amount",
        text("""
            SELECT 'payout ' || coalesce(p.tranche_id::text, t.source_id),
                   coalesce(p.kind || ' ' || p.cents, 'not sent'),
                   coalesce(t.kind || ' ' || t.amount_cents, 'not booked')
            FROM (
                SELECT tranche_id, 'payout_deposits' AS kind, deposits_cents AS cents FROM payouts
                WHERE sent_at IS NOT NULL AND deposits_cents > 0
                UNION ALL
                SELECT tranche_id, 'payout_match', match_cents FROM payouts
                WHERE sent_at IS NOT NULL AND match_cents > 0
            ) p
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind IN ('payout_deposits', 'payout_match')) t
              ON t.source_id = p.tranche_id::text AND t.kind = p.kind
            WHERE p.cents IS DISTINCT FROM t.amount_cents
        """),
    ),
    (
        "I2",
        "payouts take the collected gifts in cash and by transfer: no more, and all once the last is approved",
        text("""
            SELECT 'campaign ' || p.initiative_id, (coalesce(max(d.cents), 0) + coalesce(max(m.cents), 0))::text,
                   p.cents::text
            FROM (
                SELECT t.initiative_id, coalesce(sum(p.deposits_cents), 0) AS cents,
                       count(*) = count(p.tranche_id) AS is_whole, max(p.approved_at) AS approved_at
                FROM tranches t LEFT JOIN payouts p ON p.tranche_id = t.id
                GROUP BY 1 HAVING count(p.tranche_id) > 0
            ) p
            LEFT JOIN LATERAL (
                SELECT sum(d.amount_cents) AS cents FROM deposits d
                WHERE d.initiative_id = p.initiative_id AND d.state = 'collected'
                  AND NOT EXISTS (
                      SELECT 1 FROM bank_returns r WHERE r.pledge_id = d.pledge_id AND r.planned_at <= p.approved_at
                  )
            ) d ON true
            -- What donors of a cancelled campaign moved here leaves by bank too.
            LEFT JOIN LATERAL (
                SELECT sum(t.amount_cents) AS cents FROM ledger_transfers t
                JOIN ledger_accounts a ON a.id = t.credit_account_id
                WHERE t.kind = 'gift_moved' AND a.initiative_id = p.initiative_id AND t.occurred_at <= p.approved_at
            ) m ON true
            GROUP BY p.initiative_id, p.cents, p.is_whole
            HAVING p.cents > coalesce(max(d.cents), 0) + coalesce(max(m.cents), 0)
                OR (p.is_whole AND p.cents <> coalesce(max(d.cents), 0) + coalesce(max(m.cents), 0))
        """),
    ),
    (
        "I7",
        "of one gift no more leaves, in all parts together, than was given",
        text("""
            SELECT 'pledge ' || l.pledge_id, p.amount_cents::text, sum(l.amount_cents)::text
            FROM payout_lines l JOIN pledges p ON p.id = l.pledge_id
            GROUP BY l.pledge_id, p.amount_cents HAVING sum(l.amount_cents) > p.amount_cents
        """),
    ),
    (
        "I7",
        "a part is paid after those before it, and after the first only on an approved report",
        text("""
            SELECT 'payout ' || p.tranche_id, 'part ' || t.number,
                   earlier.payouts || ' paid before, ' || told.reports || ' reports approved'
            FROM payouts p JOIN tranches t ON t.id = p.tranche_id
            CROSS JOIN LATERAL (
                SELECT count(*) AS payouts FROM payouts b JOIN tranches bt ON bt.id = b.tranche_id
                WHERE bt.initiative_id = t.initiative_id AND bt.number < t.number
            ) earlier
            CROSS JOIN LATERAL (
                SELECT count(*) AS reports FROM progress_reports r
                WHERE r.initiative_id = t.initiative_id AND r.state = 'approved' AND r.decided_at <= p.approved_at
            ) told
            WHERE earlier.payouts <> t.number - 1 OR told.reports < t.number - 1
        """),
    ),
    (
        "I7",
        "the municipality's share leaves only after it arrived",
        text("""
            SELECT 'campaign ' || p.initiative_id, sum(p.match_cents)::text, coalesce(max(r.amount_cents), 0)::text
            FROM payouts p LEFT JOIN match_receipts r ON r.initiative_id = p.initiative_id
            GROUP BY p.initiative_id HAVING sum(p.match_cents) > coalesce(max(r.amount_cents), 0)
        """),
    ),
)
