"""`environment:` and `isolation:` of a node or of the defaults, both ways."""

from __future__ import annotations

from typing import Final

from treadle.spec.environments import Environment, Isolation
from treadle.spec.file_format.dumping import Document
from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, Tree
from treadle.spec.values import Value

__all__ = ["environment_document", "read_environment", "read_isolation"]

_KEYS: Final = ("python", "requirements", "variables", "folder")


def read_environment(source: Source, tree: Tree | None) -> Environment:
    """What `environment:` says."""
    keys = source.keys(tree, "environment")
    if isinstance(tree, MappingTree):
        source.warn_unknown(tree, _KEYS, "environment")
    wanted = keys.get("requirements")
    variables = source.keys(keys.get("variables"), "variables")
    return Environment(
        python=source.text(keys.get("python"), "python"),
        requirements=None if wanted is None else _texts(source, wanted),
        variables={name: source.text(value, f"variable {name}") or "" for name, value in variables.items()},
        folder=source.text(keys.get("folder"), "folder"),
    )


def _texts(source: Source, tree: Tree) -> tuple[str, ...]:
    return tuple(text for item in source.items(tree) if (text := source.text(item, "a requirement")))


def read_isolation(source: Source, tree: Tree | None) -> Isolation | None:
    """What `isolation:` says."""
    text = source.text(tree, "isolation")
    if text is None:
        return None
    try:
        return Isolation(text)
    except ValueError:
        source.error("wrong-value", f"{text!r} is no isolation", tree, "write fresh or reuse")
        return None


def environment_document(environment: Environment) -> Document:
    """What the file says of `environment`; empty where it says nothing."""
    said: Document = {
        "python": environment.python,
        "requirements": None if environment.requirements is None else list[Value](environment.requirements),
        "variables": dict[str, Value](environment.variables) or None,
        "folder": environment.folder,
    }
    return {key: value for key, value in said.items() if value is not None}
