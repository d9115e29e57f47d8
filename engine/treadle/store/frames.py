"""pandas frames as Arrow tables and back, without touching the columns that lie in memory as Arrow has them.

    writing   numbers and categories without a gap: their memory as it is │ all else: Arrow's own conversion
    reading   numbers and categories: views of the map                    │ all else: Arrow's own conversion

Both ways give what Arrow's conversion gives, metadata included. Libraries are imported on use; Python ≥ 3.9.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["from_frame", "practise", "to_frame"]

_MANY = 1 << 16  # rows: Arrow's own conversion of fewer takes less than looking at the columns one by one
_LABEL = b"pandas"


def from_frame(frame: Any) -> Any:
    """A `pyarrow.Table` of a frame whose columns have different names, each column in one piece.

    NaN is null in it, as Arrow has it. Raises what `pyarrow.Table.from_pandas` raises.
    """
    import pyarrow as pa

    is_index_among_columns = not set(map(str, frame.index.names)).isdisjoint(map(str, frame.columns))
    swift = {} if len(frame) < _MANY or is_index_among_columns else _as_they_lie(frame)
    if not swift:
        return pa.Table.from_pandas(frame).combine_chunks()
    others = {at: frame.iloc[:, at] for at in range(frame.shape[1]) if at not in swift}
    kept = [at in others for at in range(frame.shape[1])]
    rest = pa.Table.from_pandas(_frame(others, frame.index, frame.columns[kept])).combine_chunks()
    named = pa.Schema.from_pandas(frame.iloc[:0, list(swift)])
    columns = _woven(
        list(zip(named, swift.values())),  # noqa: B905 (Python 3.9)
        list(zip(rest.schema, rest.columns)),  # noqa: B905
        kept,
    )
    fields = [field for field, _ in columns]
    return pa.Table.from_arrays(
        [column for _, column in columns], schema=pa.schema(fields, _described(named.metadata, rest.schema, kept))
    )


def _as_they_lie(frame: Any) -> dict[int, Any]:
    """By position the Arrow arrays over the memory of columns without a gap: of the others Arrow makes its own."""
    import numpy
    import pandas

    found = {}
    for at, dtype in enumerate(frame.dtypes):
        array = None
        if isinstance(dtype, pandas.CategoricalDtype):
            array = _codes(frame.iloc[:, at].array)
        elif isinstance(dtype, numpy.dtype) and dtype.kind in "iuf" and dtype.itemsize <= 8:
            array = _numbers(frame.iloc[:, at].to_numpy())
        if array is not None:
            found[at] = array
    return found


def _numbers(values: Any) -> Any:
    import numpy
    import pyarrow as pa

    if not values.flags.c_contiguous:
        return None
    has_gap = values.dtype.kind == "f" and numpy.isnan(values.min())  # the least of what has a NaN is NaN
    return None if has_gap else pa.array(values)


def _codes(values: Any) -> Any:
    import pyarrow as pa

    if values.codes.min() < 0:
        return None
    categories = pa.array(values.categories, from_pandas=True)
    return pa.DictionaryArray.from_arrays(pa.array(values.codes), categories, ordered=values.ordered, safe=False)


def _woven(swift: list[Any], others: list[Any], kept: list[bool]) -> list[Any]:
    """Both in the frame's order; what `others` has beyond its columns, the index, comes last."""
    rest, taken = iter(others), iter(swift)
    return [next(rest if is_other else taken) for is_other in kept] + list(rest)


def _described(swift: dict[bytes, bytes], rest: Any, kept: list[bool]) -> dict[bytes, bytes]:
    """What Arrow notes of a frame, put together from what it notes of two parts of it."""
    own, whole = json.loads(swift[_LABEL]), json.loads(rest.metadata[_LABEL])
    whole["columns"] = _woven(own["columns"], whole["columns"], kept)
    whole["column_indexes"] = own["column_indexes"]
    return {**rest.metadata, _LABEL: json.dumps(whole).encode()}


def to_frame(table: Any, mapping: Any, is_frames: bool) -> Any:
    """The frame of a `table` that lies in the private map `mapping`: its columns can be changed in place.

    `is_frames` says that `from_frame` made it and no other library: its floats then are NaN beneath what is null.
    """
    import numpy

    whole = numpy.frombuffer(mapping, dtype=numpy.uint8)
    head = table.slice(0, 0).to_pandas(use_threads=False)
    noted = table.schema.pandas_metadata or {}
    data = [at for at, name in enumerate(table.column_names) if name not in noted.get("index_columns", [])]
    swift: dict[int, Any] = {}
    if len(data) == head.shape[1]:
        was = {each["field_name"]: each["numpy_type"] for each in noted.get("columns", []) if is_frames}
        found = ((at, _mapped(table, at, head.dtypes.iloc[place], was, whole)) for place, at in enumerate(data))
        swift = {at: values for at, values in found if values is not None}
    rest = table.select([at for at in range(table.num_columns) if at not in swift]).to_pandas(split_blocks=True)
    others = iter(range(rest.shape[1]))
    columns = {
        place: swift[at] if at in swift else _writable(rest.iloc[:, next(others)], whole)
        for place, at in enumerate(data if swift else range(rest.shape[1]))
    }
    return _frame(columns, rest.index, head.columns) if columns else rest


def practise() -> None:
    """A small frame there and back, in this thread alone: what that sets up once is inherited by forks."""
    import pandas

    from_frame(pandas.DataFrame({"number": [1.5], "text": ["x"]})).to_pandas(use_threads=False)


def _mapped(table: Any, at: int, dtype: Any, was: dict[str, str], whole: Any) -> Any:
    """Column `at` as a view of `whole`, of pandas' `dtype`; None where its bytes are not what pandas wants."""
    import numpy
    import pandas
    import pyarrow as pa

    column = table.column(at)
    if column.num_chunks != 1:
        return None
    chunk = column.chunk(0)
    if isinstance(dtype, pandas.CategoricalDtype):
        is_whole = chunk.null_count == 0 and pa.types.is_signed_integer(chunk.type.index_type)
        codes = _bytes_of(chunk.indices, numpy.dtype(chunk.type.index_type.to_pandas_dtype()), whole, is_whole)
        return None if codes is None else _categories(codes, dtype)
    if not isinstance(dtype, numpy.dtype) or dtype.kind not in "iuf" or pa.from_numpy_dtype(dtype) != chunk.type:
        return None
    is_nan_beneath = dtype.kind == "f" and was.get(table.column_names[at]) == dtype.name
    return _bytes_of(chunk, dtype, whole, chunk.null_count == 0 or is_nan_beneath)


def _bytes_of(chunk: Any, dtype: Any, whole: Any, is_whole: bool) -> Any:
    """The values of an Arrow array as a part of `whole`; None unless they lie there."""
    values = chunk.buffers()[1]
    if not is_whole or values is None:
        return None
    start = values.address + chunk.offset * dtype.itemsize - whole.ctypes.data
    end = start + len(chunk) * dtype.itemsize
    return whole[start:end].view(dtype) if 0 <= start <= end <= whole.nbytes else None


def _categories(codes: Any, dtype: Any) -> Any:
    import pandas

    try:
        return pandas.Categorical.from_codes(codes, dtype=dtype, validate=False)
    except TypeError:  # pandas before 2.1 looks through all the codes
        return None


def _writable(column: Any, whole: Any) -> Any:
    """A column that Arrow made: as a view of `whole` where it lies there, for Arrow's own is read-only."""
    import numpy
    import pandas

    if isinstance(column.dtype, numpy.dtype):
        values = column.to_numpy()
        start = values.__array_interface__["data"][0] - whole.ctypes.data
        if values.flags.c_contiguous and 0 <= start <= start + values.nbytes <= whole.nbytes:
            return whole[start : start + values.nbytes].view(values.dtype)
        return column
    copies = isinstance(column.dtype, pandas.CategoricalDtype) or getattr(column.dtype, "kind", "") == "M"
    return column.array.copy() if copies else column


def _frame(columns: dict[int, Any], index: Any, labels: Any) -> Any:
    """A frame over these columns, of which none is copied."""
    import pandas

    made = pandas.DataFrame(columns, index=index, copy=False)
    made.columns = labels
    return made
