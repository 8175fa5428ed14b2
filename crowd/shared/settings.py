"""Every setting, from the environment, checked before anything starts.

This is the only file below the doors that reads the environment. `docs/settings.md` explains each name;
a test keeps the two lists equal.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


class WrongSetting(Exception):
    """A setting is missing or cannot be right; the message says which, and what is expected."""


def _setting(name: str, default: str | None = None, *, secret: bool = False) -> Any:  # noqa: ANN401  dataclass field
    return field(metadata={"name": name, "default": default, "secret": secret}, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation can choose. Build it with `from_environment`."""

    database_url: str = _setting("DATABASE_URL", secret=True)
    database_pool_size: int = _setting("DATABASE_POOL_SIZE", "10")
    broker_url: str = _setting("BROKER_URL", secret=True)
    smtp_url: str = _setting("SMTP_URL", secret=True)
    mail_from: str = _setting("MAIL_FROM", "Buurtloket <loket@buurtloket.example>")
    mailbox_url: str = _setting("MAILBOX_URL", "")
    base_url: str = _setting("BASE_URL", "http://127.0.0.1:8000")
    tax_number: str = _setting("TAX_NUMBER", "")
    secret_key: str = _setting("SECRET_KEY", secret=True)
    demo: bool = _setting("DEMO", "no")
    log_level: str = _setting("LOG_LEVEL", "info")
    trusted_proxy: str = _setting("TRUSTED_PROXY", "")
    metrics_folder: str = _setting("PROMETHEUS_MULTIPROC_DIR", "")
    metrics_token: str = _setting("METRICS_TOKEN", "", secret=True)
    stripe_api_key: str = _setting("STRIPE_API_KEY", secret=True)
    stripe_api_base: str = _setting("STRIPE_API_BASE", "")
    stripe_webhook_secret: str = _setting("STRIPE_WEBHOOK_SECRET", secret=True)
    stripe_live_allowed: bool = _setting("STRIPE_LIVE_ALLOWED", "no")
    stripe_checkout_origin: str = _setting("STRIPE_CHECKOUT_ORIGIN", "https://checkout.stripe.com")
    stripe_connect_origin: str = _setting("STRIPE_CONNECT_ORIGIN", "https://connect.stripe.com")
    sandbox_control_url: str = _setting("SANDBOX_CONTROL_URL", "")
    sandbox_control_token: str = _setting("SANDBOX_CONTROL_TOKEN", "", secret=True)
    provider_timeout_seconds: int = _setting("PROVIDER_TIMEOUT_SECONDS", "20")
    keep_households_days: int = _setting("KEEP_HOUSEHOLDS_DAYS", "365")
    keep_accounts_years: int = _setting("KEEP_ACCOUNTS_YEARS", "7")
    keep_invitations_days: int = _setting("KEEP_INVITATIONS_DAYS", "365")
    provider_calls_per_second: int = _setting("PROVIDER_CALLS_PER_SECOND", "25")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Return the settings in `environ` (the process's own when left out).

        Raises WrongSetting with one line naming the variable, as an operator would need it.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, object] = {}
        for setting in fields(cls):
            name, default = setting.metadata["name"], setting.metadata["default"]
            text = environ.get(name, default)
            if text is None:
                raise WrongSetting(f"{name} is not set; see docs/settings.md")
            values[setting.name] = _READERS[setting.type](name, text)
        settings = cls(**values)  # type: ignore[arg-type]  # each reader returns its field's own type
        settings._check()
        return settings

    def _check(self) -> None:
        if not self.database_url.startswith("postgresql"):
            raise WrongSetting("DATABASE_URL must start with postgresql+psycopg://")
        if len(self.secret_key) < 32:  # noqa: PLR2004  256 bits as hex is 64, as base64 43
            raise WrongSetting("SECRET_KEY must be at least 32 characters of randomness")
        if not self.stripe_api_key.startswith(("sk_test_", "rk_test_")) and not self.stripe_live_allowed:
            raise WrongSetting(
                "STRIPE_API_KEY is not a test key; STRIPE_LIVE_ALLOWED=yes charges real money on purpose"
            )
        if self.demo and not self.stripe_api_key.startswith(("sk_test_", "rk_test_")):
            raise WrongSetting("DEMO=yes moves the clock and cannot be combined with a live STRIPE_API_KEY")
        if self.keep_accounts_years < 7:  # noqa: PLR2004  seven years is the law on bookkeeping (AWR article 52)
            raise WrongSetting("KEEP_ACCOUNTS_YEARS must be at least 7: the law keeps the books so long")
        if self.base_url.endswith("/"):
            raise WrongSetting("BASE_URL must not end with a slash")


def _read_text(_name: str, text: str) -> str:
    return text


def _read_whole_number(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise WrongSetting(f"{name} must be a whole number above 0, not {text!r}")
    return int(text)


def _read_yes_or_no(name: str, text: str) -> bool:
    if text not in {"yes", "no"}:
        raise WrongSetting(f"{name} must be yes or no, not {text!r}")
    return text == "yes"


_READERS: dict[Any, Any] = {str: _read_text, int: _read_whole_number, bool: _read_yes_or_no}
