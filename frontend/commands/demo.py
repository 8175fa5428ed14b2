"""The demonstration: fill it, enter it, and let time pass."""

from datetime import timedelta
from typing import Annotated

import typer

from crowd.shared.actor import operator
from frontend import demo
from frontend.commands.tools import our_municipality, say, tools
from frontend.formats import moment
from frontend.seed.demo import OnlyInADemonstration, seed


def seed_demo() -> None:
    """Fill the demonstration: Voorbeeldstad, its people, a co-funding scheme and initiatives. Safe to repeat."""
    with tools() as runtime:
        count = seed(runtime)
    say(f"Voorbeeldstad is ready: {count} new initiatives.")


def demo_links() -> None:
    """Print where to sign in as each of the demonstration's people, with one click."""
    with tools() as runtime:
        if not runtime.settings.demo:
            raise OnlyInADemonstration
        width = max(len(part) for part in demo.PEOPLE)
        say("Look around as:")
        for part in demo.PEOPLE:
            say(f"  {part:<{width}}  {runtime.settings.base_url}/demo/inloggen/{part}")


def move_clock(
    days: Annotated[int, typer.Option(help="How many days forward; 0 only brings the Stripe sandbox along.")],
) -> None:
    """Let days pass in a demonstration, for us and for the Stripe sandbox."""
    with tools() as runtime:
        with runtime.database.transaction() as session:
            actor = operator(our_municipality(session))
            demo.move_clock(runtime, session, by=timedelta(days=days), actor=actor)
            now = runtime.clock.now(session)
        demo.set_sandbox_clock(runtime)
    say(f"It is now {moment(now, 'en')}.")
