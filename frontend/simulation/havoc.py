"""Havoc while the month is played: processes killed at random moments, and a provider that fails by chance.

Kills need the stack of `make run` on this machine: process numbers are read from its data folder, and a process is
only killed when it is a child of the supervisor that holds that folder. Faults are the sandbox's own storm.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2

from frontend.simulation.browser import Traffic, patiently

# Everything but the mail catcher, which plays other people's mail servers, and the supervisor.
VICTIMS: Final = ("worker", "beat", "web-1", "web-2", "sandbox", "broker", "postgres")
# Of these a child is killed as often as the parent: a backend of the database, a process of the worker's pool.
_WITH_CHILDREN: Final = frozenset({"worker", "postgres"})
_LOOK_EVERY_SECONDS: Final = 0.3
_UP_WITHIN_SECONDS: Final = 60.0
# So often two go at once, as when a machine breaks.
_PAIRS: Final = 0.3
# A killed process needs seconds to come back, on a busy machine many: killing it while it starts would prove nothing.
_LIVES_AT_LEAST_SECONDS: Final = 20.0
# How many calls and events one gift makes, at least; and how many more faults than asked are aimed at.
_MEETINGS_A_GIFT: Final = 8
_GENEROUSLY: Final = 2.5
_PER_MILLE_MAX: Final = 300


@dataclass(kw_only=True)
class Storm:
    """The sandbox's storm, from its control door."""

    url: str
    token: str
    traffic: Traffic
    _client: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"authorization": f"Bearer {self.token}"}
        self._client = httpx2.Client(base_url=self.url, headers=headers, trust_env=False, timeout=60)

    def begin(self, *, seed: int, per_mille: int) -> None:
        """Let so many of a thousand calls and events fail from now on."""
        self._ask("POST", "/_sandbox/storm", {"seed": seed, "per_mille": per_mille})

    def calm(self) -> dict[str, int]:
        """End it; return what was injected, by kind."""
        injected: dict[str, int] = self._ask("DELETE", "/_sandbox/storm")["injected"]
        return injected

    def payments_of_pledges(self) -> dict[str, int]:
        """Return how many captured payments each pledge has in the sandbox's own rows."""
        summary = self._ask("GET", "/_sandbox/summary")
        by_pledge: Mapping[str, Mapping[str, Mapping[str, int]]] = summary["by_metadata"]["pledge_id"]
        return {pledge: states["succeeded"]["count"] for pledge, states in by_pledge.items() if "succeeded" in states}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        answer = patiently(lambda: self._client.request(method, path, json=body), self.traffic)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@dataclass(kw_only=True)
class Kills:
    """Kills processes of the stack on `data` with SIGKILL until it is stopped, sometimes two at once.

    About every `every_seconds`, and not before `is_up` says that everything works again, or a minute has passed: so a
    slow machine is killed as hard as a fast one, and not to death.
    """

    data: Path
    seed: int
    every_seconds: float
    is_up: Callable[[], bool] = lambda: True
    killed: Counter[str] = field(default_factory=Counter)
    _last: dict[str, float] = field(default_factory=dict)
    _hold: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def not_here(self) -> list[str]:
        """Return whom of the victims does not run on this folder: then this is no stack to rage in."""
        return [name for name in VICTIMS if not self._is_ours(self._pid(name))]

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._rage, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Kill nobody any more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody is killed inside: for the few acts of the play that are not the service's, as moving its clock."""
        with self._hold:
            yield

    def _rage(self) -> None:
        dice = random.Random(f"kills {self.seed}")  # noqa: S311  moments that can be repeated
        while not self._ended.wait(dice.uniform(0.5, 1.5) * self.every_seconds):
            self._await_up()
            with self._hold:
                for name in dice.sample(VICTIMS, 2 if dice.random() < _PAIRS else 1):
                    lived = time.monotonic() - self._last.get(name, 0) >= _LIVES_AT_LEAST_SECONDS
                    if lived and self._kill(name, child=name in _WITH_CHILDREN and dice.choice((True, False))):
                        self.killed[name] += 1
                        self._last[name] = time.monotonic()

    def _await_up(self) -> None:
        end = time.monotonic() + _UP_WITHIN_SECONDS
        while not self.is_up() and time.monotonic() < end and not self._ended.is_set():
            time.sleep(_LOOK_EVERY_SECONDS)

    def _kill(self, name: str, *, child: bool) -> bool:
        """Whether a process could be killed; one that is being started again has no number yet."""
        try:
            pid = self._pid(name)
            if not self._is_ours(pid):
                return False
            children = _children_of(pid) if child else []
            # The latest child is what served somebody a moment ago; the first ones keep house.
            os.kill(children[-1] if children else pid, signal.SIGKILL)
        except (OSError, ValueError):
            return False
        return True

    def _pid(self, name: str) -> int:
        """Return the number of the process that runs this program now, 0 when it cannot be read."""
        with suppress(OSError, ValueError):
            return int((self.data / "run" / f"{name}.pid").read_text(encoding="ascii"))
        return 0

    def _is_ours(self, pid: int) -> bool:
        """Whether it is a child of the supervisor that holds this folder: a number may have gone to a stranger."""
        with suppress(OSError, ValueError):
            supervisor = int((self.data / "lock").read_text(encoding="ascii"))
            return pid in _children_of(supervisor)
        return False


def _children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How much havoc a play must have seen."""

    kills: int
    faults: int


@dataclass(kw_only=True)
class Havoc:
    """Kills and storm together. `injected` is filled in when it is over."""

    kills: Kills
    storm: Storm
    injected: Mapping[str, int] = field(default_factory=dict)

    @contextmanager
    def raging(self, *, gifts: int, asked: Asked) -> Iterator[None]:
        """Rage inside the block: hard enough that so many gifts meet the faults that were asked for."""
        self.storm.begin(seed=self.kills.seed, per_mille=per_mille_for(gifts=gifts, faults=asked.faults))
        self.kills.start()
        try:
            yield
        finally:
            self.kills.stop()
            self.injected = self.storm.calm()


def per_mille_for(*, gifts: int, faults: int) -> int:
    """Return how many of a thousand calls must fail so that this many gifts meet so many faults, generously."""
    wanted = 1000 * _GENEROUSLY * faults / max(1, gifts * _MEETINGS_A_GIFT)
    return max(1, min(_PER_MILLE_MAX, round(wanted)))
