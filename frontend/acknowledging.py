"""Acknowledging a message to a broker that is away, so that the worker never stops asking for the next one.

Celery logs an acknowledgement that failed and goes on counting its message as being worked on. After as many as a
worker may hold at a time it never asks for another, although the broker is long back: it hangs until somebody restarts
it. Killing the broker while three tasks ran did that; `buurtloket simulate --chaos` found it.
"""

from collections.abc import Callable
from typing import Any

import redis
from celery import Task
from celery.worker.request import Request
from kombu.transport.virtual.base import QoS

from crowd.shared.db import refuse_inside_transaction
from crowd.shared.log import logger


class PatientRequest(Request):
    """A task's message that is let go of in any case. The broker hands it out once more, which is harmless."""

    def acknowledge(self) -> None:
        """Say that the message was dealt with; when the broker is away, only to ourselves."""
        self._let_go(self.message.ack)

    def reject(self, requeue: bool = False) -> None:  # noqa: FBT001, FBT002  Celery's own signature
        """Say that the message was not dealt with; when the broker is away it keeps it anyway."""
        self._let_go(lambda: self.message.reject(requeue=requeue))

    def _let_go(self, tell_broker: Callable[[], None]) -> None:
        refuse_inside_transaction()
        if self.acknowledged:
            return
        try:
            tell_broker()
        except (redis.RedisError, OSError) as error:
            logger().warning("acknowledgement_lost", exception=type(error).__name__)
            QoS.ack(self.message.channel.qos, self.message.delivery_tag)
        self.acknowledged = True


class PatientTask(Task[Any, Any]):
    """A task whose messages are let go of in any case."""

    Request = "frontend.acknowledging:PatientRequest"
