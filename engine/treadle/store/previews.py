"""Previews: an artifact as JSON for a view. Nothing is unpickled and no code of the project runs, whatever it holds.

| kind    | value                                                                                    |
| ------- | ---------------------------------------------------------------------------------------- |
| `table` | `{columns: [{name, type}], rows: [[cell…]…], offset, total}`; a cell is a scalar or text |
| `json`  | the document                                                                             |
| `text`  | the text, its head where it is long                                                      |
| `html`  | HTML, whole, as anybody wrote it: not to be trusted                                      |
| `image` | PNG bytes in base64                                                                      |
| `facts` | what is known about it: class, size, versions                                            |
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass
from typing import Any, Final

from treadle.spec.values import Value
from treadle.store.artifacts import ArtifactStore
from treadle.store.references import ArtifactRef

__all__ = ["ArtifactPreview", "preview"]

_ROWS: Final = 1000
_COLUMNS: Final = 300
_CELL: Final = 500
_TEXT: Final = 256 * 1024
_PAGE: Final = 8 * 1024 * 1024
_IMAGE: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArtifactPreview:
    """`kind` and `value` as in the table above."""

    digest: str
    type: str
    kind: str
    value: Value


def preview(store: ArtifactStore, ref: ArtifactRef, offset: int = 0, limit: int = 200) -> ArtifactPreview:
    """Rows `offset` to `offset + limit` of a table, or the artifact's other view. Raises KeyError where it is gone.

    Bytes that are not what `ref` says (a blob somebody edited) give facts with a `problem`, not an error.
    """
    if not store.has(ref.digest):
        raise KeyError(ref.digest)
    try:
        kind, value = _view(store, ref, max(offset, 0), min(max(limit, 0), _ROWS))
    except (ValueError, OSError, RecursionError, UnicodeDecodeError) as error:
        kind, value = "facts", {**_facts(ref), "problem": f"cannot be shown: {error}"}
    return ArtifactPreview(ref.digest, ref.type, kind, value)


def _view(store: ArtifactStore, ref: ArtifactRef, offset: int, limit: int) -> tuple[str, Value]:
    path = str(store.path(ref))
    match ref.codec:
        case "arrow":
            return "table", _table(path, offset, limit)
        case "npy":
            return _array(path, ref, offset, limit)
        case "json":
            return _json(store, ref)
        case "text" if ref.type == "Html" and ref.size <= _PAGE:
            return "html", store.path(ref).read_bytes().decode("utf-8", "replace")
        case "text":
            return "text", _text(store, ref)
        case "png" if ref.size <= _IMAGE:
            return "image", base64.b64encode(store.path(ref).read_bytes()).decode("ascii")
        case "list" | "directory":
            return "facts", {**_facts(ref), **_manifest(store, ref, offset, limit)}
        case _:
            return "facts", _facts(ref)


def _facts(ref: ArtifactRef) -> dict[str, Value]:
    return {"type": ref.type, "codec": ref.codec, "size": ref.size, **ref.meta}


def _table(path: str, offset: int, limit: int) -> Value:
    import pyarrow as pa

    try:
        with pa.memory_map(path) as source:
            table = pa.ipc.open_file(source).read_all()
            shown = table.select(list(range(min(table.num_columns, _COLUMNS)))).slice(offset, limit)
            columns: list[Value] = [{"name": field.name, "type": str(field.type)} for field in shown.schema]
            cells = [[_cell(value) for value in column.to_pylist()] for column in shown.columns]
            rows: list[Value] = [list(row) for row in zip(*cells, strict=True)]
            return {"columns": columns, "rows": rows, "offset": offset, "total": table.num_rows}
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _cell(value: Any) -> Value:
    """A cell in strict JSON: numbers stay numbers where JSON can say them exactly."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _CELL else text[:_CELL] + "…"


def _array(path: str, ref: ArtifactRef, offset: int, limit: int) -> tuple[str, Value]:
    import numpy

    array = numpy.load(path, mmap_mode="r", allow_pickle=False)
    if array.ndim not in (1, 2) or array.dtype.names:
        return "facts", _facts(ref)
    shown = array[offset : offset + limit]
    shown = shown[:, None] if array.ndim == 1 else shown[:, :_COLUMNS]
    columns: list[Value] = [{"name": str(number), "type": str(array.dtype)} for number in range(shown.shape[1])]
    rows: list[Value] = [[_cell(value) for value in row] for row in shown.tolist()]
    return "table", {"columns": columns, "rows": rows, "offset": offset, "total": len(array)}


def _json(store: ArtifactStore, ref: ArtifactRef) -> tuple[str, Value]:
    if ref.size > _TEXT:
        return "text", _text(store, ref)
    return "json", _strict(json.loads(store.path(ref).read_bytes()))


def _strict(value: Any) -> Value:
    """NaN and infinities as text: JSON has none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list):
        return [_strict(item) for item in value]
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    plain: Value = value
    return plain


def _text(store: ArtifactStore, ref: ArtifactRef) -> str:
    with store.path(ref).open("rb") as file:
        data = file.read(_TEXT)
    text = data.decode("utf-8", "replace")
    return text if ref.size <= _TEXT else f"{text}\n… the first {_TEXT:,} of {ref.size:,} bytes"


def _manifest(store: ArtifactStore, ref: ArtifactRef, offset: int, limit: int) -> dict[str, Value]:
    """The members of a list or a directory, `offset` to `offset + limit`."""
    members = store.members(ref)
    return {"members": members[offset : offset + limit], "total": len(members)}
