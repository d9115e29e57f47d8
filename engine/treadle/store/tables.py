"""Tables as Arrow IPC files: from pandas, polars and pyarrow, and back to whichever the reader wants, memory-mapped.

The map is private (copy on write): columns are not copied, yet may be changed in place. Libraries are imported on use;
at the top only the standard library, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH123

from __future__ import annotations

import io
import mmap
from typing import Any

from . import frames

__all__ = ["NotATable", "describe", "is_table", "parts", "read", "to_arrow"]


class NotATable(Exception):
    """The value is not a table that Arrow can say; the message says what is in the way."""


def _package(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def is_table(value: Any) -> bool:
    """Whether `value` is a data frame, a series or an Arrow table, without importing any library."""
    names = {"pandas": {"DataFrame", "Series"}, "polars": {"DataFrame", "LazyFrame", "Series"}}
    names["pyarrow"] = {"Table", "RecordBatch"}
    return any(base.__name__ in names.get(base.__module__.partition(".")[0], ()) for base in type(value).__mro__)


def to_arrow(value: Any) -> Any:
    """A `pyarrow.Table` of `value`. Raises NotATable."""
    if not is_table(value):
        raise NotATable(f"returned {_name(value)}, not a pandas, polars or pyarrow table")
    import pyarrow as pa

    try:
        if _package(value) == "polars":
            return _from_polars(value)
        if isinstance(value, pa.RecordBatch):
            return pa.Table.from_batches([value])
        if isinstance(value, pa.Table):
            return value
        return _from_pandas(value)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise NotATable(f"the {_name(value)} cannot be stored: {_sentence(error)}") from error


def _from_polars(value: Any) -> Any:
    kind = type(value).__name__
    if kind == "LazyFrame":
        value = value.collect()
    elif kind == "Series":
        value = value.to_frame()
    return value.to_arrow()


def _from_pandas(value: Any) -> Any:
    frame = value.to_frame() if hasattr(value, "to_frame") and not hasattr(value, "columns") else value
    if not frame.columns.is_unique:
        twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
        raise NotATable(f"the DataFrame has several columns named {', '.join(twice)}; give each its own name")
    return frames.from_frame(frame)


def _sentence(error: BaseException) -> str:
    parts = [str(part) for part in error.args] or [type(error).__name__]
    return "; ".join(parts)


def _name(value: Any) -> str:
    return "None" if value is None else type(value).__name__


class _Parts(io.RawIOBase):
    """Takes what is written as it is, without copying it."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self.taken.append(part)
        return len(part)


def parts(table: Any) -> list[Any]:
    """A `pyarrow.Table` as an Arrow IPC file: the buffers that follow each other in it, its own where they fit."""
    import pyarrow as pa

    sink = _Parts()
    with pa.PythonFile(sink, "w") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return sink.taken


def describe(table: Any, value: Any) -> dict[str, Any]:
    """What a person wants to know: rows, columns with types, and the library it came from."""
    columns = [{"name": field.name, "type": str(field.type)} for field in table.schema]
    if _package(value) == "pandas":
        hidden = {
            name for name in (table.schema.pandas_metadata or {}).get("index_columns", []) if isinstance(name, str)
        }
        columns = [column for column in columns if column["name"] not in hidden]
    meta = {"rows": table.num_rows, "columns": columns, "class": f"{_package(value)}.{type(value).__name__}"}
    unnamed = meta["class"] == "pandas.Series" and value.name is None
    return {**meta, "unnamed": True} if unnamed else meta


def read(path: str, kind: str, meta: dict[str, Any]) -> Any:
    """The table at `path` as `kind`: `pandas`, `polars`, `pyarrow`, `numpy`; `""` is as `meta` says it was written."""
    import pyarrow as pa

    made_by = str(meta.get("class", ""))
    kind = kind or made_by.partition(".")[0] or "pandas"
    with open(path, "rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    table = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapping))).read_all()
    if kind == "pyarrow":
        return table
    if kind == "polars":
        import polars

        return polars.from_arrow(table)
    frame = frames.to_frame(table, mapping, made_by.startswith("pandas."))
    if made_by == "pandas.Series":
        frame = frame.iloc[:, 0].rename(None) if meta.get("unnamed") else frame.iloc[:, 0]
    return frame.to_numpy() if kind == "numpy" else frame
