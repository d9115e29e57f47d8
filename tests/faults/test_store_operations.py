"""Each operation of the store fails, one after the other: the N-th of a run, for every N, in every way a disk has.

A run is played with every call that its project's folder gets (open, write, sync, rename, …) counted. Then it is played
again for each of them, with that one failing: once, as by accident, or from then on, as on a full or a read-only disk.
"""

from __future__ import annotations

import asyncio
import builtins
import errno
import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from run.fakes import FAST, Bench, FakeExecutor, plan_of, task

from treadle.execute.protocol import AttemptRequest, Failed, Outcome, Succeeded
from treadle.run.events import AttemptEnded, AttemptQueued
from treadle.run.history import read_events, read_state
from treadle.run.plan import Plan
from treadle.run.plan_codec import UnreadablePlan
from treadle.run.start import NothingToResume, go_on
from treadle.run.state import RunStatus, fold
from treadle.store.artifacts import ArtifactStore
from treadle.store.project import Project

BY_PATH = ("open", "mkdir", "replace", "unlink", "chmod")
BY_DESCRIPTOR = ("fsync", "ftruncate", "fchmod")
SHORT = -1


@dataclass
class Disk:
    """Counts the calls on files below `root`; fails the N-th, and with `lasting` all after it, until `heal`."""

    root: str
    fail_at: int = 1 << 30
    error: int = errno.ENOSPC
    lasting: bool = False
    calls: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def heal(self) -> None:
        self.fail_at = 1 << 30

    def fails(self, place: object) -> bool:
        """Whether this call is one to fail."""
        if not self._concerns(place):
            return False
        with self._lock:
            self.calls += 1
            return self.calls == self.fail_at or (self.lasting and self.calls > self.fail_at)

    def _concerns(self, place: object) -> bool:
        try:
            path = os.readlink(f"/proc/self/fd/{place}") if isinstance(place, int) else os.fspath(place)  # noqa: PTH115
        except (OSError, TypeError):
            return False
        return str(path).startswith(self.root)

    def refuse(self) -> OSError:
        number = errno.ENOSPC if self.error == SHORT else self.error
        return OSError(number, os.strerror(number))


class Raw(io.FileIO):
    """A file that Python's own `open` writes to; its writes are the disk's calls."""

    disk: ClassVar[Disk]

    def write(self, data: Any) -> int:
        return written(self.disk, self.fileno(), data, super().write)


def written(disk: Disk, descriptor: int, data: Any, write: Callable[[Any], int | None]) -> int:
    if not disk.fails(descriptor):
        return write(data) or 0
    if disk.error == SHORT and len(data) > 1:
        return write(memoryview(data).cast("B")[: len(data) // 2]) or 0
    raise disk.refuse()


@contextmanager
def watched(disk: Disk) -> Iterator[None]:
    """Within, this process's calls on the disk's folder go through it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*BY_PATH, *BY_DESCRIPTOR):
            patch.setattr(os, name, failing(disk, getattr(os, name)))
        write, plain = os.write, builtins.open
        patch.setattr(os, "write", lambda to, data: written(disk, to, data, lambda part: write(to, part)))
        raw = type("Watched", (Raw,), {"disk": disk})

        def open_file(file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if isinstance(file, int) or not set(mode) & set("wax"):
                return plain(file, mode, *rest, **more)
            if disk.fails(file):
                raise disk.refuse()
            if "b" not in mode:
                return io.TextIOWrapper(io.BufferedWriter(raw(file, mode)), more.get("encoding"))
            return io.BufferedWriter(raw(file, mode.replace("b", "")))

        patch.setattr(builtins, "open", open_file)
        patch.setattr(io, "open", open_file)
        yield


def failing(disk: Disk, call: Callable[..., Any]) -> Callable[..., Any]:
    def tried(place: Any, *rest: Any, **more: Any) -> Any:
        if disk.fails(place):
            raise disk.refuse()
        return call(place, *rest, **more)

    return tried


@dataclass
class Scene:
    """One run on one disk. Every task gives its name, or tells what kept it from that."""

    bench: Bench
    disk: Disk
    plan: Plan

    @classmethod
    def at(cls, root: Path, **how: Any) -> Scene:
        project = Project(root)
        executor = FakeExecutor(project.artifacts)
        plan = plan_of(
            task("load"), task("fit", ("load",)), task("score", ("fit",)), task("alone", params={"other": 1})
        )
        bench = Bench(project, executor)
        bench.options = replace(bench.options, timing=replace(FAST, patience=0.05, journal_retry=0.005))
        scene = cls(bench, Disk(str(root), **how), plan)
        executor.work = dict.fromkeys(plan.tasks, scene.work)
        return scene

    def work(self, request: AttemptRequest) -> Outcome:
        try:
            return self.bench.executor.success(request.attempt.task)
        except OSError as error:
            return Failed("OSError", str(error))

    async def play(self) -> RunStatus | None:
        """How the run ended; None where its engine gave up, by an OSError that says why."""
        strays: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: strays.append(context))
        try:
            with watched(self.disk):
                return await asyncio.wait_for(self.bench.begin(self.plan).run(), 10)
        except OSError:
            return None
        finally:
            assert strays == []

    async def go_on(self) -> RunStatus:
        """What the next engine makes of it, on a disk that is well."""
        bench = self.bench
        try:
            loop = go_on(bench.project, self.plan.run, bench.executor, bench.published.append, bench.options)
        except NothingToResume:
            return RunStatus.SUCCEEDED
        except UnreadablePlan:  # it had not begun
            assert bench.published == []
            loop = bench.begin(self.plan)
        return await asyncio.wait_for(loop.run(), 10)

    def check(self) -> None:
        """I1, I3, I5: see the test."""
        events = read_events(self.bench.project.run(self.plan.run).events)
        assert [each.seq for each in events] == list(range(1, len(events) + 1))
        assert [each for each in self.bench.published if events[each.seq - 1] != each] == []
        succeeded: set[str] = set()
        for each in events:
            if isinstance(each.event, AttemptQueued):
                assert each.event.task not in succeeded
            if isinstance(each.event, AttemptEnded) and isinstance(each.event.outcome, Succeeded):
                succeeded.add(each.event.task)
        store = ArtifactStore(self.bench.project.artifacts)
        for name, each in fold(events).tasks.items():
            if each.status.is_success:
                assert store.path(each.outputs["value"]).read_bytes() == name.encode()


def operations(root: Path) -> int:
    scene = Scene.at(root)
    assert asyncio.run(scene.play()) is RunStatus.SUCCEEDED
    return scene.disk.calls


WAYS = {
    "ENOSPC": (errno.ENOSPC, False), "EIO": (errno.EIO, False), "EINTR": (errno.EINTR, False),
    "EROFS": (errno.EROFS, False), "short_write": (SHORT, False), "full": (errno.ENOSPC, True),
    "short_write_then_full": (SHORT, True),
}  # fmt: skip


@pytest.mark.parametrize(("error", "lasting"), WAYS.values(), ids=WAYS)
def test_whichever_operation_fails_nothing_told_is_lost_and_the_run_comes_to_the_same(
    tmp_path: Path, error: int, lasting: bool
) -> None:
    """I1: what was told stands in the journal. I2: the journal can be read. I3: no success is begun again. I4: nothing
    is left running. I5: resumed on a disk that is well, every task has succeeded, with the outputs it always has.
    """

    async def one(fail_at: int) -> None:
        scene = Scene.at(tmp_path / str(fail_at), fail_at=fail_at, error=error, lasting=lasting)
        ended = await scene.play()
        scene.disk.heal()
        if ended is not None:
            assert ended is read_state(scene.bench.project.run(scene.plan.run)).status
        assert await scene.go_on() is RunStatus.SUCCEEDED
        scene.check()

    count = operations(tmp_path / "whole")
    assert count > 40
    failures = []
    for fail_at in range(1, count + 1):
        try:
            asyncio.run(one(fail_at))
        except Exception as failure:  # noqa: BLE001 (told below with the others)
            failures.append(f"operation {fail_at}: {failure!r}")
    assert not failures, "\n".join(failures)
