"""A slice's text made into a module whose tracebacks name the author's own files and lines.

Every statement is compiled under the file it came from, with the line numbers it has there, and `linecache` is given
the text that really ran, so a file edited since shows no other code. Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations
import __future__

import ast
import bisect
import contextlib
import linecache
import sys
import types
from typing import Any, Callable, Sequence  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["Compiled", "Places", "Shelf", "compile_slice", "run_slice"]

_SHELVED = 256


class Places:
    """Where lines of a slice's text stand in the author's files. `lines` is `Slice.lines`."""

    def __init__(self, lines: Sequence[Sequence[Any]]) -> None:
        self._firsts = [int(first) for first, _, _ in lines]
        self._targets = [(str(file), int(line)) for _, file, line in lines]

    def of(self, line: int) -> tuple[str, int]:
        """(file, line there); text that nobody wrote stands in `<slice>`."""
        position = bisect.bisect_right(self._firsts, line) - 1
        if position < 0:
            return "<slice>", line
        file, start = self._targets[position]
        return file, start + line - self._firsts[position]

    @property
    def files(self) -> frozenset[str]:
        return frozenset(file for file, _ in self._targets) or frozenset({"<slice>"})


class Compiled:
    """A slice's statements as code, and what its files show in tracebacks: `linecache`'s entries."""

    def __init__(self, statements: list[types.CodeType], shown: dict[str, Any]) -> None:
        self.statements = statements
        self.shown = shown


def compile_slice(text: str, places: Places) -> Compiled:
    """Runs nothing. Raises SyntaxError at the author's place, after it was made to be shown."""
    shown = _shown_in_tracebacks(text, places)
    linecache.cache.update(shown)
    tree = _parse(text, places)
    flags = _future_flags(tree)
    statements = []
    for statement in tree.body:
        source = places.of(_first_line(statement))[0]
        _move(statement, places, source)
        statements.append(compile(ast.Module([statement], []), source, "exec", flags=flags, dont_inherit=True))
    return Compiled(statements, shown)


def run_slice(compiled: Compiled, file: str) -> dict[str, Any]:
    """Runs it as the module `__main__` and returns its names. Raises what the code raises.

    It has to be `__main__`: cloudpickle then carries its functions to joblib's processes by value.
    """
    linecache.cache.update(compiled.shown)
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=file, __builtins__=__builtins__)
    sys.modules["__main__"] = module
    for code in compiled.statements:
        exec(code, module.__dict__)  # noqa: S102 (running the user's component is what a worker is for)
    return module.__dict__


class Shelf:
    """Slices by digest, compiled before they are asked for: a fork that inherits one has half as much to do."""

    def __init__(self) -> None:
        self._compiled: dict[str, Compiled] = {}

    def put(self, digest: str, text: str, lines: Sequence[Sequence[Any]]) -> None:
        """What can't be compiled stays away: the attempt says what is wrong with it."""
        with contextlib.suppress(Exception):
            self._compiled[digest] = compile_slice(text, Places(lines))
        while len(self._compiled) > _SHELVED:
            del self._compiled[next(iter(self._compiled))]

    def load(self, request: dict[str, Any], places: Places) -> Callable[..., Any]:
        """The function of the request's slice. Raises what the code raises."""
        compiled = self._compiled.get(request["digest"]) or compile_slice(request["text"], places)
        function: Callable[..., Any] = run_slice(compiled, request["file"])[request["function"]]
        return function


def _parse(text: str, places: Places) -> ast.Module:
    """Raises SyntaxError at the author's place."""
    try:
        return ast.parse(text, "<slice>")
    except SyntaxError as error:
        error.filename, error.lineno = places.of(error.lineno or 1)
        error.end_lineno = None
        raise error.with_traceback(None) from None


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _move(statement: ast.stmt, places: Places, source: str) -> None:
    """Renumbers every node of `statement`; lines that came from another file keep to its last line here."""
    last = places.of(_first_line(statement))[1]
    nodes: list[Any] = list(ast.walk(statement))
    for node in nodes:
        line = getattr(node, "lineno", None)
        if line is None:
            continue
        end = getattr(node, "end_lineno", None) or line
        node.lineno, node.end_lineno = (_line_in(places, source, number, last) for number in (line, end))
        if node.end_lineno < node.lineno:
            node.end_lineno = node.lineno
        if node.end_lineno == node.lineno and line != end:
            node.end_col_offset = max(node.end_col_offset or 0, node.col_offset)


def _line_in(places: Places, source: str, line: int, otherwise: int) -> int:
    file, there = places.of(line)
    return there if file == source else otherwise


def _future_flags(tree: ast.Module) -> int:
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for name in statement.names:
                flags |= getattr(__future__, name.name).compiler_flag
    return flags


def _shown_in_tracebacks(text: str, places: Places) -> dict[str, Any]:
    by_file: dict[str, dict[int, str]] = {}
    for number, content in enumerate(text.splitlines(), start=1):
        file, line = places.of(number)
        by_file.setdefault(file, {})[line] = content + "\n"
    shown = {}
    for file, lines in by_file.items():
        whole = [lines.get(number, "\n") for number in range(1, max(lines) + 1)]
        shown[file] = (sum(map(len, whole)), None, whole, file)
    return shown
