"""Showing an object: leaving out the sandbox's own notes, and putting whole objects where ids stood."""

from collections.abc import Iterable

from payments.sandbox.documents import Json, public
from payments.sandbox.errors import ApiError
from payments.sandbox.store import Store

EXPANDABLE: dict[str, frozenset[str]] = {
    "balance_transaction": frozenset({"source"}),
    "charge": frozenset({"balance_transaction", "customer", "payment_intent"}),
    "checkout.session": frozenset({"customer", "setup_intent"}),
    "customer": frozenset(),
    "event": frozenset(),
    "payment_intent": frozenset({"customer", "latest_charge", "payment_method"}),
    "payment_method": frozenset({"customer"}),
    "refund": frozenset({"balance_transaction", "charge", "payment_intent"}),
    "setup_intent": frozenset({"customer", "payment_method"}),
    "transfer": frozenset({"balance_transaction", "source_transaction"}),
    "transfer_reversal": frozenset({"balance_transaction", "transfer"}),
}
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


def _expand(store: Store, body: Json, steps: list[str], path: str) -> None:
    field, rest = steps[0], steps[1:]
    if field not in EXPANDABLE.get(body["object"], frozenset()) or len(steps) > DEEPEST:
        raise _cannot(path)
    value = body.get(field)
    if isinstance(value, str):
        found = store.any_kind(value)
        if found is None:
            return
        value = public(found)
        body[field] = value
    if rest and isinstance(value, dict):
        _expand(store, value, rest, path)


def _cannot(path: str) -> ApiError:
    return ApiError(
        f"This property cannot be expanded ({path}). You may want to try expanding another property.",
        param="expand",
    )
