"""Text → Pipeline. Every mistake becomes a problem with its line; with one error there is no pipeline, so that a save
can never lose what was not understood."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from treadle.spec.file_format.caching import read_cache
from treadle.spec.file_format.collector import collector_at_rest
from treadle.spec.file_format.declarations import read_parameter
from treadle.spec.file_format.environments import read_environment, read_isolation
from treadle.spec.file_format.mapping import read_map
from treadle.spec.file_format.parsing import parse
from treadle.spec.file_format.places import Places
from treadle.spec.file_format.ports import read_ports
from treadle.spec.file_format.resources import read_concurrency, read_pools, read_resources
from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, ScalarTree, SequenceTree, Tree
from treadle.spec.flow import AtEnd, Retry, Trigger
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Point, Policy
from treadle.spec.problems import Problem, has_errors
from treadle.spec.quantities import parse_duration
from treadle.spec.resources import Resources
from treadle.spec.values import Value

__all__ = ["VERSION", "Reading", "read"]

VERSION: Final = 1
BYTE_ORDER_MARK: Final = "\ufeff"

_PIPELINE_KEYS: Final = (
    "treadle", "name", "help", "params", "timeout", "concurrency", "pools", "inputs", "outputs", "defaults", "nodes",
    "view",
)  # fmt: skip
_POLICY_KEYS: Final = ("retries", "retry_delay", "retry", "timeout", "cache", "isolation", "environment", "priority")
_RETRY_KEYS: Final = ("backoff", "maximum", "jitter", "for")
_NODE_KEYS: Final = (
    "uses",
    "title",
    "note",
    "in",
    "with",
    "after",
    "trigger",
    "teardown_of",
    "at_end",
    "inputs",
    "outputs",
    "map",
    *_POLICY_KEYS,
    "resources",
    "pipeline",
)
_A_TIME: Final = "a time such as 45s, 30m or 1h30m"
_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. `pipeline` is None exactly where `problems` holds an error."""

    pipeline: Pipeline | None
    problems: tuple[Problem, ...] = ()
    places: Places = field(default_factory=Places)
    """Empty, but for the file's name, where the text is not even YAML."""


def read(text: str, file: str | None = None) -> Reading:
    """The pipeline that `text` says. `file` is only named in problems; nothing is opened. Never raises."""
    with collector_at_rest():
        tree, problems = parse(text.removeprefix(BYTE_ORDER_MARK), file)
        source = Source(file, list(problems))
        pipeline = None if has_errors(problems) else _pipeline(source, tree)
    if has_errors(source.problems):
        pipeline = None
    return Reading(pipeline, tuple(source.problems), Places(file, tree))


def _pipeline(source: Source, tree: Tree | None) -> Pipeline | None:
    if tree is None or (isinstance(tree, ScalarTree) and tree.is_null):
        source.error("not-a-pipeline", "the file is empty", tree, "begin it with `treadle: 1`")
        return None
    keys = source.keys(tree, "a pipeline file")
    return _content(source, tree, keys) if _version_is_ours(source, tree, keys) else None


def _content(source: Source, tree: Tree, keys: dict[str, Tree]) -> Pipeline:
    """What `keys` say, the entries of `tree`: a file, or a pipeline folded into a node. Depth is bounded by parsing."""
    params = source.keys(keys.get("params"), "params")
    nodes = source.keys(keys.get("nodes"), "nodes")
    view = source.keys(keys.get("view"), "view")
    defaults, resources = _defaults(source, keys.get("defaults"))
    return Pipeline(
        name=source.text(keys.get("name"), "name") or "untitled",
        help=source.text(keys.get("help"), "help") or "",
        params={name: read_parameter(source, name, value) for name, value in params.items()},
        timeout=_quantity(source, keys.get("timeout"), parse_duration, _A_TIME),
        inputs=_feeds(source, keys.get("inputs"), "inputs"),
        outputs=_gives(source, keys.get("outputs")),
        defaults=defaults,
        nodes={name: _node(source, name, value) for name, value in nodes.items()},
        view={name: _point(source, value) for name, value in view.items()},
        resources=resources,
        pools=read_pools(source, keys.get("pools")),
        concurrency=read_concurrency(source, keys.get("concurrency")),
        extra=_unknown(source, tree, _PIPELINE_KEYS, "a pipeline"),
    )


def _version_is_ours(source: Source, tree: Tree, keys: dict[str, Tree]) -> bool:
    if not isinstance(tree, MappingTree):
        return False
    if "treadle" not in keys:
        source.error("not-a-pipeline", "`treadle: 1` is missing", tree, "begin the file with `treadle: 1`")
        return False
    version = source.value(keys["treadle"])
    if version == VERSION and isinstance(version, int) and not isinstance(version, bool):
        return True
    if isinstance(version, (int, float)) and version > VERSION:
        message = f"this file is of version {version}; this Treadle reads version {VERSION}"
        source.error("newer-version", message, keys["treadle"], "update Treadle to open it")
    else:
        source.error("not-a-pipeline", f"{version!r} is no version", keys["treadle"], "write `treadle: 1`")
    return False


def _defaults(source: Source, tree: Tree | None) -> tuple[Policy, Resources]:
    keys = source.keys(tree, "defaults")
    if isinstance(tree, MappingTree):
        source.warn_unknown(tree, (*_POLICY_KEYS, "resources"), "defaults")
    return _policy(source, keys), read_resources(source, keys.get("resources"))


def _policy(source: Source, keys: dict[str, Tree]) -> Policy:
    if not keys.keys() & set(_POLICY_KEYS):
        return _NO_POLICY
    caching = read_cache(source, keys.get("cache"))
    return Policy(
        retries=source.whole(keys.get("retries"), "retries"),
        retry_delay=_quantity(source, keys.get("retry_delay"), parse_duration, _A_TIME),
        timeout=_quantity(source, keys.get("timeout"), parse_duration, _A_TIME),
        cache=caching.cache,
        cache_version=caching.version,
        cache_expires=caching.expires,
        retry=_retry(source, keys.get("retry")),
        isolation=read_isolation(source, keys.get("isolation")),
        environment=read_environment(source, keys.get("environment")),
        priority=source.whole(keys.get("priority"), "priority"),
    )


def _retry(source: Source, tree: Tree | None) -> Retry:
    keys = source.keys(tree, "retry")
    if isinstance(tree, MappingTree):
        source.warn_unknown(tree, _RETRY_KEYS, "retry")
    failures = keys.get("for")
    return Retry(
        backoff=source.number(keys.get("backoff"), "backoff"),
        maximum=_quantity(source, keys.get("maximum"), parse_duration, _A_TIME),
        jitter=source.number(keys.get("jitter"), "jitter"),
        failures=None if failures is None else _names(source, failures, "for"),
    )


def _names(source: Source, tree: Tree | None, what: str) -> tuple[str, ...]:
    return tuple(source.text(item, what) or "" for item in source.items(tree))


def _one_of(source: Source, tree: Tree | None, what: str, kind: type[_E]) -> _E | None:
    text = source.text(tree, what)
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        known = [each.value for each in kind]
        close = difflib.get_close_matches(text[:80], known, 1)
        hint = f"did you mean {close[0]}?" if close else f"write one of {', '.join(known)}"
        source.error("wrong-value", f"{text!r} is no {what}", tree, hint)
        return None


def _quantity(
    source: Source, tree: Tree | None, parse_text: Callable[[str | float], float], wanted: str
) -> float | None:
    value = None if tree is None else source.value(tree)
    if value is None or tree is None:
        return None
    try:
        return parse_text(value if isinstance(value, (str, int, float)) else str(value))
    except ValueError as error:
        source.error("wrong-value", str(error), tree, f"write {wanted}")
        return None


def _node(source: Source, name: str, tree: Tree) -> Node:
    keys = source.keys(tree, f"node {name}")
    uses = source.text(keys.get("uses"), "uses")
    folded = keys.get("pipeline")
    if folded is not None and uses:
        message = f"node {name} uses {uses} and holds a pipeline of its own"
        source.error("two-uses", message, keys["uses"], "keep `uses:` or `pipeline:`")
    elif not uses and folded is None:
        message = f"node {name} does not say which component it uses"
        source.error("missing-uses", message, tree, "add `uses: module.function`")
    return Node(
        id=name,
        uses=uses or "",
        pipeline=None if folded is None else _content(source, folded, source.keys(folded, "pipeline")),
        inputs=_feeds(source, keys.get("in"), "in"),
        params={key: source.value(value) for key, value in source.keys(keys.get("with"), "with").items()},
        after=_names(source, keys.get("after"), "after"),
        trigger=_one_of(source, keys.get("trigger"), "trigger", Trigger),
        teardown_of=_names(source, keys.get("teardown_of"), "teardown_of"),
        at_end=_one_of(source, keys.get("at_end"), "at_end", AtEnd),
        declared_inputs=read_ports(source, keys.get("inputs"), "inputs"),
        declared_outputs=read_ports(source, keys.get("outputs"), "outputs"),
        map=read_map(source, keys.get("map")),
        resources=read_resources(source, keys.get("resources")),
        policy=_policy(source, keys),
        title=source.text(keys.get("title"), "title"),
        note=source.text(keys.get("note"), "note"),
        extra=_unknown(source, tree, _NODE_KEYS, "a node"),
    )


def _feeds(source: Source, tree: Tree | None, what: str) -> dict[str, tuple[Endpoint, ...]]:
    return {port: _sources(source, value) for port, value in source.keys(tree, what).items()}


def _gives(source: Source, tree: Tree | None) -> dict[str, Endpoint]:
    found: dict[str, Endpoint] = {}
    for port, value in source.keys(tree, "outputs").items():
        ends = _sources(source, value)
        if len(ends) == 1:
            found[port] = ends[0]
        else:
            source.error("wrong-value", f"output {port} is one output of a node", value, "write `node.output`")
    return found


def _sources(source: Source, tree: Tree) -> tuple[Endpoint, ...]:
    found = []
    for item in source.items(tree):
        text = source.text(item, "an input") or ""
        node, dot, port = text.rpartition(".")
        if node and dot and port:
            found.append(Endpoint(node, port))
        else:
            source.error("bad-edge", f"{text!r} is no output of a node", item, "write `node.output`, as `load.table`")
    return tuple(found)


def _point(source: Source, tree: Tree) -> Point:
    items = tree.items if isinstance(tree, SequenceTree) else []
    numbers = [number for item in items if (number := source.number(item, "a position")) is not None]
    if len(numbers) == 2:
        return (float(numbers[0]), float(numbers[1]))
    source.error("wrong-value", "a position is two numbers", tree, "write [x, y]")
    return (0.0, 0.0)


def _unknown(source: Source, tree: Tree, known: tuple[str, ...], what: str) -> dict[str, Value]:
    if not isinstance(tree, MappingTree) or tree.entries.keys() <= set(known):
        return _NO_EXTRA
    source.warn_unknown(tree, known, what)
    return {name: source.value(entry.value) for name, entry in tree.entries.items() if name not in known}


_NO_POLICY: Final = Policy()
_NO_EXTRA: Final[dict[str, Value]] = {}
