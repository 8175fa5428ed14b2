"""Asking the provider what charges cost, each once, however late we heard of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from crowd.shared.db import Database
from crowd.shared.money import Money
from payments.collection import queries
from payments.collection.fee_operations import record_fee
from payments.gateway import Gateway
from payments.provider import Movement

# How far before its charge, by our watch, a movement on the balance is looked for; and for how long that will do.
CLOCKS_DIFFER_AT_MOST = timedelta(seconds=60)
STILL_NEW = timedelta(minutes=10)
LONG_AGO = timedelta(hours=1)
# So many that stayed behind are asked for by name at a time, however far the two watches are apart.
ONE_BY_ONE = 10


def _movements_since(gateway: Gateway, charges_at: Mapping[str, datetime], *, margin: timedelta) -> list[Movement]:
    if not charges_at:
        return []
    since = int((min(charges_at.values()) - margin).timestamp())
    return gateway.movements_of_charges(charges_at.keys(), since=since)


def record_fees(database: Database, gateway: Gateway, *, now: datetime) -> int:
    """Book what the provider kept of each charge, as far as it says so by now; return how many were booked."""
    with database.reading() as session:
        waiting = {ref: (pledge_id, at) for pledge_id, ref, at in queries.charges_without_fee(session)}
    new = {ref: at for ref, (_, at) in waiting.items() if now - at < STILL_NEW}
    old = {ref: at for ref, (_, at) in waiting.items() if ref not in new}
    # While charges succeed all the time a wide margin would list the last hour of them, every time we look.
    found = _movements_since(gateway, new, margin=CLOCKS_DIFFER_AT_MOST)
    if len(old) > ONE_BY_ONE:
        found += _movements_since(gateway, old, margin=LONG_AGO)
    # Those of which we heard late, from a slow bank or after lost webhooks, moved before any span that is listed.
    named = {movement.source_ref for movement in found}
    left = [ref for ref in old if ref not in named][:ONE_BY_ONE]
    found += [movement for ref in left if (movement := gateway.movement_of_charge(ref)) is not None]
    for movement in found:
        with database.transaction() as session:
            record_fee(
                session,
                pledge_id=waiting[movement.source_ref][0],
                fee=Money(movement.fee_cents),
                movement_ref=movement.ref,
                now=now,
            )
    return len(found)
