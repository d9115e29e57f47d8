"""A module's components, read from its syntax tree. Nothing is imported and nothing runs.

One component's mistake costs only that component: it becomes a Problem with file and line, and the rest is read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from treadle.catalog.bindings import Bindings, bindings_of
from treadle.catalog.complaints import Complaint
from treadle.catalog.docstrings import read_docstring
from treadle.catalog.literals import NotLiteral, literal
from treadle.catalog.outputs import read_outputs
from treadle.catalog.parameters import Signature, read_signature
from treadle.catalog.sources import SourceText, parse
from treadle.spec.component import Component, SourceRef
from treadle.spec.flow import Kind, Trigger
from treadle.spec.problems import Problem, Where
from treadle.spec.values import Value

__all__ = ["ModuleReading", "is_marked", "read_module", "read_tree"]

_LABELS: Final = ("category", "icon", "title", "tags", "trigger", "kind")
_MARKS: Final = frozenset({"treadle.component", "treadle.sdk.component"})


@dataclass(frozen=True, slots=True)
class ModuleReading:
    """What a module offers. `kinds` says, by `uses` and port, how a function wants its data."""

    components: tuple[Component, ...] = ()
    problems: tuple[Problem, ...] = ()
    kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_module(text: str, file: str, module: str, builtin: bool = False) -> ModuleReading:
    """The components of a module named `module` whose text is `text`. Never raises on account of the text."""
    source = SourceText(module, file, text, builtin)
    tree = parse(source)
    return ModuleReading(problems=(tree,)) if isinstance(tree, Problem) else read_tree(tree, source)


def read_tree(tree: ast.Module, source: SourceText) -> ModuleReading:
    """As `read_module`, from a tree already parsed."""
    try:
        return _Reader(source, bindings_of(tree)).read(tree)
    except RecursionError:
        where = Where(file=source.file)
        return ModuleReading(
            problems=(Problem("nested-too-deep", "this file is nested too deeply to read", where, "split it up"),)
        )


def is_marked(decorator: ast.expr, bindings: Bindings) -> bool:
    """Whether a decorator is Treadle's `@component`, under whatever name."""
    marker = decorator.func if isinstance(decorator, ast.Call) else decorator
    return bindings.qualified(marker) in _MARKS


class _Reader:
    """Reads one module; holds what every function in it is read against."""

    def __init__(self, source: SourceText, bindings: Bindings) -> None:
        self._source = source
        self._bindings = bindings

    def read(self, tree: ast.Module) -> ModuleReading:
        components: dict[str, Component] = {}
        kinds: dict[str, Mapping[str, str]] = {}
        problems: list[Problem] = []
        for function, decorator in self._marked(tree):
            if function.name in {component.source.function for component in components.values()}:
                problems.append(self._problem(_duplicate(function)))
            try:
                component, its_kinds = self._component(function, decorator)
            except Complaint as complaint:
                problems.append(self._problem(complaint))
                continue
            components[component.uses] = component
            kinds[component.uses] = its_kinds
        return ModuleReading(tuple(components.values()), tuple(problems), kinds)

    def _marked(self, tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr]]:
        for statement in tree.body:
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            mark = next((each for each in statement.decorator_list if is_marked(each, self._bindings)), None)
            if mark is not None:
                yield statement, mark

    def _problem(self, complaint: Complaint) -> Problem:
        where = Where(self._source.file, complaint.line, complaint.column, parameter=complaint.parameter)
        return Problem(complaint.code, str(complaint), where, complaint.hint)

    def _component(
        self, function: ast.FunctionDef | ast.AsyncFunctionDef, decorator: ast.expr
    ) -> tuple[Component, Mapping[str, str]]:
        if isinstance(function, ast.AsyncFunctionDef):
            raise Complaint("async-component", f"{function.name} is async", function, "write a plain `def`")
        labels = self._labels(decorator)
        documentation = read_docstring(ast.get_docstring(function))
        signature: Signature = read_signature(function, self._bindings, documentation.help)
        outputs, returns_tuple = read_outputs(function, self._bindings, documentation.help)
        title = labels.get("title")
        tags = labels.get("tags")
        kind = _kind(labels.get("kind", Kind.FUNCTION), decorator, builtin=self._source.builtin)
        component = Component(
            # `uses: script`: where each node declares its ports, the kind is all that there is to name.
            uses=function.name if kind.declares_ports else f"{self._source.module}.{function.name}",
            title=title if isinstance(title, str) else _title(function.name),
            source=SourceRef(self._source.file, self._source.module, function.name, function.lineno),
            inputs=signature.inputs,
            outputs=outputs,
            parameters=signature.parameters,
            category=str(labels.get("category", "Other")),
            icon=str(labels.get("icon", "function")),
            summary=documentation.summary,
            doc=documentation.text,
            tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            builtin=self._source.builtin,
            returns_tuple=returns_tuple,
            trigger=_trigger(labels.get("trigger", Trigger.ALL_SUCCESS), decorator),
            kind=kind,
        )
        return component, signature.kinds

    def _labels(self, decorator: ast.expr) -> Mapping[str, Value]:
        if not isinstance(decorator, ast.Call):
            return {}
        labels: dict[str, Value] = {}
        for keyword in decorator.keywords:
            if keyword.arg not in _LABELS:
                raise Complaint(
                    "unknown-label", f"@component takes no {keyword.arg}", keyword.value, ", ".join(_LABELS)
                )
            try:
                labels[keyword.arg] = literal(keyword.value, self._bindings)
            except NotLiteral:
                raise Complaint(
                    "label-not-literal",
                    f"{keyword.arg} is known only when the file runs",
                    keyword.value,
                    "write it out",
                ) from None
        return labels


def _duplicate(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Complaint:
    return Complaint(
        "duplicate-component",
        f"two components are called {function.name}; this one is used",
        function,
        "rename one of them",
    )


def _trigger(name: Value, decorator: ast.expr) -> Trigger:
    try:
        return Trigger(str(name))
    except ValueError:
        hint = f"write one of {', '.join(Trigger)}"
        raise Complaint("unknown-trigger", f"{name!r} is no trigger", decorator, hint) from None


def _kind(name: Value, decorator: ast.expr, *, builtin: bool) -> Kind:
    if name == Kind.FUNCTION or (builtin and name in set(Kind)):
        return Kind(str(name))
    hint = "take it out; to wait for something of your own, let a component fail and give its node `retries:`"
    raise Complaint("unknown-kind", f"{name!r} is only for the library's own components", decorator, hint)


def _title(name: str) -> str:
    words = name.strip("_").replace("_", " ")
    return words[:1].upper() + words[1:]
