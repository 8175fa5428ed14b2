"""The municipality and its map."""

from pathlib import Path
from typing import Annotated

import typer

from crowd.municipalities import operations
from crowd.municipalities.rules import Description
from crowd.shared.actor import operator, system
from crowd.shared.money import Money
from frontend.commands.tools import Refused, our_municipality, say, tools
from frontend.imports.postcodes import NotATable, read_areas
from matching.vocabulary.operations import lay_skills
from payments.bank.rules import CASH_ALONE
from payments.bank.terms_operations import set_money_terms
from payments.collection.card_operations import set_debit_terms

commands = typer.Typer(help="The municipality this installation serves.", no_args_is_help=True)


@commands.callback()
def _municipality() -> None:
    """Everything said about the municipality itself."""


@commands.command()
def create(
    slug: Annotated[str, typer.Option(help="Its short name: small letters, digits and hyphens.")],
    name: Annotated[str, typer.Option(help="As people call it, without 'gemeente'.")],
    phone: Annotated[str, typer.Option(help="The counter's telephone number.")],
    address: Annotated[str, typer.Option(help="Where the counter can be visited, on one line.")],
    email: Annotated[str, typer.Option(help="Where answers to our mail go.")],
    site_name: Annotated[str, typer.Option(help="What this site is called; else 'Buurtloket NAME'.")] = "",
    brand: Annotated[str, typer.Option(help="Colour of buttons and links, as #rrggbb.")] = "#0b6b58",
    accent: Annotated[str, typer.Option(help="The municipality's own colour, as #rrggbb.")] = "#c4513f",
) -> None:
    """Add the municipality, or change what is said about it."""
    description = Description(
        slug=slug,
        name=name,
        site_name=site_name or f"Buurtloket {name}",
        phone=phone,
        visiting_address=address,
        email=email,
        brand_colour=brand,
        accent_colour=accent,
    )
    with tools() as runtime, runtime.database.transaction() as session:
        operations.set_up(session, description=description, now=runtime.clock.now(session))
        # The skills volunteers choose from; a later version's are added by running this again.
        lay_skills(session)
    say(f"{name} is set up.")


@commands.command()
def debits(
    limit: Annotated[int, typer.Option(help="Above so many whole euros only a card will do.")] = 1000,
    held_days: Annotated[int, typer.Option(help="So many days what was debited waits before it is paid out.")] = 56,
) -> None:
    """Say how the municipality takes direct debits, and with it iDEAL."""
    with tools() as runtime, runtime.database.transaction() as session:
        municipality_id = our_municipality(session)
        set_debit_terms(
            session,
            municipality_id=municipality_id,
            limit=Money(limit * 100),
            held_days=held_days,
            actor=system(municipality_id),
            now=runtime.clock.now(session),
        )
    say(f"Debits up to {limit} euros; what was debited is paid out after {held_days} days.")


@commands.command()
def bank(
    account: Annotated[str, typer.Option(help="The IBAN donors transfer to, whose statements are read.")],
    cash_alone: Annotated[
        int, typer.Option(help="Euros of cash one person may take; more is counted by a second.", min=0)
    ] = CASH_ALONE.cents // 100,
    payout_alone: Annotated[
        int | None,
        typer.Option(help="Euros an initiative may get on one treasurer's word; left as it is when not said.", min=0),
    ] = None,
) -> None:
    """Say which bank account is the municipality's, and up to where one person is enough."""
    with tools() as runtime, runtime.database.transaction() as session:
        municipality_id = our_municipality(session)
        set_money_terms(
            session,
            municipality_id=municipality_id,
            bank_account=account,
            cash_alone=Money(cash_alone * 100),
            payout_alone=None if payout_alone is None else Money(payout_alone * 100),
            actor=operator(municipality_id),
            now=runtime.clock.now(session),
        )
    say("Gifts by bank transfer can be taken.")


@commands.command()
def tolerance(
    percent: Annotated[int, typer.Argument(help="How many percents below its minimum a campaign still goes ahead.")],
) -> None:
    """Say how much a campaign that goes online from now on may miss of its minimum after collecting; 0 to 20."""
    with tools() as runtime, runtime.database.transaction() as session:
        municipality_id = our_municipality(session)
        operations.set_tolerance(
            session,
            municipality_id=municipality_id,
            percent=percent,
            actor=operator(municipality_id),
            now=runtime.clock.now(session),
        )
    say(f"Campaigns that go online from now on go ahead at {100 - percent}% of their minimum.")


def import_postcodes(
    file: Annotated[
        Path, typer.Argument(help="CSV from GeoNames: zipcode, place, latitude, longitude.", dir_okay=False)
    ],
) -> None:
    """Load postcode areas with their place and centre. Bad rows are named and skipped; known areas are corrected."""
    try:
        found = read_areas(file)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    except NotATable as error:
        raise Refused(f"{file}: {error}") from error
    with tools() as runtime, runtime.database.transaction() as session:
        municipality_id = our_municipality(session)
        operations.add_areas(session, municipality_id=municipality_id, areas=found.areas)
    for line, reason in found.refused:
        say(f"line {line}: {reason}")
    say(f"{len(found.areas)} areas stored, {found.repeats} repeats, {len(found.refused)} rows refused.")
    if found.refused:
        raise typer.Exit(1)
