"""Starts the services, keeps each alive, and ends them all: nothing it started survives it.

Every child is a direct child in a process group of its own, with a death signal. So Ctrl-C reaches only the
supervisor, which stops the doors first and the database last; and when the supervisor itself is killed, the
kernel tells the children.
"""

import signal
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from frontend.local.console import Console
from frontend.local.data_folder import DataFolder
from frontend.local.migrations import is_migrated, note_migrated
from frontend.local.plan import DATABASE, Plan, Service
from frontend.local.postgres import POSTGRES
from frontend.local.processes import Child, Program, StartFailed

# A child that dies at once, again and again, before the stack was ever ready, will not get better.
_DEATHS_WHILE_STARTING = 3
_SECONDS_TO_START = 120.0
_LONGEST_PAUSE = 10.0
_STEADY_AFTER_SECONDS = 20.0
_TICK_SECONDS = 0.05

_CHECKOUT = Path(__file__).parent.parent.parent

# Called as code, so that it also works where the project is not installed as a command.
BUURTLOKET = (sys.executable, "-c", "from frontend.cli import main; main()")


class Interrupted(Exception):
    """Somebody asked to stop."""


@dataclass(kw_only=True)
class _Kept:
    """One service being kept alive: its child of the moment, and how often it died lately."""

    service: Service
    child: Child | None = None
    deaths: int = 0
    start_at: float = 0.0


@dataclass(kw_only=True)
class Supervisor:
    """Runs one plan on one data folder; `run` returns the exit code."""

    plan: Plan
    data: DataFolder
    console: Console
    _kept: list[_Kept] = field(default_factory=list)
    _asked_to_stop_at: float | None = None
    _hurried: bool = False
    _answered: set[str] = field(default_factory=set)
    _errand: Child | None = None
    _was_ready: bool = False

    def run(self) -> int:
        """Start everything, keep it alive until a signal, stop everything."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        try:
            self._start()
            self._was_ready = True
            while True:
                self._tick()
        except Interrupted:
            return 0
        except StartFailed as failure:
            self.console.say(f"Not started: {failure} Logs are in {self.console.folder}.")
            return 1
        finally:
            self._stop()

    def _start(self) -> None:
        began = time.monotonic()
        for service in self.plan.foundations:
            self._keep(service)
        self._migrate()
        self._seed()
        for service in self.plan.doors:
            self._keep(service)
        for service in (*self.plan.foundations, *self.plan.doors):
            self._await(service)
        self.data.announce(self.plan.environment)
        self._welcome(time.monotonic() - began)

    def _migrate(self) -> None:
        cluster, note = self.plan.cluster, self.data.path / "migrated.json"
        if cluster is not None:
            for service in self.plan.foundations:
                if service.program.name == POSTGRES:
                    self._await(service)
            cluster.create_database(DATABASE)
            if is_migrated(cluster, DATABASE, note):
                return
        self._do("migrations", (sys.executable, "-m", "alembic", "upgrade", "head"))
        if cluster is not None:
            note_migrated(cluster, DATABASE, note)

    def _seed(self) -> None:
        mark = self.data.path / "seeded"
        if self.plan.is_demo and not mark.exists():
            self._do("demo data", (*BUURTLOKET, "seed-demo"))
            mark.touch()

    def _welcome(self, seconds: float) -> None:
        addresses = {
            "Buurtloket": self.plan.base_url,
            "Mailbox": self.plan.environment.get("MAILBOX_URL"),
            "Stripe sandbox": self.plan.environment.get("SANDBOX_CONTROL_URL"),
        }
        for what, url in addresses.items():
            if url:
                self.console.say(f"  {what:<15} {url}")
        self.console.say(f"Ready in {seconds:.1f} s. Data and logs: {self.data.path}. Stop with Ctrl-C.")
        if self.plan.is_demo:
            self._do("links", (*BUURTLOKET, "demo-links"), aloud=True)

    def _keep(self, service: Service) -> None:
        kept = _Kept(service=service)
        self._kept.append(kept)
        self._give_life(kept)

    def _give_life(self, kept: _Kept) -> None:
        kept.child = self._spawn(kept.service.program)
        self.data.note_process(kept.service.program.name, kept.child.process.pid)

    def _spawn(self, program: Program, *, aloud: bool = False) -> Child:
        hear = self._hear_aloud if aloud else self.console.hear
        # The program's own settings go over the shared ones.
        shared = {**self.plan.environment, **program.env}
        return Child(replace(program, env=shared, cwd=program.cwd or _CHECKOUT), hear=hear)

    def _hear_aloud(self, _program: Program, line: str) -> None:
        self.console.say(line)

    def _await(self, service: Service) -> None:
        began = time.monotonic()
        name = service.program.name
        if name in self._answered:
            return
        while service.is_ready is not None and not service.is_ready():
            self._tick()
            if time.monotonic() - began > _SECONDS_TO_START:
                raise StartFailed(f"{name} did not answer within {_SECONDS_TO_START:.0f} s.")
        self._answered.add(name)
        self.console.say(f"  {name:<12} {'started' if service.is_ready is None else 'ready'}")

    def _do(self, name: str, argv: tuple[str, ...], *, aloud: bool = False) -> None:
        """Run an errand to its end, while the services are being watched."""
        began = time.monotonic()
        self._errand = self._spawn(Program(name=name.replace(" ", "-"), argv=argv), aloud=aloud)
        while self._errand.alive:
            self._tick()
        self._errand.wait_or_kill(until=time.monotonic())
        if self._errand.exit_code != 0:
            raise StartFailed(f"{name}: exit code {self._errand.exit_code}.")
        if not aloud:
            self.console.say(f"  {name:<12} done in {time.monotonic() - began:.1f} s")

    def _tick(self) -> None:
        """Notice signals and deaths, then rest for a moment."""
        if self._asked_to_stop_at is not None:
            raise Interrupted
        now = time.monotonic()
        for kept in self._kept:
            self._revive(kept, now)
        time.sleep(_TICK_SECONDS)

    def _revive(self, kept: _Kept, now: float) -> None:
        if kept.child is not None:
            if kept.child.alive:
                return
            self._bury(kept, kept.child, now)
        if kept.child is None and now >= kept.start_at:
            self._give_life(kept)

    def _bury(self, kept: _Kept, child: Child, now: float) -> None:
        # What the dead one started itself would hold its ports and locks against the successor.
        child.sweep()
        kept.child = None
        lived = now - child.started
        kept.deaths = 1 if lived > _STEADY_AFTER_SECONDS else kept.deaths + 1
        pause = min(_LONGEST_PAUSE, 0.1 * 2.0**kept.deaths)
        kept.start_at = now + pause
        name = child.program.name
        how = _how_it_ended(child.exit_code)
        if not self._was_ready and kept.deaths >= _DEATHS_WHILE_STARTING:
            raise StartFailed(f"{name} {how} {kept.deaths} times in a row.")
        self.console.say(f"{name} {how}; starting it again in {pause:.1f} s.")

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked_to_stop_at is None:
            self._asked_to_stop_at = now
        # One key press may reach us twice, through the terminal and through make: that is no hurry.
        self._hurried = now - self._asked_to_stop_at > 1.0

    def _stop(self) -> None:
        """Doors first, then what they stand on, each in at most its patience; a second signal hurries."""
        began = time.monotonic()
        self.data.withdraw()
        errand = [self._errand] if self._errand is not None else []
        doors = {service.program.name for service in self.plan.doors}
        running = [kept.child for kept in self._kept if kept.child is not None]
        self._stop_together([*errand, *(c for c in running if c.program.name in doors)])
        self._stop_together([c for c in running if c.program.name not in doors])
        self.console.say(f"Stopped in {time.monotonic() - began:.1f} s.")

    def _stop_together(self, children: list[Child]) -> None:
        began = time.monotonic()
        for child in children:
            child.ask_to_stop()
        for child in children:
            end = began + child.program.patience
            while child.alive and time.monotonic() < end and not self._hurried:
                time.sleep(0.02)
            child.wait_or_kill(until=time.monotonic())


def _how_it_ended(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"was killed by signal {-exit_code}"
    return f"ended with exit code {exit_code}"
