"""The first value that a query gives, of a SQLite or DuckDB file that is opened to read only."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

__all__ = ["QueryError", "first_value"]

_MAGIC: Final = b"SQLite format 3\0"
_WITHIN: Final = 30.0  # seconds


class QueryError(Exception):
    """The database did not answer. `is_final` where the query itself is at fault: asking again can't help."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


def first_value(database: Path, sql: str) -> Any:
    """None where the query gives no row. Raises QueryError."""
    try:
        with database.open("rb") as file:
            is_sqlite = file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise QueryError(f"{database.name} can't be read: {error.strerror}") from None
    return _sqlite(database, sql) if is_sqlite else _duckdb(database, sql)


def _sqlite(database: Path, sql: str) -> Any:
    try:
        opened = sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)
        with contextlib.closing(opened) as connection, _limited(connection.interrupt):
            return _first(connection.execute(sql).fetchone())
    except sqlite3.Error as error:
        raise QueryError(f"{database.name}: {error}", is_final="syntax error" in str(error)) from None


def _duckdb(database: Path, sql: str) -> Any:
    import duckdb  # half a second that only a run which asks a DuckDB file pays

    try:
        opened = duckdb.connect(str(database), read_only=True, config={"enable_external_access": "false"})
        with opened as connection, _limited(connection.interrupt):
            return _first(connection.execute(sql).fetchone())
    except duckdb.ParserException as error:
        raise QueryError(f"{database.name}: {error}", is_final=True) from None
    except duckdb.Error as error:
        raise QueryError(f"{database.name}: {error}") from None


@contextlib.contextmanager
def _limited(interrupt: Callable[[], object]) -> Iterator[None]:
    timer = threading.Timer(_WITHIN, interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _first(row: tuple[Any, ...] | None) -> Any:
    return row[0] if row else None
