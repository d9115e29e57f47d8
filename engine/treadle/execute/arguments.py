"""Between the store and a function's signature: arguments from references and parameters, references from its return.

Standard library only at the top, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH118

from __future__ import annotations

import functools
import os
import typing
from typing import Any, Callable  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["BadInput", "BadOutput", "Misfit", "fed_parameters", "gather", "outputs"]


_TEXTS: tuple[Any, ...] = (str, "str", "str | None")


class Misfit(Exception):
    """What the function takes or returns does not fit its ports. `place` is where it is defined: (file, line)."""

    place: tuple[str | None, int | None] = (None, None)


class BadInput(Misfit):
    """An input could not be read from the store."""


class BadOutput(Misfit):
    """The function returned something else than its ports promise."""


def gather(function: Callable[..., Any], request: dict[str, Any], codecs: Any) -> dict[str, Any]:
    """Keyword arguments: parameters, then inputs (which may be promoted parameters). Raises BadInput."""
    given = {**request["params"], **request["secrets"]}
    for port, references in request["inputs"].items():
        given[port] = _input(port, references, request, codecs)
    written = getattr(function, "__annotations__", {})
    if not any(isinstance(value, str) and written.get(name) not in _TEXTS for name, value in given.items()):
        return given  # only a text stands for something else, and annotations cost more to read than all else here
    hints = _hints(function)
    return {name: _convert(value, hints.get(name)) for name, value in given.items()}


def fed_parameters(request: dict[str, Any], codecs: Any) -> dict[str, Any]:
    """The parameters of a program that edges feed: its other inputs are files. Raises BadInput."""
    ports = [port for port in request["inputs"] if port not in request["kinds"]]
    return {port: _input(port, request["inputs"][port], request, codecs) for port in ports}


def _input(port: str, references: list[dict[str, Any]], request: dict[str, Any], codecs: Any) -> Any:
    kind = request["kinds"].get(port, "")
    folder = os.path.join(request["folder"], "inputs")
    try:
        values = [codecs.load(reference, kind, request["artifacts"], folder, port) for reference in references]
    except Exception as error:
        raise BadInput(f"cannot read input {port}: {type(error).__name__}: {error}") from error
    if port not in request["many"]:
        return values[0] if values else None
    flat: list[Any] = []
    for reference, value in zip(references, values):  # noqa: B905 (Python 3.9)
        flat.extend(value if reference["codec"] == "list" else [value])
    return flat


@functools.lru_cache(64)
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Annotations as objects, as far as they can be had; they only steer `_convert`."""
    try:
        return typing.get_type_hints(function)
    except Exception:  # noqa: BLE001 (an annotation may name what exists only for a type checker)
        return {name: hint for name, hint in getattr(function, "__annotations__", {}).items() if isinstance(hint, type)}


def _convert(value: Any, hint: Any) -> Any:
    """A parameter is JSON; the function may want a `Path` or a `datetime`."""
    if not isinstance(value, str) or hint is None:
        return value
    wanted = {hint, *typing.get_args(hint)}
    if str in wanted:
        return value
    for kind in wanted:
        name = (getattr(kind, "__module__", ""), getattr(kind, "__qualname__", ""))
        if name[0].startswith("pathlib"):
            return kind(value)
        if name in {("datetime", "datetime"), ("datetime", "date")}:
            return kind.fromisoformat(value)
    return value


def outputs(returned: Any, request: dict[str, Any], codecs: Any, store: Any) -> dict[str, Any]:
    """A reference for every declared output but optional ones that are None. Raises BadOutput naming port and type."""
    declared = request["outputs"]
    values = _by_port(returned, declared, request["returns_tuple"])
    references = {}
    for port, type_name, optional in declared:
        if optional and values[port] is None:
            continue
        try:
            references[port] = codecs.dump(values[port], type_name, store, request["models"])
        except codecs.Unsuitable as error:
            raise BadOutput(f"output {port} wants {type_name}: {error}") from None
        except ImportError as error:
            raise BadOutput(
                f"output {port}: writing a {type_name} needs {error.name}, which is not installed"
            ) from error
        except codecs.StoreFull as error:
            message = f"output {port} could not be written to the store: {error.strerror}"
            raise codecs.StoreFull(error.errno, message) from error
        except OSError as error:
            raise BadOutput(f"output {port} could not be written to the store: {error}") from error
    return references


def _by_port(returned: Any, declared: list[list[Any]], is_tuple: bool) -> dict[str, Any]:
    names = [name for name, _, _ in declared]
    if not is_tuple:
        return dict.fromkeys(names[:1], returned)
    fields = getattr(type(returned), "_fields", None)
    if fields is None and not (isinstance(returned, tuple) and len(returned) == len(names)):
        wanted = ", ".join(f"{name}: {type_name}" for name, type_name, _ in declared)
        raise BadOutput(f"the function returned {type(returned).__name__}, its outputs want a NamedTuple ({wanted})")
    values = dict(zip(fields or names, returned))  # noqa: B905 (Python 3.9)
    missing = [name for name in names if name not in values]
    if missing:
        raise BadOutput(f"the NamedTuple that the function returned has no field {', '.join(missing)}")
    return values
