"""What a program wrote, put in the store as the types that its ports declare.

A table is told by its first bytes where it is Parquet or Arrow, whatever its name. Standard library only at the top,
Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH112, PTH118, PTH122, PTH123, PTH208

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..arguments import BadOutput
from .places import OutputPlace

__all__ = ["collect", "kept_path"]

_BY_SUFFIX = {
    ".csv": "Table", ".tsv": "Table", ".parquet": "Table", ".arrow": "Table", ".jsonl": "Table", ".json": "Json",
    ".npy": "Array", ".png": "Image", ".html": "Html", ".txt": "Text", ".joblib": "Model",
}  # fmt: skip
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


def collect(places: list[OutputPlace], models: str, codecs: Any, store: Any) -> dict[str, Any]:
    """A reference for every output. Raises BadOutput naming port and path."""
    missing = [place for place in places if not place.written()]
    if missing:
        raise BadOutput("; ".join(map(_missed, missing)))
    keep = _Keeper(models, codecs, store)
    references = {}
    for place in places:
        try:
            references[place.port] = keep.path(place.path, place.type, place.form)
        except codecs.StoreFull:
            raise
        except (codecs.Unsuitable, ValueError, OSError, ImportError, RecursionError) as error:
            words = str(error).removeprefix("returned ") or type(error).__name__
            raise BadOutput(
                f"output {place.port} wants {place.type}, but {place.path} can't be read: {words}"
            ) from error
    return references


def kept_path(path: str, models: str, codecs: Any, store: Any) -> dict[str, Any]:
    """The reference of the file or folder at `path` as what its suffix says; as a file where it can't be read so.

    Raises Unsuitable where there is none, OSError.
    """
    try:
        reference = _Keeper(models, codecs, store).path(path, "Any", "")
    except (codecs.Unsuitable, ValueError, ImportError, RecursionError, FileNotFoundError):
        reference = codecs.dump(path, "File", store)
    return {**reference, "type": "Any"}


def _missed(place: OutputPlace) -> str:
    was = "was not written anew" if place.before is not None and not os.path.isdir(place.path) else "was not written"
    return f"output {place.port} {was}: it is expected at {place.path}, which ${place.port} names"


class _Keeper:
    """Puts files in the store as values of a type. `models` is how estimators are stored."""

    def __init__(self, models: str, codecs: Any, store: Any) -> None:
        self._models = models
        self._codecs = codecs
        self._store = store

    def path(self, path: str, type_name: str, form: str) -> dict[str, Any]:
        """The reference of what lies at `path`."""
        if type_name.startswith("list["):
            names = sorted(name for name in os.listdir(path) if not name.startswith("."))
            items = [self.path(os.path.join(path, name), type_name[5:-1], form) for name in names]
            reference: dict[str, Any] = self._codecs.dump_items(items, type_name, self._store)
            return reference
        kind = _kind_of(path) if type_name == "Any" else type_name
        if kind == "Model":
            return self._model(path, type_name)
        reference = self._codecs.dump(_value(path, kind, form), kind, self._store, self._models)
        return {**reference, "type": type_name}

    def _model(self, path: str, type_name: str) -> dict[str, Any]:
        """A model is kept as it is: nobody here needs to have its library."""
        with open(path, "rb") as file:
            zipped = file.read(4) == b"PK\x03\x04"
        digest, size = self._store.put_file(path)
        codec = "skops" if zipped and path.endswith(".skops") else "joblib"
        meta = {"name": os.path.basename(path)}  # noqa: PTH119
        return {"digest": digest, "type": type_name, "codec": codec, "size": size, "meta": meta}


def _kind_of(path: str) -> str:
    return "Directory" if os.path.isdir(path) else _BY_SUFFIX.get(os.path.splitext(path)[1].lower(), "File")


def _value(path: str, kind: str, form: str) -> Any:
    """What lies at `path`, as `codecs.dump` wants a `kind`."""
    suffix = os.path.splitext(path)[1].lower().lstrip(".")
    if kind in ("File", "Directory", "Figure", "Image"):
        return Path(path)
    if kind == "Table":
        return _table(path, suffix or form)
    if kind == "Array":
        return _array(path, suffix or form)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if kind in ("Text", "Html"):
        return text
    return _scalar(text, kind) if kind in ("bool", "int", "float", "str", "datetime") else _json(text)


def _json(text: str) -> Any:
    import json

    return json.loads(text)


def _scalar(text: str, kind: str) -> Any:
    line = text.removesuffix("\n") if hasattr(text, "removesuffix") else text.rstrip("\n")
    if kind == "str":
        return line
    word = line.strip()
    if kind == "bool":
        if word.lower() not in (*_TRUE, *_FALSE):
            raise ValueError(f"it says {word[:100]!r}, which is neither true nor false")
        return word.lower() in _TRUE
    if kind == "datetime":
        from datetime import datetime

        return datetime.fromisoformat(word)
    return int(word) if kind == "int" else float(word)


def _table(path: str, form: str) -> Any:
    with open(path, "rb") as file:
        first = file.read(6)
    if first[:4] == b"PAR1":
        import pyarrow.parquet

        return pyarrow.parquet.read_table(path).to_pandas()
    if first == b"ARROW1":
        import pyarrow.ipc

        with pyarrow.OSFile(path) as source:
            return pyarrow.ipc.open_file(source).read_pandas()
    import pandas

    if form == "jsonl":
        return pandas.read_json(path, lines=True)
    return pandas.read_csv(path, sep="\t" if form == "tsv" else ",")


def _array(path: str, form: str) -> Any:
    import numpy

    if form == "csv":
        return numpy.loadtxt(path, delimiter=",")
    return numpy.load(path, allow_pickle=False)
