"""Make this checkout able to run: virtual environment, packages from the lock files, built assets.

Run by the machine's own `python3`, so only the standard library is used. A step is done again only when what
it depends on has changed; `.venv/done.json` remembers with a hash. Usage: `bootstrap.py [--tests]`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
DONE = VENV / "done.json"
ASSETS = ROOT / "frontend" / "assets"
REQUIREMENTS = ROOT / "requirements"
OLDEST_PYTHON = (3, 11)


class CannotContinue(Exception):
    """Something on this machine is missing; the message says what, and how to get it."""


def main(arguments: list[str]) -> int:
    """Do every step that is needed; return the exit code."""
    try:
        check_python()
        with one_at_a_time():
            install_packages(tests="--tests" in arguments)
            build_assets()
    except CannotContinue as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def check_python() -> None:
    """Refuse a Python that is too old or that cannot make virtual environments."""
    if sys.version_info < OLDEST_PYTHON:
        raise CannotContinue(
            f"Buurtloket needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable})."
            " Put a newer one first in PATH, or name it: make run PYTHON=python3.12"
        )
    if PYTHON.exists():
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - whether it can be imported is the question
        import venv  # noqa: F401, PLC0415 - same
    except ImportError as error:
        raise CannotContinue(
            f"This Python ({sys.executable}) cannot make a virtual environment: the module {error.name} is"
            " missing. Debian and Ubuntu ship it apart; as root: apt-get install python3-venv"
        ) from error


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold this file's lock, so that two commands at once do not install over each other."""
    with Path(__file__).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is installing; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_packages(*, tests: bool) -> None:
    """The virtual environment, with exactly the packages of the lock file and the project itself."""
    version = f"{sys.version} {sys.base_prefix}"
    if not PYTHON.exists() or not is_done("python", version):
        with step("Making the virtual environment"):
            VENV.mkdir(exist_ok=True)
            run(sys.executable, "-m", "venv", "--clear", str(VENV))
        mark_done("python", version)
    locks = ["uv.txt", "dev.txt" if tests else "run.txt"]
    for lock in locks:
        inputs = digest([REQUIREMENTS / lock])
        if not is_done(lock, inputs):
            with step(f"Installing packages (requirements/{lock})"):
                pip_install("--require-hashes", "-r", str(REQUIREMENTS / lock))
            mark_done(lock, inputs)
    inputs = digest([ROOT / "pyproject.toml"]) + str(ROOT)
    if not is_done("project", inputs):
        with step("Installing Buurtloket itself"):
            pip_install("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        mark_done("project", inputs)


def pip_install(*arguments: str) -> None:
    """Install with uv once it is there (ten times faster), else with pip, which also reads pip's own settings."""
    if is_done("uv.txt", digest([REQUIREMENTS / "uv.txt"])):
        uv = [str(VENV / "bin" / "uv"), "pip", "install", "--python", str(PYTHON), "--compile-bytecode"]
        # Its bars are for people; in a log they would be a hundred lines.
        manners = [] if sys.stderr.isatty() else ["--quiet"]
        if has_certificates():
            # What this machine trusts, an office's proxy for instance, instead of uv's own list.
            manners.append("--system-certs")
        if attempt(*uv, *manners, *arguments):
            return
        say("uv could not; trying pip.")
    run(str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *arguments)


def has_certificates() -> bool:
    """Whether this machine has certificates of its own."""
    paths = ssl.get_default_verify_paths()
    file, folder = paths.cafile or paths.openssl_cafile, paths.capath or paths.openssl_capath
    return Path(file).is_file() or any(Path(folder).glob("*"))


def build_assets() -> None:
    """Style sheet, scripts and fonts, built by Vite into frontend/assets/dist."""
    sources = [
        *(path for path in ASSETS.glob("*") if path.is_file()),
        *files_below(ASSETS / "src"),
        # The style sheet keeps only what the templates use.
        *files_below(ROOT / "frontend" / "templates"),
    ]
    inputs = digest(sources)
    if is_done("assets", inputs) and (ASSETS / "dist").is_dir():
        return
    environment = with_node()
    lock = digest([ASSETS / "package.json", ASSETS / "package-lock.json"])
    if not is_done("node packages", lock) or not (ASSETS / "node_modules").is_dir():
        with step("Installing the assets' packages (npm ci)"):
            run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=ASSETS, env=environment)
        mark_done("node packages", lock)
    with step("Building the assets"):
        run("npx", "vite", "build", "--logLevel", "warn", cwd=ASSETS, env=environment)
    mark_done("assets", inputs)


def with_node() -> dict[str, str]:
    """An environment in whose PATH a new enough Node is found: the machine's, else one from a wheel."""
    environment = {**os.environ, "NPM_CONFIG_UPDATE_NOTIFIER": "false"}
    if new_enough_node(environment):
        return environment
    inputs = digest([REQUIREMENTS / "node.txt"])
    if not is_done("node.txt", inputs):
        with step("Installing Node (this machine has none that is new enough)"):
            pip_install("--require-hashes", "-r", str(REQUIREMENTS / "node.txt"))
        mark_done("node.txt", inputs)
    environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    if not new_enough_node(environment):
        raise CannotContinue("No Node 20.19 or newer could be found or installed; it builds the style sheet.")
    return environment


def new_enough_node(environment: Mapping[str, str]) -> bool:
    """Whether `node` is there in a version Vite accepts (20.19+, 22.12+ or newer), with npm and npx."""
    path = environment.get("PATH", "")
    node, npm, npx = (shutil.which(name, path=path) for name in ("node", "npm", "npx"))
    if node is None or npm is None or npx is None:
        return False
    said = subprocess.run(  # noqa: S603 - the machine's own node
        [node, "--version"], env=environment, capture_output=True, text=True, check=False
    ).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    if found is None:
        return False
    version = (int(found[1]), int(found[2]))
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def files_below(folder: Path) -> list[Path]:
    """Every file below the folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def digest(paths: Iterable[Path]) -> str:
    """One hash over the names and contents of these files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        total.update(f"{path.relative_to(ROOT)} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def is_done(name: str, inputs: str) -> bool:
    """Whether this step was done with these inputs."""
    return read_done().get(name) == inputs


def mark_done(name: str, inputs: str) -> None:
    """Remember that this step was done with these inputs."""
    unfinished = DONE.with_suffix(".unfinished")
    unfinished.write_text(json.dumps({**read_done(), name: inputs}, indent=1), encoding="utf-8")
    unfinished.rename(DONE)


def read_done() -> dict[str, str]:
    """What was done, by name; a broken file means: nothing."""
    try:
        done = json.loads(DONE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return done if isinstance(done, dict) else {}


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say what happens, and how long it took."""
    say(f"{what} ...")
    began = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - began:.1f} s")


def run(*command: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a command; raises CannotContinue when it fails (it has said why itself)."""
    if not attempt(*command, cwd=cwd, env=env):
        raise CannotContinue(f"This failed: {' '.join(command)}\nIts own message is above.")


def attempt(*command: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> bool:
    """Run a command; whether it succeeded."""
    clean = {name: value for name, value in (env or os.environ).items() if name not in _MISLEADING}
    if not os.access(clean.get("HOME", ""), os.W_OK):
        # A user without a home: uv and npm want some place for what they download.
        home = VENV / "home"
        home.mkdir(exist_ok=True)
        clean["HOME"] = str(home)
    done = subprocess.run(list(command), cwd=cwd, env=clean, check=False)  # noqa: S603 - our own commands
    return done.returncode == 0


# Left over from other projects, these would aim Python, pip or uv at another environment.
_MISLEADING = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"}


def say(text: str) -> None:
    """Print a line now."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
