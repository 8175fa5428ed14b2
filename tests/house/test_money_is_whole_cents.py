"""Never 9: no float near money. Amounts are whole cents, split by `Money.split`, and stored as BIGINT."""

import ast
from collections.abc import Iterator
from importlib import import_module

import pytest
from sqlalchemy import BigInteger, Column, Float, MetaData, Numeric, Table

from crowd.shared.db import Base
from tests.source import Module, dotted, functions, modules, nothing_wrong, sample

# Lengths, not amounts: the shape of a photo, and places on a map.
NOT_MONEY = ("crowd/initiatives/picture_rules.py", "crowd/municipalities/models.py", "crowd/municipalities/rules.py")


def floats(module: Module) -> Iterator[str]:
    """Division, float literals, `float(...)`, Decimal: none of them knows what to do with the last cent."""
    for node in module.nodes():
        match node:
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield module.at(node, "there is no `/` here: use `//` for a rule that rounds down, or Money.split")
            case ast.Constant(value=float()):
                yield module.at(node, "a float literal: amounts are whole cents, fractions are percentages or ratios")
            case ast.Name(id="float" | "Decimal" | "Fraction" as name):
                yield module.at(node, f"{name} has no place near money")
            case ast.Call(func=ast.Name(id="round")) if not _about_durations(node):
                yield module.at(node, "rounding is written out where the rule is, with `//`")


def _about_durations(node: ast.AST) -> bool:
    return any(dotted(part).startswith(("time.perf_counter", "time.monotonic")) for part in ast.walk(node))


def floats_over_cents(module: Module) -> Iterator[str]:
    """At the doors only: the same, where an amount in cents is part of the expression."""
    for node in module.nodes():
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div) and _about_cents(node):
            yield module.at(node, "cents are shown by frontend/formats.py, which never divides with `/`")
        elif isinstance(node, ast.Call) and dotted(node.func) in {"float", "round"} and _about_cents(node):
            yield module.at(node, "cents never become a float")


def _about_cents(node: ast.AST) -> bool:
    names = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    names |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return any(name == "cents" or name.endswith("_cents") for name in names)


def not_whole_cents(metadata: MetaData) -> list[str]:
    """Columns that hold an amount in anything but BIGINT, and columns that could hold a fraction of one."""
    found = []
    for table in metadata.tables.values():
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if column.name.endswith("_cents") and not isinstance(column.type, BigInteger):
                found.append(f"{name} must be BIGINT, not {column.type}")
            if isinstance(column.type, Numeric | Float) and column.name.endswith(("_cents", "_euros", "amount")):
                found.append(f"{name} can hold a fraction of a cent")
            if "amount" in column.name and not column.name.endswith("_cents"):
                found.append(f"{name} does not say its unit: end it with _cents")
    return found


def test_where_money_lives_nothing_is_a_float() -> None:
    assert nothing_wrong(floats, modules("crowd", "payments", sandbox=False), allowed=NOT_MONEY)


def test_the_doors_and_the_sandbox_turn_no_cents_into_floats() -> None:
    assert nothing_wrong(floats_over_cents, modules())


def test_every_amount_is_stored_as_whole_cents() -> None:
    for module in modules("crowd", "payments", "matching", sandbox=False):
        if module.name.endswith("models.py"):
            import_module(module.name.removesuffix(".py").replace("/", "."))

    assert len(Base.metadata.tables) > 40
    assert not_whole_cents(Base.metadata) == []


def test_what_is_exempt_is_really_not_about_money() -> None:
    exempt = [module for module in modules("crowd") if module.name in NOT_MONEY]

    assert len(exempt) == len(NOT_MONEY)
    assert not [module.name for module in exempt if _about_cents(module.tree)]
    assert all(list(functions(module)) or list(floats(module)) for module in exempt)


@pytest.mark.parametrize(
    "code", ["half = cents / 2", "cents /= 100", "rate = 0.5", "float(cents)", "round(cents)", "Decimal('1.10')"]
)
def test_a_float_is_noticed(code: str) -> None:
    assert list(floats(sample(code)))


@pytest.mark.parametrize("code", ["shown = f'{amount_cents / 100:.2f}'", "float(amount.cents)", "pledged_cents /= 2"])
def test_a_float_over_cents_is_noticed_at_a_door(code: str) -> None:
    assert list(floats_over_cents(sample(code, "frontend/pages/pledges.py")))


def test_whole_division_is_allowed() -> None:
    assert list(floats(sample("match = cents * ratio_percent // 100"))) == []


def test_a_column_that_holds_no_whole_cents_is_noticed() -> None:
    metadata = MetaData()
    Table("gifts", metadata, Column("gift_cents", Numeric(10, 2)), Column("amount", BigInteger))

    assert not_whole_cents(metadata) == [
        "gifts.gift_cents must be BIGINT, not NUMERIC(10, 2)",
        "gifts.gift_cents can hold a fraction of a cent",
        "gifts.amount does not say its unit: end it with _cents",
    ]
