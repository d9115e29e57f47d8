"""What a pipeline waits for. The engine looks itself, by these names (`run/sensors.py`): no process waits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, NamedTuple

from treadle import Between, Json, Multiline, component


class Files(NamedTuple):
    path: str
    paths: Json


@component(category="Flow", icon="file-clock-outline", title="Wait for a file", tags=("sensor", "glob"), kind="sensor")
def file(
    pattern: str,
    settle: Annotated[float, Between(0, 86400)] = 1.0,
    every: Annotated[float, Between(0.05, 86400)] = 5.0,
) -> Files:
    """Wait until a file is there and no longer changes.

    Args:
        pattern: A path from the project's folder; `*`, `?`, `[…]` and `**` stand for any.
        settle: For so many seconds size and time must stay the same.
        every: Seconds between two looks.
        path: The first file found.
        paths: All of them, sorted.
    """
    raise RuntimeError("only the engine waits for files")


@component(category="Flow", icon="timer-sand", title="Wait a while", tags=("sensor", "sleep", "delay"), kind="sensor")
def pause(seconds: Annotated[float, Between(0, None)] = 60.0) -> datetime:
    """Wait for so many seconds.

    Args:
        seconds: From when the node's turn has come.
    """
    raise RuntimeError("only the engine waits for time")


@component(category="Flow", icon="clock-outline", title="Wait until", tags=("sensor", "time", "date"), kind="sensor")
def until(moment: str) -> datetime:
    """Wait until a time of day, or a date and time. One that has passed is not waited for.

    Args:
        moment: `18:30`, of the day on which the node's turn came, or `2026-12-24T18:30`; local time where none is said.
    """
    raise RuntimeError("only the engine waits for time")


@component(category="Flow", icon="web-clock", title="Wait for a page", tags=("sensor", "http", "url"), kind="sensor")
def http(
    url: str,
    status: Annotated[int, Between(100, 599)] = 200,
    every: Annotated[float, Between(0.05, 86400)] = 10.0,
) -> int:
    """Wait until a GET is answered with a status.

    Args:
        url: `http://…` or `https://…`. A redirection is an answer and is not followed.
        status: The one that is waited for.
        every: Seconds between two requests.
    """
    raise RuntimeError("only the engine waits for pages")


@component(
    category="Flow", icon="database-clock-outline", title="Wait for a query", tags=("sensor", "sql"), kind="sensor"
)
def query(
    database: str, sql: Annotated[str, Multiline()], every: Annotated[float, Between(0.05, 86400)] = 10.0
) -> Json:
    """Wait until the first value that a query gives is true: neither 0, false, empty nor NULL.

    Args:
        database: A SQLite or DuckDB file, from the project's folder. It is opened to read only.
        sql: One query.
        every: Seconds between two queries.
    """
    raise RuntimeError("only the engine waits for queries")


@component(category="Flow", icon="source-merge", title="Wait for a run", tags=("sensor", "pipeline"), kind="sensor")
def run(
    pipeline: str,
    within: Annotated[float, Between(0, None)] = 0.0,
    every: Annotated[float, Between(0.05, 86400)] = 5.0,
) -> str:
    """Wait until a run of another pipeline of this project has succeeded; gives the run's id.

    Args:
        pipeline: The other pipeline's name, or its file from the project's folder.
        within: One that ended up to so many hours earlier counts too.
        every: Seconds between two looks.
    """
    raise RuntimeError("only the engine waits for runs")
