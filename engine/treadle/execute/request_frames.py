"""A request as its worker reads it: whole for one with a process of its own, in two parts for one in a series.

request_frame      everything, for one attempt
surroundings_frame what all attempts of a process share, once
request_packet     the rest, for each; a slice comes with the first request that needs it
"""

from __future__ import annotations

import contextlib
import json
from typing import Any, Final

import msgspec

from treadle.execute.protocol import AttemptRequest
from treadle.store.artifacts import to_fields

__all__ = ["request_frame", "request_packet", "slice_frame", "surroundings_frame"]

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
_encode_quickly: Final = msgspec.json.Encoder().encode


def request_frame(request: AttemptRequest) -> dict[str, Any]:
    """What a worker needs for this attempt, as JSON."""
    return {
        "kind": "request", "reuse": False, "digest": request.slice.digest, **_slice(request), **_own(request),
        **_surroundings(request), "secrets": dict(request.secrets), "node": request.kind.value,
        "checkpoint": None if request.checkpoint is None else to_fields(request.checkpoint),
        "python": request.python, "forms": {each.name: [each.form, each.path] for each in request.outputs},
    }  # fmt: skip


def surroundings_frame(request: AttemptRequest) -> dict[str, Any]:
    """What a process needs that is to carry out `request` and others with the same surroundings."""
    return {"kind": "surroundings", "file": _file(request), "secrets": {}, **_surroundings(request)}


def slice_frame(request: AttemptRequest) -> dict[str, Any]:
    """The code that it runs."""
    return {"kind": "slice", "digest": request.slice.digest, **_slice(request)}


def request_packet(request: AttemptRequest) -> bytes:
    """The attempt's own part. Raises ValueError, TypeError for what is not JSON."""
    own = {"digest": request.slice.digest, **_own(request)}
    if request.checkpoint is not None:
        own["checkpoint"] = to_fields(request.checkpoint)
    with contextlib.suppress(UnicodeEncodeError, OverflowError):  # half a surrogate pair, or 65 bits
        packet = _encode_quickly(own)
        if b"null" not in packet:  # which may be a number that is none
            return packet
    return _encode(own).encode("utf-8", "surrogatepass")


def _own(request: AttemptRequest) -> dict[str, Any]:
    return {
        "folder": request.folder, "params": dict(request.params), "returns_tuple": request.returns_tuple,
        "outputs": [[each.name, each.type, each.optional] for each in request.outputs], "many": sorted(request.many),
        "inputs": {port: [to_fields(ref) for ref in refs] for port, refs in request.inputs.items()},
        "kinds": dict(request.input_kinds),
    }  # fmt: skip


def _slice(request: AttemptRequest) -> dict[str, Any]:
    slice_ = request.slice
    return {
        "lines": slice_.lines, "text": slice_.text, "function": slice_.function, "file": _file(request),
        "imports": list(slice_.imports),
    }  # fmt: skip


def _surroundings(request: AttemptRequest) -> dict[str, Any]:
    return {
        "cwd": request.cwd, "environment": {**request.environment, **request.secret_variables},
        "cpu": request.resources.cpu or 1, "memory": request.resources.memory,
    }  # fmt: skip


def _file(request: AttemptRequest) -> str:
    lines = request.slice.lines
    return lines[-1][1] if lines else "<slice>"
