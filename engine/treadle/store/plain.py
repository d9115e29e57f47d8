"""Plain values as blobs: JSON documents, metrics, scalars, text. Standard library only, Python ≥ 3.9; at the
top no more of it than every attempt needs.

NaN and infinities stay what they are in the blob (Python's `NaN`, `Infinity`); in `meta`, which travels in strict
JSON, they are text.
"""

from __future__ import annotations

import json
import math
import numbers
import os
from typing import Any

__all__ = ["NotPlain", "document", "from_json", "is_document", "scalar", "text", "to_json"]

_META_ITEMS = 200


class NotPlain(Exception):
    """The value cannot be said in JSON or text; the message says where."""


def to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def from_json(data: bytes) -> Any:
    return json.loads(data.decode("utf-8", "surrogatepass"))


def _name(value: Any) -> str:
    return "None" if value is None else type(value).__name__


def scalar(value: Any, kind: str) -> tuple[bytes, dict[str, Any]]:
    """A `bool`, `int`, `float`, `str` or `datetime`; numpy's and pandas' scalars count as what they are."""
    plain = _scalar(value, kind)
    return to_json(plain), {"value": _strict(plain) if not isinstance(plain, str) else plain[:1000]}


def _scalar(value: Any, kind: str) -> Any:
    value = value.item() if _is_numpy_scalar(value) else value
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "int" and isinstance(value, numbers.Integral):
        return int(value)
    if kind == "float" and isinstance(value, numbers.Real):
        return float(value)
    if kind == "str" and isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if kind == "datetime":
        import datetime

        if isinstance(value, datetime.date):
            return value.isoformat()
    raise NotPlain(f"returned {_name(value)}, not a {kind}")


def _is_numpy_scalar(value: Any) -> bool:
    return type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "shape", None) == ()


def document(value: Any, metrics: bool) -> tuple[bytes, dict[str, Any]]:
    """A JSON document; `metrics` wants a mapping of names to numbers."""
    plain = _plain(value, "$", 0)
    if not metrics:
        size = len(plain) if isinstance(plain, (dict, list)) else None
        return to_json(plain), {"class": type(value).__name__, **({} if size is None else {"items": size})}
    if not isinstance(plain, dict):
        raise NotPlain(f"returned {_name(value)}, not a mapping of names to numbers")
    for name, number in plain.items():
        if number is not None and not isinstance(number, (bool, int, float)):
            raise NotPlain(f"the metric {name} is a {_name(number)}, not a number")
    few = dict(list(plain.items())[:_META_ITEMS])
    return to_json(plain), {"values": {name: _strict(number) for name, number in few.items()}}


def _strict(number: Any) -> Any:
    return str(number) if isinstance(number, float) and not math.isfinite(number) else number


def text(value: Any) -> tuple[bytes, dict[str, Any]]:
    if not isinstance(value, str):
        raise NotPlain(f"returned {_name(value)}, not a str")
    return value.encode("utf-8", "surrogatepass"), {"characters": len(value), "lines": value.count("\n") + 1}


def is_document(value: Any) -> bool:
    """Whether JSON gives back an equal value: nothing is converted on the way."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return type(value) in (type(None), bool, int, float, str)
    if type(value) is list:
        return all(map(is_document, value))
    return type(value) is dict and all(type(key) is str and is_document(item) for key, item in value.items())


def _plain(value: Any, place: str, depth: int) -> Any:
    """`value` in JSON's own types. Raises NotPlain naming the place inside."""
    if depth > 200:
        raise NotPlain(f"nested too deeply, or inside itself, at {place[:100]}")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if _is_numpy_scalar(value):
        return _plain(value.item(), place, depth + 1)
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {_key(key, place): _plain(item, f"{place}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        return [_plain(item, f"{place}[{number}]", depth + 1) for number, item in enumerate(items)]
    return _plain(_converted(value, place), place, depth + 1)


def _key(key: Any, place: str) -> str:
    key = key.item() if _is_numpy_scalar(key) else key
    if isinstance(key, (str, int, float, bool)):
        return str(key)
    if isinstance(key, tuple):
        return ", ".join(map(str, key))
    raise NotPlain(f"the key {key!r} at {place} is a {_name(key)}")


def _converted(value: Any, place: str) -> Any:
    import datetime
    import decimal

    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, (numbers.Real, decimal.Decimal)):
        return float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    package = type(value).__module__.partition(".")[0]
    if package == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if package in ("pandas", "polars") and type(value).__name__ in ("Series", "Index"):
        return value.to_dict() if hasattr(value, "to_dict") else value.to_list()
    raise NotPlain(f"{_name(value)} at {place} cannot be written as JSON")
