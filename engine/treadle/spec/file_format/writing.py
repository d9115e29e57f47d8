"""Pipeline → text. Written over the text it was loaded from, only what changed is written anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from treadle.spec.file_format.caching import cache_document
from treadle.spec.file_format.collector import collector_at_rest
from treadle.spec.file_format.declarations import declaration
from treadle.spec.file_format.dumping import Block, Document, entry_text
from treadle.spec.file_format.environments import environment_document
from treadle.spec.file_format.mapping import map_document
from treadle.spec.file_format.patching import patch, same
from treadle.spec.file_format.ports import ports_document
from treadle.spec.file_format.reading import BYTE_ORDER_MARK, VERSION, read
from treadle.spec.file_format.resources import concurrency_document, resources_document
from treadle.spec.file_format.tree import MappingTree, Tree
from treadle.spec.flow import Retry
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Policy
from treadle.spec.quantities import format_duration
from treadle.spec.values import Value

__all__ = ["document", "write"]

_DEFAULT_NAME: Final = Pipeline().name


def write(pipeline: Pipeline, base: str = "") -> str:
    """The text of `pipeline`. `base` is the text it was loaded from: parts that did not change since keep their bytes
    and comments, and an untouched pipeline gives `base` itself. A base that is no pipeline is not kept."""
    with collector_at_rest():
        kept = _written_over(base, pipeline) if base else None
        if kept is not None:
            return kept
        lines = [line for key, value in document(pipeline).items() for line in entry_text(key, value, 0)]
        return _line_break(base).join([*lines, ""])


def _line_break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _written_over(base: str, pipeline: Pipeline) -> str | None:
    """`base` with only the differences written anew; None where it can't be kept."""
    reading = read(base)
    tree = reading.places.tree
    if reading.pipeline is None or not isinstance(tree, MappingTree):
        return None
    before, after = document(reading.pipeline, tree), document(pipeline, tree)
    if same(before, after):
        return base
    mark = BYTE_ORDER_MARK if base.startswith(BYTE_ORDER_MARK) else ""
    patched = mark + patch(base.removeprefix(mark), tree, before, after, _line_break(base))
    written = read(patched).pipeline
    # A layout that a patch can't carry (`? key`, comments inside brackets) is written anew: right comes before pretty.
    return patched if written is not None and same(document(written), document(pipeline)) else None


def document(pipeline: Pipeline, like: MappingTree | None = None) -> Document:
    """What the file says of `pipeline`, as plain data in the order of a fresh file. Parameters are declared in the
    words of `like`, where it declares them."""
    return {"treadle": VERSION} | _content(pipeline, like)


def _content(pipeline: Pipeline, like: MappingTree | None) -> Block:
    """All but the version: what a file says, and what a node says that holds a pipeline."""
    said = Block()
    if pipeline.name != _DEFAULT_NAME:
        said["name"] = pipeline.name
    if pipeline.help:
        said["help"] = pipeline.help
    if pipeline.params:
        said["params"] = _params(pipeline, like)
    if pipeline.timeout is not None:
        said["timeout"] = format_duration(pipeline.timeout)
    if concurrency := concurrency_document(pipeline.concurrency):
        said["concurrency"] = concurrency
    if pipeline.pools:
        said["pools"] = dict[str, Value](pipeline.pools)
    if pipeline.inputs:
        said["inputs"] = _feeds(pipeline.inputs)
    if pipeline.outputs:
        said["outputs"] = {port: str(source) for port, source in pipeline.outputs.items()}
    defaults = _policy(pipeline.defaults)
    if resources := resources_document(pipeline.resources):
        defaults["resources"] = resources
    if defaults:
        said["defaults"] = defaults
    said["nodes"] = Block({name: _node(node, like) for name, node in pipeline.nodes.items()})
    if pipeline.view:
        said["view"] = Block({name: [_tidy(x), _tidy(y)] for name, (x, y) in pipeline.view.items()})
    said.update(pipeline.extra)
    return said


def _params(pipeline: Pipeline, like: MappingTree | None) -> Block:
    written = _within(like, "params")
    known = written.entries if written is not None else {}
    said: Document = {}
    for name, parameter in pipeline.params.items():
        said[name] = declaration(parameter, known[name].value if name in known else None)
    return Block(said)


def _within(tree: Tree | None, *path: str) -> MappingTree | None:
    """The mapping at `path`, where there is one."""
    for name in path:
        entry = tree.entries.get(name) if isinstance(tree, MappingTree) else None
        tree = None if entry is None else entry.value
    return tree if isinstance(tree, MappingTree) else None


def _node(node: Node, like: MappingTree | None) -> Block:
    """`like` is the pipeline's around it."""
    said = Block() if node.pipeline is not None else Block({"uses": node.uses})
    if node.title is not None:
        said["title"] = node.title
    if node.note is not None:
        said["note"] = node.note
    if node.inputs:
        said["in"] = _feeds(node.inputs)
    if node.params:
        said["with"] = dict(node.params)
    if node.declared_inputs:
        said["inputs"] = ports_document(node.declared_inputs)
    if node.declared_outputs:
        said["outputs"] = ports_document(node.declared_outputs)
    if node.after:
        said["after"] = list(node.after)
    if node.trigger is not None:
        said["trigger"] = node.trigger.value
    if node.teardown_of:
        said["teardown_of"] = list(node.teardown_of)
    if node.at_end is not None:
        said["at_end"] = node.at_end.value
    if node.map is not None:
        said["map"] = map_document(node.map)
    said.update(_policy(node.policy))
    resources = resources_document(node.resources)
    if resources:
        said["resources"] = resources
    if node.pipeline is not None:
        said["pipeline"] = _content(node.pipeline, _within(like, "nodes", node.id, "pipeline"))
    said.update(node.extra)
    return said


def _feeds(inputs: Mapping[str, tuple[Endpoint, ...]]) -> Document:
    """One endpoint stands for itself, several are a list."""
    return {port: str(ends[0]) if len(ends) == 1 else list[Value](map(str, ends)) for port, ends in inputs.items()}


def _policy(policy: Policy) -> Document:
    said: Document = {
        "retries": policy.retries,
        "retry_delay": None if policy.retry_delay is None else format_duration(policy.retry_delay),
        "retry": _retry(policy.retry) or None,
        "timeout": None if policy.timeout is None else format_duration(policy.timeout),
        "cache": cache_document(policy),
        "isolation": policy.isolation,
        "environment": environment_document(policy.environment) or None,
        "priority": policy.priority,
    }
    return {key: value for key, value in said.items() if value is not None}


def _retry(retry: Retry) -> Document:
    said: Document = {
        "backoff": None if retry.backoff is None else _tidy(retry.backoff),
        "maximum": None if retry.maximum is None else format_duration(retry.maximum),
        "jitter": None if retry.jitter is None else _tidy(retry.jitter),
        "for": None if retry.failures is None else list[Value](retry.failures),
    }
    return {key: value for key, value in said.items() if value is not None}


def _tidy(number: float) -> int | float:
    return int(number) if abs(number) < 1e15 and number == int(number) else number
