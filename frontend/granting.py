"""What co-funding does by itself: every initiative under a scheme applies, and who confirmed late is matched."""

from datetime import datetime

from crowd.cofunding.operations import reserve_match
from crowd.cofunding.queries import confirmed_elsewhere
from crowd.grants.operations import apply_where_due
from frontend.runtime import Runtime


def _now(runtime: Runtime) -> datetime:
    with runtime.database.reading() as session:
        return runtime.clock.now(session)


def apply_for_grants(runtime: Runtime) -> None:
    """Apply for live initiatives that fall under a scheme, by whatever door they went online."""
    with runtime.database.transaction() as session:
        apply_where_due(session, now=runtime.clock.now(session))


def match_confirmed(runtime: Runtime) -> None:
    """Match gifts whose donor confirmed their address since, by signing in or in another receipt.

    One transaction for each: locks are taken campaign first, so two campaigns never in one.
    """
    with runtime.database.reading() as session:
        waiting = confirmed_elsewhere(session)
    now = _now(runtime)
    for pledge_id in waiting:
        with runtime.database.transaction() as session:
            reserve_match(session, pledge_id=pledge_id, now=now)
