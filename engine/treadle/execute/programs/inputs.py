"""An artifact as a file that any program reads: CSV, Parquet, JSON, plain text, or the very bytes in the store.

What needs no conversion is a link into the store, read-only. Standard library only at the top, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH103, PTH112, PTH118, PTH119, PTH122, PTH123, PTH211

from __future__ import annotations

import json
import os
import shutil
import tempfile
from typing import Any

from ..arguments import BadInput

__all__ = ["lay_out_copy", "lay_out_inputs"]

_LINKED = {
    ("arrow", "arrow"), ("npy", "npy"), ("json", "json"), ("png", "png"), ("joblib", "joblib"), ("skops", "skops"),
    ("pickle", "pkl"),
}  # fmt: skip
_USUAL = {"arrow": "csv", "npy": "npy", "png": "png", "joblib": "joblib", "skops": "skops", "pickle": "pkl"}
_SCALARS = ("bool", "int", "float", "str", "datetime")


def lay_out_inputs(request: dict[str, Any], codecs: Any) -> dict[str, str]:
    """A path for each declared input that something feeds. Raises BadInput naming the port."""
    folder = os.path.join(request["folder"], "inputs")
    paths = {}
    for port, references in request["inputs"].items():
        if port not in request["kinds"]:
            continue  # a parameter that an edge feeds
        try:
            lay_out = _Layout(request["artifacts"], folder, codecs)
            form = request["kinds"][port]
            if port in request["many"]:
                paths[port] = lay_out.folder(_flat(references, request, codecs), form, port)
            else:
                paths[port] = lay_out.one(references[0], form, port)
        except Exception as error:
            raise BadInput(f"cannot write input {port} for it: {type(error).__name__}: {error}") from error
    return paths


def lay_out_copy(
    reference: dict[str, Any], artifacts: str, into: str, codecs: Any, *, form: str = "", name: str = "checkpoint"
) -> str:
    """A path below `into` to a copy of what `reference` names, which may be changed: called `name` where it has no name
    of its own, in `form` where it is a table. Raises FileNotFoundError, ValueError, OSError."""
    os.makedirs(into, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="copy-", dir=into)
    laid = _Layout(artifacts, os.path.join(folder, "read"), codecs).one(reference, form, name)
    mine = os.path.join(folder, os.path.basename(laid))
    if os.path.isdir(laid):
        return str(shutil.copytree(laid, mine, copy_function=shutil.copyfile))
    return str(shutil.copyfile(laid, mine))


def _flat(references: list[dict[str, Any]], request: dict[str, Any], codecs: Any) -> list[dict[str, Any]]:
    """The items, where some of them are lists."""
    return [
        item
        for reference in references
        for item in (codecs.items(reference, request["artifacts"]) if reference["codec"] == "list" else [reference])
    ]


class _Layout:
    """Lays artifacts of the store at `artifacts` out below `folder`."""

    def __init__(self, artifacts: str, folder: str, codecs: Any) -> None:
        self._artifacts = artifacts
        self._folder = folder
        self._codecs = codecs

    def folder(self, items: list[dict[str, Any]], form: str, name: str) -> str:
        """A folder with a file for each item, in order of their names: `0000.csv`, `0001.csv`, …"""
        made = os.path.join(self._folder, name)
        os.makedirs(made, exist_ok=True)
        inside = _Layout(self._artifacts, made, self._codecs)
        for number, item in enumerate(items):
            inside.one(item, form, f"{number:04}")
        return made

    def one(self, reference: dict[str, Any], form: str, name: str) -> str:
        """The path of `reference` in `form`, its own where that is empty."""
        codec = reference["codec"]
        if codec == "list":
            return self.folder(self._codecs.items(reference, self._artifacts), form, name)
        if codec == "directory":
            return str(self._codecs.load(reference, "", self._artifacts, self._folder, name))
        form = form or _usual_form(reference)
        if codec == "file":
            return self._named(reference, form, name)
        path = os.path.join(self._folder, f"{name}.{form}")
        os.makedirs(self._folder, exist_ok=True)
        if (codec, form) in _LINKED or codec == "text":
            os.symlink(os.path.abspath(self._codecs.blob_path(self._artifacts, reference["digest"])), path)
            return path
        value = self._codecs.load(reference, "pyarrow" if codec == "arrow" else "", self._artifacts, "", name)
        _write(value, codec, form, path)
        return path

    def _named(self, reference: dict[str, Any], form: str, name: str) -> str:
        """A file under the name it had: readers go by it."""
        was = str(reference["meta"].get("name") or name)
        wanted = f"{os.path.splitext(was)[0]}.{form}" if form else was
        renamed = {**reference, "meta": {**reference["meta"], "name": wanted}}
        return str(self._codecs.load(renamed, "", self._artifacts, self._folder, name))


def _usual_form(reference: dict[str, Any]) -> str:
    codec, type_name = reference["codec"], reference["type"]
    if codec == "json":
        return "txt" if type_name in _SCALARS else "json"
    if codec == "text":
        return "html" if type_name == "Html" else "txt"
    return _USUAL.get(codec, "")


def _write(value: Any, codec: str, form: str, path: str) -> None:
    if codec == "arrow":
        _write_table(value, form, path)
    elif codec == "npy" and form == "csv":
        import numpy

        numpy.savetxt(path, value, delimiter=",", fmt="%s")
    elif codec == "json" and form == "txt":
        with open(path, "w", encoding="utf-8") as file:
            file.write(_plain(value))
    else:
        raise ValueError(f"{codec} can't be written as {form}")


def _plain(value: Any) -> str:
    """A text as it is; anything else as a line of JSON."""
    return value if isinstance(value, str) else json.dumps(value) + "\n"


def _write_table(table: Any, form: str, path: str) -> None:
    if form == "parquet":
        import pyarrow.parquet

        pyarrow.parquet.write_table(table, path)
    elif form == "jsonl":
        table.to_pandas().to_json(path, orient="records", lines=True, date_format="iso")
    elif form in ("csv", "tsv"):
        _write_text_table(table, "\t" if form == "tsv" else ",", path)
    else:
        raise ValueError(f"a table can't be written as {form}")


def _write_text_table(table: Any, delimiter: str, path: str) -> None:
    """As pandas writes it: without quotes where none are needed, which other programs count on."""
    import pyarrow

    for field in table.schema:
        if pyarrow.types.is_nested(field.type):
            raise ValueError(
                f"column {field.name} holds {field.type}, which no text table can; declare format: parquet"
            )
    frame = table.to_pandas()
    has_names = any(name is not None for name in frame.index.names)
    frame.to_csv(path, sep=delimiter, index=has_names)
