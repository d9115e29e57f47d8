"""Cuts a function out of its project: exactly what it reaches, as one text that compiles and runs by itself.

The text is made from syntax-tree nodes, so comments, formatting and everything the function does not reach leave
its digest alone.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator, Mapping

from treadle.catalog.naming import name_symbols
from treadle.catalog.program import NotSliceable, Program, Symbol, Unit, link
from treadle.catalog.reach import Effects, Reach, reach
from treadle.catalog.rewriting import rewrite
from treadle.catalog.slices import Slice
from treadle.catalog.sources import SourceText
from treadle.spec.problems import Problem, Where

__all__ = ["Cutter", "NotSliceable", "slice_function"]


def slice_function(module: str, function: str, sources: Mapping[str, SourceText]) -> Slice:
    """The slice of `module.function`. `sources` are all modules that it may import from. Raises NotSliceable."""
    return Cutter(module, sources).cut(function)


class Cutter:
    """A module ready to have several functions cut out of it."""

    def __init__(self, module: str, sources: Mapping[str, SourceText]) -> None:
        """Raises NotSliceable where the module, or one that it imports, can't be read."""
        self._file = sources[module].file
        self._module = module
        try:
            self._effects = Effects(link(module, sources))
        except RecursionError:
            raise self._too_deep() from None

    @property
    def modules(self) -> frozenset[str]:
        """The module and those of the project that it imports, directly or not."""
        return frozenset(self._effects.program.units)

    def cut(self, function: str) -> Slice:
        """The slice of one function. Raises NotSliceable."""
        try:
            return self._cut(Symbol(self._module, function))
        except RecursionError:
            raise self._too_deep() from None

    def _too_deep(self) -> NotSliceable:
        where = Where(file=self._file)
        return NotSliceable(
            Problem("nested-too-deep", f"module {self._module} is nested too deeply", where, "split it up")
        )

    def _cut(self, entry: Symbol) -> Slice:
        program = self._effects.program
        if entry.name not in program.units[entry.module].defines:
            where = Where(file=self._file)
            raise NotSliceable(
                Problem("unknown-name", f"{entry.module} has no function {entry.name}", where, "was it renamed?")
            )
        reached = reach(self._effects, entry)
        _refuse_stars(program, reached)
        names = name_symbols(program, reached, entry.module)
        statements = [*_futures(program, reached), *_statements(program, reached, names)]
        text, lines = _compose(statements)
        return Slice(
            text=text,
            function=names[entry],
            digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            imports=_packages([statement for statement, _ in statements]),
            lines=lines,
        )


def _refuse_stars(program: Program, reached: Reach) -> None:
    for module in reached.statements:
        unit = program.units[module]
        for facts in unit.facts:
            if isinstance(facts.node, ast.ImportFrom) and facts.node.names[0].name == "*":
                raise NotSliceable(
                    Problem(
                        "star-import",
                        f"`from {facts.node.module} import *` hides what is used",
                        unit.where(facts.node),
                        "import the names that are needed",
                    )
                )


def _futures(program: Program, reached: Reach) -> Iterator[tuple[ast.stmt, Unit]]:
    units = [program.units[module] for module in reached.statements]
    found: dict[str, tuple[ast.ImportFrom, Unit]] = {}
    for unit in units:
        for facts in unit.facts:
            if isinstance(facts.node, ast.ImportFrom) and facts.node.module == "__future__":
                found.update((alias.name, (facts.node, unit)) for alias in facts.node.names)
    for name, (node, unit) in sorted(found.items()):
        yield ast.copy_location(ast.ImportFrom("__future__", [ast.alias(name)], 0), node), unit


def _statements(program: Program, reached: Reach, names: Mapping[Symbol, str]) -> Iterator[tuple[ast.stmt, Unit]]:
    seen: set[str] = set()
    for module, indexes in reached.statements.items():
        unit = program.units[module]
        for index in indexes:
            for statement in rewrite(program, unit, unit.facts[index], names):
                if isinstance(statement, ast.Import | ast.ImportFrom):
                    if ast.unparse(statement) in seen:
                        continue
                    seen.add(ast.unparse(statement))
                yield statement, unit


def _compose(statements: list[tuple[ast.stmt, Unit]]) -> tuple[str, tuple[tuple[int, str, int], ...]]:
    """The text, and for each line where a statement begins, the author's line."""
    texts: list[str] = []
    lines: list[tuple[int, str, int]] = []
    line = 1
    for statement, unit in statements:
        text = ast.unparse(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and texts:
            texts.append("\n")
            line += 1
        written = ast.parse(text).body[0]
        lines += [(line + there - 1, unit.source.file, here) for there, here in _pairs(written, statement)]
        texts.append(text + "\n")
        line += text.count("\n") + 1
    return "".join(texts), tuple(sorted(lines))


def _pairs(written: ast.stmt, author: ast.stmt) -> Iterator[tuple[int, int]]:
    """(line in the written statement, line in the author's file) for each statement inside, itself included."""
    pending: list[tuple[ast.AST, ast.AST]] = [(written, author)]
    while pending:
        there, here = pending.pop()
        if isinstance(there, ast.stmt) and isinstance(here, ast.stmt):
            yield there.lineno, here.lineno
        for block in ("body", "handlers", "orelse", "finalbody", "cases"):
            inner, original = getattr(there, block, None), getattr(here, block, None)
            if isinstance(inner, list) and isinstance(original, list):
                pending.extend(zip(inner, original, strict=True))


def _packages(statements: list[ast.stmt]) -> tuple[str, ...]:
    """The top-level packages imported anywhere inside; the standard library's are always there and not told."""
    found: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
    return tuple(sorted(found - sys.stdlib_module_names - {"__future__", "treadle"}))
