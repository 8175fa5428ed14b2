"""What `simulate --chaos` needs from this side: the stack on this machine, and who was charged twice or lost."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from crowd.pledges.queries import states_of
from crowd.pledges.rules import FINAL
from crowd.shared.settings import Settings
from frontend import links
from frontend.commands.tools import Refused
from frontend.links import Purpose
from frontend.local.data_folder import default_path, running_environment
from frontend.local.plan import answers
from frontend.runtime import Runtime
from frontend.simulation.browser import Traffic
from frontend.simulation.donors import Given
from frontend.simulation.havoc import Asked, Havoc, Kills, Storm
from frontend.simulation.report import Survived

# A killed worker takes seconds to come back, so that more often would only measure how fast Python starts.
_A_KILL_EVERY_SECONDS: Final = 5.0
_AT_ONCE: Final = 1000


def begin_havoc(settings: Settings, traffic: Traffic, *, url: str, seed: int) -> Havoc:
    """Return the havoc of this machine's stack at `url`, not begun yet. Raises Refused when it runs elsewhere."""
    data = default_path()
    here = running_environment(data)
    if not settings.sandbox_control_url or here.get("DATABASE_URL") != settings.database_url:
        raise Refused(
            "--chaos kills processes, so it needs the stack of `make run` on this machine, with its own database,"
            f" broker and sandbox. None runs on {data}: start it, or set BUURTLOKET_DATA to its folder."
        )
    is_up = answers(urlsplit(url).port or 80, "/health/ready", saying=b'"worker":"ok"')
    kills = Kills(data=data, seed=seed, every_seconds=_A_KILL_EVERY_SECONDS, is_up=is_up)
    if missing := kills.not_here():
        raise Refused(f"--chaos finds no process of {data} for: {', '.join(missing)}. Is all of the stack its own?")
    storm = Storm(url=settings.sandbox_control_url, token=settings.sandbox_control_token, traffic=traffic)
    return Havoc(kills=kills, storm=storm)


def survived_by(runtime: Runtime, havoc: Havoc, asked: Asked, given: Iterable[Given]) -> Survived:
    """Return what was killed and failed, and whether a contribution was charged twice or lost."""
    payments = havoc.storm.payments_of_pledges()
    return Survived(
        kills=dict(havoc.kills.killed),
        kills_asked=asked.kills,
        faults=havoc.injected,
        faults_asked=asked.faults,
        double_charges=sum(count > 1 for count in payments.values()),
        lost_pledges=_lost(runtime, [one.own_path for one in given if one.thanked]),
    )


def _lost(runtime: Runtime, own_paths: list[str]) -> int:
    """Return how many pledges are unknown, unfinished or abandoned, although their donor was thanked."""
    tokens = [path.rpartition("/")[2] for path in own_paths]
    pledge_ids = [links.verify(Purpose.OWN_PLEDGE, token, runtime.keys) for token in tokens]
    known: dict[UUID, str] = {}
    with runtime.database.reading() as session:
        for first in range(0, len(pledge_ids), _AT_ONCE):
            known |= states_of(session, pledge_ids=pledge_ids[first : first + _AT_ONCE])
    # Abandoned is final too, but it is the end of a promise whose card was never saved: theirs was.
    return sum(known.get(pledge_id, "abandoned") not in FINAL - {"abandoned"} for pledge_id in pledge_ids)
