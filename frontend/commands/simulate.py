"""A month in the city: real users against the running service, from outside."""

import json
import os
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import httpx2
import typer
from rich.console import Console

from crowd.closing.queries import endings
from crowd.grants.queries import fixed_in_all
from crowd.initiatives.import_queries import Imported, imported
from crowd.initiatives.rules import STATES as CAMPAIGN_STATES
from crowd.pledges import queries as pledges
from crowd.pledges.rules import EVER_COLLECTED, FINAL
from crowd.pledges.rules import STATES as PLEDGE_STATES
from crowd.shared.clock import local_date
from frontend.commands.initiatives import rows_of, take_over
from frontend.commands.survival import begin_havoc, survived_by
from frontend.commands.tools import Refused, our_municipality, say, tools
from frontend.runtime import Runtime
from frontend.simulation.browser import ServiceAway, Traffic
from frontend.simulation.city import City
from frontend.simulation.havoc import Asked
from frontend.simulation.made_up import made_up_rows
from frontend.simulation.mailbox import Mailbox
from frontend.simulation.month import Month, OnSite
from frontend.simulation.plan import DAYS_LIVE, Campaign, make_plan
from frontend.simulation.report import (
    AT_LEAST,
    AT_LEAST_IN_HAVOC,
    Outcome,
    Survived,
    read_at_least,
    shortcomings,
    show,
)
from frontend.simulation.staff import is_demonstration
from matching.placements import queries as placements
from matching.placements.rules import AWAITS, OCCUPIES
from matching.placements.rules import STATES as PLACEMENT_STATES
from payments.books.rules import Verdict
from payments.books.workflow import check_books
from payments.collection.fee_workflow import record_fees
from payments.ledger.queries import booked_cents
from payments.provider import OutcomeUnknown

_DONORS: Final = 2000
_DONORS_IN_HAVOC: Final = 4200
_VOLUNTEERS: Final = 500
_PATIENCE_SECONDS: Final = 180.0
_PATIENCE_AFTER_HAVOC_SECONDS: Final = 600.0
_FIRST_ANSWER_SECONDS: Final = 10.0
_PAID_OUT: Final = frozenset({"payout_gifts", "payout_match"})


def simulate(
    initiatives: Annotated[
        Path | None,
        typer.Option(help="CSV: a municipal subsidy register. With --chaos one is made up.", dir_okay=False),
    ] = None,
    donors: Annotated[
        int | None, typer.Option(help="How many people give: 2000, with --chaos 4200.", min=1, max=60_000)
    ] = None,
    volunteers: Annotated[
        int | None, typer.Option(help="How many people help: 500, with --chaos 0.", min=0, max=30_000)
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed decides the same.")] = 7,
    chaos: Annotated[bool, typer.Option("--chaos", help="Kill processes of this machine's stack meanwhile.")] = False,  # noqa: FBT002  Typer's own form of a flag
    campaigns: Annotated[int, typer.Option(help="With --chaos: how many initiatives to make up.", min=1)] = 50,
    kills: Annotated[int, typer.Option(help="With --chaos: at least so many processes are killed.", min=0)] = 200,
    faults: Annotated[int, typer.Option(help="With --chaos: at least so many faults are injected.", min=0)] = 2000,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the counts here.", dir_okay=False)] = None,
    url: Annotated[str, typer.Option(help="Where the service is, when not where `make run` says.")] = "",
    at_least: Annotated[
        str, typer.Option(help="What must come of it: funded=40,unfunded=40,unfunded-after-collecting=10,matched=1.")
    ] = "",
) -> None:
    """Import a register and play a month with it on the running demonstration. Exit code 1 says what was missing."""
    began = time.monotonic()
    wanted = _wanted(at_least, otherwise=AT_LEAST_IN_HAVOC if chaos else AT_LEAST)
    donors = donors or (_DONORS_IN_HAVOC if chaos else _DONORS)
    volunteers = volunteers if volunteers is not None else (0 if chaos else _VOLUNTEERS)
    if initiatives is not None:
        rows = rows_of(initiatives)
    elif chaos:
        rows = made_up_rows(campaigns=campaigns, donors=donors, seed=seed)
    else:
        raise Refused("--initiatives FILE is missing: a register, as the city publishes it.")
    asked = Asked(kills=kills, faults=faults) if chaos else None
    console, traffic = Console(stderr=True), Traffic()
    with tools() as runtime:
        city = _city(runtime, url=url, traffic=traffic, console=console)
        havoc = begin_havoc(runtime.settings, traffic, url=city.url, seed=seed) if chaos else None
        with runtime.database.reading() as session:
            today = local_date(runtime.clock.now(session))
        counts = take_over(runtime, rows, ends_on=today + timedelta(days=DAYS_LIVE))
        say(f"{counts['live']} initiatives imported, {counts['known']} known already, {counts['refused']} refused.")
        found = _live(runtime, [row.dossier.number for row in rows if row.dossier is not None])
        to_play = [Campaign(one.reference, one.minimum_cents, one.organisation) for one in found]
        month = Month(
            city=city,
            plan=make_plan(to_play, donors=donors, volunteers=volunteers, seed=seed),
            sites={
                one.reference: OnSite(id=str(one.id), slug=one.slug, neighbourhood=one.neighbourhood) for one in found
            },
            today=today,
            days_live=max((one.ends_on - today).days for one in found if one.ends_on),
            seed=seed,
            havoc=havoc,
            asked=asked,
        )
        try:
            month.play()
        except ServiceAway as error:
            raise Refused("The service stopped answering, and did not come back.") from error
        _await_the_end(runtime, city, seconds=_PATIENCE_AFTER_HAVOC_SECONDS if chaos else _PATIENCE_SECONDS)
        survived = survived_by(runtime, havoc, asked, month.given.values()) if havoc and asked else None
        outcome = _outcome(
            runtime, [one.id for one in found], verdict=_verdict(runtime), began=began, survived=survived
        )
    show(outcome, traffic, Console())
    if json_file is not None:
        json_file.write_text(json.dumps(outcome.as_json(), indent=2) + "\n", encoding="utf-8")
    if wrong := shortcomings(outcome, at_least=wanted):
        raise Refused("\n".join(wrong))


def _wanted(at_least: str, *, otherwise: Mapping[str, int]) -> Mapping[str, int]:
    try:
        return read_at_least(at_least) if at_least else otherwise
    except ValueError as error:
        raise Refused(f"--at-least: {error}.") from error


def _city(runtime: Runtime, *, url: str, traffic: Traffic, console: Console) -> City:
    settings = runtime.settings
    if not settings.demo or not settings.mailbox_url:
        raise Refused("This is no demonstration: only there can mail be read and the clock be moved.")
    port = os.environ.get("PORT")
    base_url = url.rstrip("/") or (f"http://127.0.0.1:{port}" if port else settings.base_url)
    try:
        # Later on everybody is patient with a service that is away; here it may never have been there.
        httpx2.get(f"{base_url}/health/live", timeout=_FIRST_ANSWER_SECONDS, trust_env=False)
    except httpx2.HTTPError as error:
        raise Refused(f"Nobody answers at {base_url}. Start it with `make run`, or use --url.") from error
    city = City(url=base_url, mailbox=Mailbox(settings.mailbox_url, traffic), traffic=traffic, console=console)
    if not is_demonstration(city):
        raise Refused(f"The service at {base_url} is no demonstration: its clock cannot be moved.")
    return city


def _live(runtime: Runtime, references: list[str]) -> list[Imported]:
    with runtime.database.reading() as session:
        known = imported(session, municipality_id=our_municipality(session), references=references)
    found = [one for one in known if one.state == "live"]
    if not found:
        raise Refused("None of these initiatives is open for support: were they played before? Start on fresh data.")
    return found


def _await_the_end(runtime: Runtime, city: City, *, seconds: float) -> None:
    """Wait until every contribution and every placement of a shift that is over has its end."""
    # Havoc killed the database under connections from before; the next question opens new ones.
    runtime.database.close()

    def is_over() -> bool:
        counted = _counts(runtime)
        return not _unfinished(counted[0], counted[1])

    city.wait("The last rows find their end", is_over, seconds=seconds, every=2)


def _counts(runtime: Runtime) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    with runtime.database.reading() as session:
        here = our_municipality(session)
        return pledges.counts(session, municipality_id=here), placements.counts(session, municipality_id=here)


def _unfinished(given: Mapping[str, tuple[int, int]], placed: Mapping[str, int]) -> int:
    return sum(count for state, (count, _) in given.items() if state not in FINAL) + sum(
        count for state, count in placed.items() if state in AWAITS | OCCUPIES
    )


def _verdict(runtime: Runtime) -> Verdict:
    """Return what check-books says, once the provider has named every cost."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with runtime.database.reading() as session:
                now = runtime.clock.now(session)
            record_fees(runtime.database, runtime.gateway, now=now)
            verdict = check_books(runtime.database, runtime.gateway)
        except OutcomeUnknown as error:
            if time.monotonic() > end:
                raise Refused("The payment provider does not answer, so the books cannot be checked.") from error
        else:
            if (verdict.balanced and not verdict.in_flight) or time.monotonic() > end:
                return verdict
        time.sleep(3)


def _outcome(
    runtime: Runtime, initiative_ids: list[UUID], *, verdict: Verdict, began: float, survived: Survived | None
) -> Outcome:
    with runtime.database.snapshot() as session:
        here = our_municipality(session)
        ended = endings(session, initiative_ids=initiative_ids)
        given = pledges.counts(session, municipality_id=here)
        placed = placements.counts(session, municipality_id=here)
        overfull = placements.overfull_shifts(session, municipality_id=here)
        overlapping = placements.overlaps(session, municipality_id=here)
        matched, _ = fixed_in_all(session, municipality_id=here)
        refunded = booked_cents(session, municipality_id=here, kinds={"refund"})
        refunded -= booked_cents(session, municipality_id=here, kinds={"refund_failed"})
        paid_out = booked_cents(session, municipality_id=here, kinds=_PAID_OUT)
    campaigns = dict.fromkeys(CAMPAIGN_STATES, 0)
    for one in ended:
        campaigns[one.state] += 1
    return Outcome(
        campaigns=campaigns,
        unfunded_after_collecting=sum(one.state == "unfunded" and one.at_deadline == "collecting" for one in ended),
        funded_with_match=sum(one.state == "funded" and bool(one.match_cents) for one in ended),
        pledges={state: given.get(state, (0, 0))[0] for state in PLEDGE_STATES},
        unfinished_pledges=_unfinished(given, {}),
        pledged_cents=sum(cents for _, cents in given.values()),
        captured_cents=sum(given.get(state, (0, 0))[1] for state in EVER_COLLECTED),
        refunded_cents=refunded,
        matched_cents=matched.cents,
        paid_out_cents=paid_out,
        placements={state: placed.get(state, 0) for state in PLACEMENT_STATES},
        unfinished_placements=_unfinished({}, placed),
        overfull_shifts=overfull,
        overlaps=overlapping,
        books_balanced=verdict.balanced,
        differences=tuple(
            f"{one.invariant}: {one.promise}: {one.subject}: expected {one.expected}, found {one.found}"
            for one in verdict.findings
        ),
        duration_seconds=time.monotonic() - began,
        survived=survived,
    )
