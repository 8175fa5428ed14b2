"""Showing an object: leaving out the sandbox's own notes, and putting whole objects where ids stood."""

from collections.abc import Iterable

from payments.sandbox.documents import Json, public
from payments.sandbox.errors import ApiError
from payments.sandbox.store import Store

EXPANDABLE: dict[str, frozenset[str]] = {
    "balance_transaction": frozenset({"source"}),
    "charge": frozenset({"balance_transaction", "customer", "failure_balance_transaction", "payment_intent"}),
    "checkout.session": frozenset({"customer", "setup_intent"}),
    "customer": frozenset(),
    "dispute": frozenset({"charge", "payment_intent"}),
    "event": frozenset(),
    "mandate": frozenset({"payment_method"}),
    "payment_intent": frozenset({"customer", "latest_charge", "payment_method"}),
    "payment_method": frozenset({"customer", "sepa_debit.generated_from.setup_attempt"}),
    "radar.early_fraud_warning": frozenset({"charge", "payment_intent"}),
    "refund": frozenset({"balance_transaction", "charge", "failure_balance_transaction", "payment_intent"}),
    "setup_attempt": frozenset(
        {
            "customer",
            "payment_method",
            "payment_method_details.ideal.generated_sepa_debit",
            "payment_method_details.ideal.generated_sepa_debit_mandate",
            "setup_intent",
        }
    ),
    "setup_intent": frozenset({"customer", "latest_attempt", "mandate", "payment_method"}),
    "transfer": frozenset({"balance_transaction", "source_transaction"}),
    "transfer_reversal": frozenset({"balance_transaction", "transfer"}),
}
"""Kind of object -> where it names another; a dotted name lies within the object itself."""
DEEPEST = 4


def show(store: Store, body: Json, expand: Iterable[str] = ()) -> Json:
    """The public form of an answer, with the paths in `expand` (as in `data.customer`) filled in."""
    if body.get("object") == "list":
        items = [public(item) for item in body["data"]]
        for path in expand:
            head, _, rest = path.partition(".")
            if head != "data" or not rest:
                raise _cannot(path)
            for item in items:
                _expand(store, item, rest.split("."), path)
        return body | {"data": items}
    shown = public(body)
    for path in expand:
        _expand(store, shown, path.split("."), path)
    return shown


def _expand(store: Store, body: Json, steps: list[str], path: str, depth: int = 1) -> None:
    allowed = EXPANDABLE.get(body["object"], frozenset())
    length = next((size for size in range(1, len(steps) + 1) if ".".join(steps[:size]) in allowed), None)
    if length is None or depth > DEEPEST:
        raise _cannot(path)
    *inner, field = steps[:length]
    holder = body
    for step in inner:
        # An object without this part, as an attempt with a card has no iDEAL, has nothing to fill in.
        if not isinstance(holder.get(step), dict):
            return
        holder[step] = dict(holder[step])
        holder = holder[step]
    value = holder.get(field)
    if isinstance(value, str):
        found = store.any_kind(value)
        if found is None:
            return
        value = public(found)
        holder[field] = value
    if steps[length:] and isinstance(value, dict):
        _expand(store, value, steps[length:], path, depth + 1)


def _cannot(path: str) -> ApiError:
    return ApiError(
        f"This property cannot be expanded ({path}). You may want to try expanding another property.",
        param="expand",
    )
