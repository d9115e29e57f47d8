"""CacheIndex: earlier successes by key and the last recipe of each task, in SQLite.

    <cache>/index.sqlite    kept(key → result, run, when)    latest(pipeline, task → recipe, run)

What is added is found again at once and written in groups by `flush`, so that a success costs the event loop no wait
for a disk. Nothing depends on it: each line carries a checksum, one that is damaged or whose artifacts are gone is a
miss, and a damaged file is begun anew.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from treadle.run.cache_database import is_damage, open_database
from treadle.store.artifacts import from_fields, to_fields
from treadle.store.references import ArtifactRef

__all__ = ["CacheIndex", "Hit", "KeptEntry", "Last", "Result"]

# One statement for all lines: with one a line the interpreter would be asked for its lock as often.
_KEEP: Final = (
    "insert or replace into kept select json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
    " json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]'),"
    " json_extract(value, '$[5]') from json_each(?)"
)
_REMEMBER: Final = (
    "insert or replace into latest select json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
    " json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]') from json_each(?)"
)
_LOOK_UP: Final = "select key, run, made, used, result, checksum from kept where key "
_LAST: Final = "select task, recipe, run, checksum from latest where pipeline = ? and task "
_USE: Final = "update kept set used = ? where key in (select value from json_each(?))"
_REMOVE: Final = "delete from kept where key in (select value from json_each(?))"


class Last(NamedTuple):
    """The recipe of a task's last success or hit, as JSON, and the run that was in."""

    recipe: str
    run: str


class Result(NamedTuple):
    """What a success gave: its outputs, and what its code `kept` besides them, by name."""

    outputs: Mapping[str, ArtifactRef]
    kept: Mapping[str, ArtifactRef] = {}


@dataclass(frozen=True, slots=True)
class Hit:
    """An earlier success with the same key, in run `run`. `made` in epoch seconds, 0 where that isn't known."""

    result: Result
    run: str
    made: float = field(default=0.0, compare=False)


class KeptEntry(NamedTuple):
    """For who clears up: last `used` when (epoch seconds), `size` in bytes, the digests it gives; None: unreadable."""

    key: str
    used: float
    size: int
    digests: frozenset[str] | None


class _Kept(NamedTuple):
    key: str
    run: str
    made: float
    used: float
    result: str
    checksum: int


class _Group:
    """What waits to be written."""

    def __init__(self) -> None:
        self.kept: dict[str, _Kept] = {}
        self.latest: dict[tuple[str, str], Last] = {}
        self.used: dict[str, float] = {}

    def __bool__(self) -> bool:
        return bool(self.kept or self.latest or self.used)


class CacheIndex:
    """Entries in `folder`, which need not exist. Any thread may read and add; `flush` is for one at a time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "index.sqlite"
        self._pending, self._leaving = _Group(), _Group()
        self._own = threading.local()  # a connection for each thread: none waits for what another does
        self._connections: list[sqlite3.Connection] = []

    def look_up(self, key: str) -> Hit | None:
        """What is kept under `key`, whether or not its artifacts are still there."""
        return self.look_up_all([key]).get(key)

    def look_up_all(self, keys: Sequence[str]) -> dict[str, Hit]:
        """By key, of those that there is something for. One question for many costs little more than for one."""
        pending, leaving = self._pending.kept, self._leaving.kept
        found = {key: kept for key in keys if (kept := pending.get(key) or leaving.get(key)) is not None}
        for row in self._rows(_LOOK_UP, (), [key for key in keys if key not in found]):
            kept = _Kept(*row)
            if _checksum(kept.key, kept.run, kept.result) == kept.checksum:
                found[kept.key] = kept
        return {key: hit for key, kept in found.items() if (hit := _hit(kept)) is not None}

    def last(self, pipeline: str, task: str) -> Last | None:
        return self.last_all(pipeline, [task]).get(task)

    def last_all(self, pipeline: str, tasks: Sequence[str]) -> dict[str, Last]:
        """By task, of those that are known."""
        pending, leaving = self._pending.latest, self._leaving.latest
        places = ((task, (pipeline, task)) for task in tasks)
        found = {task: last for task, place in places if (last := pending.get(place) or leaving.get(place)) is not None}
        for task, recipe, run, checksum in self._rows(
            _LAST, (pipeline,), [task for task in tasks if task not in found]
        ):
            if _checksum(pipeline, task, recipe, run) == checksum:
                found[task] = Last(recipe, run)
        return found

    def keep(self, key: str, result: Result, run: str, made: float = 0.0) -> None:
        """`made` in epoch seconds."""
        fields = [{name: to_fields(ref) for name, ref in refs.items()} for refs in result]
        text = _as_json(fields)
        self._pending.kept[key] = _Kept(key, run, made, made, text, _checksum(key, run, text))

    def use(self, key: str, now: float) -> None:
        """So that what is in use is not taken for old."""
        self._pending.used[key] = now

    def remember(self, pipeline: str, task: str, last: Last) -> None:
        self._pending.latest[pipeline, task] = last

    def flush(self) -> None:
        """Writes what was added. What can't be written is forgotten: it will be a miss."""
        if not self._pending:
            return
        self._leaving, self._pending = self._pending, _Group()
        try:
            self._write(self._leaving)
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self._discard()
                with contextlib.suppress(sqlite3.Error):
                    self._write(self._leaving)
        except (sqlite3.Error, OSError):
            pass  # as on a full disk
        finally:
            self._leaving = _Group()

    def entries(self) -> list[KeptEntry]:
        """Every one, for who clears up."""
        connection = self._connection()
        if connection is None:
            return []
        try:
            rows = connection.execute("select key, run, made, used, result, checksum from kept order by key").fetchall()
        except sqlite3.Error:
            return []
        return [KeptEntry(row[0], row[3], len(row[4]) + len(row[0]), _digests(_Kept(*row))) for row in rows]

    def remove(self, keys: Iterable[str]) -> None:
        """Raises OSError."""
        connection, gone = self._connection(), json.dumps(list(keys))
        if connection is not None and gone != "[]":
            try:
                connection.execute(_REMOVE, (gone,))
                connection.execute("vacuum")
            except sqlite3.Error as error:
                raise OSError(0, f"the cache can't be written: {error}", str(self._file)) from error

    def close(self) -> None:
        """Writes what was added, and lets go of the file. No thread may be using it."""
        self.flush()
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._own = threading.local()

    def _rows(self, query: str, values: tuple[str, ...], wanted: Sequence[str]) -> list[Any]:
        """Those whose last column in `query` is `wanted`; none where the file can't be read."""
        if not wanted:
            return []
        is_one = len(wanted) == 1  # a third of the price
        query += "= ?" if is_one else "in (select value from json_each(?))"
        last = wanted[0] if is_one else json.dumps(wanted)
        try:
            connection = self._connection()
            return [] if connection is None else connection.execute(query, (*values, last)).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if is_damage(error):
                self._discard()
            return []

    def _write(self, group: _Group) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connection(make=True)
        assert connection is not None
        latest = [
            (*place, *last, _checksum(*place, *last)) for place, last in group.latest.items()
        ]  # fmt: skip
        with connection:
            connection.execute("begin immediate")
            connection.execute(_KEEP, (_as_json(list(group.kept.values())),))
            connection.execute(_REMEMBER, (_as_json(latest),))
            if group.used:
                connection.execute(_USE, (max(group.used.values()), json.dumps(list(group.used))))

    def _connection(self, make: bool = False) -> sqlite3.Connection | None:
        """This thread's; None where there is no file and none is to be made."""
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None and (make or self._file.exists()):
            found = self._own.connection = open_database(self._file)
            self._connections.append(found)
        return found

    def _discard(self) -> None:
        """Begins anew; whoever has the old file open goes on with that."""
        for path in (self._file, *(self._file.with_name(f"{self._file.name}-{end}") for end in ("wal", "shm"))):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        self._own = threading.local()


def _as_json(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(value, separators=(",", ":"))


def _hit(kept: _Kept) -> Hit | None:
    """None where it says nothing sensible."""
    try:
        outputs, besides = json.loads(kept.result)
        return Hit(Result(_references(outputs), _references(besides)), kept.run, kept.made)
    except (ValueError, TypeError, AttributeError):
        return None


def _digests(kept: _Kept) -> frozenset[str] | None:
    if _checksum(kept.key, kept.run, kept.result) != kept.checksum:
        return None
    try:
        return frozenset(str(ref["digest"]) for refs in json.loads(kept.result) for ref in refs.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _references(fields: Mapping[str, Any]) -> dict[str, ArtifactRef]:
    return {name: from_fields(ref) for name, ref in fields.items()}


def _checksum(*texts: str) -> int:
    return zlib.crc32("\0".join(texts).encode("utf-8", "surrogatepass"))
