"""RunIndex: the list of runs, in SQLite, so that a project of thousands lists at once.

It is only ever a copy. Each line carries its journal's size and time of change; a line whose journal is another now
is read again from its folder, and a file that is gone or damaged is made anew. Nothing is lost with it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from treadle.store.project import Project

__all__ = ["RunIndex", "RunRow"]

_LAYOUT: Final = 1
_TABLE: Final = """
create table run(
    run text primary key, pipeline text, file text, state text, started real, finished real, tasks integer,
    counts text, size integer, changed integer
) strict
"""
_BUSY: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list. Times are epoch seconds; `counts` is tasks by status."""

    run: str
    pipeline: str
    file: str | None
    state: str
    started: float
    finished: float | None
    tasks: int
    counts: Mapping[str, int]


class RunIndex:
    """A project's runs, newest first. `summarise` reads one from its folder."""

    def __init__(self, project: Project, summarise: Callable[[Path], RunRow]) -> None:
        self._project = project
        self._summarise = summarise

    def rows(self, limit: int | None = None) -> list[RunRow]:
        """The newest `limit` runs, as their folders are now. Raises OSError where the project can't be read."""
        if not self._project.runs.is_dir():
            return []
        try:
            return self._read(limit)
        except sqlite3.DatabaseError:
            self._discard()
        try:
            return self._read(limit)
        except sqlite3.DatabaseError:  # a read-only project, or a full disk: the folders themselves say it all
            return _newest(map(self._summarise, self._folders().values()), limit)

    def run_ids(self) -> list[str]:
        """The id of every run, newest last by name."""
        return self._project.run_ids()

    def _read(self, limit: int | None) -> list[RunRow]:
        with contextlib.closing(self._connect()) as connection:
            with connection:
                self._refresh(connection)
            cursor = connection.execute(
                "select run, pipeline, file, state, started, finished, tasks, counts from run"
                " order by started desc, run desc limit ?",
                (-1 if limit is None else limit,),
            )
            return [_row(*values) for values in cursor]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._project.index_file, timeout=_BUSY)
        try:
            if connection.execute("pragma user_version").fetchone()[0] != _LAYOUT:
                with connection:
                    connection.execute("drop table if exists run")
                    connection.execute(_TABLE)
                    connection.execute(f"pragma user_version = {_LAYOUT}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _refresh(self, connection: sqlite3.Connection) -> None:
        known = {
            run: (size, changed) for run, size, changed in connection.execute("select run, size, changed from run")
        }
        folders = self._folders()
        for run, folder in folders.items():
            mark = _mark(folder)
            if known.get(run) != mark:
                row = self._summarise(folder)
                values = (row.run, row.pipeline, row.file, row.state, row.started, row.finished, row.tasks)
                connection.execute(
                    "insert or replace into run values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*values, json.dumps(dict(row.counts)), *mark),
                )
        gone = [(run,) for run in known if run not in folders]
        connection.executemany("delete from run where run = ?", gone)

    def _folders(self) -> dict[str, Path]:
        return {run: self._project.run_folder(run) for run in self._project.run_ids()}

    def _discard(self) -> None:
        file = self._project.index_file
        for path in (file, file.with_name(f"{file.name}-journal"), file.with_name(f"{file.name}-wal")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _mark(folder: Path) -> tuple[int, int]:
    try:
        found = (folder / "events.jsonl").stat()
    except OSError:
        return -1, 0
    return found.st_size, found.st_mtime_ns


def _row(run: str, pipeline: str, file: str | None, state: str, *rest: Any) -> RunRow:
    started, finished, tasks, counts = rest
    return RunRow(run, pipeline, file, state, started, finished, tasks, json.loads(counts))


def _newest(rows: Iterator[RunRow], limit: int | None) -> list[RunRow]:
    return sorted(rows, key=lambda row: (row.started, row.run), reverse=True)[:limit]
