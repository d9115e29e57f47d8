"""What user code may say while it runs: `treadle.report` as the worker has it, sending frames at a bounded rate.

Metrics are also kept in the attempt's `metrics.jsonl`; artifacts and checkpoints are blobs before a frame names them.
Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH103, PTH118, PTH120, PTH123

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import threading
import time
import types
from typing import Any, Callable  # noqa: UP035 (runs under Python 3.9 too)

from .frames import pack, write_all

__all__ = ["Keeper", "Reports", "install"]

_RATE = 20.0  # progress frames a second; some in a row pass at once, and the last one is always sent
_LEVELS = ("debug", "info", "warning", "error")


class Reports:
    """Sends progress, metrics and what is kept on the attempt's channel; used from any thread of the worker."""

    def __init__(self, channel: int, folder: str) -> None:
        self._channel = channel
        self._owner = os.getpid()
        self.turn_to(folder)
        self._lock = threading.Lock()
        self._allowed = _RATE
        self._at = time.monotonic()
        self._held: dict[str, Any] | None = None

    def turn_to(self, folder: str) -> None:
        """The next attempt of this process."""
        self._metrics = os.path.join(folder, "metrics.jsonl")

    def send(self, message: dict[str, Any]) -> None:
        """One frame; nothing from a child that user code forked, whose frames would mix with ours."""
        if os.getpid() == self._owner:
            data = pack(message)
            with self._lock:
                write_all(self._channel, data)

    def progress(self, fraction: float, message: str = "") -> None:
        """How far this attempt is: `fraction` from 0 to 1, and a few words."""
        fraction = float(fraction)
        if not math.isfinite(fraction):
            return  # a report says nothing rather than fail the node
        frame = {"kind": "progress", "fraction": min(max(fraction, 0.0), 1.0), "message": str(message)[:500]}
        now = time.monotonic()
        self._allowed = min(self._allowed + (now - self._at) * _RATE, _RATE)
        self._at = now
        if self._allowed < 1:
            self._held = frame
            return
        self._allowed -= 1
        self._held = None
        self.send(frame)

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        """One value of a named metric, at `step` if it has steps."""
        frame = {"name": str(name)[:200], "value": float(value), "step": None if step is None else int(step)}
        os.makedirs(os.path.dirname(self._metrics), exist_ok=True)
        with self._lock, open(self._metrics, "a", encoding="utf-8") as file:
            file.write(json.dumps({**frame, "at": time.time()}) + "\n")
        self.send({"kind": "metric", **frame})

    def log(self, message: str, level: str = "info") -> None:
        """A line of the log that says how loud it is; an unknown level is info."""
        word = str(level).lower()
        text = str(message).replace("\n", "\n    ")
        print(f"{word.upper() if word in _LEVELS else 'INFO'} {text}")

    def finish(self, result: dict[str, Any]) -> None:
        """The held progress, then the result."""
        if self._held is not None:
            self.send(self._held)
            self._held = None
        self.send(result)


class Keeper:
    """Artifacts besides the declared outputs, and checkpoints. `dump` puts a value in the store, `load` takes it out.

    `request` names the checkpoint that the attempt begins with, and its folder.
    """

    def __init__(
        self,
        reports: Reports,
        dump: Callable[[Any], dict[str, Any]],
        load: Callable[[dict[str, Any], str], Any],
        request: dict[str, Any],
    ) -> None:
        self._reports = reports
        self._dump = dump
        self._load = load
        self.turn_to(request)

    def turn_to(self, request: dict[str, Any]) -> None:
        """The next attempt of this process."""
        self._last: dict[str, Any] | None = request["checkpoint"]
        self._folder = os.path.join(request["folder"], "inputs")

    @property
    def last(self) -> dict[str, Any] | None:
        """The reference of the last checkpoint."""
        return self._last

    def artifact(self, name: str, value: Any) -> None:
        """Keeps `value` under `name`. Raises what the store raises, as for an output."""
        self.note_artifact(name, self._dump(value))

    def note_artifact(self, name: str, reference: dict[str, Any]) -> None:
        """What `reference` names is in the store: it is kept under `name`."""
        self._reports.send({"kind": "artifact", "name": str(name)[:200], "reference": reference})

    def checkpoint(self, value: Any) -> None:
        """Keeps `value` for the next attempt of this node, in the place of the checkpoint before."""
        self.note_checkpoint(self._dump(value))

    def note_checkpoint(self, reference: dict[str, Any]) -> None:
        """What `reference` names is in the store: it is the last checkpoint from here on."""
        self._last = reference
        self._reports.send({"kind": "checkpoint", "reference": reference})

    def last_checkpoint(self) -> Any:
        """The value of the last checkpoint; None where there is none, or where it is no longer in the store."""
        if self._last is None:
            return None
        with contextlib.suppress(FileNotFoundError):
            return self._load(self._last, self._folder)
        return None


class _StandIn:
    """Finds an empty `treadle` package where the real one is not installed, so that `treadle.report` has a parent."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
        if name != "treadle":
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, None, is_package=True)


def install(reports: Reports, keeper: Keeper) -> None:
    """Makes `from treadle.report import progress, …` reach `reports` and `keeper`."""
    said = {
        "progress": reports.progress, "metric": reports.metric, "log": reports.log, "artifact": keeper.artifact,
        "checkpoint": keeper.checkpoint, "last_checkpoint": keeper.last_checkpoint,
    }  # fmt: skip
    module = types.ModuleType("treadle.report")
    module.__dict__.update(said, __all__=sorted(said))
    sys.modules["treadle.report"] = module
    sys.meta_path.append(_StandIn)
