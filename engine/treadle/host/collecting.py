"""Collecting a project's old runs, cache entries and artifacts: looked for, chosen by `run/collecting.py`, removed.

What refers goes before what is referred to, and a run's folder goes in one step, into `.treadle/trash`: wherever this
is killed, no run or entry that is left refers to what is gone, and the next time ends what this one began. It holds
the store, so that no run begins meanwhile; with one going on it removes nothing.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from treadle.host.api import Collected
from treadle.host.holding import clear_store, is_held
from treadle.run.cache_index import CacheIndex
from treadle.run.collecting import Choice, Entry, Found, FoundRun, Rules, choose
from treadle.store.blobs import blob_path
from treadle.store.inventory import blobs, closure, digests_in, size_of
from treadle.store.project import Project

__all__ = ["collect"]


def collect(project: Project, rules: Rules, dry_run: bool = False) -> Collected:
    """Raises RunBusy while a run goes on, but for a `dry_run`; OSError. Where nothing ever ran, nothing is made."""
    if dry_run or not project.state.is_dir():
        return _told(_chosen(project, rules), dry_run)
    held = clear_store(project.state)
    try:
        choice = _chosen(project, rules)
        _remove(project, choice)
    finally:
        held.release()
    return _told(choice, dry_run)


def _told(choice: Choice, dry_run: bool) -> Collected:
    return Collected(choice.runs, len(choice.entries), len(choice.artifacts), choice.freed, choice.left, dry_run)


def _chosen(project: Project, rules: Rules) -> Choice:
    runs = sorted((_run(project, run) for run in project.run_ids()), key=lambda run: run.run, reverse=True)
    found = Found(tuple(runs), tuple(_entries(project)), dict(blobs(project.artifacts)))
    return choose(found, rules, lambda digests: closure(project.artifacts, digests), time.time())


def _run(project: Project, run: str) -> FoundRun:
    folder = project.run(run)
    try:
        ended = folder.events.stat().st_mtime
    except OSError:
        ended = folder.path.stat().st_mtime
    return FoundRun(run, ended, size_of(folder.path), digests_in(folder.events), is_held(folder.path))


def _entries(project: Project) -> Iterator[Entry]:
    with contextlib.closing(CacheIndex(project.cache)) as index:
        for key, used, size, refers in index.entries():
            yield Entry(key, used, size, refers or frozenset(), refers is not None)


def _remove(project: Project, choice: Choice) -> None:
    trash = project.state / "trash"
    shutil.rmtree(trash, ignore_errors=True)
    trash.mkdir(parents=True, exist_ok=True)
    for run in choice.runs:
        project.run_folder(run).rename(trash / run)
    with contextlib.closing(CacheIndex(project.cache)) as index:
        index.remove(choice.entries)
    for digest in choice.artifacts:
        with contextlib.suppress(FileNotFoundError):  # it was never laid out
            (project.artifacts / "trees" / digest).rename(trash / digest)
        Path(blob_path(str(project.artifacts), digest)).unlink(missing_ok=True)
    for leftover in (project.artifacts / "tmp").glob("*"):  # nobody writes now
        leftover.unlink(missing_ok=True)
    shutil.rmtree(trash, ignore_errors=True)
