"""Cuts a function out of its project: exactly what it reaches, as one text that compiles and runs by itself.

The text is made from syntax-tree nodes, so comments, formatting and everything the function does not reach leave
its digest alone.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from treadle.catalog.naming import name_symbols
from treadle.catalog.program import NotSliceable, Program, Symbol, Unit, link
from treadle.catalog.reach import Effects, Reach, reach
from treadle.catalog.rewriting import rewrite
from treadle.catalog.scope_facts import Facts
from treadle.catalog.slices import Slice
from treadle.catalog.sources import SourceText
from treadle.spec.problems import Problem, Where

__all__ = ["Cutter", "NotSliceable"]


class Cutter:
    """A module ready to have several functions cut out of it. `sources` are all modules that it may import from."""

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
        names, pieces = self._pieces(function)
        try:
            text, lines = _compose(pieces)
        except RecursionError:
            raise self._too_deep() from None
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return Slice(text, names[Symbol(self._module, function)], digest, _packages(pieces), lines)

    def imports(self, function: str) -> tuple[str, ...]:
        """`Slice.imports` of one function, without writing its text. Raises NotSliceable."""
        return _packages(self._pieces(function)[1])

    def _too_deep(self) -> NotSliceable:
        where = Where(file=self._file)
        return NotSliceable(
            Problem("nested-too-deep", f"module {self._module} is nested too deeply", where, "split it up")
        )

    def _pieces(self, function: str) -> tuple[Mapping[Symbol, str], list[_Piece]]:
        program = self._effects.program
        if function not in program.units[self._module].defines:
            where = Where(file=self._file)
            raise NotSliceable(
                Problem("unknown-name", f"{self._module} has no function {function}", where, "was it renamed?")
            )
        try:
            reached = reach(self._effects, Symbol(self._module, function))
            _refuse_stars(program, reached)
            names = name_symbols(program, reached, self._module)
            return names, [*_futures(program, reached), *_statements(program, reached, names)]
        except RecursionError:
            raise self._too_deep() from None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A statement of the slice, and the module whose author wrote it."""

    statement: ast.stmt
    unit: Unit
    imports: bool
    """It is an import, or has one inside."""


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


def _futures(program: Program, reached: Reach) -> Iterator[_Piece]:
    units = [program.units[module] for module in reached.statements]
    found: dict[str, tuple[ast.ImportFrom, Unit]] = {}
    for unit in units:
        for facts in unit.facts:
            if isinstance(facts.node, ast.ImportFrom) and facts.node.module == "__future__":
                found.update((alias.name, (facts.node, unit)) for alias in facts.node.names)
    for name, (node, unit) in sorted(found.items()):
        yield _Piece(ast.copy_location(ast.ImportFrom("__future__", [ast.alias(name)], 0), node), unit, imports=False)


def _statements(program: Program, reached: Reach, names: Mapping[Symbol, str]) -> Iterator[_Piece]:
    """Each import once."""
    seen: set[str] = set()
    for unit, facts in _reached(program, reached):
        for statement in rewrite(program, unit, facts, names):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                if ast.unparse(statement) in seen:
                    continue
                seen.add(ast.unparse(statement))
            yield _Piece(statement, unit, imports=bool(facts.imports))


def _reached(program: Program, reached: Reach) -> Iterator[tuple[Unit, Facts]]:
    for module, indexes in reached.statements.items():
        unit = program.units[module]
        yield from ((unit, unit.facts[index]) for index in indexes)


def _compose(pieces: list[_Piece]) -> tuple[str, tuple[tuple[int, str, int], ...]]:
    """The text, and for each line where a statement begins, the author's line."""
    texts: list[str] = []
    lines: list[tuple[int, str, int]] = []
    line = 1
    for piece in pieces:
        statement = piece.statement
        text = ast.unparse(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and texts:
            texts.append("\n")
            line += 1
        written = ast.parse(text).body[0]
        lines += [(line + there - 1, piece.unit.source.file, here) for there, here in _pairs(written, statement)]
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


def _packages(pieces: list[_Piece]) -> tuple[str, ...]:
    """The top-level packages imported anywhere inside; the standard library's are always there and not told."""
    found: set[str] = set()
    for piece in pieces:
        for node in ast.walk(piece.statement) if piece.imports else ():
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
    return tuple(sorted(found - sys.stdlib_module_names - {"__future__", "treadle"}))
