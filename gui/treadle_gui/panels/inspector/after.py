"""Which nodes a node could wait for by order alone (`after:`), and which it could clean up after (`teardown_of:`)."""

from __future__ import annotations

from treadle.spec.graph import descendants
from treadle.spec.pipeline import Pipeline

__all__ = ["may_clean_up_after", "may_wait_for"]


def may_wait_for(pipeline: Pipeline, node: str) -> list[str]:
    """The nodes that `node` does not wait for yet and that do not, over any number of others, wait for it."""
    later = descendants(pipeline, node) | {node} | set(pipeline.nodes[node].after)
    return [other for other in pipeline.nodes if other not in later]


def may_clean_up_after(pipeline: Pipeline, node: str) -> list[str]:
    """The nodes that `node` is no teardown of yet, that do not wait for it, and that are no teardowns themselves."""
    later = descendants(pipeline, node) | {node} | set(pipeline.nodes[node].teardown_of)
    return [name for name, other in pipeline.nodes.items() if name not in later and not other.teardown_of]
