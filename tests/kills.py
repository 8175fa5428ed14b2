"""Ends processes with SIGKILL at moments nobody chose, while money is being collected."""

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from tests.stack import Stack

_COLLECTING = "SELECT count(*) FROM initiatives WHERE state = 'collecting'"
_LOOK_EVERY_SECONDS = 0.2


@contextmanager
def kills_during_collecting(stack: Stack, names: Sequence[str], *, seed: int, within: float) -> Iterator[list[str]]:
    """Kill each of these processes once, each at most `within` seconds after the one before.

    Begins when a campaign is collecting. Yields the list of those killed while one still was, which fills up meanwhile.
    """
    killed: list[str] = []
    ended = threading.Event()
    order = random.Random(seed)  # noqa: S311  only to choose moments, the same ones for a seed

    def kill() -> None:
        if not _await_collecting(stack, ended):
            return
        for name in order.sample(names, len(names)):
            if ended.wait(order.uniform(0, within)):
                return
            stack.kill(name)
            if _are_collecting(stack):
                killed.append(name)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()


def _await_collecting(stack: Stack, ended: threading.Event) -> bool:
    while not _are_collecting(stack):
        if ended.wait(_LOOK_EVERY_SECONDS):
            return False
    return True


def _are_collecting(stack: Stack) -> bool:
    url = stack.environment["DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(_COLLECTING).fetchone()
    return bool(found and found[0])
