"""What every command works with, and how it refuses."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.municipalities.queries import the_municipality
from crowd.shared.settings import Settings
from frontend.broker import WakeUp
from frontend.local.data_folder import running_environment
from frontend.runtime import Runtime, build_runtime


class Refused(Exception):
    """The command cannot do this; the message is one sentence for whoever typed it."""


@contextmanager
def tools() -> Iterator[Runtime]:
    """Yield the tools of this installation, as its environment describes it. Raises WrongSetting.

    Where the environment says nothing of a database, the stack that `make run` started here is meant.
    """
    given = os.environ if "DATABASE_URL" in os.environ else {**os.environ, **running_environment()}
    # What a command answers must not drown in a line per call to the provider; LOG_LEVEL=info shows those.
    settings = Settings.from_environment({"LOG_LEVEL": "warning", **given})
    wake_up = WakeUp(settings)
    runtime = build_runtime(settings, process="command", on_outbox=wake_up)
    try:
        yield runtime
    finally:
        runtime.close()
        wake_up.close()


def our_municipality(session: Session) -> UUID:
    """Return the id of the municipality this installation serves; refuse when there is none yet."""
    found = the_municipality(session)
    if found is None:
        raise Refused("There is no municipality yet: begin with `buurtloket municipality create`.")
    return found.id


def say(text: str) -> None:
    """Print one line for whoever typed the command."""
    print(text, flush=True)  # noqa: T201  a command's output is its point
