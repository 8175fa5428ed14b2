"""Everything the environment may say about this process, read once at the start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

API_VERSION = "2026-10-28.endive"
"""The one Stripe API version this sandbox speaks; requests that pin another are refused."""


class SettingsError(Exception):
    """A setting has a value the sandbox cannot start with; the message says which and what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the sandbox was told; `README.md` documents each variable.

    Port 0 means any free port, and an empty `public_url` the address listened on: `main` fills both in.
    """

    host: str = "127.0.0.1"
    port: int = 12111
    data: Path = Path("var/sandbox")
    public_url: str = ""
    webhook_url: str | None = None
    webhook_secret: str = "whsec_sandbox"  # noqa: S105 - a published default for a program without real money
    webhook_events: frozenset[str] = frozenset()
    webhook_retry_seconds: tuple[int, ...] = (1, 5, 30, 120, 600, 3600, 21600)
    api_key: str | None = None
    control_token: str | None = None
    balance_delay_seconds: int = 1
    sepa_delay_seconds: int = 5
    refund_delay_seconds: int = 5
    dispute_review_seconds: int = 5


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; raises SettingsError with one clear sentence."""
    api_key = environ.get("SANDBOX_API_KEY") or None
    if api_key is not None and not api_key.startswith("sk_test_"):
        raise SettingsError("SANDBOX_API_KEY must start with sk_test_: a live key never belongs here.")
    retries = environ.get("SANDBOX_WEBHOOK_RETRY_SECONDS", "1,5,30,120,600,3600,21600")
    try:
        retry_seconds = tuple(int(part) for part in retries.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError("SANDBOX_WEBHOOK_RETRY_SECONDS must be whole seconds, as in 1,5,30.") from error
    webhook_url = environ.get("SANDBOX_WEBHOOK_URL") or None
    if webhook_url is not None and not webhook_url.startswith(("http://", "https://")):
        raise SettingsError("SANDBOX_WEBHOOK_URL must be a web address, as in http://127.0.0.1:8000/webhooks/stripe.")
    types = (part.strip() for part in environ.get("SANDBOX_WEBHOOK_EVENTS", "").split(","))
    return Settings(
        host=environ.get("SANDBOX_HOST", "127.0.0.1"),
        port=_number(environ, "SANDBOX_PORT", 12111),
        data=Path(environ.get("SANDBOX_DATA", "var/sandbox")),
        public_url=environ.get("SANDBOX_PUBLIC_URL", "").rstrip("/"),
        webhook_url=webhook_url,
        webhook_secret=environ.get("SANDBOX_WEBHOOK_SECRET", "whsec_sandbox"),
        webhook_events=frozenset(name for name in types if name and name != "*"),
        webhook_retry_seconds=retry_seconds,
        api_key=api_key,
        control_token=environ.get("SANDBOX_CONTROL_TOKEN") or None,
        balance_delay_seconds=_number(environ, "SANDBOX_BALANCE_DELAY_SECONDS", 1),
        sepa_delay_seconds=_number(environ, "SANDBOX_SEPA_DELAY_SECONDS", 5),
        refund_delay_seconds=_number(environ, "SANDBOX_REFUND_DELAY_SECONDS", 5),
        dispute_review_seconds=_number(environ, "SANDBOX_DISPUTE_REVIEW_SECONDS", 5),
    )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isdecimal():
        raise SettingsError(f"{name} must be a whole number, not {value!r}.")
    return int(value)
