"""RunIndex: the list of runs, in SQLite, so that a project of thousands lists at once.

It is only ever a copy. Each line carries a checksum and its journal's size and time of change; one whose journal is
another now is read again from its folder, and a file that is gone or damaged is made anew. Nothing is lost with it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from treadle.store.project import Project

__all__ = ["RunIndex", "RunRow"]

_LAYOUT: Final = 4
_TABLE: Final = "create table run(run text primary key, started real, mark text, body text, checksum integer) strict"
_BUSY: Final = 5.0  # seconds
_DAMAGED: Final = (sqlite3.Error, UnicodeDecodeError)


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
    paused: str = ""
    """In words, where it is; empty where it isn't."""
    idle: float = 0.0
    """Seconds since the start in which no engine was at it."""


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
        except _DAMAGED:
            self._discard()
        try:
            return self._read(limit)
        except _DAMAGED:  # a read-only project, or a full disk: the folders themselves say it all
            return _newest(map(self._summarise, self._folders().values()), limit)

    def run_ids(self) -> list[str]:
        """The id of every run, newest last by name."""
        return self._project.run_ids()

    def _read(self, limit: int | None) -> list[RunRow]:
        with contextlib.closing(self._connect()) as connection:
            with connection:
                self._refresh(connection)
            cursor = connection.execute(
                "select run, mark, body, checksum from run order by run desc limit ?",
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
        known: dict[str, str] = dict(connection.execute("select run, mark from run"))
        folders = self._folders()
        for run, folder in folders.items():
            mark = _mark(folder)
            if known.get(run) != mark:
                row = self._summarise(folder)
                body = json.dumps(asdict(row))
                values = (run, row.started, mark, body, _checksum(run, mark, body))
                connection.execute("insert or replace into run values (?, ?, ?, ?, ?)", values)
        gone = [(run,) for run in known if run not in folders]
        connection.executemany("delete from run where run = ?", gone)

    def _folders(self) -> dict[str, Path]:
        return {run: self._project.run_folder(run) for run in self._project.run_ids()}

    def _discard(self) -> None:
        file = self._project.index_file
        for path in (file, file.with_name(f"{file.name}-journal"), file.with_name(f"{file.name}-wal")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _mark(folder: Path) -> str:
    try:
        found = (folder / "events.jsonl").stat()
    except OSError:
        return "none"
    return f"{found.st_size} {found.st_mtime_ns}"


def _checksum(*texts: str) -> int:
    return zlib.crc32("\0".join(texts).encode())


def _row(run: str, mark: str, body: str, checksum: int) -> RunRow:
    """Raises DatabaseError for a line that SQLite took for good and that isn't what was written."""
    if _checksum(run, mark, body) != checksum:
        raise sqlite3.DatabaseError(f"the line of run {run} is damaged")
    return RunRow(**json.loads(body))


def _newest(rows: Iterator[RunRow], limit: int | None) -> list[RunRow]:
    return sorted(rows, key=lambda row: row.run, reverse=True)[:limit]
