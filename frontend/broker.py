"""The broker as we use it: how to reach it, the wake-up after a commit, and the worker's heartbeat.

A message is only a wake-up: the row in the database is the job. So a lost message costs a few seconds at
most, and nothing here may ever make the web wait.
"""

import time
from functools import lru_cache
from typing import Any, Final

import redis
from celery import Celery
from kombu.exceptions import KombuError

from crowd.shared.db import refuse_inside_transaction
from crowd.shared.log import logger
from crowd.shared.settings import Settings
from frontend.limits import broker_client

RUN_PERIODIC: Final = "buurtloket.run_periodic"
DISPATCH_OUTBOX: Final = "dispatch_outbox"

# Longer than any task may take: a message not acknowledged by then is delivered again, beside the first.
VISIBILITY_SECONDS: Final = 600
_CONNECT_SECONDS: Final = 1
_WAKE_UP_EXPIRES_SECONDS: Final = 30
# After a failed wake-up the next ones are skipped this long: the sweep comes by anyway.
_REST_SECONDS: Final = 5.0

_HEARTBEAT: Final = "buurtloket:heartbeat"
HEARTBEAT_SECONDS: Final = 30


def configuration(settings: Settings) -> dict[str, Any]:
    """Return Celery's settings. JSON only; measured choices, see the reason beside each."""
    return {
        "broker_url": settings.broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_SECONDS,
            # Looked at every second, what a killed worker held comes back in seconds instead of minutes.
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": _CONNECT_SECONDS,
        },
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        # With late acknowledgement alone a killed child still lost its task.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        # A task that still runs when the connection breaks holds its own leases; it may finish.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_prefetch_multiplier": 1,
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "timezone": "Europe/Amsterdam",
    }


class WakeUp:
    """Tells the worker that the outbox has something to do. Give it to Database as `on_outbox`.

    Calling it never raises and hardly waits: where the broker is away it is tried again only after a rest.
    """

    def __init__(self, settings: Settings) -> None:
        self._celery = Celery("buurtloket", set_as_current=False)
        self._celery.conf.update(configuration(settings))
        # No retries, of connecting neither (Kombu would sleep two seconds first): the sweep is the retry.
        self._celery.conf.broker_transport_options.update(socket_timeout=_CONNECT_SECONDS, max_retries=0)
        self._celery.conf.broker_connection_timeout = _CONNECT_SECONDS
        self._resting_until = 0.0

    def __call__(self) -> None:
        """Send one wake-up, or none while the broker is away."""
        refuse_inside_transaction()
        if time.monotonic() < self._resting_until:
            return
        try:
            self._celery.send_task(RUN_PERIODIC, args=(DISPATCH_OUTBOX,), retry=False, expires=_WAKE_UP_EXPIRES_SECONDS)
        except (KombuError, redis.RedisError, OSError) as error:
            self._resting_until = time.monotonic() + _REST_SECONDS
            logger().warning("wake_up_lost", exception=type(error).__name__)

    def close(self) -> None:
        """Close its connections."""
        self._celery.close()


def beat_heart(broker_url: str) -> None:
    """Say that broker and worker work: the worker calls this when it starts and then on the scheduler's beat."""
    refuse_inside_transaction()
    _client(broker_url).set(_HEARTBEAT, int(time.time()), ex=HEARTBEAT_SECONDS)


def heart_beats(broker_url: str) -> bool:
    """Whether the worker's heart beat within the last `HEARTBEAT_SECONDS`; False when the broker is away."""
    refuse_inside_transaction()
    try:
        return bool(_client(broker_url).exists(_HEARTBEAT))
    except (redis.RedisError, OSError):
        return False


@lru_cache
def _client(broker_url: str) -> redis.Redis:
    return broker_client(broker_url)
