"""Program: a module with the project's modules it imports, as one list of statements over one set of symbols.

Modules stand in the order Python would execute them. A symbol is a name in a module, wherever it is imported to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from treadle.catalog.scope_facts import Facts, Path
from treadle.catalog.scopes import facts_of
from treadle.catalog.sources import SourceText, parse
from treadle.catalog.unmarking import unmark
from treadle.spec.problems import Problem, Where

__all__ = ["ModuleLink", "NotSliceable", "Program", "Symbol", "Unit", "link"]

_PREFIXES: Final = ("components.", "treadle.library.")


class NotSliceable(Exception):
    """The function can't be cut out of its project; `problems` say where and why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    module: str
    name: str


@dataclass(frozen=True, slots=True)
class ModuleLink:
    """A local name that stands for a project's module, or for a package above one."""

    module: str


@dataclass(frozen=True)
class Unit:
    """One module: its statements with what each does, and which of its names are another module's."""

    source: SourceText
    facts: tuple[Facts, ...]
    gone: frozenset[str]
    links: Mapping[str, Symbol | ModuleLink]

    @cached_property
    def defines(self) -> Mapping[str, tuple[int, ...]]:
        """Name → the statements that bind it."""
        found: dict[str, list[int]] = {}
        for index, facts in enumerate(self.facts):
            for name in facts.binds:
                found.setdefault(name, []).append(index)
        return {name: tuple(indexes) for name, indexes in found.items()}

    def where(self, node: ast.AST) -> Where:
        return Where(file=self.source.file, line=getattr(node, "lineno", None))


@dataclass(frozen=True)
class Program:
    """`units` in the order of execution; the entry module is the last."""

    units: Mapping[str, Unit]
    sources: Mapping[str, SourceText] = field(repr=False, default_factory=dict)

    def resolve(self, unit: Unit, path: Path) -> Symbol | ModuleLink | None:
        """What a dotted name in `unit` stands for: a symbol, a whole module, or None for nothing of the project's."""
        return self.split(unit, path)[0]

    def split(self, unit: Unit, path: Path) -> tuple[Symbol | ModuleLink | None, int]:
        """As `resolve`, with how many parts of the path the answer covers."""
        found = unit.links.get(path[0])
        used = 1
        while isinstance(found, ModuleLink) and used < len(path):
            found = member(found.module, path[used], self.sources)
            used += 1
        if isinstance(found, Symbol):
            return self.origin(found), used
        if found is not None:
            return found, used
        return (Symbol(unit.source.module, path[0]), 1) if path[0] in unit.defines else (None, 0)

    def references(self, unit: Unit, facts: Facts) -> Iterator[Symbol]:
        """Every symbol that a statement needs to be there."""
        paths = facts.reads if isinstance(facts.node, ast.Import | ast.ImportFrom) else facts.reads | facts.bound_paths
        for path in paths:
            found = self.resolve(unit, path)
            if isinstance(found, Symbol):
                yield found
        targets = (found for node in facts.imports for _, found in import_targets(node, unit.source, self.sources))
        for target in targets:
            origin = self.origin(target) if isinstance(target, Symbol) else None
            if isinstance(origin, Symbol):
                yield origin

    def origin(self, symbol: Symbol) -> Symbol | ModuleLink:
        """The symbol behind names that modules import from one another."""
        seen = {symbol}
        while True:
            unit = self.units.get(symbol.module)
            further = unit.links.get(symbol.name) if unit else None
            if not isinstance(further, Symbol):
                return further or symbol
            if further in seen:
                return symbol
            seen.add(further)
            symbol = further


def canonical(name: str, sources: Mapping[str, SourceText]) -> str | None:
    """The key in `sources` of the module that an import calls `name`; None where it is not the project's."""
    if name in sources:
        return name
    for prefix in _PREFIXES:
        rest = name.removeprefix(prefix)
        if rest != name and rest in sources:
            return rest
    return None


def member(module: str, name: str, sources: Mapping[str, SourceText]) -> Symbol | ModuleLink:
    """`module.name`: a module inside a package, or a name inside a module."""
    inner = canonical(f"{module}.{name}", sources)
    if inner is not None:
        return ModuleLink(inner)
    return Symbol(canonical(module, sources) or module, name)


def link(entry: str, sources: Mapping[str, SourceText]) -> Program:
    """The program whose entry is module `entry`. Raises NotSliceable where a module of it can't be read."""
    units: dict[str, Unit] = {}
    _load(entry, sources, units, ())
    return Program(units, sources)


def _load(module: str, sources: Mapping[str, SourceText], units: dict[str, Unit], above: tuple[str, ...]) -> None:
    if module in units:
        return
    source = sources[module]
    if module in above:
        circle = " → ".join((*above[above.index(module) :], module))
        raise NotSliceable(
            Problem(
                "circular-import", f"modules import each other: {circle}", Where(file=source.file), "break the circle"
            )
        )
    unit = _unit(source, sources)
    for needed in _needs(unit, sources):
        _load(needed, sources, units, (*above, module))
    units[module] = unit


def _unit(source: SourceText, sources: Mapping[str, SourceText]) -> Unit:
    tree = parse(source)
    if isinstance(tree, Problem):
        raise NotSliceable(tree)
    unmarked = unmark(tree)
    facts = tuple(facts_of(statement) for statement in unmarked.body if not _is_left_out(statement))
    return Unit(source, facts, unmarked.gone, dict(_links(facts, source, sources)))


def _is_left_out(statement: ast.stmt) -> bool:
    """`if __name__ == "__main__":` and `if TYPE_CHECKING:` do nothing where a slice runs."""
    match statement:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), comparators=[ast.Constant(value="__main__")])):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=[]):
            return True
        case _:
            return False


def _links(
    facts: tuple[Facts, ...], source: SourceText, sources: Mapping[str, SourceText]
) -> Iterator[tuple[str, Symbol | ModuleLink]]:
    """Names that only a top-level import of a project's module binds."""
    imported: dict[str, Symbol | ModuleLink] = {}
    otherwise: set[str] = set()
    for fact in facts:
        if isinstance(fact.node, ast.Import | ast.ImportFrom):
            targets = dict(import_targets(fact.node, source, sources))
            imported.update(targets)
            otherwise |= fact.binds - targets.keys()
        else:
            otherwise |= fact.binds
    yield from ((name, target) for name, target in imported.items() if name not in otherwise)


def import_targets(
    node: ast.Import | ast.ImportFrom, source: SourceText, sources: Mapping[str, SourceText]
) -> Iterator[tuple[str, Symbol | ModuleLink]]:
    """(local name, what of the project it stands for), for those names of an import that are the project's."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if canonical(alias.name, sources) is not None:
                name = alias.asname or alias.name.partition(".")[0]
                yield name, ModuleLink(alias.name if alias.asname else name)
        return
    package = imported_module(node, source)
    for alias in node.names:
        whole = canonical(f"{package}.{alias.name}".lstrip("."), sources)
        if whole is not None:
            yield alias.asname or alias.name, ModuleLink(whole)
        elif canonical(package, sources) is not None:
            yield alias.asname or alias.name, Symbol(canonical(package, sources) or package, alias.name)


def imported_module(node: ast.ImportFrom, source: SourceText) -> str:
    """The absolute name of the module in `from module import …`, dots resolved."""
    if not node.level:
        return node.module or ""
    above = source.module.split(".")[: -node.level]
    return ".".join([*above, *([node.module] if node.module else [])])


def _needs(unit: Unit, sources: Mapping[str, SourceText]) -> Iterator[str]:
    """The project's modules that a module imports, in order."""
    for facts in unit.facts:
        for node in facts.imports:
            if isinstance(node, ast.Import):
                names = [canonical(alias.name, sources) for alias in node.names]
            else:
                package = imported_module(node, unit.source)
                names = [canonical(package, sources)]
                names += [canonical(f"{package}.{alias.name}".lstrip("."), sources) for alias in node.names]
            yield from (name for name in names if name is not None and name != unit.source.module)
