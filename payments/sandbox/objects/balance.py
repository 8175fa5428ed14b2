"""The platform's balance: every movement a balance transaction, in euro cents."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.operation import Call, get
from payments.sandbox.parameters import text

DAY = 86_400
PENDING_DAYS = 3
"""Money becomes available at the third midnight (UTC) after its charge succeeded."""
FEES = {"card": (15, 25), "ideal": (0, 29), "sepa_debit": (0, 35)}
"""What a charge costs: so many per mille, rounded half up, plus so many cents; refunds give nothing back."""


def fee_cents(amount: int, method_type: str = "card") -> int:
    """The fee on a charge of `amount` cents, paid in this way."""
    per_mille, fixed = FEES[method_type]
    return (amount * per_mille + 500) // 1000 + fixed


def money_available_on(charged_at: int) -> int:
    """When the money of a charge that succeeded at `charged_at` can be spent."""
    return (charged_at // DAY + PENDING_DAYS) * DAY


def add_movement(
    act: Act,
    *,
    kind: str,
    amount: int,
    source: str,
    available_on: int,
    fee: int = 0,
    category: str | None = None,
    description: str | None = None,
) -> Json:
    """A balance transaction of `amount` cents (negative: out), less `fee`; `category` where it is not the `kind`."""
    movement: Json = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": act.now,
        "currency": "eur",
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": "eur",
                "description": "Sandbox processing fees",
                "type": "stripe_fee",
            }
        ]
        if fee
        else [],
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source,
        "status": "pending",
        "type": kind,
    }
    act.store.insert(movement, created=act.now, links={"source": source, "type": kind})
    act.store.sql.execute(
        "INSERT INTO balance VALUES (?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount",
        (available_on, amount - fee),
    )
    return movement


def available_cents(act: Act) -> int:
    """What can be transferred now."""
    row = act.store.sql.execute(
        "SELECT coalesce(sum(amount), 0) FROM balance WHERE available_on <= ?", (act.now,)
    ).fetchone()
    return int(row[0])


def read_balance(act: Act) -> Json:
    total = act.store.sql.execute("SELECT coalesce(sum(amount), 0) FROM balance").fetchone()[0]
    available = available_cents(act)
    return {
        "object": "balance",
        "available": [_part(available)],
        "livemode": False,
        "pending": [_part(total - available)],
    }


def _part(amount: int) -> Json:
    return {"amount": amount, "currency": "eur", "source_types": {"card": amount}}


def settled(act: Act, movement: Json) -> Json:
    """A movement turns from pending to available by the passing of time alone."""
    return movement | {"status": "available" if movement["available_on"] <= act.now else "pending"}


def retrieve_balance(act: Act, _call: Call) -> Json:
    return read_balance(act)


def retrieve(act: Act, call: Call) -> Json:
    return settled(act, act.load("balance_transaction", call.ids["id"], param="id", in_path=True))


def list_all(act: Act, call: Call) -> Json:
    found = page(act, call, "balance_transaction", "/v1/balance_transactions", ["source", "type"])
    return found | {"data": [settled(act, movement) for movement in found["data"]]}


OPERATIONS = (
    get("balance.retrieve", "/v1/balance", retrieve_balance),
    get(
        "balance_transactions.list",
        "/v1/balance_transactions",
        list_all,
        list_fields(source=text(), type=text(), currency=text(longest=3)),
    ),
    get("balance_transactions.retrieve", "/v1/balance_transactions/{id}", retrieve),
)
