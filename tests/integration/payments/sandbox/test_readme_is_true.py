"""What the sandbox's README lists is what the sandbox has: numbers, calls, doors, settings."""

import re
from pathlib import Path

from payments.sandbox import endings
from payments.sandbox.bank_accounts import ACCOUNTS, is_iban
from payments.sandbox.cards import CARDS
from payments.sandbox.catalogue import OPERATIONS
from payments.sandbox.faults import API_KINDS, WEBHOOK_KINDS

SANDBOX = Path(__file__).parents[4] / "payments/sandbox"
README = (SANDBOX / "README.md").read_text(encoding="utf-8")


def test_every_card_is_in_the_readme() -> None:
    # Cards that differ in one thing share a line, and tell only the digits that differ.
    assert [card.number for card in CARDS if card.number not in README and f"...{card.last4}" not in README] == []


def test_every_account_is_in_the_readme_and_every_number_is_right() -> None:
    listed = set(re.findall(r"\bNL[0-9]{2}[A-Z]{4}[0-9]{10}\b", README))
    assert listed == {account.iban for account in ACCOUNTS}
    assert [account.iban for account in ACCOUNTS if not is_iban(account.iban)] == []


def test_every_call_is_in_the_readme() -> None:
    table = README.partition("## What it answers")[2].partition("Everything else is 404")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| ")]
    nouns = {noun.strip(): told for nouns, told in rows for noun in nouns.split(",")}
    missing = []
    for operation in OPERATIONS:
        noun, _, verb = operation.name.rpartition(".")
        if verb not in nouns.get(noun, ""):
            missing.append(operation.name)
    assert missing == []


def test_every_door_and_fault_is_in_the_readme() -> None:
    assert [path for path, _ in endings.DOORS if f"`POST {path}`" not in README] == []
    assert [kind for kind in (*API_KINDS, *WEBHOOK_KINDS) if f"`{kind}`" not in README] == []


def test_every_setting_is_in_the_readme() -> None:
    read = set(re.findall(r"SANDBOX_[A-Z_]+", (SANDBOX / "settings.py").read_text(encoding="utf-8")))
    assert {name for name in read if f"`{name}`" not in README} == set()
