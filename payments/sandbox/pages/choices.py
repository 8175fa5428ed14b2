"""How a test card or a test account is offered on a page: its number as people read it, and what it does."""

from payments.sandbox.bank_accounts import BankAccount
from payments.sandbox.cards import Card
from payments.sandbox.pages.words import WORDS

Choice = dict[str, str]


def card(one: Card, lang: str) -> Choice:
    """A test card to click on."""
    return _choice(f"card_{one.name}", one.number, lang, ours=one.ours)


def account(one: BankAccount, lang: str) -> Choice:
    """A test account to click on."""
    return _choice(f"account_{one.name}", one.iban, lang, ours=one.ours)


def _choice(name: str, number: str, lang: str, *, ours: bool) -> Choice:
    words = WORDS[lang]
    spaced = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    return {
        "number": number,
        "spaced": spaced,
        "title": words[name],
        "hint": words[f"{name}_hint"] + (f" {words['ours']}" if ours else ""),
    }
