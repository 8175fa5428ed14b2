"""What must be true of our bank account and its statements, as questions whose answer must be empty.

Each is (invariant, promise, question); `queries.CHECKS` asks them with the others. Every table and column read here
has a past in `past_queries.PAST`.

A posting counts on the day of the line it was tied to. One without a line is on its way for `DAYS_ON_THE_WAY` days,
and a line that nobody said anything of waits as long; after that either makes the two differ. What was booked and read
before the first statement, or between statements that do not follow on each other, is not compared.
"""

from typing import Final

from sqlalchemy import TextClause, text

from payments.ledger.rules import BANK

DAYS_ON_THE_WAY: Final = 7

# A statement begins anew when none before reaches its first day, and the last one before closed with another balance.
_BEGINS_ANEW: Final = """
    NOT EXISTS (
        SELECT 1 FROM bank_statements p
        WHERE p.municipality_id = b.municipality_id AND p.from_on < b.from_on
          AND (p.to_on >= b.from_on
            OR (p.closing_cents = b.opening_cents AND NOT EXISTS (
                SELECT 1 FROM bank_statements q
                WHERE q.municipality_id = p.municipality_id AND q.to_on > p.to_on AND q.to_on < b.from_on)))
    )
"""

QUESTIONS: Final[tuple[tuple[str, str, TextClause], ...]] = (
    (
        "I2",
        "what a line of our bank account was matched with in the books adds up to it",
        text(f"""
            SELECT 'bank line ' || coalesce(m.line_id, c.line_id), coalesce(l.amount_cents::text, 'no line'),
                   coalesce(c.cents::text, 'not booked')
            FROM (SELECT DISTINCT line_id FROM bank_matches WHERE outcome <> 'not_ours') m
            FULL JOIN (
                SELECT k.line_id,
                       sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_cents
                                WHEN t.credit_account_id = a.id THEN -t.amount_cents END) AS cents
                FROM bank_clearings k LEFT JOIN ledger_transfers t ON t.id = k.transfer_id
                LEFT JOIN ledger_accounts a ON a.id IN (t.debit_account_id, t.credit_account_id) AND a.kind = '{BANK}'
                GROUP BY 1
            ) c ON c.line_id = m.line_id
            LEFT JOIN bank_lines l ON l.id = coalesce(m.line_id, c.line_id)
            WHERE m.line_id IS NULL OR c.cents IS DISTINCT FROM l.amount_cents
        """),
    ),
    (
        "I2",
        "a transfer that goes back where it came from is booked once when it is kept, and once when it went",
        text("""
            SELECT 'bank line ' || coalesce(r.line_id::text, k.source_id, g.source_id),
                   coalesce(r.amount_cents || CASE WHEN r.paid_at IS NULL THEN ' kept' ELSE ' sent' END, 'nothing'),
                   coalesce(k.amount_cents::text, 'not booked') || ', sent ' || coalesce(g.amount_cents, 0)
            FROM line_returns r
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind = 'line_kept') k ON k.source_id = r.line_id::text
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind = 'line_returned') g
              ON g.source_id = coalesce(r.line_id::text, k.source_id)
            WHERE r.amount_cents IS DISTINCT FROM k.amount_cents
               OR coalesce(g.amount_cents, 0) <> CASE WHEN r.paid_at IS NULL THEN 0 ELSE r.amount_cents END
        """),
    ),
    (
        "I7",
        "the municipality bears no more of the provider's costs than there were",
        text("""
            SELECT 'municipality ' || a.municipality_id, 'at least 0',
                   sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END)::text
            FROM ledger_accounts a JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
            WHERE a.kind = 'provider_fees' GROUP BY 1
            HAVING sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END) < 0
        """),
    ),
    (
        "I6",
        "each statement of our bank account opens with the balance at which the one before it closed",
        text(f"""
            SELECT 'bank account between ' || p.to_on || ' / ' || b.from_on, p.closing_cents::text,
                   b.opening_cents::text
            FROM bank_statements b
            CROSS JOIN LATERAL (
                SELECT e.to_on, e.closing_cents FROM bank_statements e
                WHERE e.municipality_id = b.municipality_id AND e.to_on < b.from_on
                ORDER BY e.to_on DESC, e.id DESC LIMIT 1
            ) p
            WHERE {_BEGINS_ANEW}
              AND NOT EXISTS (
                  SELECT 1 FROM bank_statements o
                  WHERE o.municipality_id = b.municipality_id AND o.from_on = b.from_on AND o.id <> b.id
                    AND o.opening_cents = p.closing_cents
              )
        """),
    ),
    (
        "I6",
        "our bank account in the books is what its statements closed with, on every day on which one closed",
        text(f"""
            SELECT 'bank account on ' || d.to_on, d.closing_cents::text, (d.closing_cents + d.off)::text
            FROM (
                SELECT n.*, lag(n.off) OVER (PARTITION BY n.municipality_id, n.begun_on ORDER BY n.to_on) AS before
                FROM (
                    -- Of several statements that close on one day, one that agrees speaks for the day.
                    SELECT DISTINCT ON (s.municipality_id, s.to_on) s.municipality_id, s.to_on, s.closing_cents,
                           f.from_on AS begun_on, f.opening_cents + coalesce(x.cents, 0) - s.closing_cents AS off
                    FROM bank_statements s
                    CROSS JOIN LATERAL (
                        SELECT b.from_on, b.opening_cents FROM bank_statements b
                        WHERE b.municipality_id = s.municipality_id AND b.from_on <= s.from_on AND {_BEGINS_ANEW}
                        ORDER BY b.from_on DESC, b.id LIMIT 1
                    ) f
                    CROSS JOIN LATERAL (
                        SELECT sum(e.cents) AS cents FROM (
                            SELECT CASE WHEN t.debit_account_id = a.id THEN t.amount_cents
                                        ELSE -t.amount_cents END AS cents,
                                   coalesce(l.booked_on, timezone('Europe/Amsterdam', t.occurred_at)::date
                                                         + {DAYS_ON_THE_WAY}) AS day
                            FROM ledger_accounts a
                            JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
                            LEFT JOIN bank_clearings k ON k.transfer_id = t.id
                            LEFT JOIN bank_lines l ON l.id = k.line_id
                            WHERE a.kind = '{BANK}' AND a.municipality_id = s.municipality_id
                            UNION ALL
                            SELECT w.amount_cents, w.booked_on
                            FROM bank_lines w
                            LEFT JOIN bank_matches m ON m.line_id = w.id
                            LEFT JOIN bank_clearings c ON c.line_id = w.id
                            WHERE w.municipality_id = s.municipality_id AND c.line_id IS NULL
                              AND (m.outcome = 'not_ours'
                                OR (m.line_id IS NULL AND w.booked_on > s.to_on - {DAYS_ON_THE_WAY}))
                        ) e WHERE e.day BETWEEN f.from_on AND s.to_on
                    ) x
                    ORDER BY s.municipality_id, s.to_on,
                             (f.opening_cents + coalesce(x.cents, 0) = s.closing_cents) DESC, s.id DESC
                ) n
            ) d
            WHERE d.off <> 0 AND d.off IS DISTINCT FROM d.before
        """),
    ),
)
