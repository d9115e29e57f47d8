"""Which statements of a program a function needs.

A statement is needed if it binds a name that is reached, or changes in place the value of one. What it reads is then
reached too, until nothing is added. Where an effect can't be decided from the text, the statement is kept.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from treadle.catalog.program import Program, Symbol, Unit
from treadle.catalog.scope_facts import Facts, Path, Touch

__all__ = ["Effects", "Reach", "reach"]

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Reach:
    """`statements` by module, ascending; `symbols` are all names reached."""

    symbols: frozenset[Symbol]
    statements: dict[str, list[int]]


def reach(effects: Effects, entry: Symbol) -> Reach:
    """Everything that calling `entry` needs."""
    program = effects.program
    reached: set[Symbol] = set()
    needed: set[tuple[str, int]] = set()
    pending = [entry]
    while pending:
        symbol = pending.pop()
        if symbol in reached:
            continue
        reached.add(symbol)
        for module, index in [*effects.binders(symbol), *effects.changers(symbol)]:
            if (module, index) in needed:
                continue
            needed.add((module, index))
            unit = program.units[module]
            pending.extend(program.references(unit, unit.facts[index]))
    statements = {
        module: sorted(index for its_module, index in needed if its_module == module) for module in program.units
    }
    return Reach(frozenset(reached), {module: indexes for module, indexes in statements.items() if indexes})


class Effects:
    """What executing a program's statements changes in place, by symbol."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._closures: dict[Symbol, frozenset[tuple[str, int]]] = {}
        self._changers: dict[Symbol, list[tuple[str, int]]] = {}
        self._groups = self._alias_groups()
        for module, unit in program.units.items():
            for index, facts in enumerate(unit.facts):
                if not isinstance(facts.node, _IMPORTS):
                    for symbol in self._with_aliases(self._changed(unit, facts)):
                        self._changers.setdefault(symbol, []).append((module, index))

    def binders(self, symbol: Symbol) -> Iterator[tuple[str, int]]:
        unit = self.program.units.get(symbol.module)
        for index in unit.defines.get(symbol.name, ()) if unit else ():
            yield symbol.module, index

    def changers(self, symbol: Symbol) -> list[tuple[str, int]]:
        return self._changers.get(symbol, [])

    def symbols(self, unit: Unit, paths: Iterable[Path]) -> Iterator[Symbol]:
        for path in paths:
            found = self.program.resolve(unit, path)
            if isinstance(found, Symbol):
                yield found

    def _facts(self, symbol: Symbol) -> list[Facts]:
        return [self.program.units[module].facts[index] for module, index in self.binders(symbol)]

    def _is_definition(self, symbol: Symbol) -> bool:
        return any(isinstance(facts.node, _DEFINITIONS) for facts in self._facts(symbol))

    def _is_import(self, symbol: Symbol) -> bool:
        return any(isinstance(facts.node, _IMPORTS) for facts in self._facts(symbol))

    def _closure(self, symbol: Symbol) -> frozenset[tuple[str, int]]:
        """The definitions that calling `symbol` may execute."""
        if symbol not in self._closures:
            found: set[tuple[str, int]] = set()
            pending = [symbol]
            while pending:
                for module, index in self.binders(pending.pop()):
                    unit = self.program.units[module]
                    facts = unit.facts[index]
                    if (module, index) in found or isinstance(facts.node, _IMPORTS):
                        continue
                    found.add((module, index))
                    pending.extend(each for each in self.symbols(unit, facts.reads))
            self._closures[symbol] = frozenset(found)
        return self._closures[symbol]

    def _changed(self, unit: Unit, facts: Facts) -> set[Symbol]:
        """The symbols whose values executing a statement may change."""
        defining = isinstance(facts.node, _DEFINITIONS)
        called = list(self.symbols(unit, facts.now if defining else facts.reads))
        bodies = {place for symbol in called if self._is_definition(symbol) for place in self._closure(symbol)}
        takes = any(self.program.units[module].facts[index].changes_arguments for module, index in bodies)
        touches = [touch for touch in facts.touches if not (defining and touch.later)]
        changed = {symbol for touch in touches for symbol in self._touched(unit, touch, takes)}
        for module, index in bodies:
            its_unit, its_facts = self.program.units[module], self.program.units[module].facts[index]
            if isinstance(its_facts.node, _DEFINITIONS):
                changed |= self._changed_when_called(its_unit, its_facts, takes)
        return changed

    def _changed_when_called(self, unit: Unit, facts: Facts, takes_arguments: bool) -> set[Symbol]:
        later = [touch for touch in facts.touches if touch.later]
        changed = {symbol for touch in later for symbol in self._touched(unit, touch, takes_arguments)}
        return changed | {Symbol(unit.source.module, name) for name in facts.rebinds}

    def _touched(self, unit: Unit, touch: Touch, takes_arguments: bool) -> Iterator[Symbol]:
        found = self.program.resolve(unit, touch.path)
        if not isinstance(found, Symbol):
            return
        if self._is_import(found):
            # `np.zeros(3)` changes nothing of numpy's; a statement that is only `np.random.seed(0)` does.
            if touch.how == "store" or (touch.how == "call" and touch.bare and not touch.later):
                yield found
        elif self._is_definition(found):
            yield from self._through(found, touch)
        elif touch.how != "argument" or touch.bare or takes_arguments:
            yield found

    def _through(self, found: Symbol, touch: Touch) -> Iterator[Symbol]:
        """`get()["x"] = 1`: whatever the function could have returned."""
        if touch.how != "argument":
            yield found
        for module, index in self._closure(found) if touch.how == "store" else ():
            unit = self.program.units[module]
            for symbol in self.symbols(unit, unit.facts[index].reads):
                if not self._is_definition(symbol) and not self._is_import(symbol):
                    yield symbol

    def _alias_groups(self) -> dict[Symbol, set[Symbol]]:
        groups: dict[Symbol, set[Symbol]] = {}
        for module, unit in self.program.units.items():
            for facts in unit.facts:
                for name, path in facts.aliases:
                    for other in self._values_behind(unit, path):
                        own = Symbol(module, name)
                        merged = groups.get(own, {own}) | groups.get(other, {other})
                        groups.update(dict.fromkeys(merged, merged))
        return groups

    def _values_behind(self, unit: Unit, path: Path) -> Iterator[Symbol]:
        """The variables that an expression beginning with `path` may be another name for."""
        for symbol in self.symbols(unit, [path]):
            if self._is_definition(symbol):
                yield from self._through(symbol, Touch(path, "store", later=False, bare=False))
            elif not self._is_import(symbol):
                yield symbol

    def _with_aliases(self, symbols: set[Symbol]) -> set[Symbol]:
        return symbols.union(*(self._groups.get(symbol, ()) for symbol in symbols))
