"""What the tests that kill share: how often, with which seeds, what is left of a project, and what must be true after.

`TREADLE_KILLS` says how many processes each test kills (20 where it is not set), `TREADLE_SEED` with which seed it
begins. A failure names the seed that it happened with, so that `TREADLE_KILLS=1 TREADLE_SEED=…` is that one again.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from treadle.execute.process_tree import children
from treadle.execute.protocol import Succeeded
from treadle.run.events import AttemptEnded, AttemptQueued, Event, Recorded, RunInterrupted
from treadle.run.history import read_events
from treadle.run.state import RunStatus, fold
from treadle.store.project import Project

__all__ = ["KILLS", "SEED", "Witness", "at_once", "kill_processes", "no_process_left", "processes", "until"]

KILLS: Final = int(os.environ.get("TREADLE_KILLS", "20"))
SEED: Final = int(os.environ.get("TREADLE_SEED", "0"))
_LANES: Final = 4
_T = TypeVar("_T")


def until(happens: Callable[[], _T], seconds: float = 20.0, what: str = "it did not happen") -> _T:
    """Waits for `happens()` to be true and returns what it gave; fails where it is not in time."""
    deadline = time.monotonic() + seconds
    while not (given := happens()):
        assert time.monotonic() < deadline, f"{what} within {seconds:g} s"
        time.sleep(0.01)
    return given


def at_once(scenario: Callable[[random.Random, str], None], count: int) -> None:
    """Plays `scenario(chance, name)` for `count` seeds, a few at a time. Every failure is told, with its seed."""

    def play(seed: int) -> str | None:
        try:
            scenario(random.Random(seed), f"scene{seed}")
        except Exception as error:  # noqa: BLE001 (told below with the others)
            return f"with TREADLE_SEED={seed}: {type(error).__name__}: {error}"
        return None

    with ThreadPoolExecutor(_LANES) as lanes:
        failures = [failure for failure in lanes.map(play, range(SEED, SEED + count)) if failure]
    assert not failures, "\n".join(failures)


def processes(project: Project) -> list[int]:
    """Every living process that has to do with the project: by its command, folder, environment or output."""
    needle = os.fsencode(project.root)
    return [pid for pid in _all_pids() if pid != os.getpid() and _concerns(Path("/proc", str(pid)), needle)]


def no_process_left(project: Project, host: int | None = None, seconds: float = 10.0) -> None:
    """Fails unless in time nothing of the project lives; with `host`, nothing but that engine at rest."""

    def left() -> list[int]:
        kept = at_rest(project, host) if host is not None else set()
        return [pid for pid in processes(project) if pid not in kept]

    try:
        until(lambda: not left(), seconds, "processes were left")
    except AssertionError:
        told = [f"{pid}: {_read(Path('/proc', str(pid), 'cmdline'))!r}" for pid in left()]
        kill_processes(project)
        raise AssertionError(f"processes were left: {told}") from None


def at_rest(project: Project, host: int) -> set[int]:
    """An engine's own processes: the host, its fork servers, and what these hold ready, which is nowhere as yet."""
    servers = children(host)
    ready = [pid for server in servers for pid in children(server) if b"serve" in _read(Path(f"/proc/{pid}/cmdline"))]
    root = os.fsencode(project.root)
    return {host, *servers, *(pid for pid in ready if root not in _link(Path(f"/proc/{pid}/cwd")))}


def kill_processes(project: Project) -> None:
    """Ends all that a failed test has left."""
    for pid in processes(project):
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            continue


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _concerns(process: Path, needle: bytes) -> bool:
    if b"State:\tZ" in _read(process / "status"):
        return False
    links = [_link(process / name) for name in ("cwd", "fd/1", "fd/2")]
    return any(needle in text for text in [*links, _read(process / "cmdline"), _read(process / "environ")])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""


def _link(path: Path) -> bytes:
    try:
        return os.fsencode(path.readlink())
    except OSError:
        return b""


@dataclass(slots=True)
class Witness:
    """Who was told of a run's events, and remembers: nothing that it was told may be taken back."""

    project: Project
    run: str = ""
    told: list[Recorded] = field(default_factory=list)
    value: object = None
    _begun: dict[str, int] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return self.told[-1].seq if self.told else 0

    def journal(self) -> tuple[Recorded, ...]:
        return read_events(self.project.run(self.run).events)

    def check(self) -> None:
        """Every event that was told stands in the journal as it was told; no success was begun again."""
        journal = self.journal()
        assert [recorded.seq for recorded in journal] == list(range(1, len(journal) + 1)), "the journal has gaps"
        lost = [recorded for recorded in self.told if journal[recorded.seq - 1 : recorded.seq] != (recorded,)]
        assert not lost, f"told, but not in the journal of {len(journal)}: {lost}"
        succeeded = successes(recorded.event for recorded in self.told)
        for task in succeeded:
            count = self._begun.setdefault(task, self._times_begun(task))
            assert self._times_begun(task) == count, f"{task} had succeeded, and was begun again"

    def check_end(self) -> None:
        """`check`, and: the run has succeeded, with no attempt of a task after its success."""
        self.check()
        journal = self.journal()
        assert fold(journal).status is RunStatus.SUCCEEDED, fold(journal).counts()
        assert any(isinstance(recorded.event, RunInterrupted) for recorded in journal), "every kill came too late"
        done: set[str] = set()
        for recorded in journal:
            if isinstance(recorded.event, AttemptQueued):
                assert recorded.event.task not in done, f"{recorded.event.task} was redone after its success"
            done |= successes([recorded.event])

    def _times_begun(self, task: str) -> int:
        return (self.project.root / "marks" / f"{task}.begun").read_text().count("\n")


def successes(events: Iterable[Event]) -> set[str]:
    """The tasks that `events` say have succeeded."""
    return {event.task for event in events if isinstance(event, AttemptEnded) and isinstance(event.outcome, Succeeded)}
