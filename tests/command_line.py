"""`buurtloket` as it is typed, in this process: what it answered, what it said, and what it complained about."""

import sys
from collections.abc import Callable

import pytest

from crowd.shared.db import Database
from frontend.cli import main
from tests.tools import NOBODY

Buurtloket = Callable[..., tuple[int, str, str]]


def command_line(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Buurtloket:
    """Return what types a command on this database; the environment is the test's own, so a test may change it."""
    environment = {
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "BROKER_URL": f"redis://{NOBODY}/0",
        "SMTP_URL": f"smtp://{NOBODY}",
        "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 2,
        "STRIPE_API_KEY": "sk_test_only_for_tests",
        "STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
        "DEMO": "yes",
        "LOG_LEVEL": "error",
        "COLUMNS": "200",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["buurtloket", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run
