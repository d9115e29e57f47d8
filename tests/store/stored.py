"""For tests of codecs: a value through the store and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from treadle.store.artifacts import ArtifactStore, from_fields
from treadle.store.codecs import BlobWriter, dump, load
from treadle.store.references import ArtifactRef


class Shelf:
    """A store in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = ArtifactStore(root / "artifacts")

    def put(self, value: Any, type_name: str) -> ArtifactRef:
        return from_fields(self.fields(value, type_name))

    def fields(self, value: Any, type_name: str) -> dict[str, Any]:
        return dump(value, type_name, BlobWriter(str(self.store.root)))

    def round_trip(self, value: Any, type_name: str, kind: str = "") -> Any:
        return load(self.fields(value, type_name), kind, str(self.store.root), str(self.root / "inputs"), "port")
