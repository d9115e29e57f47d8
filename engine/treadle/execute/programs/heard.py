"""What a program reports while it runs: lines of JSON on a named pipe, whose path `TREADLE_REPORTS` tells it.

    {"progress": 0.3, "message": "epoch 3"}
    {"metric": "loss", "value": 0.12, "step": 30}
    {"log": "slower than it was", "level": "warning"}
    {"artifact": "curve", "path": "curve.png"}       or "value": any JSON
    {"checkpoint": true, "path": "state.bin"}        or "value": any JSON
    {"last_checkpoint": true}

Any program can write such lines; `treadle.report` and the command of `program_sdk` do, with two words more: `reference`
names a file that says what is in the store already, and `reply` one that the answer is written to as soon as what was
said is done. A line that says nothing sensible is passed over. Standard library only, Python ≥ 3.9.

    <attempt>/outputs/.reports/   pipe   store.json: where values go   checkpoint.json: the reference of the last one
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH103, PTH105, PTH107, PTH108, PTH110, PTH111, PTH112, PTH118, PTH120, PTH123

from __future__ import annotations

import contextlib
import json
import os
import threading
from typing import Any, Callable, Iterator  # noqa: UP035 (runs under Python 3.9 too)

from .inputs import lay_out_copy
from .outputs import kept_path

__all__ = ["Ear", "hearing"]

_CHUNK = 64 * 1024
_END = b"\0end"


class NoSuchBlob(Exception):
    """A reference to what is not in the store."""


@contextlib.contextmanager
def hearing(ear: Ear) -> Iterator[dict[str, str]]:
    """Has `ear` take what is said on a pipe of the attempt's; gives the variables by which a program finds it."""
    path = os.path.join(ear.lay_out(), "pipe")
    os.mkfifo(path, 0o600)
    pipe = os.open(path, os.O_RDWR | os.O_CLOEXEC)  # for writing too: so that it has no end while nobody else writes
    thread = threading.Thread(target=_listen, args=(pipe, ear), daemon=True)
    thread.start()
    try:
        yield {"TREADLE_REPORTS": path}
    finally:
        os.write(pipe, b"\n" + _END + b"\n")
        thread.join()  # what was said before the end is kept before there is a result
        os.unlink(path)
        os.close(pipe)


def _listen(pipe: int, ear: Ear) -> None:
    rest = b""
    while True:
        *lines, rest = (rest + os.read(pipe, _CHUNK)).split(b"\n")
        for line in lines:
            if line == _END:
                return
            ear.hear(line)
        rest = rest[-_CHUNK:]  # a line is never longer


class Ear:
    """Understands the lines of one attempt. What it is to keep goes to `store`, and `keeper` notes it."""

    def __init__(self, request: dict[str, Any], codecs: Any, store: Any, reports: Any, keeper: Any) -> None:
        self._request = request
        self._codecs = codecs
        self._store = store
        self._reports = reports
        self._keeper = keeper
        self._folder = os.path.join(request["folder"], "outputs", ".reports")
        self._verbs: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "progress": self._progress, "metric": self._metric, "log": self._log, "artifact": self._artifact,
            "checkpoint": self._checkpoint, "last_checkpoint": self._last_checkpoint,
        }  # fmt: skip

    def lay_out(self) -> str:
        """The folder that tells a program's SDK where what it keeps goes, and what it begins from."""
        os.makedirs(self._folder, exist_ok=True)
        where = {
            "codecs": os.path.dirname(os.path.abspath(self._codecs.__file__)), "models": self._request["models"],
            "reads": self._request["artifacts"], "writes": self._store.root,
            "inputs": os.path.join(self._request["folder"], "inputs"),
        }  # fmt: skip
        _write(os.path.join(self._folder, "store.json"), where)
        if self._keeper.last is not None:
            _write(os.path.join(self._folder, "checkpoint.json"), self._keeper.last)
        return self._folder

    def hear(self, line: bytes) -> None:
        """Does what `line` says, and answers where an answer is waited for."""
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return
        verb = next((self._verbs[word] for word in said if word in self._verbs), None) if _is_object(said) else None
        if verb is None:
            return
        answer = _done(verb, said)
        reply = said.get("reply")
        if isinstance(reply, str) and os.path.dirname(reply) == self._folder:
            _write(reply, answer)
        elif "problem" in answer and ("artifact" in said or "checkpoint" in said):
            print(f"[Treadle: not kept: {answer['problem']}]", flush=True)

    def _progress(self, said: dict[str, Any]) -> dict[str, Any]:
        self._reports.progress(float(said["progress"]), str(said.get("message", "")))
        return {}

    def _metric(self, said: dict[str, Any]) -> dict[str, Any]:
        step = said.get("step")
        self._reports.metric(
            said["metric"], float(said["value"]), int(step) if isinstance(step, (int, float)) else None
        )
        return {}

    def _log(self, said: dict[str, Any]) -> dict[str, Any]:
        self._reports.log(str(said["log"]), str(said.get("level", "info")))
        return {}

    def _artifact(self, said: dict[str, Any]) -> dict[str, Any]:
        self._keeper.note_artifact(str(said["artifact"]), self._kept(said, self._readable))
        return {}

    def _checkpoint(self, said: dict[str, Any]) -> dict[str, Any]:
        self._keeper.note_checkpoint(self._kept(said, self._as_it_is))
        _write(os.path.join(self._folder, "checkpoint.json"), self._keeper.last)
        return {}

    def _last_checkpoint(self, _: dict[str, Any]) -> dict[str, Any]:
        """A path to the checkpoint, the program's own to change; none where there is none."""
        last = self._keeper.last
        if last is None:
            return {}
        with contextlib.suppress(FileNotFoundError):  # no longer in the store
            inputs = os.path.join(self._request["folder"], "inputs")
            return {"path": lay_out_copy(last, self._request["artifacts"], inputs, self._codecs)}
        return {}

    def _kept(self, said: dict[str, Any], keep: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        """The reference of what `said` is about, which is in the store from then on."""
        if "reference" in said:
            return self._referred(os.path.join(self._folder, os.path.basename(str(said["reference"]))))  # noqa: PTH119
        if "path" in said:
            return keep(os.path.join(self._request["cwd"], os.path.expanduser(str(said["path"]))))
        value: dict[str, Any] = self._codecs.dump(said["value"], "Any", self._store, self._request["models"])
        return value

    def _readable(self, path: str) -> dict[str, Any]:
        return kept_path(path, self._request["models"], self._codecs, self._store)

    def _as_it_is(self, path: str) -> dict[str, Any]:
        kind = "Directory" if os.path.isdir(path) else "File"
        reference: dict[str, Any] = self._codecs.dump(path, kind, self._store)
        return {**reference, "type": "Any"}

    def _referred(self, path: str) -> dict[str, Any]:
        """What the SDK put in the store. What a program writes is not trusted."""
        with open(path, encoding="utf-8") as file:
            found: dict[str, Any] = json.load(file)
        os.remove(path)
        wanted = {"digest": str, "type": str, "codec": str, "size": int, "meta": dict}
        if not all(isinstance(found.get(name), kind) for name, kind in wanted.items()):
            raise NoSuchBlob("what was kept is not described as an artifact")
        if not os.path.exists(self._codecs.blob_path(self._store.root, found["digest"])):
            raise NoSuchBlob(f"there is no artifact {found['digest'][:12]} in the store")
        return {name: found[name] for name in wanted}


def _is_object(said: Any) -> bool:
    return isinstance(said, dict)


def _done(verb: Callable[[dict[str, Any]], dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
    """The answer of `verb`; a problem where it can't be done, which is the program's, not the worker's."""
    try:
        return verb(said)
    except Exception as error:  # noqa: BLE001 (a report says nothing rather than end the attempt)
        words = str(error)
        return {"problem": words[9:] if words.startswith("returned ") else words or type(error).__name__}


def _write(path: str, value: Any) -> None:
    """Whole, or not at all."""
    with contextlib.suppress(OSError):  # a full disk, or a folder that the program removed
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump(value, file)
        os.replace(f"{path}.new", path)
