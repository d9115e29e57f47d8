"""One flat namespace for the symbols of several modules: each keeps its name unless another meaning is in the way."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from treadle.catalog.program import NotSliceable, Program, Symbol, Unit
from treadle.catalog.reach import Reach
from treadle.catalog.scope_facts import Facts
from treadle.spec.problems import Problem, Where

__all__ = ["name_symbols"]


def name_symbols(program: Program, reached: Reach, entry: str) -> Mapping[Symbol, str]:
    """The name each reached symbol has in the slice. Those of the entry module choose first."""
    if len(reached.statements) <= 1:
        return {symbol: symbol.name for symbol in reached.symbols}
    return _Namer(program, reached).names(entry)


class _Namer:
    def __init__(self, program: Program, reached: Reach) -> None:
        self._program = program
        self._symbols = reached.symbols
        self._locals: dict[str, set[str]] = {}
        self._outside: dict[str, set[str]] = {}
        self._users: dict[Symbol, set[str]] = {}
        self._taken: dict[str, object] = {}
        self._pinned: dict[Symbol, str] = {}
        for module, indexes in reached.statements.items():
            unit = program.units[module]
            self._note_use(unit, [unit.facts[index] for index in indexes])

    def names(self, entry: str) -> dict[Symbol, str]:
        chosen: dict[object, str] = {}
        result: dict[Symbol, str] = {}
        for symbol in sorted(self._symbols, key=lambda each: (each not in self._pinned, each.module != entry, each)):
            identity = self._identity(symbol)
            if identity not in chosen:
                name = self._choice(symbol)
                chosen[identity] = name
                self._taken[name] = identity
            result[symbol] = chosen[identity]
        return result

    def _choice(self, symbol: Symbol) -> str:
        if symbol not in self._pinned:
            return next(name for name in _candidates(symbol) if self._is_free(name, symbol))
        name = self._pinned[symbol]
        if not self._is_free(name, symbol):
            unit = self._program.units[symbol.module]
            raise NotSliceable(
                Problem(
                    "ambiguous-name",
                    f"{name} means several things, and a class both reads and binds it",
                    Where(file=unit.source.file),
                    f"give {name} another name in the class",
                )
            )
        return name

    def _note_use(self, unit: Unit, statements: list[Facts]) -> None:
        module = unit.source.module
        self._locals[module] = {name for facts in statements for name in facts.locals}
        paths = {path for facts in statements for path in facts.reads}
        self._outside[module] = {path[0] for path in paths if self._program.resolve(unit, path) is None}
        for facts in statements:
            for name in facts.pinned:
                pinned = self._program.resolve(unit, (name,))
                if isinstance(pinned, Symbol):
                    self._pinned[pinned] = name
            for symbol in self._program.references(unit, facts):
                self._users.setdefault(symbol, set()).add(module)

    def _is_free(self, name: str, symbol: Symbol) -> bool:
        """Whether nothing else is called so wherever the symbol, or a built-in of that name, is meant."""
        users = self._users.get(symbol, set())
        renamed = {symbol.module} if name != symbol.name else set()
        shadowed = (users - {symbol.module}) | renamed
        return (
            name not in self._taken
            and not any(name in self._locals[module] for module in shadowed)
            and not any(name in outside for module, outside in self._outside.items() if module != symbol.module)
        )

    def _identity(self, symbol: Symbol) -> object:
        """The same import in two modules is one thing."""
        unit = self._program.units.get(symbol.module)
        facts = [unit.facts[index] for index in unit.defines.get(symbol.name, ())] if unit else []
        origins = {origin for each in facts for origin in _imported(each, symbol.name)}
        if facts and all(isinstance(each.node, ast.Import | ast.ImportFrom) for each in facts) and len(origins) == 1:
            return (symbol.name, *origins)
        return symbol


def _imported(facts: Facts, name: str) -> Iterator[str]:
    match facts.node:
        case ast.Import(names=aliases):
            for alias in aliases:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    yield alias.name if alias.asname else name
        case ast.ImportFrom(module=module, names=aliases):
            for alias in aliases:
                if (alias.asname or alias.name) == name:
                    yield f"{module} {alias.name}"
        case _:
            pass


def _candidates(symbol: Symbol) -> Iterator[str]:
    yield symbol.name
    stem = f"{symbol.module.replace('.', '_')}_{symbol.name}"
    yield stem
    number = 2
    while True:
        yield f"{stem}_{number}"
        number += 1
