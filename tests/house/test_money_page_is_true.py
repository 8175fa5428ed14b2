"""The worked example in docs/money.md is what the code computes, to the cent."""

import re

from crowd.cofunding.rules import CountedPledge, MatchRule, match_all
from crowd.shared.money import Money
from payments.ledger.rules import POSTINGS
from payments.sandbox.objects.balance import fee_cents
from tests.source import ROOT

_GIFT = re.compile(r"^\| (\w+) \| ([\d.]+) \| ([\d.]+) \| (\w+) \| .* \| ([\d.]+) \|$", re.MULTILINE)
_POSTED = re.compile(r"^\| `(\w+)`(?: x \d)? \| `(\w+)` \| `(\w+)` \| ([\d.]+) \|$", re.MULTILINE)


def _cents(text: str) -> int:
    return int(text.replace(".", ""))


def _example() -> str:
    text = (ROOT / "docs" / "money.md").read_text(encoding="utf-8")
    return text.partition("## A worked example")[2].partition("\n## ")[0]


def test_every_gift_is_matched_as_the_page_says() -> None:
    rows = _GIFT.findall(_example())
    rule = MatchRule(ratio_percent=50, donor_cap=Money(100_00), project_cap=Money(5_000_00), award=Money(40_00))
    pledges = [CountedPledge(donor=name, amount=Money(_cents(gift))) for name, gift, *_ in rows]
    matches = match_all(pledges=pledges, rule=rule, goal=Money(125_00), pot=Money(50_000_00))

    assert [(match.amount.cents, match.bound.value) for match in matches] == [
        (_cents(match), bound) for _, _, match, bound, _ in rows
    ]
    assert [fee_cents(pledge.amount.cents) for pledge in pledges] == [_cents(costs) for *_, costs in rows]
    assert sum(pledge.amount.cents for pledge in pledges) + sum(match.amount.cents for match in matches) == 125_00


def test_the_postings_leave_what_the_page_says() -> None:
    balance: dict[str, int] = {}
    for kind, debit, credit, amount in _POSTED.findall(_example()):
        assert POSTINGS[kind] == (debit, credit)
        balance[debit] = balance.get(debit, 0) + _cents(amount)
        balance[credit] = balance.get(credit, 0) - _cents(amount)

    assert {account: cents for account, cents in balance.items() if cents} == {
        "provider_fees": 2_07,
        "provider_clearing": -2_07,
    }
