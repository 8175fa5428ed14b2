"""The worker: `celery --app frontend.worker worker`, and beside it `... beat`.

Tasks carry names and ids, never data. All they do is call; what they call stands in `schedule.py`.
"""

import logging
from functools import lru_cache
from typing import Any, Final

from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown, worker_ready

from crowd.shared import log
from crowd.shared.settings import Settings
from frontend import broker, schedule
from frontend.acknowledging import PatientTask
from frontend.runtime import Runtime, build_runtime


def _configuration() -> dict[str, Any]:
    beat = {"beat_schedule": schedule.beat_schedule(), "beat_scheduler": "frontend.schedule:OneBeat"}
    return broker.configuration(Settings.from_environment()) | beat


app: Final = Celery("buurtloket")
# Read when first needed, not at import: tests and tools may import this file without an installation.
app.add_defaults(_configuration)


@lru_cache
def runtime() -> Runtime:
    """Return what this process works with, made when it is first asked for."""
    settings = Settings.from_environment()
    return build_runtime(settings, process="worker", on_outbox=broker.WakeUp(settings))


@app.task(name=broker.RUN_PERIODIC, base=PatientTask)
def run_periodic(name: str) -> None:
    """Do one periodic act of `schedule.PERIODIC`; also the wake-up after a commit."""
    schedule.run(runtime(), name)


@worker_process_init.connect
def _start_with_own_connections(**_: object) -> None:
    # A forked child must not use connections its parent opened, nor close them under the parent.
    runtime().database.engine.dispose(close=False)


@worker_process_shutdown.connect
def _close_connections(**_: object) -> None:
    runtime().close()


@worker_ready.connect
def _say_so(**_: object) -> None:
    # The scheduler's first beat is seconds away, and whoever waits for the worker waits for this.
    broker.beat_heart(Settings.from_environment().broker_url)


@setup_logging.connect
def _log_our_way(**_: object) -> None:
    log.configure(level=Settings.from_environment().log_level, process="worker")
    # One line per act is ours; Celery's own lines say the same in another form.
    for name in ("celery", "kombu"):
        logging.getLogger(name).setLevel(logging.WARNING)
