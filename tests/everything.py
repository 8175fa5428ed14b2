"""`make test` and `make prove`: every check in order, each shown with its time, pytest's own words last.

A failing check does not stop the ones after it, so one run shows everything that is wrong.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from frontend.local.bootstrap import with_node
from tests.chromium import NoChromium, ensure_chromium
from tests.database import TEMPLATE, running_server

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

# Written so that this file does not match itself.
_REGISTRY_HOSTS = re.compile(
    r"p[y]pi\.org|pyth[o]nhosted\.|regi[s]try\.npm|regi[s]try\.yarn|d[e]b\.debian\.|npmmirr[o]r", re.IGNORECASE
)


class CheckFailed(Exception):
    """A check found something; the message shows it."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the report: a command that must succeed, or a function that raises CheckFailed."""

    name: str
    run: tuple[str, ...] | Callable[[], None]


def main(arguments: list[str]) -> int:
    """Run every check, then pytest with these arguments; 0 when all is well."""
    # The types take as long as all other checks together: one core each.
    with ThreadPoolExecutor(max_workers=2) as pool:
        passed = list(pool.map(_passes, CHECKS))
    failed = [check.name for check, well in zip(CHECKS, passed, strict=True) if not well]
    try:
        chromium = ensure_chromium()
    except NoChromium as problem:
        _say(f"\n{problem}")
        return 1
    pytest = _pytest(arguments, chromium)
    if failed:
        _say(f"\nThese checks failed, see above: {', '.join(failed)}")
    return 1 if failed else pytest


def _pytest(arguments: list[str], chromium: str) -> int:
    # Tests wait for other processes a good part of their time, so one more than there are cores. Who gets what, in the
    # order of collection: tests/sharing_out.py.
    command = [sys.executable, "-m", "pytest", "-n", str(_cores() + 1), "--no-loadscope-reorder", *arguments]
    done = subprocess.run(  # noqa: S603 - our own tests
        command, cwd=ROOT, env={**os.environ, "CHROMIUM": chromium}, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode


def _cores() -> int:
    return max(2, min(4, len(os.sched_getaffinity(0))))


def _passes(check: Check) -> bool:
    began = time.monotonic()
    try:
        if isinstance(check.run, tuple):
            _tool(*check.run)
        else:
            check.run()
    except CheckFailed as failure:
        _say(f"FAILED  {check.name}\n{failure}\n")
        return False
    _say(f"ok      {check.name:<28} {time.monotonic() - began:5.1f} s")
    return True


def _tool(*command: str, env: dict[str, str] | None = None) -> str:
    """Run a command of the virtual environment; its output, or CheckFailed with it."""
    program = shutil.which(command[0], path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        raise CheckFailed(f"{command[0]} is not installed")
    done = subprocess.run(  # noqa: S603 - our own tools
        [program, *command[1:]],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CheckFailed(f"{done.stdout}{done.stderr}".strip())
    return done.stdout


def _scripts() -> None:
    """The browser's scripts have types too; Node is the one that built them."""
    _tool("npm", "--prefix", "frontend/assets", "run", "--silent", "check", env=with_node())


def _no_registry_hosts() -> None:
    """No committed file may say where packages come from: every installation has its own place."""
    wrong = []
    for name in _tool("git", "ls-files", "-z").split("\0"):
        path = ROOT / name
        if not name or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "ignore")
        wrong += [f"{name}: {match.group()}" for match in _REGISTRY_HOSTS.finditer(text)]
    if wrong:
        raise CheckFailed("these files name a registry's host:\n" + "\n".join(wrong))


def _migrations() -> None:
    """Up, down to nothing, up again, and nothing in the models that no migration makes."""
    with running_server(migrated=False) as server:
        env = {"DATABASE_URL": server.cluster().url(TEMPLATE)}
        for step in (["upgrade", "head"], ["downgrade", "base"], ["upgrade", "head"], ["check"]):
            _tool("alembic", *step, env=env)


def _migrations_are_safe() -> None:
    """Squawk reads the SQL of every migration for locks and rewrites that would stop a running service."""
    statements = _tool("alembic", "upgrade", "head", "--sql").splitlines()
    # env.py opens one transaction per migration and sets the lock timeout; Squawk is told, not shown.
    inside = [line for line in statements if line not in {"BEGIN;", "COMMIT;"}]
    written = ROOT / "var" / "migrations.sql"
    written.parent.mkdir(exist_ok=True)
    written.write_text("\n".join(["SET lock_timeout = '5s';", *inside]), encoding="utf-8")
    excluded = [word for rule in _SQUAWK_LEAVES_OUT for word in ("--exclude", rule)]
    _tool("squawk", "--reporter", "gcc", "--assume-in-transaction", "--pg-version", "18.0", *excluded, str(written))


_SQUAWK_LEAVES_OUT = (
    "prefer-bigint-over-int",  # attempts, counts and percentages stay small; keys and money are bigint
    "prefer-bigint-over-smallint",  # same; a score's parts fit in a smallint by their CHECK
    "prefer-text-field",  # only Alembic's own table has a varchar
    "require-statement-timeout",  # a backfill may take long, as long as it waits for no lock
)


CHECKS = [
    Check(name="types (mypy)", run=("mypy",)),
    Check(name="lint (ruff check)", run=("ruff", "check")),
    Check(name="format (ruff format)", run=("ruff", "format", "--check")),
    Check(name="types of the scripts (tsc)", run=_scripts),
    Check(name="import contracts", run=("lint-imports",)),
    Check(name="dependencies (deptry)", run=("deptry", ".")),
    Check(name="dead code (vulture)", run=("vulture",)),
    Check(name="no registry named", run=_no_registry_hosts),
    Check(name="migrations up, down, check", run=_migrations),
    Check(name="migrations' SQL (squawk)", run=_migrations_are_safe),
]


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
