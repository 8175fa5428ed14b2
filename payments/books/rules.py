"""What a difference is called, and how the provider's view compares with ours."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is not as it must be. `expected` and `found` are cents, counts or states, as text."""

    invariant: str
    promise: str
    subject: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What check-books saw. `in_flight` counts payments whose answer was under way: they are no difference yet."""

    findings: tuple[Finding, ...]
    checks: int
    captured_cents: int
    in_flight: int
    compared_with_provider: bool

    @property
    def balanced(self) -> bool:
        """Whether every book balances."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Unasked:
    """A promise that a past moment cannot be asked about: `lacks` names what no history is kept of."""

    invariant: str
    promise: str
    lacks: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Everything debited and credited on one kind of account, in cents."""

    kind: str
    debit_cents: int
    credit_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVerdict:
    """What check-books sees of a past moment, and what it cannot see.

    `recorded_later` of the `postings` were written down after `moment`, about something that happened before it.
    """

    moment: datetime
    findings: tuple[Finding, ...]
    asked: int
    unasked: tuple[Unasked, ...]
    balances: tuple[Balance, ...]
    postings: int
    recorded_later: int

    @property
    def balanced(self) -> bool:
        """Whether every book balanced, as far as can be asked; debits and credits included."""
        debit, credit = (sum(b.debit_cents for b in self.balances), sum(b.credit_cents for b in self.balances))
        return not self.findings and debit == credit


@dataclass(frozen=True, slots=True)
class OurCharge:
    """A charge as we keep it."""

    pledge_id: str
    state: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class TheirPayment:
    """A payment as the provider keeps it."""

    ref: str
    pledge_id: str
    status: str
    received_cents: int


def compare_payments(*, ours: Mapping[str, OurCharge], theirs: Iterable[TheirPayment]) -> tuple[list[Finding], int]:
    """Return what differs between our charges (by intent) and the provider's payments, and how many are in flight.

    Only succeeded payments are money. One that succeeded there while its confirmation is under way here is in
    flight. Invariants I1 and I2.
    """
    findings: list[Finding] = []
    in_flight = 0
    succeeded = [payment for payment in theirs if payment.status == "succeeded"]
    for pledge_id, times in Counter(payment.pledge_id for payment in succeeded).items():
        if times > 1:
            findings.append(
                Finding(
                    "I1", "a pledge is charged at most once", f"pledge {pledge_id}", "1 payment", f"{times} payments"
                )
            )
    seen = set()
    for payment in succeeded:
        seen.add(payment.ref)
        ours_here = ours.get(payment.ref)
        if ours_here is None:
            findings.append(Finding("I2", "every payment belongs to a charge of ours", payment.ref, "a charge", "none"))
        elif ours_here.state in {"confirming", "processing", "needs_action", "declined"}:
            in_flight += 1
        elif ours_here.state != "succeeded" or ours_here.amount_cents != payment.received_cents:
            findings.append(
                Finding(
                    "I2",
                    "what the provider collected is what we booked",
                    f"pledge {ours_here.pledge_id}",
                    f"succeeded {payment.received_cents}",
                    f"{ours_here.state} {ours_here.amount_cents}",
                )
            )
    findings += [
        Finding("I2", "what we booked was collected", f"pledge {charge.pledge_id}", "a payment", "none")
        for ref, charge in ours.items()
        if charge.state == "succeeded" and ref not in seen
    ]
    return findings, in_flight


def compare_balance(*, clearing_cents: int, provider_cents: int, charges_without_fee: int) -> list[Finding]:
    """Return what differs between our clearing account and the provider's balance (I6).

    The cost of a charge is told us late; until every one is known, the two cannot be equal and are not compared.
    """
    if charges_without_fee or clearing_cents == provider_cents:
        return []
    return [
        Finding(
            "I6",
            "the clearing account equals the provider's balance",
            "provider_clearing",
            str(provider_cents),
            str(clearing_cents),
        )
    ]
