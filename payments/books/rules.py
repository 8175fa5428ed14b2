"""What a difference is called, and how the provider's view compares with ours."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crowd.shared.errors import Invalid, NotFound, msg

CHARGED_ONCE: Final = "a pledge is charged at most once"
PAYMENT_IS_OURS: Final = "every payment belongs to a charge of ours"
COLLECTED_IS_BOOKED: Final = "what the provider collected is what we booked"
BOOKED_IS_COLLECTED: Final = "what we booked was collected"
MOVEMENT_IS_BOOKED: Final = "every movement on the provider's balance is booked, for its amount"
BOOKED_HAS_MOVED: Final = "everything booked at the provider moved there"
REST_IS_BOOKED: Final = "the provider's other movements add up to what is booked of them"
CLEARING_IS_BALANCE: Final = "the clearing account equals the provider's balance"
ASKED_OF_PROVIDER: Final = frozenset(
    {
        CHARGED_ONCE,
        PAYMENT_IS_OURS,
        COLLECTED_IS_BOOKED,
        BOOKED_IS_COLLECTED,
        MOVEMENT_IS_BOOKED,
        BOOKED_HAS_MOVED,
        REST_IS_BOOKED,
    }
)
EXPLANATION_LENGTH: Final = 2000
# What the provider calls a movement -> what it is to us. Others are compared as a sum.
MOVEMENT_OF: Final = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    # What comes back of a refund goes by the refund's own name: together they are nothing.
    "refund_failure": "refund",
    "transfer": "transfer",
    "transfer_refund": "reversal",
    "payout": "payout",
    "topup": "topup",
}


class FindingNotFound(NotFound):
    """No finding has this id."""

    sentence = msg("We cannot find this finding.")


class ExplanationMissing(Invalid):
    """An explanation says something."""

    sentence = msg("Write down what you found out or did.")


class ExplanationTooLong(Invalid):
    """An explanation is a few paragraphs, not a file."""

    sentence = msg("Use at most {most} characters.")


def read_explanation(text: str) -> str:
    """Return an explanation without surrounding space; raise ExplanationMissing or ExplanationTooLong."""
    cleaned = text.strip()
    if not cleaned:
        raise ExplanationMissing(field="body")
    if len(cleaned) > EXPLANATION_LENGTH:
        raise ExplanationTooLong(field="body", most=EXPLANATION_LENGTH)
    return cleaned


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
    """What check-books saw. `in_flight` counts payments whose answer was under way: they are no difference yet.

    `asked` are the promises that were asked about: what is not found is only known to be right for those.
    """

    findings: tuple[Finding, ...]
    asked: frozenset[str]
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
class OurMovement:
    """A posting at the provider, by the provider's name for what it is about. `cents` is negative when money left.

    `fee_cents` is None while the provider has not named the cost: its movement may not be there yet either.
    """

    ref: str
    kind: str
    cents: int
    fee_cents: int | None


@dataclass(frozen=True, slots=True)
class TheirMovement:
    """A movement on the provider's balance, in cents: the amount, and what it cost."""

    ref: str
    type: str
    cents: int
    fee_cents: int


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
            findings.append(Finding("I1", CHARGED_ONCE, f"pledge {pledge_id}", "1 payment", f"{times} payments"))
    seen = set()
    for payment in succeeded:
        seen.add(payment.ref)
        ours_here = ours.get(payment.ref)
        if ours_here is None:
            findings.append(Finding("I2", PAYMENT_IS_OURS, payment.ref, "a charge", "none"))
        elif ours_here.state in {"confirming", "processing", "needs_action", "declined"}:
            in_flight += 1
        elif ours_here.state != "succeeded" or ours_here.amount_cents != payment.received_cents:
            findings.append(
                Finding(
                    "I2",
                    COLLECTED_IS_BOOKED,
                    f"pledge {ours_here.pledge_id}",
                    f"succeeded {payment.received_cents}",
                    f"{ours_here.state} {ours_here.amount_cents}",
                )
            )
    findings += [
        Finding("I2", BOOKED_IS_COLLECTED, f"pledge {charge.pledge_id}", "a payment", "none")
        for ref, charge in ours.items()
        if charge.state == "succeeded" and ref not in seen
    ]
    return findings, in_flight


def compare_movements(
    *, ours: Iterable[OurMovement], other_cents: int, theirs: Iterable[TheirMovement], under_way: Collection[str]
) -> list[Finding]:
    """Return what differs between the postings at the provider and the movements on its balance, both ways (I6).

    Movements of the kinds in `under_way` that we do not know yet are left out: their answer may be on its way to us.
    What is none of the known kinds must add up to `other_cents`, what we booked of it.
    """
    found: dict[str, tuple[str, int, int]] = {}
    rest = other_cents
    for movement in theirs:
        kind = MOVEMENT_OF.get(movement.type)
        if kind is None:
            rest -= movement.cents - movement.fee_cents
        else:
            _, cents, fee_cents = found.get(movement.ref, (kind, 0, 0))
            found[movement.ref] = (kind, cents + movement.cents, fee_cents + movement.fee_cents)
    findings = []
    for booked in ours:
        moved = found.pop(booked.ref, None)
        if moved is None:
            if booked.fee_cents is not None:
                findings.append(Finding("I6", BOOKED_HAS_MOVED, booked.ref, str(booked.cents), "no movement"))
        elif moved[1] != booked.cents or booked.fee_cents not in {None, moved[2]}:
            expected, costs = f"{moved[1]}, costs {moved[2]}", f"{booked.cents}, costs {booked.fee_cents}"
            findings.append(Finding("I6", MOVEMENT_IS_BOOKED, booked.ref, expected, costs))
    findings += [
        Finding("I6", MOVEMENT_IS_BOOKED, ref, f"{cents}, costs {fee_cents}", "not booked")
        for ref, (kind, cents, fee_cents) in found.items()
        if kind not in under_way
    ]
    if rest:
        subject, expected = "other movements", str(other_cents - rest)
        findings.append(Finding("I6", REST_IS_BOOKED, subject, expected, str(other_cents)))
    return findings


def compare_balance(*, clearing_cents: int, provider_cents: int, charges_without_fee: int) -> list[Finding]:
    """Return what differs between our clearing account and the provider's balance (I6).

    The cost of a charge is told us late; until every one is known, the two cannot be equal and are not compared.
    """
    if charges_without_fee or clearing_cents == provider_cents:
        return []
    return [
        Finding(
            "I6",
            CLEARING_IS_BALANCE,
            "provider_clearing",
            str(provider_cents),
            str(clearing_cents),
        )
    ]
