"""ItemStore: what a map is mapped over, read from where it is and written down, and the lists that it gives.

| over             | read from                         | written down as                         |
| ---------------- | --------------------------------- | --------------------------------------- |
| a list that feeds a port | its manifest              | that list itself                        |
| a list of values | the plan, or the JSON that feeds the parameter | values by name, as JSON    |
| rows             | the table, only the columns that are parameters | values by name, as JSON   |
| files            | the project's folder, by name     | values by name, as JSON                 |

What was written down is what a resumed run goes on with, whatever the folder holds by then. It reads files: call it off
the event loop.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from treadle.run.expansion import Item
from treadle.run.plan import ROWS, PlanMap, PlanTask
from treadle.spec.values import Value
from treadle.store.artifacts import ArtifactStore, from_fields, to_fields
from treadle.store.plain import NotPlain, document
from treadle.store.references import ArtifactRef

__all__ = ["ItemStore", "NoItems"]

_MOST: Final = 100_000
"""Items of one map. Each is a task."""


class NoItems(Exception):
    """It can't be said what the items of a map are; the message is a sentence for a person."""


class ItemStore:
    """Items in `artifacts`; `root` is the project's folder."""

    def __init__(self, artifacts: ArtifactStore, root: Path) -> None:
        self._artifacts = artifacts
        self._root = root

    def find(self, task: PlanTask, inputs: Mapping[str, tuple[ArtifactRef, ...]]) -> tuple[ArtifactRef, list[Item]]:
        """The items of the mapped `task`, and what they are written down as. Raises NoItems."""
        assert task.map is not None
        try:
            source = self._source(task, task.map, inputs)
            items = self.read(source)
        except (OSError, ValueError, NotPlain) as error:
            raise NoItems(f"{task.id} can't be mapped: {error}") from error
        if items is None:
            raise NoItems(f"what {task.id} is mapped over is no longer kept")
        if len(items) > _MOST:
            raise NoItems(f"{task.id} is mapped over {len(items):,} items; {_MOST:,} are the most")
        return source, items

    def read(self, source: ArtifactRef) -> list[Item] | None:
        """The items that were written down as `source`; None where they are no longer kept."""
        try:
            if source.codec == "list":
                return [Item(artifact=from_fields(entry)) for entry in self._artifacts.members(source)]
            return [Item(values=entry) for entry in json.loads(self._artifacts.path(source).read_bytes())]
        except (OSError, ValueError):
            return None

    def put_list(self, type_name: str, items: Sequence[ArtifactRef]) -> ArtifactRef:
        """A list of artifacts as one. Raises OSError."""
        manifest = {"items": [to_fields(item) for item in items]}
        digest, size = self._artifacts.put_bytes(json.dumps(manifest, separators=(",", ":")).encode())
        total = size + sum(item.size for item in items)
        return ArtifactRef(digest, type_name, "list", total, {"items": len(items)})

    def _source(self, task: PlanTask, over: PlanMap, inputs: Mapping[str, tuple[ArtifactRef, ...]]) -> ArtifactRef:
        if over.values is not None:
            return self._put_values(over.values)
        if over.files is not None:
            return self._put_values({over.names[0]: path} for path in self._files(over.files))
        if over.rows is not None:
            return self._put_values(self._rows(task, over, inputs.get(ROWS, ())))
        return self._fed(task, over, inputs.get(over.port or "", ()))

    def _fed(self, task: PlanTask, over: PlanMap, fed: tuple[ArtifactRef, ...]) -> ArtifactRef:
        """The list that feeds the port; of several outputs that feed it each is an item, or a list of items."""
        if len(fed) == 1 and fed[0].codec == "list":
            return fed[0]
        if len(fed) == 1 and fed[0].codec == "json":
            values = json.loads(self._artifacts.path(fed[0]).read_bytes())
            if not isinstance(values, list):
                raise ValueError(f"{task.id}.{over.port} wants a list to be mapped over, has {type(values).__name__}")
            if over.names:
                return self._put_values({over.names[0]: value} for value in values)
            return self.put_list("list[Json]", [self._put_json(value) for value in values])
        if len(fed) == 1:
            raise ValueError(f"{task.id}.{over.port} wants a list to be mapped over, has {fed[0].type}")
        flat = [item for each in fed for item in (self.read(each) or [] if each.codec == "list" else [Item(each)])]
        return self.put_list("list[Any]", [item.artifact for item in flat if item.artifact is not None])

    def _files(self, pattern: str) -> list[str]:
        """Paths from the project's folder, sorted, without hidden ones. Nothing outside of it is looked at."""
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise ValueError(f"{pattern} leads out of the project's folder")
        found = glob.iglob(pattern, root_dir=self._root, recursive=True)  # noqa: PTH207 (Path.glob finds hidden files)
        return sorted(path for path in found if (self._root / path).is_file())

    def _rows(self, task: PlanTask, over: PlanMap, fed: tuple[ArtifactRef, ...]) -> list[dict[str, Value]]:
        if len(fed) != 1 or fed[0].codec != "arrow":
            raise ValueError(f"its rows come from {fed[0].type if fed else 'nothing'}, not from a table")
        import pyarrow as pa  # a quarter of a second that only a run which is mapped over rows pays

        with pa.memory_map(str(self._artifacts.path(fed[0]))) as file:
            table = pa.ipc.open_file(file).read_all()
            wanted = [name for name in table.column_names if name in over.names]
            missing = [name for name in over.rows or () if name not in wanted]
            has = ", ".join(table.column_names[:20]) or "none"
            if missing:
                raise ValueError(f"the table has no column {missing[0]}, which {task.id} needs; it has {has}")
            if not wanted:
                raise ValueError(f"no column of the table is called as a parameter of {task.id}; it has {has}")
            rows: list[dict[str, Any]] = table.select(wanted).to_pylist()
        return rows

    def _put_values(self, values: Iterable[Mapping[str, Value]]) -> ArtifactRef:
        return self._put_json([dict(value) for value in values])

    def _put_json(self, value: object) -> ArtifactRef:
        data, meta = document(value, metrics=False)
        digest, size = self._artifacts.put_bytes(data)
        return ArtifactRef(digest, "Json", "json", size, meta)
