"""Every invariant as a question to the database whose answer must be empty.

Each answers with (subject, expected, found), one row per difference.
"""

from typing import NamedTuple

from sqlalchemy import TextClause, select, text
from sqlalchemy.orm import Session

from crowd.pledges.rules import EVER_COLLECTED
from payments.books.account_queries import QUESTIONS as ACCOUNT_QUESTIONS
from payments.books.bank_queries import OFFLINE
from payments.books.bank_queries import QUESTIONS as BANK_QUESTIONS
from payments.books.cancelling_queries import QUESTIONS as CANCELLING_QUESTIONS
from payments.books.dispute_queries import QUESTIONS as DISPUTE_QUESTIONS
from payments.books.near_miss_queries import QUESTIONS as NEAR_MISS_QUESTIONS
from payments.books.payout_queries import QUESTIONS as PAYOUT_QUESTIONS
from payments.books.refund_queries import QUESTIONS as REFUND_QUESTIONS
from payments.books.reversal_queries import QUESTIONS as REVERSAL_QUESTIONS
from payments.books.rules import Finding, OurCharge, OurMovement
from payments.collection.models import Charge
from payments.ledger.rules import CAMPAIGN_FUNDS, POSTINGS, PROVIDER_CLEARING


class Check(NamedTuple):
    """One promise, the invariant it belongs to, and the question that finds where it is broken."""

    invariant: str
    promise: str
    question: TextClause


_COLLECTED = ", ".join(f"'{state}'" for state in sorted(EVER_COLLECTED))
_POSTINGS = ", ".join(f"('{kind}', '{debit}', '{credit}')" for kind, (debit, credit) in POSTINGS.items())

CHECKS: tuple[Check, ...] = (
    Check(
        "I2",
        "a collected pledge has one succeeded charge of its amount, and the other way round",
        text(f"""
            SELECT 'pledge ' || coalesce(p.id, c.pledge_id),
                   coalesce(p.state || ' ' || p.amount_cents, 'no pledge'),
                   coalesce(c.state || ' ' || c.amount_cents, 'no charge')
            FROM (SELECT * FROM pledges WHERE state IN ({_COLLECTED}) AND way NOT IN ({OFFLINE})) p
            FULL JOIN (SELECT * FROM charges WHERE state = 'succeeded') c ON c.pledge_id = p.id
            WHERE p.id IS NULL OR c.pledge_id IS NULL OR p.amount_cents <> c.amount_cents
        """),
    ),
    Check(
        "I2",
        "every succeeded charge is booked once, for its amount",
        text("""
            SELECT 'pledge ' || coalesce(c.pledge_id::text, t.source_id),
                   coalesce(c.amount_cents::text, 'no charge'), coalesce(t.amount_cents::text, 'not booked')
            FROM (SELECT * FROM charges WHERE state = 'succeeded') c
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind = 'charge') t ON t.source_id = c.pledge_id::text
            WHERE c.amount_cents IS DISTINCT FROM t.amount_cents
        """),
    ),
    Check(
        "I2",
        "every fee the provider named is booked once, for its amount",
        text("""
            SELECT 'pledge ' || coalesce(c.pledge_id::text, t.source_id),
                   coalesce(c.fee_cents::text, 'no fee'), coalesce(t.amount_cents::text, 'not booked')
            FROM (SELECT * FROM charges WHERE fee_cents > 0) c
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind = 'fee') t ON t.source_id = c.pledge_id::text
            WHERE c.fee_cents IS DISTINCT FROM t.amount_cents
        """),
    ),
    Check(
        "I2",
        "every part of a payout that was sent is booked once, for its amount",
        text("""
            SELECT 'payout line ' || coalesce(l.id::text, t.source_id),
                   coalesce(l.amount_cents::text, 'not sent'), coalesce(t.amount_cents::text, 'not booked')
            FROM (SELECT * FROM payout_lines WHERE state = 'sent') l
            FULL JOIN (SELECT * FROM ledger_transfers WHERE kind = 'payout_gifts') t ON t.source_id = l.id::text
            WHERE l.amount_cents IS DISTINCT FROM t.amount_cents
        """),
    ),
    Check(
        "I2",
        "the match that was fixed, decided and booked is one amount; so is the match received",
        text("""
            SELECT 'campaign ' || d.initiative_id,
                   'decided ' || d.match_cents || ', received ' || coalesce(r.amount_cents, 0),
                   'fixed ' || coalesce(f.amount_cents, 0) || ', awarded ' || coalesce(a.amount_cents, 0)
                   || ', booked as received ' || coalesce(b.amount_cents, 0)
            FROM final_decisions d
            LEFT JOIN grant_applications g ON g.initiative_id = d.initiative_id
            LEFT JOIN grant_fixed f ON f.application_id = g.id
            LEFT JOIN match_receipts r ON r.initiative_id = d.initiative_id
            LEFT JOIN ledger_transfers a ON a.kind = 'match_awarded' AND a.source_id = d.initiative_id::text
            LEFT JOIN ledger_transfers b ON b.kind = 'match_received' AND b.source_id = d.initiative_id::text
            WHERE d.match_cents <> coalesce(f.amount_cents, 0) OR d.match_cents <> coalesce(a.amount_cents, 0)
               OR coalesce(r.amount_cents, 0) <> coalesce(b.amount_cents, 0)
        """),
    ),
    Check(
        "I4",
        "each transfer debits and credits the accounts its kind says, of one municipality and one campaign",
        text(f"""
            SELECT 'transfer ' || t.id, k.debit || ' / ' || k.credit, d.kind || ' / ' || c.kind
            FROM ledger_transfers t
            JOIN ledger_accounts d ON d.id = t.debit_account_id
            JOIN ledger_accounts c ON c.id = t.credit_account_id
            LEFT JOIN (VALUES {_POSTINGS}) AS k (kind, debit, credit) ON k.kind = t.kind
            WHERE k.kind IS NULL OR d.kind <> k.debit OR c.kind <> k.credit OR d.municipality_id <> c.municipality_id
        """),
    ),
    Check(
        "I4",
        "a charge, a refund and a payout are booked on the campaign they belong to",
        text(f"""
            SELECT 'transfer ' || t.id, 'campaign ' || p.initiative_id, 'campaign ' || f.initiative_id
            FROM ledger_transfers t
            JOIN ledger_accounts f ON f.id IN (t.debit_account_id, t.credit_account_id) AND f.kind = '{CAMPAIGN_FUNDS}'
            LEFT JOIN refunds r ON t.kind IN ('refund', 'refund_failed') AND r.id::text = t.source_id
            LEFT JOIN payout_lines l ON t.kind = 'payout_gifts' AND l.id::text = t.source_id
            LEFT JOIN transfer_reversals v
              ON t.kind IN ('transfer_reversed', 'loss_recovered') AND v.id::text = t.source_id
            JOIN pledges p
              ON p.id::text = coalesce(r.pledge_id::text, l.pledge_id::text, v.pledge_id::text, t.source_id)
            WHERE t.kind IN ('charge', 'refund', 'refund_failed', 'payout_gifts', 'deposit_collected', 'refund_by_bank',
                             'transfer_reversed', 'loss_recovered')
              AND p.initiative_id <> f.initiative_id
        """),
    ),
    Check(
        "I5",
        "nothing is charged in a campaign that did not reach its minimum at the deadline",
        text("""
            SELECT 'pledge ' || c.pledge_id, 'no charge', c.state
            FROM charges c LEFT JOIN closings k ON k.initiative_id = c.initiative_id
            WHERE k.outcome IS DISTINCT FROM 'collecting'
        """),
    ),
    Check(
        "I5",
        "every charge is of a gift that counted at the deadline, or that filled a gap while its campaign collected",
        text("""
            SELECT 'pledge ' || c.pledge_id, 'promised and saved between ' || k.closed_at || ' and ' || k.collect_until,
                   p.promised_at || ' and ' || p.secured_at
            FROM charges c JOIN pledges p ON p.id = c.pledge_id JOIN closings k ON k.initiative_id = c.initiative_id
            WHERE p.secured_at > k.closed_at AND (p.promised_at < k.closed_at OR p.secured_at >= k.collect_until)
        """),
    ),
    Check(
        "I5",
        "a pledge of a campaign that ended is in a final state, or its bank was awaited for three weeks",
        text("""
            SELECT 'pledge ' || p.id, 'a final state', p.state
            FROM pledges p JOIN initiatives i ON i.id = p.initiative_id
            LEFT JOIN closings k ON k.initiative_id = p.initiative_id
            LEFT JOIN final_decisions d ON d.initiative_id = p.initiative_id
            LEFT JOIN near_misses n ON n.initiative_id = p.initiative_id
            WHERE i.state IN ('near_miss', 'funded', 'unfunded')
              AND (p.state IN ('promised', 'secured', 'charging', 'needs_action', 'declined')
                   OR (p.state = 'processing'
                       AND (coalesce(n.found_at, d.decided_at) >= k.closed_at + interval '21 days') IS NOT TRUE))
        """),
    ),
    Check(
        "I7",
        "per campaign, what left is at most what came in",
        text(f"""
            SELECT 'campaign ' || a.initiative_id, 'at least 0',
                   sum(CASE WHEN t.credit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END)::text
            FROM ledger_accounts a
            JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
            WHERE a.kind = '{CAMPAIGN_FUNDS}'
            GROUP BY a.initiative_id
            HAVING sum(CASE WHEN t.credit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END) < 0
        """),
    ),
    Check(
        "totals",
        "the public total of a live campaign is the sum of its secured pledges",
        text("""
            SELECT 'campaign ' || i.id, coalesce(s.cents, 0)::text,
                   (coalesce(t.amount_cents, 0) + coalesce(d.cents, 0))::text
            FROM initiatives i
            LEFT JOIN campaign_totals t ON t.initiative_id = i.id
            LEFT JOIN (SELECT initiative_id, sum(amount_cents) AS cents FROM campaign_deltas GROUP BY 1) d
              ON d.initiative_id = i.id
            LEFT JOIN (
                SELECT initiative_id, sum(amount_cents) AS cents FROM pledges WHERE state = 'secured' GROUP BY 1
            ) s ON s.initiative_id = i.id
            WHERE i.state = 'live'
              AND coalesce(s.cents, 0) <> coalesce(t.amount_cents, 0) + coalesce(d.cents, 0)
        """),
    ),
    Check(
        "totals",
        "what was frozen at the deadline is what was planned to be collected",
        text("""
            SELECT 'campaign ' || k.initiative_id, k.secured_cents || ' in ' || k.secured_count,
                   s.planned_cents || ' in ' || s.planned_count
            FROM closings k JOIN settlements s ON s.initiative_id = k.initiative_id
            WHERE (k.secured_cents, k.secured_count) <> (s.planned_cents, s.planned_count)
        """),
    ),
    Check(
        "pot",
        "what a pot says is reserved is the sum of its reservations",
        text("""
            SELECT 'scheme ' || s.id, coalesce(sum(r.amount_cents), 0)::text, s.reserved_cents::text
            FROM schemes s LEFT JOIN reservations r ON r.scheme_id = s.id AND r.state IN ('reserved', 'confirmed')
            GROUP BY s.id HAVING s.reserved_cents <> coalesce(sum(r.amount_cents), 0)
        """),
    ),
    Check(
        "pot",
        "the match of a funded campaign is what its reservations were confirmed for",
        text("""
            SELECT 'campaign ' || d.initiative_id, d.match_cents::text, coalesce(sum(r.amount_cents), 0)::text
            FROM final_decisions d
            LEFT JOIN reservations r ON r.initiative_id = d.initiative_id AND r.state = 'confirmed'
            GROUP BY d.initiative_id, d.match_cents HAVING d.match_cents <> coalesce(sum(r.amount_cents), 0)
        """),
    ),
    *(
        Check(invariant, promise, question)
        for invariant, promise, question in (
            *REFUND_QUESTIONS,
            *PAYOUT_QUESTIONS,
            *BANK_QUESTIONS,
            *ACCOUNT_QUESTIONS,
            *DISPUTE_QUESTIONS,
            *CANCELLING_QUESTIONS,
            *REVERSAL_QUESTIONS,
            *NEAR_MISS_QUESTIONS,
        )
    ),
)

_OUR_CHARGES = select(Charge.intent_ref, Charge.pledge_id, Charge.state, Charge.amount_cents).where(
    Charge.intent_ref.is_not(None)
)
_CLEARING = text(f"""
    SELECT coalesce(sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END), 0)
    FROM ledger_accounts a JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
    WHERE a.kind = '{PROVIDER_CLEARING}'
""")
_CAPTURED = text("SELECT coalesce(sum(amount_cents), 0) FROM ledger_transfers WHERE kind = 'charge'")
_WITHOUT_FEE = text("SELECT count(*) FROM charges WHERE state = 'succeeded' AND fee_cents IS NULL")
_MOVEMENTS = text("""
    SELECT c.charge_ref AS ref, 'charge' AS kind, t.amount_cents AS cents, c.fee_cents
    FROM ledger_transfers t JOIN charges c ON c.pledge_id::text = t.source_id
    WHERE t.kind = 'charge' AND c.charge_ref IS NOT NULL
    UNION ALL
    SELECT r.refund_ref, 'refund', sum(CASE t.kind WHEN 'refund' THEN -1 ELSE 1 END * t.amount_cents)::bigint, 0
    FROM ledger_transfers t JOIN refunds r ON r.id::text = t.source_id
    WHERE t.kind IN ('refund', 'refund_failed') AND r.refund_ref IS NOT NULL
    GROUP BY r.refund_ref
    UNION ALL
    SELECT l.transfer_ref, 'transfer', -t.amount_cents, 0
    FROM ledger_transfers t JOIN payout_lines l ON l.id::text = t.source_id
    WHERE t.kind = 'payout_gifts' AND l.transfer_ref IS NOT NULL
    UNION ALL
    SELECT v.reversal_ref, 'reversal', t.amount_cents, 0
    FROM ledger_transfers t JOIN transfer_reversals v ON v.id::text = t.source_id
    WHERE t.kind = 'transfer_reversed' AND v.reversal_ref IS NOT NULL
    UNION ALL
    SELECT t.source_id, CASE t.kind WHEN 'provider_paid_out' THEN 'payout' ELSE 'topup' END,
           CASE t.kind WHEN 'provider_paid_out' THEN -t.amount_cents ELSE t.amount_cents END, 0
    FROM ledger_transfers t WHERE t.kind IN ('provider_paid_out', 'provider_topped_up')
""")
_OTHER_MOVEMENTS = text(f"""
    SELECT coalesce(sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END), 0)
    FROM ledger_accounts a JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
    WHERE a.kind = '{PROVIDER_CLEARING}'
      AND t.kind NOT IN ('charge', 'fee', 'refund', 'refund_failed', 'payout_gifts', 'transfer_reversed',
                         'provider_paid_out', 'provider_topped_up')
""")
_UNDER_WAY = text("""
    SELECT 'charge' WHERE EXISTS (
        SELECT FROM charges WHERE state IN ('confirming', 'processing', 'needs_action', 'declined'))
    UNION ALL SELECT 'refund' WHERE EXISTS (SELECT FROM refunds WHERE state = 'planned')
    UNION ALL SELECT 'reversal' WHERE EXISTS (SELECT FROM transfer_reversals WHERE state = 'planned')
    UNION ALL SELECT 'transfer' WHERE EXISTS (SELECT FROM payout_lines WHERE state = 'planned')
""")


def findings(session: Session) -> list[Finding]:
    """Return every difference our own tables show, in a session that sees one moment."""
    return [
        Finding(check.invariant, check.promise, str(subject), str(expected), str(found))
        for check in CHECKS
        for subject, expected, found in session.execute(check.question)
    ]


def our_charges(session: Session) -> dict[str, OurCharge]:
    """Return our charges by the provider's intent."""
    return {
        str(row.intent_ref): OurCharge(pledge_id=str(row.pledge_id), state=row.state, amount_cents=row.amount_cents)
        for row in session.execute(_OUR_CHARGES)
    }


def clearing_cents(session: Session) -> int:
    """Return the balance of the clearing account: what the provider should hold for us."""
    return int(session.execute(_CLEARING).scalar_one())


def captured_cents(session: Session) -> int:
    """Return everything ever captured."""
    return int(session.execute(_CAPTURED).scalar_one())


def charges_without_fee(session: Session) -> int:
    """Return how many charges wait for the provider to name their cost."""
    return int(session.execute(_WITHOUT_FEE).scalar_one())


def our_movements(session: Session) -> list[OurMovement]:
    """Return every posting that must be a movement on the provider's balance, under the provider's reference."""
    rows = session.execute(_MOVEMENTS)
    return [OurMovement(ref=row.ref, kind=row.kind, cents=row.cents, fee_cents=row.fee_cents) for row in rows]


def other_movements_cents(session: Session) -> int:
    """Return what is booked on the clearing account beside charges, their costs, refunds and payouts."""
    return int(session.execute(_OTHER_MOVEMENTS).scalar_one())


def kinds_under_way(session: Session) -> frozenset[str]:
    """Return of which kinds of movement something was asked of the provider whose answer we may not have yet."""
    return frozenset(session.scalars(_UNDER_WAY))
