"""A module's tree with every trace of Treadle taken out, so that what is cut from it runs where Treadle is not.

| author wrote                         | becomes                             |
| ------------------------------------ | ----------------------------------- |
| `@component(…)`                      | nothing                             |
| `Annotated[float, Between(0, 1)]`    | `float`                             |
| `from treadle import Model, Metrics` | `from typing import Any as Model`, `Metrics = dict` |
| `treadle.Table`                      | `Table`, imported the same way      |
| `from treadle.report import metric`  | the same, with a stand-in that does nothing elsewhere |
| `from treadle import report`         | the same                            |
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final

from treadle.catalog.bindings import Bindings, bindings_of

__all__ = ["Unmarked", "unmark"]

_PACKAGES: Final = frozenset({"treadle", "treadle.sdk"})
_STANDS_FOR: Final = {
    "Table": ("typing", "Any"),
    "Array": ("typing", "Any"),
    "Model": ("typing", "Any"),
    "Figure": ("typing", "Any"),
    "Json": ("typing", "Any"),
    "Metrics": ("", "dict"),
    "Image": ("", "bytes"),
    "Text": ("", "str"),
    "Html": ("", "str"),
    "Secret": ("", "str"),
    "File": ("pathlib", "Path"),
    "Directory": ("pathlib", "Path"),
}
_REPORT: Final = "treadle.report"
_REPORTS: Final = frozenset({"progress", "metric", "log", "artifact", "checkpoint", "last_checkpoint"})
_ANNOTATED: Final = frozenset({"typing.Annotated", "typing_extensions.Annotated"})


@dataclass(frozen=True, slots=True)
class Unmarked:
    """`body` imports nothing of Treadle. `gone` are names it no longer has: code that reads one can't be cut out."""

    body: list[ast.stmt]
    gone: frozenset[str] = field(default_factory=frozenset)


def unmark(tree: ast.Module) -> Unmarked:
    """Changes `tree` in place."""
    bindings = bindings_of(tree)
    if not any(name.partition(".")[0] == "treadle" for name in bindings.imports.values()):
        return Unmarked(tree.body)
    transformer = _Transformer(bindings, tree)
    tree = transformer.visit(tree)
    added = [_stand_in(marker, name, 1) for marker, name in sorted(transformer.added.items())]
    position = _after_futures(tree.body)
    return Unmarked([*tree.body[:position], *added, *tree.body[position:]], frozenset(transformer.gone))


def _after_futures(body: list[ast.stmt]) -> int:
    futures = [
        index
        for index, statement in enumerate(body)
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    ]
    return futures[-1] + 1 if futures else 0


def _stand_in(marker: str, name: str, line: int) -> ast.stmt:
    module, stands_for = _STANDS_FOR[marker]
    statement: ast.stmt
    if module:
        statement = ast.ImportFrom(module, [ast.alias(stands_for, None if name == stands_for else name)], 0)
    else:
        statement = ast.Assign([ast.Name(name, ast.Store())], ast.Name(stands_for, ast.Load()))
    statement.lineno = line
    return ast.fix_missing_locations(statement)


def _report(alias: ast.alias, at: ast.stmt) -> ast.stmt:
    """An import that does without Treadle: `try: from treadle.report import … except ImportError: def …: pass`."""
    silent = ast.parse(f"def {alias.asname or alias.name}(*arguments, **named):\n    pass").body
    return _either(ast.ImportFrom(_REPORT, [alias], 0), silent, at)


def _report_module(alias: ast.alias, at: ast.stmt) -> ast.stmt:
    """The same for `from treadle import report`."""
    said = "".join(f"    {name} = staticmethod(lambda *arguments, **named: None)\n" for name in sorted(_REPORTS))
    silent = ast.parse(f"class {alias.asname or alias.name}:\n{said}").body
    return _either(ast.ImportFrom("treadle", [alias], 0), silent, at)


def _either(wanted: ast.stmt, silent: list[ast.stmt], at: ast.stmt) -> ast.stmt:
    handler = ast.ExceptHandler(ast.Name("ImportError", ast.Load()), None, silent)
    statement = ast.Try([wanted], [handler], [], [])
    for node in ast.walk(statement):
        ast.copy_location(node, at)
    return ast.fix_missing_locations(statement)


class _Transformer(ast.NodeTransformer):
    def __init__(self, bindings: Bindings, tree: ast.Module) -> None:
        self._bindings = bindings
        self._tree = tree
        self.added: dict[str, str] = {}
        self.gone: set[str] = set()

    def _marker(self, expression: ast.expr) -> str | None:
        package, _, marker = (self._bindings.qualified(expression) or "").rpartition(".")
        return marker if package in _PACKAGES else None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list = [each for each in node.decorator_list if not self._is_component(each)]
        return self.generic_visit(node)

    def _is_component(self, decorator: ast.expr) -> bool:
        return self._marker(decorator.func if isinstance(decorator, ast.Call) else decorator) == "component"

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if self._bindings.qualified(node.value) not in _ANNOTATED or not isinstance(node.slice, ast.Tuple):
            return node
        first, *marks = node.slice.elts
        kept = [mark for mark in marks if not self._marker(mark.func if isinstance(mark, ast.Call) else mark)]
        node.slice.elts = [first, *kept]
        return node if kept else first

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        marker = self._marker(node)
        if marker not in _STANDS_FOR:
            return node
        if marker not in self.added:
            self.added[marker] = f"treadle_{marker}" if self._is_taken(marker) else marker
        return ast.copy_location(ast.Name(self.added[marker], ast.Load()), node)

    def _is_taken(self, name: str) -> bool:
        words = (getattr(each, word, None) for each in ast.walk(self._tree) for word in ("id", "arg", "name"))
        return name in self._bindings.imports or name in words

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        kept = [alias for alias in node.names if alias.name.partition(".")[0] != "treadle"]
        self.gone.update(alias.asname or alias.name.partition(".")[0] for alias in node.names if alias not in kept)
        node.names = kept
        return node if kept else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.stmt] | None:
        if node.level or (node.module or "").partition(".")[0] != "treadle" or _is_library(node.module):
            return node
        statements: list[ast.stmt] = []
        for alias in node.names:
            name = alias.asname or alias.name
            if node.module in _PACKAGES and alias.name in _STANDS_FOR:
                statements.append(_stand_in(alias.name, name, node.lineno))
            elif node.module == _REPORT and alias.name in _REPORTS:
                statements.append(_report(alias, node))
            elif node.module == "treadle" and alias.name == "report":
                statements.append(_report_module(alias, node))
            else:
                self.gone.add(name)
        return statements

    def visit_Try(self, node: ast.Try) -> ast.AST:
        self.generic_visit(node)
        node.body = node.body or [ast.copy_location(ast.Pass(), node)]
        for handler in node.handlers:
            handler.body = handler.body or [ast.copy_location(ast.Pass(), handler)]
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        node.body = node.body or [ast.copy_location(ast.Pass(), node)]
        return node


def _is_library(module: str | None) -> bool:
    return (module or "").startswith("treadle.library")
