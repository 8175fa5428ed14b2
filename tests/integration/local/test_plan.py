"""Which twins are started, and which settings the processes share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crowd.shared.settings import Settings
from frontend.local.data_folder import AlreadyRunning, DataFolder, listen, lock_data_folder
from frontend.local.plan import Plan, make_plan
from frontend.local.processes import StartFailed
from tests.stack import free_port

REAL = {
    "DATABASE_URL": "postgresql+psycopg://town@db.internal.example/town",
    "BROKER_URL": "redis://broker.internal.example/0",
    "SMTP_URL": "smtp://mail.internal.example:25",
    "STRIPE_API_KEY": "sk_test_theirs",
}
TWINS = {"DATABASE_URL": "postgres", "BROKER_URL": "broker", "SMTP_URL": "mail", "STRIPE_API_KEY": "sandbox"}


@pytest.fixture
def data() -> Iterator[DataFolder]:
    # Not tmp_path: as root, PostgreSQL's own user must be able to reach it.
    with tempfile.TemporaryDirectory(prefix="buurtloket-") as folder:
        Path(folder).chmod(0o755)
        locked = lock_data_folder(Path(folder))
        yield locked
        locked.release()


def _plan(data: DataFolder, environ: dict[str, str]) -> Plan:
    return make_plan(data, environ, listener=0, port=8000)


def _foundations(plan: Plan) -> set[str]:
    return {service.program.name for service in plan.foundations}


def test_with_nothing_set_every_twin_is_started_and_the_settings_are_complete(data: DataFolder) -> None:
    plan = _plan(data, {})

    settings = Settings.from_environment(plan.environment)

    assert _foundations(plan) == set(TWINS.values())
    assert settings.demo
    assert settings.stripe_api_base == settings.stripe_checkout_origin == settings.sandbox_control_url


@pytest.mark.parametrize("name", sorted(REAL))
def test_a_real_address_starts_no_twin_and_reaches_every_process(name: str, data: DataFolder) -> None:
    plan = _plan(data, {name: REAL[name]})

    assert _foundations(plan) == set(TWINS.values()) - {TWINS[name]}
    assert plan.environment[name] == REAL[name]
    assert plan.environment["DEMO"] == "no"


def test_the_provider_may_be_aimed_elsewhere_while_the_sandbox_runs(data: DataFolder) -> None:
    plan = _plan(data, {"STRIPE_API_BASE": "http://127.0.0.1:12111"})

    assert "sandbox" in _foundations(plan)
    assert plan.environment["STRIPE_API_BASE"] == "http://127.0.0.1:12111"


def test_ports_and_secrets_are_the_same_at_the_next_start(data: DataFolder) -> None:
    first = _plan(data, {}).environment
    path = data.path
    data.release()

    again = lock_data_folder(path)
    second = _plan(again, {}).environment
    again.release()

    assert second == first


def test_a_folder_in_use_is_refused_by_name(data: DataFolder) -> None:
    with pytest.raises(AlreadyRunning, match=str(data.path)):
        lock_data_folder(data.path)


def test_a_port_in_use_is_refused_with_another_one_to_try() -> None:
    port = free_port()
    with listen(port), pytest.raises(StartFailed, match=f"PORT={port + 1}"):
        listen(port)
