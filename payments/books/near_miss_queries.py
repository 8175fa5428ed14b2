"""What must be true of campaigns that nearly made it, as questions whose answer must be empty.

Each is (invariant, promise, question); `queries.CHECKS` asks them with the others. What is left of a near miss has no
past; the rest has one in `past_queries.PAST`.
"""

from typing import Final

from sqlalchemy import TextClause, text

QUESTIONS: Final[tuple[tuple[str, str, TextClause], ...]] = (
    (
        "totals",
        "what is said to be left of a near miss is what was collected for it and stays",
        text("""
            SELECT 'campaign ' || n.initiative_id, coalesce(sum(p.amount_cents), 0) || ' in ' || count(p.id),
                   n.left_cents || ' in ' || n.left_count
            FROM near_misses n
            LEFT JOIN final_decisions d ON d.initiative_id = n.initiative_id
            LEFT JOIN (
                SELECT p.* FROM pledges p
                LEFT JOIN charges c ON c.pledge_id = p.id
                LEFT JOIN settlements s ON s.initiative_id = p.initiative_id
                WHERE p.state = 'collected' AND p.going_back_at IS NULL
                  AND (c.succeeded_at > s.finished_at) IS NOT TRUE
            ) p ON p.initiative_id = n.initiative_id
            WHERE d.initiative_id IS NULL
            GROUP BY n.initiative_id
            HAVING (coalesce(sum(p.amount_cents), 0), count(p.id)) <> (n.left_cents, n.left_count)
        """),
    ),
    (
        "I5",
        "a collected gift that counts no more, because it goes back, is planned to go back whole",
        text("""
            SELECT 'pledge ' || p.id, p.amount_cents || ' planned to go back', coalesce(sum(back.amount_cents), 0) || ''
            FROM pledges p
            LEFT JOIN (
                SELECT r.pledge_id, r.amount_cents FROM refunds r WHERE r.state <> 'failed'
                UNION ALL
                SELECT t.pledge_id, t.amount_cents FROM bank_returns t WHERE t.state <> 'cancelled'
            ) back ON back.pledge_id = p.id
            WHERE p.going_back_at IS NOT NULL AND p.state = 'collected'
            GROUP BY p.id, p.amount_cents
            HAVING coalesce(sum(back.amount_cents), 0) <> p.amount_cents
        """),
    ),
    (
        "I5",
        "a near miss is funded only on a confirmed plan, after its donors could take back, and reaching it",
        text("""
            SELECT 'campaign ' || d.initiative_id,
                   coalesce(r.state || ' ' || r.minimum_cents || ', decided after ' || r.donors_until, 'no plan'),
                   d.collected_cents || ' + ' || d.match_cents || ', decided at ' || d.decided_at
            FROM final_decisions d
            JOIN near_misses n ON n.initiative_id = d.initiative_id
            LEFT JOIN revised_plans r ON r.initiative_id = d.initiative_id
            WHERE d.outcome = 'funded'
              AND (r.state = 'confirmed' AND d.decided_at >= r.donors_until
                   AND d.collected_cents + d.match_cents >= r.minimum_cents) IS NOT TRUE
        """),
    ),
    (
        "I7",
        "nothing is paid out of a near miss before it was decided funded",
        text("""
            SELECT 'campaign ' || p.initiative_id, 'decided funded before ' || p.approved_at,
                   coalesce(d.outcome || ' at ' || d.decided_at, 'not decided')
            FROM payouts p
            JOIN near_misses n ON n.initiative_id = p.initiative_id
            LEFT JOIN final_decisions d ON d.initiative_id = p.initiative_id
            WHERE (d.outcome = 'funded' AND d.decided_at <= p.approved_at) IS NOT TRUE
        """),
    ),
)
