"""Real attempts for tests: an executor on its own loop in a thread, slices from text, and what came of them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import hashlib
import itertools
import os
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treadle.catalog.slices import Slice
from treadle.execute.local import LocalExecutor
from treadle.execute.process_tree import children
from treadle.execute.protocol import (
    AttemptFinished,
    AttemptId,
    AttemptMessage,
    AttemptRequest,
    AttemptStarted,
    Outcome,
    Output,
)  # fmt: skip
from treadle.execute.spares import SERVER, SPARE
from treadle.spec.pipeline import Resources
from treadle.store.artifacts import ArtifactStore, to_fields
from treadle.store.codecs import load
from treadle.store.references import ArtifactRef

AUTHOR = "/project/components/prepare.py"
FIRST = 10
"""The line of AUTHOR at which every test's slice begins."""


def slice_of(text: str, imports: Sequence[str] = ()) -> Slice:
    text = textwrap.dedent(text).lstrip("\n")
    return Slice(text, "node", hashlib.sha256(text.encode()).hexdigest(), tuple(imports), ((1, AUTHOR, FIRST),))


def until(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    """The first true value of `condition`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.01)
    return value


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_spare(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() in (SERVER, SPARE)
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass
class Attempt:
    """One submitted attempt and its messages so far."""

    id: AttemptId
    folder: Path
    notes: Path = Path()
    """Where a test's node writes what the test wants to know."""
    messages: list[AttemptMessage] = field(default_factory=list)
    finished: concurrent.futures.Future[AttemptFinished] = field(default_factory=concurrent.futures.Future)

    def result(self, seconds: float = 20.0) -> AttemptFinished:
        return self.finished.result(seconds)

    @property
    def outcome(self) -> Outcome:
        return self.result().outcome

    @property
    def pid(self) -> int:
        return until(lambda: next((m.pid for m in self.messages if isinstance(m, AttemptStarted)), 0))

    @property
    def log(self) -> str:
        path = self.folder / "output.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def of(self, kind: type) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]


def fork_servers() -> list[int]:
    """Those of this process, whoever started them."""
    ours = children(os.getpid())
    return [pid for pid in ours if b"launch.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]


class Bench:
    """An executor and its loop. `run` waits for an outcome, `begin` does not."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.root = root
        self.store = ArtifactStore(root / "artifacts")
        self.loop = asyncio.new_event_loop()
        self._attempts: dict[AttemptId, Attempt] = {}
        self._names = itertools.count(1)
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.executor = LocalExecutor(root / "artifacts", root / "state", **options)
        try:
            self.wait(self.executor.start(self._take))
        except BaseException:
            self._end_loop()
            raise

    def wait(self, coroutine: Any, seconds: float = 20.0) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(seconds)

    def _take(self, message: AttemptMessage) -> None:
        attempt = self._attempts[message.attempt]
        attempt.messages.append(message)
        if isinstance(message, AttemptFinished):
            attempt.finished.set_result(message)

    def begin(
        self,
        text: str,
        *outputs: str,
        imports: Sequence[str] = (),
        inputs: Mapping[str, ArtifactRef | tuple[ArtifactRef, ...]] | None = None,
        memory: int | None = None,
        cpu: float | None = None,
        **rest: Any,
    ) -> Attempt:
        """Submits a slice whose function is `node`; outputs are written `name:Type`."""
        attempt = Attempt(AttemptId(rest.pop("run", "run"), f"task{next(self._names)}", 1), Path())
        attempt.folder = self.root / attempt.id.task
        given = {port: refs if isinstance(refs, tuple) else (refs,) for port, refs in (inputs or {}).items()}
        request = AttemptRequest(
            attempt.id, slice_of(text, imports), given, rest.pop("params", {}),
            tuple(Output(*output.split(":")) for output in outputs), rest.pop("returns_tuple", False),
            str(attempt.folder), rest.pop("cwd", str(self.root)), resources=Resources(cpu=cpu, memory=memory), **rest,
        )  # fmt: skip
        self._attempts[attempt.id] = attempt
        self.loop.call_soon_threadsafe(self.executor.submit, request)
        return attempt

    def run(self, text: str, *outputs: str, **rest: Any) -> Attempt:
        attempt = self.begin(text, *outputs, **rest)
        attempt.result()
        return attempt

    def cancel(self, attempt: Attempt, by: str = "user") -> None:
        self.loop.call_soon_threadsafe(self.executor.cancel, attempt.id, by)

    def value(self, ref: ArtifactRef, kind: str = "") -> Any:
        return load(to_fields(ref), kind, str(self.store.root), str(self.root / "read"), "port")

    def servers(self) -> list[int]:
        return fork_servers()

    def processes(self) -> list[int]:
        """Everything that lives below the fork servers, but the spares that stand by."""
        return [pid for server in self.servers() for pid in children(server) if not is_spare(pid) and alive(pid)]

    def spares(self) -> list[int]:
        return [pid for server in self.servers() for pid in children(server) if is_spare(pid)]

    def close(self) -> None:
        try:
            self.wait(self.executor.close())
        finally:
            self._end_loop()

    def _end_loop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


@contextmanager
def bench(root: Path, **options: Any) -> Iterator[Bench]:
    made = Bench(root, **options)
    try:
        yield made
    finally:
        made.close()
