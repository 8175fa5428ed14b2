"""Reading what a donor typed in the form for a bank account. Pure: text in, an account or the mistakes out."""

from dataclasses import dataclass

from payments.sandbox.bank_accounts import ACCOUNT_BY_IBAN, BankAccount, compact, is_iban

LONGEST_NAME = 100


@dataclass(frozen=True, kw_only=True)
class TypedAccount:
    """A test account with its holder's name; `mistakes` maps a field to the word that tells what is wrong."""

    account: BankAccount | None
    name: str
    mistakes: dict[str, str]


def read_account(*, name: str, iban: str) -> TypedAccount:
    """Checks both fields together, so that every mistake is told at once."""
    mistakes: dict[str, str] = {}
    holder = name.strip()
    if not 1 <= len(holder) <= LONGEST_NAME:
        mistakes["name"] = "name_missing"
    account = ACCOUNT_BY_IBAN.get(compact(iban))
    if not iban.strip():
        mistakes["iban"] = "iban_missing"
    elif not is_iban(iban):
        mistakes["iban"] = "iban_incorrect"
    elif account is None:
        mistakes["iban"] = "iban_unknown"
    return TypedAccount(account=account, name=holder, mistakes=mistakes)
