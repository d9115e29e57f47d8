"""Ends: what feeds what, and who waits for whom, through pipelines that are opened: from plain node to plain node."""

from __future__ import annotations

from collections.abc import Iterator

from treadle.spec.flattening.flat import MOST_NODES
from treadle.spec.flattening.level import Level, Sources
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.subpipelines import DEEPEST, PipelineFiles, inner

__all__ = ["Ends"]


class Ends:
    """`only` is the one node to open; None for all but mapped ones, which are opened for each item."""

    def __init__(self, files: PipelineFiles, only: str | None = None) -> None:
        self._files = files
        self._only = only
        self._walked = 0
        self._lasts: dict[str, tuple[str, ...]] = {}

    def stays(self, prefix: str, node: Node) -> bool:
        """Whether the node is one of the flat pipeline's too."""
        if not node.is_pipeline or node.map is not None:
            return True
        return self._only is not None and f"{prefix}{node.id}" != self._only

    def _inner(self, prefix: str, node: Node | None) -> Pipeline | None:
        """The pipeline that stands for `node`, where it is to be opened."""
        return None if node is None or self.stays(prefix, node) else inner(node, self._files)

    def sources(self, level: Level, sources: Sources) -> Sources:
        """The outputs of plain nodes that `sources` stand for."""
        return tuple(found for source in sources if (found := self.source(level.pipeline, level.prefix, source)))

    def source(self, pipeline: Pipeline, prefix: str, source: Endpoint) -> Endpoint | None:
        """The output of a plain node that `source` stands for; None where a pipeline has no such output."""
        at: Endpoint | None = source
        while at is not None:
            within = self._inner(prefix, pipeline.nodes.get(at.node))
            if within is None or prefix.count("/") > DEEPEST:
                return Endpoint(f"{prefix}{at.node}", at.port)
            prefix, pipeline, at = f"{prefix}{at.node}/", within, within.outputs.get(at.port)
        return None

    def outputs(self, pipeline: Pipeline) -> dict[str, Endpoint]:
        """What the pipeline gives, from the nodes that make it."""
        found = {port: self.source(pipeline, "", source) for port, source in pipeline.outputs.items()}
        return {port: end for port, end in found.items() if end is not None}

    def inputs(self, pipeline: Pipeline) -> dict[str, Sources]:
        """What the pipeline is fed with, by the inputs of the nodes that take it."""
        return {port: tuple(self._fed(pipeline, "", ends)) for port, ends in pipeline.inputs.items()}

    def _fed(self, pipeline: Pipeline, prefix: str, ends: Sources) -> Iterator[Endpoint]:
        """The inputs of plain nodes that stand for `ends`."""
        for end in ends:
            within = self._inner(prefix, pipeline.nodes.get(end.node))
            if within is None or self._is_endless(prefix):
                yield Endpoint(f"{prefix}{end.node}", end.port)
            else:
                yield from self._fed(within, f"{prefix}{end.node}/", within.inputs.get(end.port, ()))

    def _is_endless(self, prefix: str) -> bool:
        """Whether pipelines have been looked into so deep or so often that they must use each other many times over."""
        self._walked += 1
        return self._walked > MOST_NODES or prefix.count("/") > DEEPEST

    def last(self, level: Level, name: str) -> tuple[str, ...]:
        """Whom one waits for that comes after `name`."""
        id_ = f"{level.prefix}{name}"
        if id_ not in self._lasts:
            self._lasts[id_] = tuple(self._leaves(level.pipeline, level.prefix, name))
        return self._lasts[id_]

    def _leaves(self, pipeline: Pipeline, prefix: str, name: str) -> Iterator[str]:
        within = self._inner(prefix, pipeline.nodes.get(name))
        if within is None or self._is_endless(prefix):
            yield f"{prefix}{name}"
            return
        # As Airflow has it of a group: what cleans up or tells is not waited for.
        working = {each.id for each in within.nodes.values() if not each.teardown_of and each.at_end is None}
        waited_for = {other for each in working for other in within.upstream(each)}
        for each in within.nodes:
            if each in working and each not in waited_for:
                yield from self._leaves(within, f"{prefix}{name}/", each)
