"""Stripe's Dutch test accounts for SEPA Direct Debit and what each does, plus seven of our own.

After https://docs.stripe.com/testing and https://docs.stripe.com/payments/sepa-debit. Our own accounts are at the
bank ZAND, which does not exist. An account behaves by five facts: whether it can be saved, how long a debit takes,
whether it fails, whether its holder has it reversed after it succeeded, and whether a refund to it comes back.
Those that end in 2222227, 55555 and 66666 follow the pattern of Stripe's lists for other countries.
"""

import re
from dataclasses import dataclass

MINUTE, DAY = 60, 86_400
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
NOT_ALPHABETIC = re.compile(r"[\s-]")
BANKS = {"ABNA": ("abn_amro", "ABNANL2A"), "RABO": ("rabobank", "RABONL2U")}
"""Bank code in a Dutch IBAN -> Stripe's name for that bank and its BIC."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a bank does not do it, in Stripe's words; `ends_mandate` when it will never do it again."""

    code: str
    message: str
    ends_mandate: bool = False


COULD_NOT_PROCESS = Failure(
    code="generic_could_not_process",
    message="The payment could not be processed by the customer's bank.",
)
INSUFFICIENT_FUNDS = Failure(
    code="insufficient_funds",
    message="The customer's bank account has insufficient funds to cover this payment.",
)
NOT_AUTHORIZED = Failure(
    code="debit_not_authorized",
    message="The customer has notified their bank that this payment was unauthorized.",
    ends_mandate=True,
)
OVER_VOLUME = Failure(
    code="charge_exceeds_source_limit",
    message="This payment would make the account exceed its weekly payment volume limit.",
)
OVER_WEEKLY = Failure(
    code="charge_exceeds_weekly_limit",
    message="This payment exceeds the account's weekly transaction volume limit.",
)
BANK_NOT_SUPPORTED = Failure(
    code="sepa_debit_bank_not_supported",
    message="The bank of this IBAN does not support SEPA Direct Debit.",
)
DEBITS_NOT_SUPPORTED = Failure(
    code="bank_account_unusable",
    message="The account of this IBAN cannot be debited with SEPA Direct Debit.",
)
FAILURES = {
    failure.code: failure
    for failure in (COULD_NOT_PROCESS, INSUFFICIENT_FUNDS, NOT_AUTHORIZED, OVER_VOLUME, OVER_WEEKLY)
}
"""What can end a debit, by code."""


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """A test account and how it behaves.

    A debit takes `SANDBOX_SEPA_DELAY_SECONDS` and `extra_seconds` on top. `debit` is why it fails; `good_after` turns
    that into a success after so many failures. `reversed_after` seconds after its success the holder takes it back.
    `early` money is in the balance while the debit is still pending, as Stripe may do, and is taken out when it fails.
    `ours` marks an account that exists only in this sandbox, not at Stripe.
    """

    name: str
    iban: str
    tokens: tuple[str, ...] = ()
    extra_seconds: int = 0
    saving: Failure | None = None
    debit: Failure | None = None
    good_after: int | None = None
    reversed_after: int | None = None
    early: bool = False
    refund_fails: bool = False
    ours: bool = False

    @property
    def last4(self) -> str:
        return self.iban[-4:]

    @property
    def country(self) -> str:
        return self.iban[:2]

    @property
    def bank_code(self) -> str:
        return self.iban[4:8]

    @property
    def bank(self) -> tuple[str | None, str | None]:
        """Stripe's name for the bank and its BIC; of the made-up bank neither."""
        return BANKS.get(self.bank_code, (None, None))

    def failure(self, failures_so_far: int) -> Failure | None:
        """Why the next debit fails, or None when it succeeds."""
        if self.good_after is not None and failures_so_far >= self.good_after:
            return None
        return self.debit


def _tokens(scenario: str) -> tuple[str, ...]:
    """Stripe's pages spell the same token in two ways."""
    return (f"pm_sepaDebit_{scenario}_nl", f"pm_{scenario}_nl")


ACCOUNTS = (
    BankAccount(name="good", iban="NL39RABO0300065264", tokens=_tokens("success")),
    BankAccount(
        name="good_later",
        iban="NL55RABO0300065267",
        tokens=_tokens("successDelayed"),
        extra_seconds=3 * MINUTE,
    ),
    BankAccount(name="fails", iban="NL91ABNA0417164300", tokens=_tokens("failed"), debit=COULD_NOT_PROCESS),
    BankAccount(
        name="fails_later",
        iban="NL28RABO0300065268",
        tokens=_tokens("failedDelayed"),
        extra_seconds=3 * MINUTE,
        debit=COULD_NOT_PROCESS,
    ),
    BankAccount(name="disputed", iban="NL82RABO0300065266", tokens=_tokens("disputed"), reversed_after=0),
    BankAccount(
        name="over_volume",
        iban="NL27RABO0000343434",
        tokens=_tokens("exceedsWeeklyVolumeLimit"),
        debit=OVER_VOLUME,
    ),
    BankAccount(
        name="over_weekly",
        iban="NL86RABO0000121212",
        tokens=_tokens("exceedsWeeklyTransactionLimit"),
        debit=OVER_WEEKLY,
    ),
    BankAccount(
        name="empty",
        iban="NL27RABO0002222227",
        tokens=_tokens("insufficientFunds"),
        debit=INSUFFICIENT_FUNDS,
    ),
    BankAccount(name="bank_not_supported", iban="NL53RABO0000055555", saving=BANK_NOT_SUPPORTED),
    BankAccount(name="debits_not_supported", iban="NL77RABO0000066666", saving=DEBITS_NOT_SUPPORTED),
    BankAccount(name="slow", iban="NL96ZAND0000000001", extra_seconds=6 * DAY, ours=True),
    BankAccount(
        name="slow_empty",
        iban="NL69ZAND0000000002",
        extra_seconds=6 * DAY,
        debit=INSUFFICIENT_FUNDS,
        ours=True,
    ),
    BankAccount(name="reversed_later", iban="NL42ZAND0000000003", reversed_after=42 * DAY, ours=True),
    BankAccount(
        name="empty_once",
        iban="NL15ZAND0000000004",
        debit=INSUFFICIENT_FUNDS,
        good_after=1,
        ours=True,
    ),
    BankAccount(name="not_authorized", iban="NL85ZAND0000000005", debit=NOT_AUTHORIZED, ours=True),
    BankAccount(
        name="early_then_empty",
        iban="NL31ZAND0000000007",
        extra_seconds=3 * MINUTE,
        debit=INSUFFICIENT_FUNDS,
        early=True,
        ours=True,
    ),
    BankAccount(name="refund_fails", iban="NL58ZAND0000000006", refund_fails=True, ours=True),
)
ACCOUNT_BY_IBAN = {account.iban: account for account in ACCOUNTS}
ACCOUNT_BY_TOKEN = {token: account for account in ACCOUNTS for token in account.tokens}
ACCOUNT_BY_NAME = {account.name: account for account in ACCOUNTS}


def compact(typed: str) -> str:
    """An IBAN as it is kept: capitals, without the spaces people read it by."""
    return NOT_ALPHABETIC.sub("", typed).upper()


def is_iban(typed: str) -> bool:
    """Whether the check digits are right (ISO 13616: the rearranged number is 1 modulo 97)."""
    iban = compact(typed)
    if not IBAN.fullmatch(iban):
        return False
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1
