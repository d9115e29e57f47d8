"""Arrays, models, pictures and other Python objects as blobs. Libraries are imported on use; Python ≥ 3.9."""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH123

from __future__ import annotations

import io
import os
import struct
import sys
from typing import Any

from .blobs import BlobWriter

__all__ = [
    "NotAnObject", "dump_array", "dump_model", "dump_pickle", "dump_picture", "is_estimator", "is_picture",
    "is_plain_array", "load_array", "load_object",
]  # fmt: skip

_PNG = b"\x89PNG\r\n\x1a\n"


class NotAnObject(Exception):
    """The value is not of the kind its port wants, or cannot be stored."""


def _package(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def _name(value: Any) -> str:
    return "None" if value is None else type(value).__name__


def is_plain_array(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray) and not value.dtype.hasobject


def dump_array(value: Any, store: BlobWriter) -> tuple[str, str, int, dict[str, Any]]:
    """(codec, digest, size, meta) of a numpy array, a series, a list of numbers or a scipy sparse matrix."""
    import numpy

    if value is None or isinstance(value, (str, bytes, dict, set)):
        raise NotAnObject(f"returned {_name(value)}, not an array")
    if _package(value) == "scipy" and hasattr(value, "nnz"):
        return _dump_joblib(value, store, {"shape": list(value.shape), "dtype": str(value.dtype)})
    try:
        array = value.to_numpy() if hasattr(value, "to_numpy") else numpy.asarray(value)
    except (TypeError, ValueError) as error:
        raise NotAnObject(f"returned {_name(value)}, which is not an array: {error}") from error
    if array.dtype.hasobject:
        raise NotAnObject(f"the array of {_name(value)} holds Python objects; give it a numeric or text dtype")

    return ("npy", *store.put_parts(_npy(array)), {"shape": list(array.shape), "dtype": str(array.dtype)})


def _npy(array: Any) -> list[Any]:
    """The parts of a NumPy file. NumPy's own writer copies an array that is neither C- nor Fortran-contiguous; so is it
    here."""
    import numpy

    head = io.BytesIO()
    by_columns = array.flags.f_contiguous and not array.flags.c_contiguous
    flat = array.T if by_columns else numpy.ascontiguousarray(array)
    fields = numpy.lib.format.header_data_from_array_1_0(array)
    numpy.lib.format.write_array_header_1_0(head, {**fields, "fortran_order": by_columns})
    return [head.getvalue(), flat.reshape(-1).view(numpy.uint8)] if array.size else [head.getvalue()]


def load_array(path: str, kind: str) -> Any:
    """The array at `path`, memory-mapped copy-on-write: unread parts cost nothing, changes stay private."""
    import numpy

    array = numpy.asarray(numpy.load(path, mmap_mode="c", allow_pickle=False))
    if kind == "pandas":
        import pandas

        return pandas.DataFrame(array) if array.ndim > 1 else pandas.Series(array)
    return array


def is_estimator(value: Any) -> bool:
    return not isinstance(value, type) and hasattr(value, "fit") and hasattr(value, "get_params")


def dump_model(value: Any, store: BlobWriter, codec: str) -> tuple[str, str, int, dict[str, Any]]:
    """(codec, digest, size, meta) of a fitted estimator or any object that can be pickled, as `joblib` or `skops`."""
    if value is None:
        raise NotAnObject("returned None, not a model")
    meta = {"class": f"{type(value).__module__}.{type(value).__qualname__}", "versions": _versions(value)}
    return _dump_skops(value, store, meta) if codec == "skops" else _dump_joblib(value, store, meta)


def _dump_skops(value: Any, store: BlobWriter, meta: dict[str, Any]) -> tuple[str, str, int, dict[str, Any]]:
    import pickle

    import skops.io

    try:
        return ("skops", *store.put_written(lambda path: skops.io.dump(value, path)), meta)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError) as error:
        raise NotAnObject(f"the {_name(value)} cannot be stored by skops: {error}") from error


def _versions(value: Any) -> dict[str, str]:
    """Versions of the libraries a reader must have alike."""
    names = {_package(value), "numpy"} & set(sys.modules)
    versions = {name: getattr(sys.modules[name], "__version__", None) for name in sorted(names)}
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{name: version for name, version in versions.items() if isinstance(version, str)}}


def _dump_joblib(value: Any, store: BlobWriter, meta: dict[str, Any]) -> tuple[str, str, int, dict[str, Any]]:
    import pickle

    try:
        import joblib
    except ImportError:
        return dump_pickle(value, store, meta)
    try:
        return ("joblib", *store.put_written(lambda path: joblib.dump(value, path)), meta)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        raise NotAnObject(f"the {_name(value)} cannot be pickled: {error}") from error


def dump_pickle(
    value: Any, store: BlobWriter, meta: dict[str, Any] | None = None
) -> tuple[str, str, int, dict[str, Any]]:
    """(codec, digest, size, meta) of anything that can be pickled: the last resort."""
    import pickle

    try:
        data = pickle.dumps(value, protocol=5)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        raise NotAnObject(f"the {_name(value)} cannot be pickled: {error}") from error
    kept = meta or {"class": f"{type(value).__module__}.{type(value).__qualname__}"}
    return ("pickle", *store.put_bytes(data), kept)


def load_object(path: str, codec: str) -> Any:
    """Unpickles; only ever called in a worker."""
    import pickle

    if codec == "joblib":
        import joblib

        return joblib.load(path)
    if codec == "skops":
        import skops.io

        return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    with open(path, "rb") as file:
        return pickle.load(file)  # noqa: S301 (a worker runs the user's code anyway)


def is_picture(value: Any) -> bool:
    return _figure(value) is not None or _package(value) == "PIL" or _is_png(value)


def _is_png(value: Any) -> bool:
    return isinstance(value, (bytes, bytearray)) and bytes(value[:8]) == _PNG


def _figure(value: Any) -> Any:
    """The matplotlib figure in `value`: itself, or of its axes or grid."""
    for candidate in (value, getattr(value, "figure", None), getattr(value, "fig", None)):
        if candidate is not None and hasattr(candidate, "savefig") and hasattr(candidate, "get_size_inches"):
            return candidate
    return None


def dump_picture(value: Any, store: BlobWriter) -> tuple[str, str, int, dict[str, Any]]:
    """(codec, digest, size, meta) of a PNG: of a matplotlib figure or axes, a PIL image, PNG bytes, a path to a PNG."""
    data = _png_bytes(value)
    width, height = struct.unpack(">II", data[16:24])
    return ("png", *store.put_bytes(data), {"width": width, "height": height})


def _png_bytes(value: Any) -> bytes:
    if isinstance(value, os.PathLike):
        with open(value, "rb") as file:
            value = file.read()
    if _is_png(value) and len(value) > 24:
        return bytes(value)
    figure, buffer = _figure(value), io.BytesIO()
    if figure is not None:
        figure.savefig(buffer, format="png", dpi=120, bbox_inches="tight", metadata={"Software": None})
    elif _package(value) == "PIL":
        value.save(buffer, format="PNG")
    else:
        raise NotAnObject(f"returned {_name(value)}, not a matplotlib figure, a PIL image or the bytes of a PNG")
    return buffer.getvalue()
