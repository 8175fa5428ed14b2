"""The shape of one API operation, as `catalogue.py` lists them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.parameters import Fields


@dataclass(frozen=True)
class Call:
    """What was asked: the identifiers in the address and the checked parameters."""

    ids: Mapping[str, str]
    params: Json


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One call of Stripe's API that the sandbox answers; `name` is what faults are matched by.

    `refresh` makes the answer to a repeated v2 request from the saved one; without it that one is given.
    """

    name: str
    method: str
    path: str
    run: Callable[[Act, Call], Json]
    fields: Fields
    refresh: Callable[[Act, Json], Json] | None = None


def get(name: str, path: str, run: Callable[[Act, Call], Json], fields: Fields | None = None) -> Operation:
    """An operation that reads."""
    return Operation(name=name, method="GET", path=path, run=run, fields=fields or {})


def post(name: str, path: str, run: Callable[[Act, Call], Json], fields: Fields | None = None) -> Operation:
    """An operation that changes something, and so takes an idempotency key."""
    return Operation(name=name, method="POST", path=path, run=run, fields=fields or {})
