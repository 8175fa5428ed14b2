"""What the provider itself has, counted from its own rows: nothing of ours has a say in it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
_TAKEN = frozenset({"succeeded"})
_ENDED = frozenset({"succeeded", "canceled"})
_GOES_BACK = frozenset({"pending", "succeeded"})


@dataclass
class Theirs:
    """The provider's rows, arranged by pledge, campaign and what asked for them; amounts in cents."""

    taken: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    going_back: dict[str, int] = field(default_factory=Counter)
    ever_sent_back: dict[str, int] = field(default_factory=Counter)
    wanted_back: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    by_campaign: dict[str, int] = field(default_factory=Counter)
    left_campaign: dict[str, int] = field(default_factory=Counter)
    paid_out: int = 0
    asked_for: dict[str, int] = field(default_factory=Counter)
    not_ended: dict[str, str] = field(default_factory=dict)
    fees: dict[str, int] = field(default_factory=dict)
    net: int = 0


def arrange(rows: Mapping[str, Sequence[Row]]) -> Theirs:
    """Arrange the provider's rows, as `NearControl.rows` reads them."""
    theirs = Theirs()
    charges = {charge["id"]: charge for charge in rows["charge"]}
    for charge in charges.values():
        if charge["status"] in _TAKEN and charge["captured"]:
            theirs.taken[_named(charge, "pledge_id")].append(charge)
            theirs.by_campaign[str(charge["transfer_group"])] += charge["amount"]
    for refund in rows["refund"]:
        theirs.ever_sent_back[_named(charges[refund["charge"]], "pledge_id")] += refund["amount"]
        if refund["status"] in _GOES_BACK:
            charge = charges[refund["charge"]]
            theirs.going_back[_named(charge, "pledge_id")] += refund["amount"]
            theirs.asked_for["refund " + _named(refund, "refund_id")] += 1
            theirs.left_campaign[str(charge["transfer_group"])] += refund["amount"]
    for transfer in rows["transfer"]:
        theirs.asked_for["part of a payout " + _named(transfer, "payout_line_id")] += 1
        theirs.paid_out += transfer["amount"]
        theirs.left_campaign[str(transfer["transfer_group"])] += transfer["amount"] - transfer["amount_reversed"]
    for dispute in rows["dispute"]:
        theirs.wanted_back[_named(charges[dispute["charge"]], "pledge_id")].append(dispute)
    for intent in rows["payment_intent"]:
        if intent["status"] not in _ENDED:
            theirs.not_ended[intent["id"]] = f"{intent['status']} for pledge {_named(intent, 'pledge_id')}"
    for movement in rows["balance_transaction"]:
        theirs.fees[movement["id"]] = movement["fee"]
        theirs.net += movement["net"]
    return theirs


def _named(row: Row, name: str) -> str:
    return str(row["metadata"].get(name, "nobody"))
