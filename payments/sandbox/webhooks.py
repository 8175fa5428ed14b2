"""Sending events: signed as Stripe signs them, again and again until the receiver answers 2xx.

Each undelivered event is a row in `delivery`, written in the transaction of its change; a restart goes on
where the last process stopped. Deliveries overlap, so order is no promise (it is none at Stripe).
"""

import asyncio
import contextlib
import hashlib
import hmac
import logging
import time
from functools import partial

import httpx2

from payments.sandbox.documents import Json, dump
from payments.sandbox.world import World

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 10.0
AT_ONCE = 16
HELD_AT_MOST_SECONDS = 3.0
LONGEST_SLEEP_SECONDS = 60.0
NEVER = 1e12
"""Given up: the event stays in the list of undelivered ones until someone asks to send it again."""


def signature(payload: str, secret: str, *, timestamp: int) -> str:
    """The Stripe-Signature header: HMAC-SHA256 over `timestamp.payload`, as `t=...,v1=...`."""
    signed = hmac.new(secret.encode(), f"{timestamp}.{payload}".encode(), hashlib.sha256)
    return f"t={timestamp},v1={signed.hexdigest()}"


class Sender:
    """Sends what waits in the store; `run` until cancelled."""

    def __init__(self, world: World, client: httpx2.AsyncClient) -> None:
        self._world = world
        self._client = client
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._held: set[asyncio.Event] = set()
        self._late: set[asyncio.Event] = set()

    async def run(self) -> None:
        """Send what is due, as it falls due, until cancelled."""
        waiting = self._world.events_waiting
        try:
            while True:
                waiting.clear()
                wait_seconds = self._start_due()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(waiting.wait(), wait_seconds)
        finally:
            for task in self._sending.values():
                task.cancel()

    def _start_due(self) -> float:
        """Starts as many deliveries as fit; answers how many seconds until the next may be due."""
        now = time.time()
        room = AT_ONCE - (len(self._sending) - len(self._held) - len(self._late))
        if room <= 0:
            return LONGEST_SLEEP_SECONDS
        rows = self._world.store.sql.execute(
            "SELECT event, attempts FROM delivery WHERE next_at <= ? ORDER BY next_at, event LIMIT ?",
            (now, room + len(self._sending)),
        ).fetchall()
        for event, attempts in [row for row in rows if row[0] not in self._sending][:room]:
            task = asyncio.create_task(self._deliver(event, attempts))
            self._sending[event] = task
            task.add_done_callback(partial(self._finished, event))
        row = self._world.store.sql.execute("SELECT min(next_at) FROM delivery WHERE next_at > ?", (now,)).fetchone()
        return LONGEST_SLEEP_SECONDS if row[0] is None else min(LONGEST_SLEEP_SECONDS, max(0.01, row[0] - now))

    def _finished(self, event: str, _task: asyncio.Task[None]) -> None:
        del self._sending[event]
        self._world.events_waiting.set()

    async def _deliver(self, identifier: str, attempts: int) -> None:
        event = self._world.store.get("event", identifier)
        if event is None:
            return
        world = self._world
        fault = world.faults.for_event(event["type"]) or world.storm.for_event() if attempts == 0 else None
        kind = fault.kind if fault else None
        if kind == "webhook_lose":
            self._settle(identifier, attempts, delivered=True)
            return
        if fault is not None and kind in {"webhook_reorder", "webhook_late"}:
            late = kind == "webhook_late"
            await self._hold(fault.milliseconds / 1000 if late else HELD_AT_MOST_SECONDS, until_another=not late)
        delivered = await self._send(event)
        if kind == "webhook_duplicate":
            delivered = await self._send(event) and delivered
        self._settle(identifier, attempts, delivered=delivered)
        if delivered:
            for held in self._held:
                held.set()

    async def _hold(self, at_most_seconds: float, *, until_another: bool) -> None:
        """Waits so long, or only until another event was delivered; meanwhile others go first."""
        another = asyncio.Event()
        (self._held if until_another else self._late).add(another)
        self._world.events_waiting.set()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(another.wait(), at_most_seconds)
        finally:
            self._held.discard(another)
            self._late.discard(another)

    async def _send(self, event: Json) -> bool:
        settings = self._world.settings
        payload = dump(event)
        header = signature(payload, settings.webhook_secret, timestamp=int(time.time()))
        try:
            response = await self._client.post(
                str(settings.webhook_url),
                content=payload.encode(),
                headers={
                    "Content-Type": "application/json; charset=utf-8",
                    "Stripe-Signature": header,
                    "User-Agent": "Buurtloket-Sandbox/1.0",
                },
            )
        except httpx2.HTTPError as error:
            log.info("webhook %s not delivered: %s", event["id"], type(error).__name__)
            return False
        return response.is_success

    def _settle(self, identifier: str, attempts: int, *, delivered: bool) -> None:
        """Forgets a delivered event, or plans its next attempt; after the last it waits for ever."""
        retries = self._world.settings.webhook_retry_seconds
        store = self._world.store
        next_at = time.time() + retries[attempts] if attempts < len(retries) else NEVER
        with store.transaction():
            if delivered:
                store.sql.execute("DELETE FROM delivery WHERE event = ?", (identifier,))
            else:
                store.sql.execute(
                    "UPDATE delivery SET attempts = ?, next_at = ? WHERE event = ?",
                    (attempts + 1, next_at, identifier),
                )


async def keep_sending(world: World) -> None:
    """Until cancelled: sends events, when there is anyone to send them to."""
    if world.settings.webhook_url is None:
        return
    limits = httpx2.Limits(max_connections=AT_ONCE + 4, max_keepalive_connections=AT_ONCE)
    # Proxies from the environment are for the internet; the receiver is a neighbour on this machine.
    async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False) as client:
        await Sender(world, client).run()
