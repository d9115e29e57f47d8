"""`map:` of a node: `{over: train, parallel: 4}`, `{rows: grid.table}`, `{files: "data/*.csv", over: path}`."""

from __future__ import annotations

from typing import Final

from treadle.spec.endpoints import Endpoint
from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, Tree
from treadle.spec.mapping import Map
from treadle.spec.values import Value

__all__ = ["map_document", "read_map"]

_KEYS: Final = ("over", "rows", "files", "parallel")


def read_map(source: Source, tree: Tree | None) -> Map | None:
    """None where nothing is said."""
    if tree is None:
        return None
    keys = source.keys(tree, "map")
    if isinstance(tree, MappingTree):
        source.warn_unknown(tree, _KEYS, "map")
    if not keys:
        return None
    return Map(
        over=source.text(keys.get("over"), "over"),
        rows=_rows(source, keys.get("rows")),
        files=source.text(keys.get("files"), "files"),
        parallel=source.whole(keys.get("parallel"), "parallel"),
    )


def _rows(source: Source, tree: Tree | None) -> Endpoint | None:
    text = source.text(tree, "rows")
    if text is None:
        return None
    node, dot, port = text.rpartition(".")
    if node and dot and port:
        return Endpoint(node, port)
    source.error("bad-edge", f"{text!r} is no output of a node", tree, "write `node.output`, as `load.table`")
    return None


def map_document(over: Map) -> dict[str, Value]:
    """What the file says of `over`."""
    said: dict[str, Value] = {
        "over": over.over,
        "rows": None if over.rows is None else str(over.rows),
        "files": over.files,
        "parallel": over.parallel,
    }
    return {key: value for key, value in said.items() if value is not None}
