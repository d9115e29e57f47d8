"""Which names a scope binds itself, inner scopes left out: what decides whether a name in it is local."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

__all__ = ["argument_nodes", "bound_by", "bound_in"]


def argument_nodes(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    yield from (star for star in (arguments.vararg, arguments.kwarg) if star)


def bound_by(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def bound_in(body: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    """Names that a scope's own statements bind, and those it declares global. Nonlocal ones belong further out."""
    bound: set[str] = set()
    globals_: set[str] = set()
    nonlocals: set[str] = set()
    pending = list(body)
    while pending:
        node = pending.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.add(name)
            case ast.Global(names=names):
                globals_.update(names)
            case ast.Nonlocal(names=names):
                nonlocals.update(names)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                bound.update(bound_by(alias) for alias in aliases)
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                bound.add(name)
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                bound.add(name)
            case _:
                pass
        pending.extend(_own_children(node, bound))
    return bound - nonlocals, globals_


def _own_children(node: ast.AST, bound: set[str]) -> list[ast.AST]:
    """What of `node` belongs to the same scope."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            bound.add(name)
            return [*node.decorator_list]
        case ast.Lambda():
            return []
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            # A comprehension's loop variables are its own, but `:=` inside binds out here.
            walruses = (each.target for each in ast.walk(node) if isinstance(each, ast.NamedExpr))
            return [*walruses]
        case _:
            return list(ast.iter_child_nodes(node))
