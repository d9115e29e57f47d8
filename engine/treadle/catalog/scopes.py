"""Which names of a top-level statement are the module's, by Python's scoping rules.

    def f(x, n=LIMIT):          f bound, LIMIT read now
        y = CLEAN(x)            CLEAN read later (when f is called); x, y local
        TABLE["k"] = y          TABLE touched later

A name is *read now* if executing the statement itself looks it up, *later* if only calling a function does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from treadle.catalog.dotted import chain_of, root_of
from treadle.catalog.scope_facts import Facts, Path, Touch
from treadle.catalog.scope_names import argument_nodes, bound_by, bound_in

__all__ = ["facts_of"]

# fmt: off
_PURE_METHODS: Final = frozenset({
    "get", "keys", "values", "items", "copy", "upper", "lower", "strip", "lstrip", "rstrip", "split", "rsplit",
    "splitlines", "join", "format", "replace", "startswith", "endswith", "count", "index", "encode", "decode",
    "title", "capitalize", "union", "intersection", "difference", "issubset", "issuperset", "isdisjoint",
    "as_posix", "exists", "is_file", "is_dir", "with_suffix", "joinpath", "match", "search", "fullmatch",
})
_PURE_FUNCTIONS: Final = frozenset({
    "print", "len", "isinstance", "issubclass", "repr", "str", "int", "float", "bool", "sorted", "sum", "min", "max",
    "list", "tuple", "set", "dict", "frozenset", "any", "all", "abs", "round", "type", "hasattr", "id", "hash",
    "range", "format",
})
# fmt: on
_CHANGING_FUNCTIONS: Final = frozenset({"next", "setattr", "delattr"})
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def facts_of(statement: ast.stmt) -> Facts:
    """What `statement`, which stands at the top of a module, does with the module's names."""
    visitor = _Visitor(statement)
    visitor.visit(statement)
    return visitor.facts


@dataclass(slots=True)
class _Scope:
    kind: Literal["function", "class", "comprehension"]
    bound: set[str]
    globals: set[str] = field(default_factory=set)


class _Visitor(ast.NodeVisitor):
    def __init__(self, statement: ast.stmt) -> None:
        self.facts = Facts(statement)
        self._stack: list[_Scope] = []
        self._arguments: set[str] = set()
        self._aliases: dict[str, Path] = {}
        self._bare: ast.expr | None = None

    # --- where a name lives

    def _is_global(self, name: str) -> bool:
        for depth, scope in enumerate(reversed(self._stack)):
            if scope.kind == "class" and depth > 0:
                continue
            if name in scope.globals:
                return True
            if name in scope.bound:
                return False
        return True

    @property
    def _is_later(self) -> bool:
        return any(scope.kind == "function" for scope in self._stack)

    def _binding(self, node: ast.AST, attribute: str, name: str, position: int | None = None) -> None:
        if self._is_global(name):
            self.facts.sites.append((node, attribute, position))
            (self.facts.rebinds if self._is_later else self.facts.binds).add(name)

    def _read(self, path: Path) -> None:
        (self.facts.later if self._is_later else self.facts.now).add(path)

    # --- names

    def visit_Name(self, node: ast.Name) -> None:
        self._name(node, (node.id,))

    def _name(self, node: ast.Name, path: Path) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._binding(node, "id", node.id)
        elif self._is_global(node.id):
            self.facts.sites.append((node, "id", None))
            self._read(path)
        elif self._stack and self._stack[-1].kind == "class":
            # A class body looks its own name up first, then the module's: one name must do for both.
            self._read(path)
            self.facts.pinned.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        root, path = chain_of(node)
        if isinstance(root, ast.Name):
            self._name(root, path)
        else:
            self.visit(root)
        if not isinstance(node.ctx, ast.Load):
            self._touch(node, "store")

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            self._touch(node.value, "store")

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        bare = node is self._bare
        function = node.func
        if isinstance(function, ast.Attribute):
            if function.attr not in _PURE_METHODS:
                self._touch(function.value, "call", bare=bare, path=chain_of(function)[1][:-1])
        elif isinstance(function, ast.Name) and function.id in _PURE_FUNCTIONS:
            return
        elif isinstance(function, ast.Name) and function.id in _CHANGING_FUNCTIONS and node.args:
            self._touch(node.args[0], "store")
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self._touch(argument, "argument", bare=bare)

    def _touch(
        self,
        expression: ast.expr,
        how: Literal["store", "call", "argument"],
        *,
        bare: bool = False,
        path: Path | None = None,
    ) -> None:
        root, own_path = root_of(expression)
        if root is None:
            return
        if self._is_global(root):
            touched = path or own_path
        elif root in self._aliases:
            touched = self._aliases[root]
        else:
            self.facts.changes_arguments |= root in self._arguments and how != "argument"
            return
        self.facts.touches.add(Touch(touched, how, self._is_later, bare))

    # --- statements that need more than their names

    def visit_Expr(self, node: ast.Expr) -> None:
        self._bare = node.value if isinstance(node.value, ast.Call) else None
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._alias(target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self._alias(node.target, node.iter)
        self.generic_visit(node)

    def _alias(self, target: ast.expr, value: ast.expr) -> None:
        for one in ast.walk(value) if isinstance(value, ast.Tuple | ast.List | ast.Dict) else [value]:
            root, path = root_of(one) if isinstance(one, ast.expr) else (None, ())
            if root is None:
                continue
            source = path if self._is_global(root) else self._aliases.get(root)
            if source is None:
                continue
            for name in (each.id for each in ast.walk(target) if isinstance(each, ast.Name)):
                if not self._is_global(name):
                    self._aliases[name] = source
                elif not self._is_later:
                    self.facts.aliases.add((name, source))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and self._is_global(node.target.id):
            self._read((node.target.id,))
            self.facts.touches.add(Touch((node.target.id,), "store", self._is_later, bare=False))

    def visit_Import(self, node: ast.Import) -> None:
        self._import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._import(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.facts.imports.append(node)
        for alias in node.names:
            self._binding(alias, "asname" if alias.asname else "name", bound_by(alias))

    def visit_Global(self, node: ast.Global) -> None:
        self.facts.sites.extend((node, "names", position) for position in range(len(node.names)))
        if self._is_later:
            self.facts.later.update((name,) for name in node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._binding(node, "name", node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self._pattern(node, "name", node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self._pattern(node, "name", node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._pattern(node, "rest", node.rest)

    def _pattern(self, node: ast.AST, attribute: str, name: str | None) -> None:
        if name:
            self._binding(node, attribute, name)
        self.generic_visit(node)

    # --- scopes

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._define(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._define(node)

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._binding(node, "name", node.name)
        self._visit_all(node.decorator_list)
        if node.returns:
            self.visit(node.returns)
        self._enter_function(node, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._enter_function(node, [node.body])

    def _enter_function(self, node: _Function, body: Iterable[ast.AST]) -> None:
        arguments = list(argument_nodes(node.args))
        self._visit_all(argument.annotation for argument in arguments if argument.annotation)
        self._visit_all(default for default in [*node.args.defaults, *node.args.kw_defaults] if default)
        body = list(body)
        names = {argument.arg for argument in arguments}
        bound, globals_ = bound_in(body)
        outer, self._arguments = self._arguments, self._arguments | names
        self._within(_Scope("function", (bound | names) - globals_, globals_), body)
        self._arguments = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._binding(node, "name", node.name)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        bound, globals_ = bound_in(node.body)
        self._within(_Scope("class", bound - globals_, globals_), node.body)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node, [node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node, [node.elt])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node, [node.elt])

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node, [node.key, node.value])

    def _comprehension(self, node: _Comprehension, results: list[ast.expr]) -> None:
        first, *rest = node.generators
        self.visit(first.iter)
        targets = {each.id for loop in node.generators for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
        for loop in node.generators:
            self._alias_in(targets, loop)
        self._within(_Scope("comprehension", targets), [first.target, *first.ifs, *rest, *results])

    def _alias_in(self, targets: set[str], loop: ast.comprehension) -> None:
        root, path = root_of(loop.iter)
        if root is not None and self._is_global(root):
            self._aliases.update(dict.fromkeys(targets, path))

    def _within(self, scope: _Scope, nodes: Iterable[ast.AST]) -> None:
        self.facts.locals |= scope.bound
        self._stack.append(scope)
        self._visit_all(nodes)
        self._stack.pop()

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)
