"""A process's tools on a test's database: the same `build_runtime` that every door uses."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from crowd.shared.db import Database
from crowd.shared.settings import Settings
from frontend.runtime import Runtime, build_runtime
from frontend.town import Town

# Nothing listens there: whoever calls it anyway is refused at once.
NOBODY = "127.0.0.1:9"


def settings_for_tests(**changes: str) -> Settings:
    """Settings that reach nothing; `changes` are environment variables."""
    return Settings.from_environment(
        {
            "DATABASE_URL": "postgresql+psycopg://nobody@/nothing",
            "BROKER_URL": f"redis://{NOBODY}/0",
            "SMTP_URL": f"smtp://{NOBODY}",
            "BASE_URL": "http://127.0.0.1:8000",
            "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 2,
            "STRIPE_API_KEY": "sk_test_only_for_tests",
            "STRIPE_API_BASE": f"http://{NOBODY}",
            "STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
            "DEMO": "yes",
            **changes,
        }
    )


@contextmanager
def running_tools(database: Database, **changes: str) -> Iterator[Runtime]:
    """The tools of a process that works on this database; settings changed as in `settings_for_tests`."""
    runtime = build_runtime(settings_for_tests(**changes), process="test")
    runtime.database.close()
    try:
        yield dataclasses.replace(runtime, database=database, town=Town(database))
    finally:
        runtime.limiter.close()
