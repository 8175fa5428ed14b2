"""Where everybody plays: the running service, its mailbox, and many people at a time."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from frontend.simulation.browser import Browser, ServiceAway, Surprise, Traffic, address_of
from frontend.simulation.mailbox import Mailbox

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE: Final = 10


@dataclass(kw_only=True)
class City:
    """The service at `url`, and how its people reach it."""

    url: str
    mailbox: Mailbox
    traffic: Traffic
    console: Console = field(default_factory=lambda: Console(stderr=True))
    at_once: int = AT_ONCE
    mail_patience_seconds: float = 90.0
    began: float = field(default_factory=time.monotonic)

    def browser(self, kind: int, number: int) -> Browser:
        """Return the browser of one person, with an address of their own."""
        return Browser(self.url, address=address_of(kind, number), traffic=self.traffic)

    def say(self, text: str) -> None:
        """Print a line beside the progress, with the seconds since the beginning."""
        self.console.print(f"{time.monotonic() - self.began:6.0f} s  {text}", highlight=False)

    def play(self, what: str, people: Iterable[T], act: Callable[[T], R], *, quietly: bool = False) -> list[R]:
        """Let many people do something, some at the same time; return what came of those who could.

        Somebody who meets something unexpected stops there and is counted. `quietly` shows no bar. Raises
        ServiceAway when nobody answers.
        """
        waiting = list(people)
        done: list[R] = []
        with self._progress(shown=not quietly) as progress, ThreadPoolExecutor(self.at_once) as pool:
            bar = progress.add_task(what, total=len(waiting))
            futures = [pool.submit(act, one) for one in waiting]
            try:
                for future in as_completed(futures):
                    try:
                        done.append(future.result())
                    except Surprise as surprise:
                        self.traffic.surprised(str(surprise))
                    progress.advance(bar)
            except (ServiceAway, KeyboardInterrupt):
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        if not quietly and not self.console.is_terminal:
            self.say(f"{what}: {len(done)} of {len(waiting)}")
        return done

    def wait(self, what: str, is_done: Callable[[], bool], *, seconds: float, every: float = 1.0) -> bool:
        """Wait until `is_done`, showing that; False when it takes longer than `seconds`."""
        end = time.monotonic() + seconds
        with self.console.status(what):
            while not is_done():
                if time.monotonic() >= end:
                    return False
                time.sleep(every)
        return True

    def _progress(self, *, shown: bool) -> Progress:
        return Progress(
            TextColumn("{task.description:<34}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=not shown or not self.console.is_terminal,
        )
