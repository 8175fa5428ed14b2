"""Never 6: one file ends transactions, and two hand messages to the queue.

`frontend/broker.py` is the second: it sends the wake-up after a commit, by name, because the web must not import
the tasks. Neither carries data: a message is only a name.
"""

from collections.abc import Iterator

import pytest

from tests.source import Module, calls, modules, nothing_wrong, sample

ENDS_TRANSACTIONS = ("crowd/shared/db.py",)
SENDS_MESSAGES = ("frontend/worker.py", "frontend/broker.py")


def commits(module: Module) -> Iterator[str]:
    for node, name in calls(module):
        if name.endswith((".commit", ".rollback")):
            yield module.at(node, "only crowd/shared/db.py ends a transaction; doors use `database.transaction()`")


def sends(module: Module) -> Iterator[str]:
    for node, name in calls(module):
        if name.endswith((".delay", ".apply_async", ".send_task")):
            yield module.at(node, "only the worker and the broker send messages; add a row to the outbox instead")


def test_only_the_database_commits() -> None:
    assert nothing_wrong(commits, modules(sandbox=False), allowed=ENDS_TRANSACTIONS)


def test_only_the_worker_and_the_broker_send_messages() -> None:
    assert nothing_wrong(sends, modules(), allowed=SENDS_MESSAGES)


def test_the_places_that_may_really_do() -> None:
    by_name = {module.name: module for module in modules()}

    assert all(list(commits(by_name[name])) for name in ENDS_TRANSACTIONS)
    assert any(list(sends(by_name[name])) for name in SENDS_MESSAGES)


@pytest.mark.parametrize("code", ["session.commit()", "self.engine.connect().commit()", "connection.rollback()"])
def test_a_commit_elsewhere_is_noticed(code: str) -> None:
    assert len(list(commits(sample(code)))) == 1


@pytest.mark.parametrize("code", ["send.delay(1)", "run_periodic.apply_async()", "app.send_task('x')"])
def test_a_message_elsewhere_is_noticed(code: str) -> None:
    assert len(list(sends(sample(code, "crowd/pledges/operations.py")))) == 1
