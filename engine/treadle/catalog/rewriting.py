"""A needed statement as it stands in the slice: names as chosen, project imports resolved, unused imports gone."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping

from treadle.catalog.program import ModuleLink, NotSliceable, Program, Symbol, Unit, import_targets
from treadle.catalog.scope_facts import Facts
from treadle.catalog.scopes import facts_of
from treadle.spec.problems import Problem

__all__ = ["rewrite"]


def rewrite(program: Program, unit: Unit, facts: Facts, names: Mapping[Symbol, str]) -> list[ast.stmt]:
    """The statement with its names changed; several or none for an import. Raises NotSliceable."""
    _refuse_what_is_gone(program, unit, facts)
    if isinstance(facts.node, ast.Import | ast.ImportFrom):
        return _Rewriter(program, unit, names, set()).imports(facts.node, unit.source.module)
    if not _needs_change(program, unit, facts, names):
        return [facts.node]
    node = copy.deepcopy(facts.node)
    fresh = facts_of(node)
    global_names = {id(site) for site, _, _ in fresh.sites if isinstance(site, ast.Name)}
    _rename_sites(program, unit, fresh, names)
    rewritten = _Rewriter(program, unit, names, global_names).visit(node)
    return [ast.fix_missing_locations(rewritten)]


def _refuse_what_is_gone(program: Program, unit: Unit, facts: Facts) -> None:
    for path in facts.reads:
        where = unit.where(facts.node)
        if path[0] in unit.gone:
            raise NotSliceable(
                Problem(
                    "treadle-at-run-time",
                    f"{'.'.join(path)} is Treadle's and has no meaning while a component runs",
                    where,
                    "use it only in annotations; to report, `from treadle.report import progress, metric`",
                )
            )
        if path == ("__file__",):
            raise NotSliceable(
                Problem(
                    "file-at-run-time",
                    "__file__ is not known where a component runs",
                    where,
                    "take the path as a parameter of type Path; it is relative to the project's folder",
                )
            )
        found, used = program.split(unit, path)
        if isinstance(found, Symbol) and found.module in program.units and used > 0:
            _check_defined(program, unit, found, facts)


def _check_defined(program: Program, unit: Unit, symbol: Symbol, facts: Facts) -> None:
    if symbol.name not in program.units[symbol.module].defines:
        raise NotSliceable(
            Problem(
                "unknown-name",
                f"module {symbol.module} has no name {symbol.name}",
                unit.where(facts.node),
                f"define it in {program.units[symbol.module].source.file}",
            )
        )


def _needs_change(program: Program, unit: Unit, facts: Facts, names: Mapping[Symbol, str]) -> bool:
    if any(target for node in facts.imports for target in import_targets(node, unit.source, program.sources)):
        return True
    module = unit.source.module
    if any(names.get(Symbol(module, name), name) != name for name in facts.binds | facts.rebinds):
        return True
    for path in facts.reads:
        found = program.resolve(unit, path)
        if isinstance(found, ModuleLink) or (isinstance(found, Symbol) and names[found] != path[0]):
            return True
    return False


def _rename_sites(program: Program, unit: Unit, facts: Facts, names: Mapping[Symbol, str]) -> None:
    """Names that are not expressions: of functions, classes, imports, handlers, patterns, `global`."""
    module = unit.source.module
    for node, attribute, position in facts.sites:
        if isinstance(node, ast.Name):
            continue
        if isinstance(node, ast.alias):
            own = node.asname or node.name
            new = names.get(Symbol(module, own), own)
            node.asname = None if new == node.name else new
        elif position is not None:
            entries = getattr(node, attribute)
            entries[position] = _renamed(program, unit, entries[position], names)
        else:
            setattr(node, attribute, _renamed(program, unit, getattr(node, attribute), names))


def _renamed(program: Program, unit: Unit, name: str, names: Mapping[Symbol, str]) -> str:
    found = program.resolve(unit, (name,))
    return names.get(found, name) if isinstance(found, Symbol) else name


class _Rewriter(ast.NodeTransformer):
    def __init__(self, program: Program, unit: Unit, names: Mapping[Symbol, str], global_names: set[int]) -> None:
        self._program = program
        self._unit = unit
        self._names = names
        self._global_names = global_names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if id(node) in self._global_names:
            found = self._program.resolve(self._unit, (node.id,))
            if isinstance(found, ModuleLink):
                raise self._refusal(node, f"module {found.module} is used as a value", "name what you need from it")
            if found is not None:
                node.id = self._names.get(found, node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        steps: list[ast.Attribute] = [node]
        while isinstance(steps[-1].value, ast.Attribute):
            steps.append(steps[-1].value)
        root = steps[-1].value
        if not isinstance(root, ast.Name) or id(root) not in self._global_names:
            return self.generic_visit(node)
        path = (root.id, *(step.attr for step in reversed(steps)))
        found, used = self._program.split(self._unit, path)
        if used <= 1 or not isinstance(found, Symbol):
            return self.generic_visit(node)
        if used == len(path):
            if not isinstance(node.ctx, ast.Load):
                raise self._refusal(node, f"{'.'.join(path)} is assigned from another module", "change it where it is")
            return ast.copy_location(ast.Name(self._names[found], ast.Load()), node)
        steps[len(path) - used - 1].value = ast.copy_location(ast.Name(self._names[found], ast.Load()), root)
        return node

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        return self._nested(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        return self._nested(node)

    def _nested(self, node: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
        return self.imports(node, None) or [ast.copy_location(ast.Pass(), node)]

    def imports(self, node: ast.Import | ast.ImportFrom, module: str | None) -> list[ast.stmt]:
        """An import with the project's modules resolved; at the top of `module` also with unused names dropped."""
        targets = dict(import_targets(node, self._unit.source, self._program.sources))
        kept: list[ast.alias] = []
        assigned: list[ast.stmt] = []
        for alias in node.names:
            own = alias.asname or alias.name.partition(".")[0]
            if own in targets:
                assigned += self._assignment(node, own, targets[own], module)
            elif module is None:
                kept.append(alias)
            elif Symbol(module, own) in self._names:
                new = self._names[Symbol(module, own)]
                kept.append(ast.alias(alias.name, alias.asname if new == own else new))
        if kept and isinstance(node, ast.ImportFrom) and (node.module or "").startswith("treadle.library"):
            raise self._refusal(node, f"{node.module} is not there while a component runs", "copy what you need of it")
        external = copy.copy(node)
        external.names = kept
        return [*([external] if kept else []), *assigned]

    def _assignment(
        self, node: ast.Import | ast.ImportFrom, own: str, target: Symbol | ModuleLink, module: str | None
    ) -> list[ast.stmt]:
        if module is not None and own in self._unit.links:
            return []
        if isinstance(target, ModuleLink):
            raise self._refusal(node, f"module {target.module} is imported inside a block", "import it at the top")
        found = self._program.resolve(self._unit, (own,)) if module is not None else None
        name = self._names.get(found, own) if isinstance(found, Symbol) else own
        origin = self._program.origin(target)
        value = self._names.get(origin) if isinstance(origin, Symbol) else None
        if value is None:
            raise self._refusal(node, f"{target.module}.{target.name} is not found", "define it, or correct the import")
        assign = ast.Assign([ast.Name(name, ast.Store())], ast.Name(value, ast.Load()))
        return [ast.fix_missing_locations(ast.copy_location(assign, node))]

    def _refusal(self, node: ast.AST, message: str, hint: str) -> NotSliceable:
        return NotSliceable(Problem("not-sliceable", message, self._unit.where(node), hint))
