"""What is still to be done, and what could not be done."""

from typing import Annotated

import typer

from crowd.shared import outbox
from crowd.shared.clock import machine_now
from frontend.commands.tools import Refused, say, tools

commands = typer.Typer(help="Work that waits, or that was given up.", no_args_is_help=True)


@commands.command("list")
def show() -> None:
    """Show how much waits, and everything that was given up with the reason."""
    with tools() as runtime, runtime.database.reading() as session:
        waiting = outbox.waiting(session)
        given_up = outbox.given_up(session)
    for kind, count in waiting.items():
        say(f"{count:>6} waiting  {kind}")
    for row in given_up:
        say(
            f"{row.id:>6} given up {row.kind}  {row.attempts} attempts, {row.error}, {row.failed_at:%Y-%m-%d %H:%M} UTC"
        )
    if not waiting and not given_up:
        say("Nothing waits and nothing was given up.")


@commands.command()
def replay(
    ids: Annotated[list[int] | None, typer.Argument(help="The numbers that `outbox list` shows.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Everything that was given up.")] = False,
) -> None:
    """Try again what was given up, once its cause has been taken away."""
    if bool(ids) == everything:
        raise Refused("Name the numbers to try again, or use --all.")
    with tools() as runtime, runtime.database.transaction() as session:
        count = outbox.replay(session, job_ids=ids, now=machine_now())
    if ids and count < len(set(ids)):
        say(f"{len(set(ids)) - count} of these were not given up, and are left as they are.")
    say(f"{count} will be tried again.")
