"""What can be counted about reading: promises on everything public, functions on a screen, files of a sane length."""

import ast
from collections.abc import Iterator

import pytest

from tests.source import Module, modules, nothing_wrong, sample

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400

LONG_FUNCTIONS = {
    "pages": "made-up pages for the style guide: a table, written out",
    "_initiator": "same",
}
# Named and described by the provider's own reference; a docstring would repeat the name.
SPEAKS_FOR_ITSELF = "payments/sandbox/objects/"


def silent(module: Module) -> Iterator[str]:
    """Public modules, classes and functions, and public methods of public classes, without a docstring."""
    if module.text.strip() and not ast.get_docstring(module.tree):
        yield f"{module.name}:1: say in a line what this file is for"
    if module.name.startswith(SPEAKS_FOR_ITSELF):
        return
    yield from _silent_in(module, module.tree.body)


def _silent_in(module: Module, body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node) and not _is_what_its_name_says(node):
            yield module.at(node, f"{node.name}: give the promise first, then units, what it raises, and the source")
        if isinstance(node, ast.ClassDef):
            yield from _silent_in(module, node.body)


def _is_what_its_name_says(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A property of one line, or a method the library calls (`@override`-like names are the library's to explain)."""
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    return "property" in decorators and len(node.body) == 1


def long_functions(module: Module) -> Iterator[str]:
    for node in module.nodes():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in LONG_FUNCTIONS:
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield module.at(node, f"{node.name} has {lines} lines; at most {FUNCTION_LINES_MAX} fit on a screen")


def long_file(module: Module) -> Iterator[str]:
    if module.lines > FILE_LINES_MAX:
        yield f"{module.name}:{FILE_LINES_MAX}: {module.lines} lines; split by noun above {FILE_LINES_MAX}"


def test_everything_public_makes_a_promise() -> None:
    assert nothing_wrong(silent, modules())


def test_every_test_says_what_its_file_proves() -> None:
    assert [m.name for m in modules("tests") if m.text.strip() and not ast.get_docstring(m.tree)] == []


def test_a_function_fits_on_a_screen() -> None:
    assert nothing_wrong(long_functions, modules())


def test_a_file_has_a_sane_length() -> None:
    assert nothing_wrong(long_file, modules())


@pytest.mark.parametrize(
    "code",
    [
        "x = 1",
        '"""What."""\ndef make(): ...',
        '"""What."""\nclass Pledge: ...',
        '"""What."""\nclass Pledge:\n    """A."""\n    def pay(self): ...',
    ],
)
def test_silence_is_noticed(code: str) -> None:
    assert len(list(silent(sample(code)))) == 1


def test_length_is_noticed() -> None:
    assert list(long_functions(sample("def make():\n" + "    x = 1\n" * FUNCTION_LINES_MAX)))
    assert list(long_file(sample("x = 1\n" * (FILE_LINES_MAX + 1))))
    assert not list(long_file(sample("x = 1\n" * FILE_LINES_MAX)))
