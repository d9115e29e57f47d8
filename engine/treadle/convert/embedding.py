"""A component's slice in another frame: as a function that gives the component's function.

    def train_gradient_boosting():
        '''train.gradient_boosting, as its author wrote it.'''
        import pandas as pd
        def gradient_boosting(train: pd.DataFrame, …): …
        return gradient_boosting

Names inside cannot collide with another component's, and what it imports is imported when it runs.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from treadle.catalog.slices import Slice
from treadle.convert.names import identifiers
from treadle.convert.syntax import function, name
from treadle.spec.pipeline import Pipeline

__all__ = ["Embedded", "embed", "future_imports", "merge", "used_components"]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A module's imports and statements, and the expression that gives each component's function, by `uses`."""

    imports: tuple[ast.stmt, ...]
    body: tuple[ast.stmt, ...]
    functions: Mapping[str, ast.expr]


def used_components(pipeline: Pipeline) -> list[str]:
    """Each component that a node uses, once, in file order."""
    return list(dict.fromkeys(node.uses for node in pipeline.nodes.values()))


def future_imports(slices: Sequence[Slice]) -> list[ast.stmt]:
    """`from __future__` lines of all slices as one; they have to lead a module."""
    found = sorted({
        alias.name
        for piece in slices
        for line in ast.parse(piece.text).body
        if isinstance(line, ast.ImportFrom) and line.module == "__future__"
        for alias in line.names
    })  # fmt: skip
    return [ast.ImportFrom("__future__", [ast.alias(item) for item in found], 0)] if found else []


def embed(slices: Mapping[str, Slice]) -> Embedded:
    """Every slice as a function of its own."""
    names = identifiers(uses.replace(".", "_") for uses in slices)
    body, functions = [], {}
    for uses, piece in slices.items():
        factory = names[uses.replace(".", "_")]
        body.append(_factory(factory, uses, piece))
        functions[uses] = ast.Call(name(factory), [], [])
    return Embedded((), tuple(body), functions)


def merge(slices: Mapping[str, Slice]) -> Embedded:
    """Slices side by side at the top level, as a person would write them; one whose names mean something else in an
    earlier slice is embedded as a function of its own."""
    imports: dict[str, ast.stmt] = {}
    body: dict[str, ast.stmt] = {}
    meaning: dict[str, str] = {}
    apart: dict[str, Slice] = {}
    functions: dict[str, ast.expr] = {}
    for uses, piece in slices.items():
        lines = _lines(piece)
        bound = _bound(lines)
        if any(meaning.get(key, text) != text for key, text in bound.items()):
            apart[uses] = piece
            continue
        meaning.update(bound)
        functions[uses] = name(piece.function)
        for line in lines:
            target = imports if isinstance(line, ast.Import | ast.ImportFrom) else body
            target.setdefault(ast.unparse(line), line)
    own = embed(apart)
    return Embedded(tuple(imports.values()), (*body.values(), *own.body), {**functions, **own.functions})


def _factory(factory: str, uses: str, piece: Slice) -> ast.stmt:
    lines = [*_lines(piece), ast.Return(name(piece.function))]
    return function(factory, lines, doc=f"{uses}, as its author wrote it.")


def _lines(piece: Slice) -> list[ast.stmt]:
    return [
        line
        for line in ast.parse(piece.text).body
        if not (isinstance(line, ast.ImportFrom) and line.module == "__future__")
    ]


def _bound(lines: Sequence[ast.stmt]) -> dict[str, str]:
    """What each top-level name means: the text of all statements that bind it."""
    meaning: dict[str, list[str]] = {}
    for line in lines:
        text = ast.unparse(line)
        for bound in _names_of(line):
            meaning.setdefault(bound, []).append(text)
    return {bound: "\n".join(texts) for bound, texts in meaning.items()}


def _names_of(line: ast.stmt) -> set[str]:
    match line:
        case ast.Import(names=aliases):
            return {alias.asname or alias.name.split(".")[0] for alias in aliases}
        case ast.ImportFrom(names=aliases):
            return {alias.asname or alias.name for alias in aliases}
        case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.ClassDef(name=bound):
            return {bound}
        case _:
            nodes = ast.walk(line)
            return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
