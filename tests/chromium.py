"""The real browser of the journeys: found on the machine, else installed by `make test`.

Only the standard library: it also runs before anything is installed. `python -m tests.chromium` makes sure.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


class NoChromium(Exception):
    """There is no Chromium and it cannot be installed from here; the message says what to do."""


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome: the one named by CHROMIUM, else the first in PATH."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if shutil.which(named) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_chromium() -> str:
    """The path of a Chromium, installed with apt-get when root may; raises NoChromium otherwise."""
    found = find_chromium()
    if found is not None:
        return found
    apt = shutil.which("apt-get")
    if apt is not None and os.geteuid() == 0:
        sys.stdout.write("Installing Chromium for the browser tests ...\n")
        sys.stdout.flush()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(  # noqa: S603 - the machine's own package manager
                [apt, *command], env=environment, stdout=subprocess.DEVNULL, check=False
            )
        found = find_chromium()
    if found is None:
        raise NoChromium(
            "The browser tests need Chromium, which is not on this machine. Install the package chromium (as"
            " root: apt-get install chromium), or name one: CHROMIUM=/path/to/chrome make test"
        )
    return found


if __name__ == "__main__":
    try:
        ensure_chromium()
    except NoChromium as problem:
        sys.exit(str(problem))
