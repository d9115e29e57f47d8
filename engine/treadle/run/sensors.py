"""Sensors: what a pipeline can wait for, each a look at the world that says found, or not yet.

A look is quick, changes nothing and runs no code of the user's. It may block, so it is taken in a thread. What can't
come true however long one waits is Hopeless.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import islice
from pathlib import Path
from time import time as wall_clock
from typing import Final
from urllib.parse import urlsplit

from treadle.run.history import Summaries
from treadle.run.querying import QueryError, first_value
from treadle.run.state import RunStatus
from treadle.spec.values import Value
from treadle.store.index import RunIndex
from treadle.store.project import Project

__all__ = ["Found", "Hopeless", "Look", "NotYet", "look_for", "waited_for"]

_MOST_FILES: Final = 10_000
_MOST_RUNS: Final = 500
_ANSWER_WITHIN: Final = 10.0  # seconds
_CLOCK_EVERY: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Found:
    """What was waited for is there; `outputs` are the node's, by port."""

    outputs: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class NotYet:
    """`message` is what was seen instead, for a person; `again` in so many seconds."""

    message: str
    again: float


class Hopeless(Exception):
    """Waiting can't help; the message says what to change."""


Look = Callable[[float], Found | NotYet]
"""At a time in epoch seconds. Raises Hopeless."""


def look_for(uses: str, params: Mapping[str, Value], project: Project, since: float) -> Look:
    """The look of the sensor `uses`. `since` is when its turn came, in epoch seconds. Raises Hopeless."""
    every = float(str(params.get("every", 1.0)))
    match uses, params:
        case "sensor.file", {"pattern": str(path), "settle": int(settle) | float(settle)}:
            return _Files(project.root, path, settle, every)
        case "sensor.pause", {"seconds": int(seconds) | float(seconds)}:
            return _moment(since + seconds)
        case "sensor.until", {"moment": str(moment)}:
            return _until(_due(moment, since))
        case "sensor.http", {"url": str(url), "status": int(status)}:
            return _page(url, status, every)
        case "sensor.query", {"database": str(database), "sql": str(sql)}:
            return lambda _: _query(project.root / database, sql, every)
        case "sensor.run", {"pipeline": str(pipeline), "within": int(within) | float(within)}:
            return lambda _: _run(project, pipeline, since - within * 3600, every)
        case _:
            raise Hopeless(f"{uses} is no sensor that this engine knows, or a value of it is not what it should be")


def waited_for(uses: str, params: Mapping[str, Value]) -> str:
    """What the sensor waits for, for a person, before the first look."""
    names = {"file": "pattern", "pause": "seconds", "until": "moment", "http": "url", "query": "database"}
    kind = uses.partition(".")[2]
    value = params.get(names.get(kind, "pipeline"))
    if value is None:
        return "waiting"
    words = {"pause": f"{value} s to pass", "query": f"a query of {value}", "run": f"a run of {value}"}
    return f"waiting for {words.get(kind, value)}"


class _Files:
    """It remembers the last look, to know whether what is there still changes."""

    def __init__(self, root: Path, pattern: str, settle: float, every: float) -> None:
        self._root = root
        self._pattern = pattern
        self._settle = settle
        self._every = every
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._since = 0.0

    def __call__(self, now: float) -> Found | NotYet:
        seen = tuple(self._there())
        if not seen:
            self._seen = ()
            return NotYet(f"{self._pattern} is not there", self._every)
        if seen != self._seen:
            self._seen, self._since = seen, now
        if now - self._since < self._settle:
            left = self._settle - (now - self._since)
            return NotYet(f"{seen[0][0]} is there and may still change", min(self._every, left))
        paths = [path for path, _, _ in seen]
        return Found({"path": paths[0], "paths": list(paths)})

    def _there(self) -> list[tuple[str, int, int]]:
        """(path as it was written, size, time of change) of every match."""
        # iglob, for Path.glob takes no absolute pattern; and a name may have brackets of its own
        matches = glob.iglob(self._pattern, root_dir=self._root, recursive=True)  # noqa: PTH207
        names = [self._pattern] if (self._root / self._pattern).exists() else list(islice(matches, _MOST_FILES))
        found = []
        for name in sorted(names):
            try:
                facts = (self._root / name).stat()
            except OSError:  # it went between two looks
                continue
            found.append((name, facts.st_size, facts.st_mtime_ns))
        return found


def _moment(due: float) -> Look:
    def look(now: float) -> Found | NotYet:
        told = datetime.fromtimestamp(due, UTC).astimezone().isoformat(timespec="seconds")
        return Found({"value": told}) if now >= due else NotYet(f"waiting until {told}", due - now)

    return look


def _until(due: float) -> Look:
    """By the clock on the wall, whatever it is set to meanwhile, and not by the time that has passed."""

    def look(_: float) -> Found | NotYet:
        looked = _moment(due)(wall_clock())
        return replace(looked, again=min(looked.again, _CLOCK_EVERY)) if isinstance(looked, NotYet) else looked

    return look


def _due(moment: str, since: float) -> float:
    """A time of day is of the day of `since`."""
    try:
        try:
            return datetime.fromisoformat(moment).timestamp()
        except ValueError:
            day = datetime.fromtimestamp(since, UTC).astimezone().date()
            return datetime.combine(day, time.fromisoformat(moment)).timestamp()
    except (ValueError, OverflowError):
        raise Hopeless(f"{moment!r} is no moment: write 18:30 or 2026-12-24T18:30") from None


def _page(url: str, wanted: int, every: float) -> Look:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Hopeless(f"{url} is no address: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Hopeless(f"{url} is no address of a page: it begins with http:// or https://")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    import http.client  # here, for no run but one that asks a page waits for it

    def look(_: float) -> Found | NotYet:
        try:
            status = _status(parts.scheme, host, port, target)
        except ValueError as error:
            raise Hopeless(f"{url} can't be asked for: {error}") from None
        except (OSError, http.client.HTTPException) as error:
            return NotYet(f"{url} does not answer: {error}", every)
        return Found({"value": status}) if status == wanted else NotYet(f"{url} answers {status}", every)

    return look


def _status(scheme: str, host: str, port: int | None, target: str) -> int:
    import http.client
    import ssl

    connection = (
        http.client.HTTPSConnection(host, port, timeout=_ANSWER_WITHIN, context=ssl.create_default_context())
        if scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=_ANSWER_WITHIN)
    )
    try:
        connection.request("GET", target, headers={"User-Agent": "treadle", "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


def _query(database: Path, sql: str, every: float) -> Found | NotYet:
    if not database.exists():
        return NotYet(f"{database.name} is not there", every)
    try:
        value = first_value(database, sql)
    except QueryError as error:
        if error.is_final:
            raise Hopeless(str(error)) from None
        return NotYet(str(error), every)
    if not value:
        return NotYet(f"the query gives {'nothing' if value is None else value}", every)
    return Found({"json": json.loads(json.dumps(value, default=str))})


def _run(project: Project, pipeline: str, since: float, every: float) -> Found | NotYet:
    names = {pipeline, str(project.root / pipeline)}
    rows = [row for row in RunIndex(project, Summaries().of).rows(_MOST_RUNS) if {row.pipeline, row.file} & names]
    for row in rows:
        if row.state == RunStatus.SUCCEEDED and row.finished is not None and row.finished >= since:
            return Found({"value": row.run})
    if not rows:
        return NotYet(f"{pipeline} has not run", every)
    is_old = " too long ago" if rows[0].state == RunStatus.SUCCEEDED else ""
    return NotYet(f"the last run of {pipeline}: {rows[0].state}{is_old}", every)
