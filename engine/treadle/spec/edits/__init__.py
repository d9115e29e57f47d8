"""Every change a person can make to a pipeline, as a function Pipeline → Pipeline.

An edit shares each Node it did not change by identity, never leaves an edge, an `after:` or a position behind for a
node that is gone, and gives the very same pipeline back where it changes nothing.
"""

from treadle.spec.edits.copying import copy_nodes, paste
from treadle.spec.edits.edges import connect, disconnect, set_after, set_teardown_of
from treadle.spec.edits.finding import UnknownNode
from treadle.spec.edits.nodes import NameTaken, add_node, move, remove_nodes, rename_node, rename_nodes, unused_id
from treadle.spec.edits.of_node import (
    set_at_end,
    set_map,
    set_note,
    set_param,
    set_policy,
    set_resources,
    set_title,
    set_trigger,
    unset_param,
)
from treadle.spec.edits.of_pipeline import (
    remove_pipeline_param,
    set_concurrency,
    set_default_resources,
    set_defaults,
    set_help,
    set_name,
    set_pipeline_param,
    set_pools,
    set_timeout,
)

__all__ = [
    "NameTaken", "UnknownNode", "add_node", "connect", "copy_nodes", "disconnect", "move", "paste", "remove_nodes",
    "remove_pipeline_param", "rename_node", "rename_nodes", "set_after", "set_at_end", "set_concurrency",
    "set_default_resources", "set_defaults", "set_help", "set_map", "set_name", "set_note", "set_param",
    "set_pipeline_param", "set_policy", "set_pools", "set_resources", "set_teardown_of", "set_timeout", "set_title",
    "set_trigger", "unset_param", "unused_id",
]  # fmt: skip
