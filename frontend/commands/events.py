"""What the payment provider told us, and handling it once more."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from frontend.commands.tools import Refused, say, tools
from payments.inbox.operations import replay_events
from payments.inbox.queries import troubled_events, waiting_events

commands = typer.Typer(help="What the payment provider told us.", no_args_is_help=True)


@commands.command("list")
def show() -> None:
    """Show how much waits, and every event that could not be handled yet with the reason."""
    with tools() as runtime, runtime.database.reading() as session:
        waiting = waiting_events(session)
        troubled = troubled_events(session)
    for kind, count in waiting.items():
        say(f"{count:>6} waiting  {kind}")
    for event in troubled:
        say(
            f"{event.id}  {event.type}  {event.attempts} attempts, {event.error},"
            f" again at {event.due_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        )
    if not waiting and not troubled:
        say("Everything was handled.")


@commands.command()
def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Events as the provider names them: evt_...")] = None,
    *,
    since: Annotated[
        str, typer.Option(help="Every event the provider made since then, such as 2026-11-23 or 2026-11-23T14:30.")
    ] = "",
) -> None:
    """Handle events once more, handled before or not. Each looks its object up anew, so this never doubles anything."""
    if bool(ids) == bool(since):
        raise Refused("Name the events to handle once more, or use --since.")
    with tools() as runtime, runtime.database.transaction() as session:
        found = replay_events(session, event_ids=ids, since=_moment(since) if since else None)
    for unknown in sorted(set(ids or ()) - set(found)):
        say(f"{unknown} is not known here, and is left out.")
    say(f"{len(found)} will be handled once more.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Refused(f"{text} is no moment. Write it as 2026-11-23 or 2026-11-23T14:30 (UTC).") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
