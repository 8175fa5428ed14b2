"""Never 9: what happened is never rewritten. The code does not try, and the database refuses.

A wrong posting is corrected by a new one; a wrong decision by an objection, or a new row that says so.
"""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Boolean, Date, DateTime, Integer, Table, Uuid, func, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowd.shared.db import Base
from tests.source import Module, calls, modules, nothing_wrong, sample

APPEND_ONLY = (
    "audit_log",
    "ledger_transfers",
    "initiative_transitions",
    "pledge_transitions",
    "pledge_amounts",
    "placement_transitions",
    "closings",
    "final_decisions",
    "grant_decisions",
    "grant_fixed",
    "review_notes",
    "finding_notes",
    "match_policies",
    "bank_statements",
    "bank_lines",
    "bank_matches",
    "bank_clearings",
    "payout_approvals",
    "cancellation_lines",
    "cancellation_choices",
)


def classes() -> set[str]:
    """The names of the models of the append-only tables."""
    for module in modules("crowd", "payments", "matching", sandbox=False):
        if module.name.endswith("models.py"):
            import_module(module.name.removesuffix(".py").replace("/", "."))
    return {mapper.class_.__name__ for mapper in Base.registry.mappers if mapper.local_table.name in APPEND_ONLY}  # type: ignore[attr-defined]  # every mapper of ours has a table


def rewrites(module: Module) -> Iterator[str]:
    """`update(Transfer)`, `delete(Transfer)`, or the same in SQL."""
    known = classes()
    for node, name in calls(module):
        about = node.args[0].id if node.args and isinstance(node.args[0], ast.Name) else ""
        if name.split(".")[-1] in {"update", "delete"} and about in known:
            yield module.at(node, f"{about} is append-only: correct it with a new row")
    for line, statement in _texts(module):
        for table in APPEND_ONLY:
            if re.search(rf"(UPDATE|DELETE\s+FROM|TRUNCATE)\s+(TABLE\s+|ONLY\s+)?{table}\b", statement, re.IGNORECASE):
                yield f"{module.name}:{line}: {table} is append-only: correct it with a new row"


def _texts(module: Module) -> Iterator[tuple[int, str]]:
    for node in module.nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_no_code_rewrites_what_happened() -> None:
    assert nothing_wrong(rewrites, modules())


@pytest.mark.parametrize(
    "code",
    [
        "session.execute(update(Transfer).values(amount_cents=1))",
        "session.execute(sa.delete(AuditRow))",
        "session.execute(text('UPDATE ledger_transfers SET amount_cents = 1'))",
        "text('delete from  audit_log')",
        "text('TRUNCATE TABLE pledge_transitions')",
    ],
)
def test_a_rewrite_is_noticed(code: str) -> None:
    assert len(list(rewrites(sample(code)))) == 1


def test_the_list_is_what_the_database_guards(session: Session) -> None:
    guarded = session.scalars(
        text("""
            SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
            WHERE proname = 'refuse_change' AND tgenabled = 'O'
              AND tgtype & 1 = 1 AND tgtype & 2 = 2 AND tgtype & 8 = 8 AND tgtype & 16 = 16
        """)  # a row, before, delete, update
    )

    assert set(guarded) == set(APPEND_ONLY)
    assert len(classes()) == len(APPEND_ONLY)


def test_every_table_of_transitions_is_guarded() -> None:
    classes()
    transitions = {name for name in Base.metadata.tables if name.endswith(("_transitions", "_log", "_decisions"))}

    assert transitions <= set(APPEND_ONLY)


@pytest.mark.parametrize("name", APPEND_ONLY)
@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses(session: Session, name: str, act: str) -> None:
    classes()
    table = Base.metadata.tables[name]
    _add_a_row(session, table)
    column = next(iter(table.columns))
    statement = table.delete() if act == "delete" else table.update().values({column.name: column})
    if act == "update":
        # An identity cannot be set, not even to itself; any other column will do.
        other = next(c for c in table.columns if c.identity is None)
        statement = table.update().values({other.name: other})

    with pytest.raises(IntegrityError, match="append-only: correct it with a new row"), session.begin_nested():
        session.execute(statement)

    assert session.scalar(select(func.count()).select_from(table)) == 1


def _add_a_row(session: Session, table: Table) -> None:
    """Add one row that need not mean anything: its references and rules sleep in this transaction."""
    for check in session.scalars(
        text("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = to_regclass(:name)"),
        {"name": table.name},
    ).all():
        session.execute(text(f'ALTER TABLE {table.name} DROP CONSTRAINT "{check}"'))
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(insert(table).values({c.name: _anything(c.type) for c in table.columns if c.identity is None}))
    session.execute(text("SET LOCAL session_replication_role = origin"))


_ANYTHING: dict[type[Any], object] = {
    Uuid: UUID(int=1),
    DateTime: datetime(2026, 11, 23, tzinfo=UTC),
    Date: date(2026, 11, 23),
    JSONB: {},
    ARRAY: [],
    Boolean: True,
    Integer: 1,
}


def _anything(kind: object) -> object:
    return next((value for known, value in _ANYTHING.items() if isinstance(kind, known)), "anything")
