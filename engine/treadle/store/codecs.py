"""Codecs: how a value of a port type becomes a blob and comes back. Workers use these; the app never does.

| port type       | codec                                    |
| --------------- | ---------------------------------------- |
| Table           | `arrow`: Arrow IPC file                  |
| Array           | `npy` (sparse matrices: `joblib`)        |
| Model           | `joblib`, or `skops` where it is asked   |
| Metrics Json, scalars | `json`                             |
| Figure Image    | `png`                                    |
| Text Html       | `text`: UTF-8                            |
| File Directory  | `file`, `directory` (a manifest of blobs) |
| Any             | by the value's class; `pickle` at last   |
| list[…]         | `list`: a manifest of references         |

`dump` gives a reference as a plain dict with the fields of `ArtifactRef`; `load` takes one. Standard library only at
the top, Python ≥ 3.9, no Treadle needed.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH110, PTH112, PTH118, PTH123

from __future__ import annotations

import os
from typing import Any

from . import files, objects, plain, tables
from .blobs import BlobWriter, StoreFull, blob_path

__all__ = ["BlobWriter", "StoreFull", "Unsuitable", "blob_path", "dump", "dump_items", "items", "load"]

_SCALARS = ("bool", "int", "float", "str", "datetime")
_SUFFIXES = {"arrow": ".arrow", "npy": ".npy", "json": ".json", "png": ".png", "text": ".txt"}


class Unsuitable(Exception):
    """The value is not what its port type says; the message says why."""


_REFUSALS = (tables.NotATable, plain.NotPlain, files.NotAFile, objects.NotAnObject)


def dump(value: Any, type_name: str, store: BlobWriter, models: str = "joblib") -> dict[str, Any]:
    """Puts `value` in the store as `type_name` and returns its reference. Raises Unsuitable, OSError.

    `models` is the codec of estimators: `joblib` or `skops`.
    """
    try:
        if type_name.startswith("list["):
            return _dump_list(value, type_name, store, models)
        codec, digest, size, meta = _dump_one(value, type_name, store, models)
    except _REFUSALS as error:
        raise Unsuitable(str(error)) from error
    return {"digest": digest, "type": type_name, "codec": codec, "size": size, "meta": meta}


def items(reference: dict[str, Any], root: str) -> list[dict[str, Any]]:
    """The references that a list's reference stands for."""
    with open(blob_path(root, reference["digest"]), "rb") as file:
        found: list[dict[str, Any]] = plain.from_json(file.read())["items"]
    return found


def dump_items(items: list[dict[str, Any]], type_name: str, store: BlobWriter) -> dict[str, Any]:
    """The reference of a list of `items`, which are in the store. Raises OSError."""
    digest, size = store.put_bytes(plain.to_json({"items": items}))
    total = size + sum(item["size"] for item in items)
    return {"digest": digest, "type": type_name, "codec": "list", "size": total, "meta": {"items": len(items)}}


def _dump_list(value: Any, type_name: str, store: BlobWriter, models: str) -> dict[str, Any]:
    if not isinstance(value, (list, tuple)):
        raise Unsuitable(f"returned {type(value).__name__}, not a list")
    made = []
    for position, item in enumerate(value):
        try:
            made.append(dump(item, type_name[5:-1], store, models))
        except Unsuitable as error:
            raise Unsuitable(f"item {position}: {error}") from error
    return dump_items(made, type_name, store)


def _dump_one(value: Any, type_name: str, store: BlobWriter, models: str) -> tuple[str, str, int, dict[str, Any]]:
    """(codec, digest, size, meta)."""
    kind = _kind_of(value) if type_name == "Any" else type_name
    if kind == "Table":
        table = tables.to_arrow(value)
        return ("arrow", *store.put_parts(tables.parts(table)), tables.describe(table, value))
    if kind == "Array":
        return objects.dump_array(value, store)
    if kind == "Model":
        return objects.dump_model(value, store, models)
    if kind in ("Figure", "Image"):
        return objects.dump_picture(value, store)
    if kind == "File":
        return files.dump_file(value, store)
    if kind == "Directory":
        return files.dump_directory(value, store)
    if kind in ("Text", "Html"):
        data, meta = plain.text(value)
        return ("text", *store.put_bytes(data), meta)
    if kind == "pickle":
        return objects.dump_pickle(value, store)
    data, meta = plain.scalar(value, kind) if kind in _SCALARS else plain.document(value, metrics=kind == "Metrics")
    return ("json", *store.put_bytes(data), meta)


def _kind_of(value: Any) -> str:
    """The port type that suits `value` best; `pickle` where none does."""
    if tables.is_table(value):
        return "Table"
    if isinstance(value, os.PathLike):
        return "Directory" if os.path.isdir(value) else "File"
    if isinstance(value, str):
        return "Text"
    if objects.is_plain_array(value):
        return "Array"
    if objects.is_picture(value):
        return "Figure"
    if objects.is_estimator(value):
        return "Model"
    return "Json" if plain.is_document(value) else "pickle"


def load(reference: dict[str, Any], kind: str, root: str, folder: str, port: str) -> Any:
    """The value that `reference` names, as `kind` (see `AttemptRequest.input_kinds`).

    `folder` is where a path for the reader may be made, under `port`. Raises FileNotFoundError where the blob is gone,
    ImportError where a library is.
    """
    codec = reference["codec"]
    path = blob_path(root, reference["digest"])
    if not os.path.exists(path):
        raise FileNotFoundError(f"the artifact {reference['digest'][:12]} is no longer in the store")
    if codec == "list":
        return [
            load(item, kind, root, folder, f"{port}-{number}") for number, item in enumerate(items(reference, root))
        ]
    if codec == "directory":
        return files.lay_out(path, reference["digest"], root)
    if codec == "file" or (kind == "path" and codec in _SUFFIXES):
        name = reference["meta"].get("name") if codec == "file" else port + _SUFFIXES[codec]
        return files.named_link(path, os.path.join(folder, port), str(name or port))
    return _load_value(codec, path, kind, reference["meta"])


def _load_value(codec: str, path: str, kind: str, meta: dict[str, Any]) -> Any:
    if codec == "arrow":
        return tables.read(path, kind, meta)
    if codec == "npy":
        return objects.load_array(path, kind)
    if codec in ("joblib", "skops", "pickle"):
        return objects.load_object(path, codec)
    with open(path, "rb") as file:
        data = file.read()
    if codec == "json":
        return plain.from_json(data)
    if codec == "text":
        return data.decode("utf-8", "surrogatepass")
    if codec == "png":
        return data
    raise ValueError(f"unknown codec {codec!r}; a newer Treadle wrote it")
