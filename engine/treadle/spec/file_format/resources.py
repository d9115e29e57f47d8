"""`resources:`, `pools:` and `concurrency:`, both ways."""

from __future__ import annotations

from typing import Final

from treadle.spec.file_format.dumping import Document
from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, Tree
from treadle.spec.quantities import format_size, parse_size
from treadle.spec.resources import Concurrency, Resources
from treadle.spec.values import Value

__all__ = ["concurrency_document", "read_concurrency", "read_pools", "read_resources", "resources_document"]

_RESOURCES: Final = ("cpu", "memory", "gpu", "pools")
_CONCURRENCY: Final = ("tasks", "runs")
_NOTHING: Final = Resources()
_NO_LIMIT: Final = Concurrency()


def read_resources(source: Source, tree: Tree | None) -> Resources:
    if tree is None:
        return _NOTHING
    keys = source.keys(tree, "resources")
    if isinstance(tree, MappingTree):
        source.warn_unknown(tree, _RESOURCES, "resources")
    return Resources(
        cpu=source.number(keys.get("cpu"), "cpu"),
        memory=_size(source, keys.get("memory")),
        gpu=source.whole(keys.get("gpu"), "gpu"),
        pools=read_pools(source, keys.get("pools")),
    )


def read_pools(source: Source, tree: Tree | None) -> dict[str, int]:
    """Slots by pool: those that a node takes, or those that there are."""
    said = {name: source.whole(value, f"pool {name}") for name, value in source.keys(tree, "pools").items()}
    return {name: slots for name, slots in said.items() if slots is not None}


def read_concurrency(source: Source, tree: Tree | None) -> Concurrency:
    if tree is None:
        return _NO_LIMIT
    keys = source.keys(tree, "concurrency")
    if isinstance(tree, MappingTree):
        source.warn_unknown(tree, _CONCURRENCY, "concurrency")
    return Concurrency(source.whole(keys.get("tasks"), "tasks"), source.whole(keys.get("runs"), "runs"))


def resources_document(resources: Resources) -> Document:
    """What the file says of `resources`; empty where it says nothing."""
    said: Document = {
        "cpu": None if resources.cpu is None else _tidy(resources.cpu),
        "memory": None if resources.memory is None else format_size(resources.memory),
        "gpu": resources.gpu,
        "pools": dict[str, Value](resources.pools) or None,
    }
    return {key: value for key, value in said.items() if value is not None}


def concurrency_document(concurrency: Concurrency) -> Document:
    said: Document = {"tasks": concurrency.tasks, "runs": concurrency.runs}
    return {key: value for key, value in said.items() if value is not None}


def _size(source: Source, tree: Tree | None) -> int | None:
    value = None if tree is None else source.value(tree)
    if value is None or tree is None:
        return None
    try:
        return parse_size(value if isinstance(value, (str, int, float)) else str(value))
    except ValueError as error:
        source.error("wrong-value", str(error), tree, "write a size such as 512MiB or 2GiB")
        return None


def _tidy(number: float) -> int | float:
    return int(number) if abs(number) < 1e15 and number == int(number) else number
