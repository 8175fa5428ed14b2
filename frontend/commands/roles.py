"""Who works for the municipality, and as what."""

from typing import Annotated

import typer

from crowd.accounts import operations, queries
from crowd.shared.actor import operator
from frontend.commands.tools import Refused, our_municipality, say, tools

commands = typer.Typer(help="Municipal roles of people.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
Role = Annotated[str, typer.Argument(help="clerk, assessor, approver, treasurer or administrator.")]


@commands.command()
def grant(
    email: Email,
    role: Role,
    mandate_euros: Annotated[int, typer.Option(help="For an approver: the highest award, in whole euros.")] = 0,
    name: Annotated[str, typer.Option(help="How they are called, when we do not know them yet.")] = "",
) -> None:
    """Give a person a role; they need not have an account yet."""
    with tools() as runtime, runtime.database.transaction() as session:
        now, municipality_id = runtime.clock.now(session), our_municipality(session)
        person_id = operations.find_or_add_person(
            session, municipality_id=municipality_id, email=email, locale="nl", now=now, name=name
        )
        operations.grant_role(
            session,
            person_id=person_id,
            role=role,
            mandate_cents=mandate_euros * 100,
            actor=operator(municipality_id),
            now=now,
        )
    say(f"{email} is {role} now.")


@commands.command()
def revoke(email: Email, role: Role) -> None:
    """Take a role away, from their next page on."""
    with tools() as runtime, runtime.database.transaction() as session:
        municipality_id = our_municipality(session)
        person = queries.person_with_address(session, municipality_id=municipality_id, email=email)
        held = person is not None and operations.revoke_role(
            session,
            person_id=person.id,
            role=role,
            actor=operator(municipality_id),
            now=runtime.clock.now(session),
        )
        if not held:
            raise Refused(f"{email} does not have the role {role}.")
    say(f"{email} is no longer {role}.")


@commands.command("list")
def show() -> None:
    """Show who has which role."""
    with tools() as runtime, runtime.database.reading() as session:
        held = queries.role_holders(session, municipality_id=our_municipality(session))
    for line in held:
        mandate = f"  up to € {line.mandate_cents // 100}" if line.mandate_cents else ""
        say(f"{line.role:<14} {line.email}{mandate}")
    if not held:
        say("Nobody has a role yet.")
