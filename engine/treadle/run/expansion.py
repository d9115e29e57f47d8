"""Expansion: the tasks that a mapped task becomes, one body for each item.

    fit over [a, b]       ─► fit[0]  fit[1]
    prepare over [a, b]   ─► prepare[0]/clean  prepare[0]/split  prepare[1]/clean  prepare[1]/split

Deterministic: the same task and items give the same tasks, in whatever engine and however often. What a task of the
body waits for outside of it has ended before the map expands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from treadle.run.plan import PlanMap, PlanTask, TaskInput
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["Item", "body_ids", "expand", "index_of", "item_id", "item_ids", "node_of", "owner_of"]


@dataclass(frozen=True, slots=True)
class Item:
    """What a map gives to one body: an artifact, or values by name."""

    artifact: ArtifactRef | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


def item_id(task: str, index: int, within: str = "") -> str:
    """The id that stands for item `index` of `task`, and with `within` (`/clean`) a task of its body."""
    return f"{task}[{index}]{within}"


def item_ids(task: str, items: int, body: Iterable[str]) -> list[str]:
    """As `item_id`, of all that a map becomes, item by item: 10,000 of them in a millisecond."""
    return [f"{task}[{index}]{within}" for index in range(items) for within in body]


def owner_of(task: str) -> str | None:
    """The mapped task of whose body `task` is; None where it is of none. `a[3]/fit[0]` → `a[3]/fit`."""
    end = task.rfind("[")
    return None if end < 0 else task[:end]


def node_of(task: str) -> str:
    """The task of the plan that `task` is, or is of an item of, however deep. `a[3]/fit[0]` → `a`."""
    return task.partition("[")[0]


def index_of(task: str) -> int:
    """The item, of its owner, that `task` belongs to. For those that have an owner."""
    begin = task.rindex("[") + 1
    return int(task[begin : task.index("]", begin)])


def body_ids(task: PlanTask) -> tuple[str, ...]:
    """What follows an item's id in those of its body: `("",)` for a plain node, `("/clean", "/split")`."""
    return tuple(each.id.removeprefix(task.id) for each in _map(task).body)


def expand(task: PlanTask, items: Sequence[Item]) -> Iterator[PlanTask]:
    """The tasks of all items, item by item."""
    mapping = _map(task)
    own = {} if mapping.parallel is None else {task.id: mapping.parallel}
    pools = {**task.pools, **own}
    for index, item in enumerate(items):
        named = item_id(task.id, index)
        for each in mapping.body:
            bound = _bound(each, mapping, item)
            yield replace(_renamed(bound, task.id, named), pools={**bound.pools, **pools})


def _bound(each: PlanTask, mapping: PlanMap, item: Item) -> PlanTask:
    """A task of the body with what the item gives it."""
    if each.map is not None:
        each = _bound_body(each, each.map, mapping, item)
    if item.artifact is not None:
        return replace(each, given={**each.given, **dict.fromkeys(mapping.feeds.get(each.id, ()), (item.artifact,))})
    names, fed = mapping.params.get(each.id, {}), mapping.feeds.get(each.id, ())
    given = {parameter: item.values[name] for parameter, name in names.items() if name in item.values}
    inputs = {port: sources for port, sources in each.inputs.items() if port not in fed} if fed else each.inputs
    return replace(each, params={**each.params, **given}, inputs=inputs)


def _bound_body(each: PlanTask, own: PlanMap, mapping: PlanMap, item: Item) -> PlanTask:
    """A mapped task of the body, whose own body is given the same; but for what its own items give it."""
    feeds = {
        id_: tuple(port for port in ports if port not in own.feeds.get(id_, ())) for id_, ports in mapping.feeds.items()
    }
    params = {
        id_: {name: given for name, given in named.items() if name not in own.params.get(id_, {})}
        for id_, named in mapping.params.items()
    }
    outer = replace(mapping, feeds=feeds, params=params)
    return replace(each, map=replace(own, body=tuple(_bound(inner, outer, item) for inner in own.body)))


def _renamed(task: PlanTask, old: str, new: str) -> PlanTask:
    """`task` in the body that is called `new`: its own id, and those of others in the body."""

    def name(id_: str) -> str:
        return new + id_[len(old) :] if id_ == old or id_.startswith(f"{old}/") else id_

    def names(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(name, ids)) if ids else ids

    inputs = {
        port: tuple(TaskInput(name(source.task), source.port) for source in sources)
        for port, sources in task.inputs.items()
    }
    within = None if task.map is None else _renamed_map(task.map, old, new)
    return replace(
        task, id=name(task.id), inputs=inputs, after=names(task.after), teardown_of=names(task.teardown_of),
        setups=names(task.setups), settled=names(task.settled), map=within,
    )  # fmt: skip


def _renamed_map(mapping: PlanMap, old: str, new: str) -> PlanMap:
    body = tuple(_renamed(each, old, new) for each in mapping.body)
    names = {before.id: after.id for before, after in zip(mapping.body, body, strict=True)}
    return replace(
        mapping,
        body=body,
        outputs={port: TaskInput(names[end.task], end.port) for port, end in mapping.outputs.items()},
        feeds={names[id_]: ports for id_, ports in mapping.feeds.items()},
        params={names[id_]: params for id_, params in mapping.params.items()},
    )


def _map(task: PlanTask) -> PlanMap:
    if task.map is None:
        raise ValueError(f"{task.id} is not mapped")
    return task.map
