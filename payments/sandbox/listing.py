"""Lists, newest first, paged by cursor as Stripe pages them."""

from collections.abc import Iterable

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.operation import Call
from payments.sandbox.parameters import Field, Fields, integer, moment, text
from payments.sandbox.store import Span

DEFAULT_LIMIT, MOST = 10, 100


def list_fields(**filters: Field) -> Fields:
    """The parameters of a list: paging, `created`, and the filters it has of its own."""
    return {
        "limit": integer(least=1, most=MOST),
        "starting_after": text(),
        "ending_before": text(),
        "created": moment(),
        **filters,
    }


def page(act: Act, call: Call, kind: str, url: str, filters: Iterable[str] = ()) -> Json:
    """One page of objects of a kind that have the values asked for under `filters`."""
    params = call.params
    limit = params.get("limit", DEFAULT_LIMIT)
    after, before = params.get("starting_after"), params.get("ending_before")
    found = act.store.newest(
        kind,
        limit=limit + 1,
        where={name: params[name] for name in filters if name in params},
        span=_span(params.get("created", {})),
        older_than=_place(act, kind, after, "starting_after"),
        newer_than=_place(act, kind, before, "ending_before"),
    )
    shown = found[-limit:] if before else found[:limit]
    return as_list(shown, url, has_more=len(found) > limit)


def as_list(bodies: list[Json], url: str, *, has_more: bool = False) -> Json:
    """One part of a list, in the provider's shape."""
    return {"object": "list", "data": bodies, "has_more": has_more, "url": url}


def _span(bounds: Json) -> Span:
    start = max(bounds.get("gte", 0), bounds.get("gt", -1) + 1)
    end = min(bounds.get("lte", Span.end - 1) + 1, bounds.get("lt", Span.end))
    return Span(start, end)


def _place(act: Act, kind: str, identifier: str | None, param: str) -> tuple[int, int] | None:
    if identifier is None:
        return None
    act.load(kind, identifier, param=param)
    return act.store.position(kind, identifier)
