"""Every feature folder has the same five files, named by what they are, and imports run one way between them.

`workflow` -> `operations` -> `queries` -> `models` -> `rules`. A file that grows too long is split by noun:
`picture_rules.py` beside `rules.py`. No file or class is named after having no better name (never 5).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.source import BELOW_THE_DOORS, PACKAGES, ROOT, Module, imported, modules, nothing_wrong, sample

KINDS = ("rules", "models", "queries", "operations", "workflow")
# What is none of the five, and why.
OTHER_FILES = {
    "payments/gateway.py": "the one file that speaks to the provider; no feature of its own",
    "payments/requests.py": "what we ask of the provider, in the types of its SDK",
    "payments/provider.py": "the words we share with the provider, beside the gateway that says them",
    "matching/assignment/assign.py": "the one way in to the assignment: a rule, under the same contract as rules.py",
    "matching/assignment/candidates.py": "same: who could go where",
    "matching/assignment/constraints.py": "same: what makes a pair impossible",
    "matching/assignment/flow.py": "same: the solver for all at once",
    "matching/assignment/objective.py": "same: what a plan is worth",
    "matching/assignment/repair.py": "same: the solver for what a flow cannot say",
    "matching/assignment/snapshot.py": "same: the arrays all of it works on",
    "matching/assignment/terms.py": "same: the score of many pairs",
    "matching/placements/steps.py": "the one step that every act on a placement is made of",
    "matching/placements/score.py": "a rule of its own: under the same contract as rules.py",
    "matching/placements/suggestions.py": "one question to the database, as long as a file",
    "matching/vocabulary/columns.py": "a column type that three features share",
    "matching/vocabulary/concepts.py": "a table of words: the skills people can have",
}
NAMELESS_FILES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "service"})
NAMELESS_CLASSES = re.compile(r"\w(Manager|Helpers?|Utils?|Service)$")


def kind_of(name: str) -> str:
    """`rules` for `crowd/initiatives/picture_rules.py`; empty for what is none of the five."""
    last = PurePosixPath(name).stem.split("_")[-1]
    return last if last in KINDS else ""


def misplaced(module: Module) -> Iterator[str]:
    place = PurePosixPath(module.name)
    is_feature = place.parts[0] in BELOW_THE_DOORS and place.parts[1] not in {"shared", "sandbox"}
    if place.stem in NAMELESS_FILES:
        yield f"{module.name}:1: name a file after what it is about, not after being of use"
    if place.name == "__init__.py":
        if any(not isinstance(node, ast.Expr) for node in module.tree.body) and place.parts[0] in BELOW_THE_DOORS:
            yield f"{module.name}:1: an __init__.py below the doors holds a docstring at most"
    elif is_feature and not kind_of(module.name):
        yield f"{module.name}:1: a feature has {', '.join(KINDS)}, each also as <noun>_<kind>.py"


def nameless_classes(module: Module) -> Iterator[str]:
    for node in module.nodes():
        if isinstance(node, ast.ClassDef) and NAMELESS_CLASSES.search(node.name):
            yield module.at(node, f"{node.name}: name it after what it is, or write functions")


def upward(module: Module) -> Iterator[str]:
    """Within one feature: rules import no models, models no queries, and so on; also when split by noun."""
    feature, kind = module.name.rpartition("/")[0], kind_of(module.name)
    if not kind:
        return
    package = feature.replace("/", ".")
    for node, name in imported(module):
        if not name.startswith(f"{package}."):
            continue
        other = kind_of(name.removeprefix(f"{package}.").split(".")[0])
        if other and KINDS.index(other) > KINDS.index(kind):
            yield module.at(node, f"{kind} may not import {other} of the same feature")


def local_imports(module: Module) -> Iterator[str]:
    for function in module.nodes():
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield module.at(node, "an import inside a function hides a cycle: move what both need down")


# Whether a module can be imported at all is the question there, before anything is installed.
MAY_IMPORT_LATE = ("frontend/local/bootstrap.py",)


def test_every_file_below_the_doors_is_one_of_the_five() -> None:
    assert nothing_wrong(misplaced, modules(sandbox=False), allowed=OTHER_FILES)


def test_every_exception_still_exists() -> None:
    assert {name for name in OTHER_FILES if not (ROOT / name).is_file()} == set()


def test_no_name_means_nothing() -> None:
    assert nothing_wrong(nameless_classes, modules(*PACKAGES, "tests", "benchmarks"))


def test_imports_run_one_way_within_a_feature() -> None:
    assert nothing_wrong(upward, modules(*BELOW_THE_DOORS, sandbox=False))


def test_nothing_is_imported_inside_a_function() -> None:
    assert nothing_wrong(local_imports, modules(*PACKAGES, "tests", "benchmarks"), allowed=MAY_IMPORT_LATE)


def test_every_file_of_rules_is_under_the_contract_that_keeps_it_pure() -> None:
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition('name = "Rules are pure"')[2]
    named = contract.partition("forbidden_modules")[0]
    files = [module.name for module in modules(*BELOW_THE_DOORS, sandbox=False) if kind_of(module.name) == "rules"]
    split = [name.removesuffix(".py").replace("/", ".") for name in files if not name.endswith("/rules.py")]

    assert '"*.*.rules"' in named
    assert [name for name in split if f'"{name}"' not in named] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("crowd/pledges/services.py", ""),
        ("crowd/pledges/utils.py", ""),
        ("frontend/common.py", ""),
        ("crowd/pledges/helpers_rules/helpers.py", ""),
        ("payments/ledger/__init__.py", "from payments.ledger.models import Transfer"),
    ],
)
def test_a_file_out_of_place_is_noticed(name: str, code: str) -> None:
    assert list(misplaced(sample(code, name)))


@pytest.mark.parametrize("name", ["crowd/pledges/rules.py", "crowd/pledges/total_queries.py", "frontend/pages/demo.py"])
def test_a_file_in_its_place_is_fine(name: str) -> None:
    assert list(misplaced(sample("", name))) == []


@pytest.mark.parametrize("code", ["class PledgeManager: ...", "class PaymentService: ...", "class DateUtils: ..."])
def test_a_class_without_a_name_is_noticed(code: str) -> None:
    assert list(nameless_classes(sample(code)))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("crowd/pledges/rules.py", "from crowd.pledges.models import Pledge"),
        ("crowd/pledges/queries.py", "from crowd.pledges import operations"),
        ("crowd/pledges/picture_rules.py", "import crowd.pledges.total_queries"),
    ],
)
def test_an_import_upward_is_noticed(name: str, code: str) -> None:
    assert list(upward(sample(code, name)))


def test_an_import_inside_a_function_is_noticed() -> None:
    assert list(local_imports(sample("def make():\n    from crowd.pledges import models\n")))
