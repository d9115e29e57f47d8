"""The few words of Linux that attempts need: who descends from whom, who dies with whom, how much may be used.

Standard library only, Python ≥ 3.9; where a facility is missing the functions say so by what they return.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH110, PTH123, PTH208

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys

__all__ = [
    "OwnChildren",
    "be_first_to_go",
    "be_named",
    "become_subreaper",
    "carrying",
    "children",
    "die_with_parent",
    "has_children",
    "limit_data",
    "outlive_parent",
    "resident",
]

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_SIGKILL = 9
_MANY = 1 << 16  # bytes
_PAGE = resource.getpagesize()
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _prctl(option: int, value: int) -> bool:
    return _LIBC is not None and _LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0


def become_subreaper() -> bool:
    """From now on, orphaned descendants become this process's children, not init's."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """SIGKILL for this process when `parent` dies, also where it has died already."""
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def be_first_to_go() -> None:
    """Where memory runs out, the kernel takes this process and its children before the engine."""
    with contextlib.suppress(OSError):
        file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        try:
            os.write(file, b"500")
        finally:
            os.close(file)


def be_named(name: str) -> None:
    """What `ps` calls this process from now on; 15 letters count."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()), 0, 0, 0)


def outlive_parent() -> None:
    """Takes `die_with_parent` back."""
    _prctl(_PR_SET_PDEATHSIG, 0)


def children(pid: int) -> list[int]:
    """The direct children of every thread of `pid`; empty when it has ended."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found.extend(map(int, file.read().split()))
    except FileNotFoundError:
        return found if os.path.exists(f"/proc/self/task/{os.getpid()}/children") else _children_by_scan(pid)
    except (ProcessLookupError, PermissionError):
        return found
    return found


class OwnChildren:
    """The direct children of this process, asked for again and again: in a fiftieth of the time that `children` takes.

    It forks from its first thread and adopts orphans to it, so that one file tells of all of them.
    """

    def __init__(self) -> None:
        self._pid = os.getpid()
        try:
            self.descriptor: int | None = os.open(f"/proc/self/task/{self._pid}/children", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self.descriptor = None

    def pids(self) -> list[int]:
        if self.descriptor is None:
            return children(self._pid)
        said = os.pread(self.descriptor, _MANY, 0)
        return list(map(int, said.split())) if len(said) < _MANY else children(self._pid)


def has_children() -> bool:
    """Whether this process has any, ended or not: in a hundredth of the time that it takes to say which."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _children_by_scan(pid: int) -> list[int]:
    """The same on kernels without `children` files: one pass over /proc."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                after_name = file.read().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(after_name[1]) == pid:
            found.append(int(entry))
    return found


def carrying(mark: str) -> list[int]:
    """The living processes that began with `mark` (`NAME=value`) in their environment, whoever their parent is now.

    One pass over /proc: for the rare moment when nobody is left who knows them.
    """
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as file:
            if mark.encode() in file.read().split(b"\0"):
                found.append(int(entry))
    return found


def resident(pid: int) -> int:
    """The bytes of memory that `pid` holds now; raises OSError where it has ended."""
    file = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return int(os.read(file, 256).split()[1]) * _PAGE
    finally:
        os.close(file)


def limit_data(limit: int) -> None:
    """Lets this process have `limit` bytes of private memory more than it has now (RLIMIT_DATA)."""
    with open("/proc/self/statm", "rb") as file:
        held = int(file.read().split()[5]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = held + limit if hard == resource.RLIM_INFINITY else min(held + limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
