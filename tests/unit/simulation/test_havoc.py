"""Whom havoc may kill, how hard it storms, and the register it plays on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.settings import Settings
from frontend.commands.survival import begin_havoc
from frontend.commands.tools import Refused
from frontend.imports.register import LIMIT
from frontend.simulation.browser import Traffic
from frontend.simulation.havoc import VICTIMS, Kills, per_mille_for
from frontend.simulation.made_up import made_up_rows


def test_only_children_of_the_supervisor_that_holds_the_folder_may_be_killed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    kills = Kills(data=tmp_path, seed=1, every_seconds=1)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        for name in VICTIMS:
            (tmp_path / "run" / f"{name}.pid").write_text(f"{child.pid}\n", encoding="ascii")
        assert kills.not_here() == list(VICTIMS)
        (tmp_path / "lock").write_text(f"{os.getppid()}\n", encoding="ascii")
        assert kills.not_here() == list(VICTIMS)
        (tmp_path / "lock").write_text(f"{os.getpid()}\n", encoding="ascii")
        (tmp_path / "run" / "beat.pid").write_text("", encoding="ascii")
        assert kills.not_here() == ["beat"]
    finally:
        child.communicate(b"\n")


def test_havoc_is_refused_where_the_stack_of_this_machine_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUURTLOKET_DATA", str(tmp_path))
    elsewhere = Settings.from_environment(
        {
            "DATABASE_URL": "postgresql+psycopg://elsewhere/buurtloket",
            "BROKER_URL": "redis://elsewhere/0",
            "SMTP_URL": "smtp://elsewhere:25",
            "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 2,
            "STRIPE_API_KEY": "sk_test_only_for_tests",
            "STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
            "SANDBOX_CONTROL_URL": "http://elsewhere:12111",
        }
    )
    with pytest.raises(Refused, match="needs the stack of `make run` on this machine"):
        begin_havoc(elsewhere, Traffic(), url="http://127.0.0.1:9", seed=1)


@given(st.integers(1, 100_000), st.integers(0, 100_000))
def test_a_storm_is_hard_enough_when_it_can_be(gifts: int, faults: int) -> None:
    per_mille = per_mille_for(gifts=gifts, faults=faults)
    assert 1 <= per_mille <= 300
    # Eight calls and events a gift at least: that many chances meet more faults than were asked for.
    assert per_mille == 300 or per_mille * 8 * gifts >= 1000 * faults


@given(st.integers(1, 200), st.integers(1, 60_000), st.integers(0, 99))
def test_a_made_up_register_can_be_imported_whole_and_is_the_same_each_time(
    campaigns: int, donors: int, seed: int
) -> None:
    rows = made_up_rows(campaigns=campaigns, donors=donors, seed=seed)
    assert rows == made_up_rows(campaigns=campaigns, donors=donors, seed=seed)
    dossiers = [row.dossier for row in rows if row.dossier is not None]
    assert len({dossier.number for dossier in dossiers}) == campaigns
    assert all(0 < dossier.asked.cents <= LIMIT.cents for dossier in dossiers)
