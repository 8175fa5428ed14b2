"""How often one address may do something, counted together by all processes on the broker.

When the broker is away each process counts for itself, so that nobody is kept from giving and nothing is
unlimited; five seconds later it tries the broker again.
"""

import ipaddress
import math
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import unquote, urlsplit

import redis
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter

from crowd.shared.clock import machine_now
from crowd.shared.db import refuse_inside_transaction
from crowd.shared.errors import DomainError, msg

_RETRY_BROKER_SECONDS: Final = 5.0
# Takes the next free turn, at least ARGV[1] microseconds after the one before, and answers in how many it comes.
_TAKE_TURN: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', turn + ARGV[1]), 'EX', 600)
return turn - now
"""
_BROKER_TIMEOUT_SECONDS: Final = 1.0


class TooOften(DomainError):
    """Too many attempts; `seconds` says after how long the next one is welcome."""

    sentence = msg("That was too often. Try again from {moment}; what you typed is still on the page you came from.")

    def __init__(self, *, seconds: int) -> None:
        super().__init__(moment=machine_now() + timedelta(seconds=seconds + 60))
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """How often: a name for the count, and the limit."""

    name: str
    limit: RateLimitItem


# A family, a library or a school shares one address, so these are for machines, not for people in a hurry.
SIGN_IN_BY_ADDRESS: Final = Allowance("sign-in", RateLimitItemPerHour(30))
SIGN_IN_BY_MAILBOX: Final = Allowance("sign-in-mailbox", RateLimitItemPerHour(5))
CODE_BY_ADDRESS: Final = Allowance("code", RateLimitItemPerHour(60))
FORM_BY_ADDRESS: Final = Allowance("form", RateLimitItemPerMinute(60))


class Limiter:
    """Counts on the broker at `broker_url`, in a moving window; falls back to this process's memory."""

    def __init__(self, broker_url: str) -> None:
        self._client: redis.Redis = broker_client(broker_url)
        # The client is ours; the address given here only says which kind of server it is.
        self._shared: RateLimiter = MovingWindowRateLimiter(
            RedisStorage("redis://", connection_pool=self._client.connection_pool, key_prefix="limit")
        )
        self._alone: RateLimiter = FixedWindowRateLimiter(MemoryStorage())
        self._broker_away_until = 0.0
        self._turn = self._client.register_script(_TAKE_TURN)
        self._turns: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, allowance: Allowance, who: str) -> None:
        """Count one act of `who`; raise TooOften when the allowance is used up. Calls out: no transaction open."""
        refuse_inside_transaction()
        for limiter in self._limiters():
            try:
                if limiter.hit(allowance.limit, allowance.name, who):
                    return
                reset = limiter.get_window_stats(allowance.limit, allowance.name, who).reset_time
            except redis.RedisError:
                self._broker_away_until = time.monotonic() + _RETRY_BROKER_SECONDS
                continue
            raise TooOften(seconds=max(1, math.ceil(reset - time.time())))

    def wait_for_turn(self, name: str, *, per_second: int) -> None:
        """Return when it is this caller's turn: all processes together have `per_second` turns, evenly spaced.

        Who asks first goes first, and nobody ever goes before their turn. While the broker is away each process
        counts for itself.
        """
        refuse_inside_transaction()
        time.sleep(self.take_turn(name, apart=1_000_000 // per_second) / 1_000_000)

    def take_turn(self, name: str, *, apart: int) -> int:
        """Take the next turn and return in how many microseconds it comes; between two are `apart` at least."""
        if time.monotonic() >= self._broker_away_until:
            try:
                return int(self._turn(keys=[f"turn/{name}"], args=[apart]))
            except redis.RedisError:
                self._broker_away_until = time.monotonic() + _RETRY_BROKER_SECONDS
        with self._lock:
            now = time.monotonic_ns() // 1000
            turn = max(now, self._turns.get(name, 0))
            self._turns[name] = turn + apart
        return turn - now

    def ping(self) -> bool:
        """Whether the broker answers."""
        refuse_inside_transaction()
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _limiters(self) -> tuple[RateLimiter, ...]:
        if time.monotonic() < self._broker_away_until:
            return (self._alone,)
        return (self._shared, self._alone)


def broker_client(broker_url: str) -> redis.Redis:
    """Return a client for the broker, whose address is written as Celery reads it (`redis+socket://` too)."""
    options = {"socket_timeout": _BROKER_TIMEOUT_SECONDS, "socket_connect_timeout": _BROKER_TIMEOUT_SECONDS}
    parts = urlsplit(broker_url)
    if parts.scheme == "redis+socket":
        return redis.Redis(unix_socket_path=unquote(parts.path), **options)  # type: ignore[arg-type]  # floats, as it takes
    return redis.Redis.from_url(broker_url, **options)


def counted_as(address: str) -> str:
    """Return what an address counts as: an IPv6 network of 64 bits is one household, and so one."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 6:  # noqa: PLR2004  the version's own number
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)
