"""The same questions as `queries.CHECKS`, asked of any past moment; and which of them the past cannot answer.

A moment is business time: what had happened by then, as we know it today. The ledger and the histories of states
are only ever added to, so a table as it was is a question over today's rows: `PAST` holds one for each table whose
past we keep. Put before a check's own question under the table's name, it stands in for the table, so that past and
present are asked the very same thing. A check that reads anything else is not asked, and `UNASKED` says why.
"""

import re
from datetime import datetime
from typing import Final

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from payments.books.queries import CHECKS, Check
from payments.books.rules import CLEARING_IS_BALANCE, Balance, Finding, Unasked

# Each is read after the ones above it. What is not selected has no known past, and no check may lean on it.
PAST: Final[dict[str, str]] = {
    # Accounts never change; one without postings by then adds up to nothing.
    "ledger_accounts": "SELECT * FROM ledger_accounts",
    "ledger_transfers": "SELECT * FROM ledger_transfers WHERE occurred_at <= :as_of",
    "closings": "SELECT * FROM closings WHERE closed_at <= :as_of",
    "final_decisions": "SELECT * FROM final_decisions WHERE decided_at <= :as_of",
    # What is left of it changes and has no past; a question that reads that is not asked.
    "near_misses": "SELECT initiative_id, found_at FROM near_misses WHERE found_at <= :as_of",
    "revised_plans": """
        SELECT initiative_id, minimum_cents, CASE WHEN decided_at <= :as_of THEN donors_until END AS donors_until,
               CASE WHEN decided_at <= :as_of THEN state ELSE 'submitted' END AS state
        FROM revised_plans WHERE submitted_at <= :as_of
    """,
    "grant_fixed": "SELECT * FROM grant_fixed WHERE fixed_at <= :as_of",
    "grant_applications": "SELECT id, initiative_id FROM grant_applications WHERE received_at <= :as_of",
    "match_receipts": "SELECT * FROM match_receipts WHERE received_at <= :as_of",
    "settlements": """
        SELECT initiative_id, planned_at, planned_count, planned_cents FROM settlements WHERE planned_at <= :as_of
    """,
    "initiatives": """
        SELECT i.id, i.municipality_id, coalesce(
                   (SELECT t.to_state FROM initiative_transitions t
                    WHERE t.initiative_id = i.id AND t.at <= :as_of ORDER BY t.id DESC LIMIT 1),
                   (SELECT t.from_state FROM initiative_transitions t
                    WHERE t.initiative_id = i.id ORDER BY t.id LIMIT 1),
                   i.state) AS state
        FROM initiatives i WHERE i.created_at <= :as_of
    """,
    # The amount is asked of collected pledges only, whose amount is fixed.
    "pledges": """
        SELECT p.id, p.municipality_id, p.initiative_id, p.amount_cents, p.way, p.promised_at, p.secured_at,
               CASE WHEN p.going_back_at <= :as_of THEN p.going_back_at END AS going_back_at, coalesce(
                   (SELECT t.to_state FROM pledge_transitions t
                    WHERE t.pledge_id = p.id AND t.at <= :as_of ORDER BY t.id DESC LIMIT 1),
                   'promised') AS state
        FROM pledges p WHERE p.promised_at <= :as_of
    """,
    "charges": """
        SELECT pledge_id, initiative_id, amount_cents,
               CASE WHEN succeeded_at <= :as_of THEN 'succeeded' ELSE 'planned' END AS state
        FROM charges WHERE planned_at <= :as_of
    """,
    "refunds": """
        SELECT id, pledge_id, amount_cents,
               CASE WHEN failed_at <= :as_of THEN 'failed' WHEN succeeded_at <= :as_of THEN 'succeeded'
                    ELSE 'planned' END AS state
        FROM refunds WHERE planned_at <= :as_of
    """,
    # A plan is asked of only once its first part was approved, and from then on it is fixed.
    "tranches": "SELECT id, initiative_id, number, amount_cents, match_cents FROM tranches",
    "progress_reports": """
        SELECT id, initiative_id, decided_at, CASE WHEN decided_at <= :as_of THEN state ELSE 'submitted' END AS state
        FROM progress_reports WHERE written_at <= :as_of
    """,
    "disputes": """
        SELECT id, pledge_id, amount_cents, fee_cents,
               CASE WHEN withdrawn_at <= :as_of THEN withdrawn_at END AS withdrawn_at,
               CASE WHEN closed_at <= :as_of THEN state ELSE 'open' END AS state,
               CASE WHEN closed_at <= :as_of THEN borne_by END AS borne_by
        FROM disputes WHERE opened_at <= :as_of
    """,
    "payouts": """
        SELECT tranche_id, initiative_id, gifts_cents, deposits_cents, match_cents, approved_at,
               CASE WHEN sent_at <= :as_of THEN sent_at END AS sent_at
        FROM payouts WHERE approved_at <= :as_of
    """,
    "payout_lines": """
        SELECT l.id, l.tranche_id, l.initiative_id, l.pledge_id, l.amount_cents,
               CASE WHEN l.sent_at <= :as_of THEN 'sent' ELSE 'planned' END AS state
        FROM payout_lines l JOIN payouts p ON p.tranche_id = l.tranche_id
    """,
    "transfer_reversals": """
        SELECT id, line_id, pledge_id, amount_cents, CASE WHEN ended_at <= :as_of THEN state ELSE 'planned' END AS state
        FROM transfer_reversals WHERE asked_at <= :as_of
    """,
    "bank_returns": """
        SELECT pledge_id, kind, amount_cents, planned_at, CASE WHEN paid_at <= :as_of THEN paid_at END AS paid_at,
               CASE WHEN paid_at <= :as_of THEN 'paid' ELSE 'planned' END AS state
        FROM bank_returns WHERE planned_at <= :as_of AND (cancelled_at <= :as_of) IS NOT TRUE
    """,
    # Between written down and received no moment is kept of; both are "not here yet".
    "deposits": """
        SELECT d.pledge_id, d.municipality_id, d.initiative_id, d.way, d.amount_cents,
               CASE WHEN r.kind = 'deposit' AND r.state = 'paid' THEN 'returned'
                    WHEN d.collected_at <= :as_of THEN 'collected'
                    WHEN d.received_at <= :as_of THEN 'held' ELSE 'announced' END AS state
        FROM deposits d LEFT JOIN bank_returns r ON r.pledge_id = d.pledge_id AND r.state <> 'cancelled'
        WHERE d.recorded_at <= :as_of
    """,
    "bank_statements": "SELECT * FROM bank_statements WHERE uploaded_at <= :as_of",
    "bank_lines": """
        SELECT l.id, l.municipality_id, l.booked_on, l.amount_cents
        FROM bank_lines l JOIN bank_statements s ON s.id = l.statement_id WHERE s.uploaded_at <= :as_of
    """,
    "bank_matches": "SELECT * FROM bank_matches WHERE matched_at <= :as_of",
    "bank_clearings": "SELECT * FROM bank_clearings WHERE cleared_at <= :as_of",
    "line_returns": """
        SELECT line_id, municipality_id, amount_cents, CASE WHEN paid_at <= :as_of THEN paid_at END AS paid_at
        FROM line_returns WHERE decided_at <= :as_of
    """,
    "cancellations": """
        SELECT id, initiative_id, gave_cents, left_cents,
               CASE WHEN decided_at <= :as_of THEN state ELSE 'proposed' END AS state
        FROM cancellations WHERE proposed_at <= :as_of
    """,
    "cancellation_lines": """
        SELECT l.* FROM cancellation_lines l JOIN cancellations c ON c.id = l.cancellation_id
    """,
    # One that a lost dispute took over began as something else, and was not done as that.
    "cancellation_steps": """
        SELECT line_id, way, to_initiative_id, CASE WHEN done_at <= :as_of THEN done_at END AS done_at
        FROM cancellation_steps WHERE begun_at <= :as_of AND (way <> 'lost' OR done_at <= :as_of)
    """,
    "reservations": """
        SELECT pledge_id, scheme_id, initiative_id, amount_cents,
               CASE WHEN ended_at <= :as_of THEN state ELSE 'reserved' END AS state
        FROM reservations WHERE reserved_at <= :as_of
    """,
}
# A column without a moment of its own, although its table has a past.
_TIMELESS: Final = {
    "fee_cents": "the moment at which the cost of a charge became known",
    "left_cents": "what was left of a near miss from moment to moment",
}
_PROVIDER: Final = (
    Unasked("I1 I2", "every payment at the provider is a charge of ours, and the other way round", "the provider's"),
    Unasked("I6", CLEARING_IS_BALANCE, "the provider's"),
)
_TABLE: Final = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")

_BALANCES: Final = text("""
    SELECT a.kind, coalesce(sum(t.amount_cents) FILTER (WHERE t.debit_account_id = a.id), 0) AS debit_cents,
           coalesce(sum(t.amount_cents) FILTER (WHERE t.credit_account_id = a.id), 0) AS credit_cents
    FROM ledger_accounts a
    JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id) AND t.occurred_at <= :as_of
    GROUP BY a.kind ORDER BY a.kind
""")
_POSTINGS: Final = text("""
    SELECT count(*) AS postings, count(*) FILTER (WHERE recorded_at > :as_of) AS recorded_later
    FROM ledger_transfers WHERE occurred_at <= :as_of
""")


def _unanswerable(check: Check) -> tuple[str, ...]:
    """Return what `check` reads of which no past is kept, in words; empty when it can be asked of the past."""
    question = check.question.text
    tables = sorted(set(_TABLE.findall(question)) - PAST.keys())
    return (*tables, *(reason for word, reason in _TIMELESS.items() if re.search(rf"\b{word}\b", question)))


def _as_it_was(check: Check) -> TextClause:
    """Return the question of `check` over the tables as they were at `:as_of`."""
    question = check.question.text
    read = set(_TABLE.findall(question))
    # A table's past may itself lean on another's.
    for name in reversed(PAST):
        if name in read:
            read |= set(_TABLE.findall(PAST[name])) & PAST.keys()
    tables = ", ".join(f"{name} AS ({past})" for name, past in PAST.items() if name in read)
    return text(f"WITH {tables} {question}")  # the pieces are our own constants


_ASKED: Final = tuple((check, _as_it_was(check)) for check in CHECKS if not _unanswerable(check))
UNASKED: Final = (
    *(
        Unasked(check.invariant, check.promise, ", ".join(reasons))
        for check in CHECKS
        if (reasons := _unanswerable(check))
    ),
    *_PROVIDER,
)
ASKED: Final = len(_ASKED)


def findings_as_of(session: Session, *, moment: datetime) -> list[Finding]:
    """Return every difference our own tables showed at `moment`, among the checks that can be asked of the past."""
    return [
        Finding(check.invariant, check.promise, str(subject), str(expected), str(found))
        for check, question in _ASKED
        for subject, expected, found in session.execute(question, {"as_of": moment})
    ]


def balances_as_of(session: Session, *, moment: datetime) -> list[Balance]:
    """Return what had been debited and credited on each kind of account by `moment`, in cents."""
    rows = session.execute(_BALANCES, {"as_of": moment})
    return [Balance(row.kind, int(row.debit_cents), int(row.credit_cents)) for row in rows]


def postings_as_of(session: Session, *, moment: datetime) -> tuple[int, int]:
    """Return how many postings belong to `moment` or before, and how many of those were written down after it."""
    row = session.execute(_POSTINGS, {"as_of": moment}).one()
    return int(row.postings), int(row.recorded_later)
