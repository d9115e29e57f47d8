"""Where in its file each part of a pipeline stands, so that every problem can name a line.

A node inside a pipeline that another node holds is named by the way to it: `prepare/clean`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from treadle.spec.file_format.tree import MappingTree, Tree
from treadle.spec.problems import Where

__all__ = ["Places"]


@dataclass(frozen=True, slots=True)
class Places:
    """Looks positions up in the tree of the file. Asked for a part that is not written, it names what encloses it."""

    file: str | None = None
    tree: Tree | None = None

    def node(self, node: str) -> Where:
        return self.at(node)

    def at(self, node: str, port: str | None = None, parameter: str | None = None) -> Where:
        """The place of a node, of an entry in its `in:`, or of an entry in its `with:`."""
        path = self._way(node)
        if port is not None:
            path += ["in", port]
        elif parameter is not None:
            path += ["with", parameter]
        return replace(self.key(*path), node=node, port=port, parameter=parameter)

    def _way(self, node: str) -> list[str]:
        nodes = self.tree.entries.get("nodes") if isinstance(self.tree, MappingTree) else None
        if nodes is not None and isinstance(nodes.value, MappingTree) and node in nodes.value.entries:
            return ["nodes", node]  # whatever it is called
        return [part for name in node.split("/") for part in ("pipeline", "nodes", name)][1:]

    def inside(self, node: str) -> Places:
        """The places of the pipeline that `node` holds; none where it holds none."""
        tree: Tree | None = self.tree
        for name in ("nodes", node, "pipeline"):
            if not isinstance(tree, MappingTree) or name not in tree.entries:
                return Places(self.file)
            tree = tree.entries[name].value
        return Places(self.file, tree)

    def pipeline_parameter(self, name: str) -> Where:
        return replace(self.key("params", name), parameter=name)

    def key(self, *path: str) -> Where:
        """The deepest key of `path` that is written."""
        tree, where = self.tree, Where(self.file)
        for name in path:
            if not isinstance(tree, MappingTree) or name not in tree.entries:
                break
            key, tree = tree.entries[name]
            where = Where(self.file, key.line, key.column)
        return where
