"""The cache's database: its tables, made where they are missing or of another layout, and how it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

__all__ = ["is_damage", "open_database"]

_LAYOUT: Final = 2
_TABLES: Final = """
drop table if exists kept;
drop table if exists latest;
create table kept(key text primary key, run text, made real, used real, result text, checksum integer)
    strict, without rowid;
create table latest(pipeline text, task text, recipe text, run text, checksum integer, primary key(pipeline, task))
    strict, without rowid;
"""
_BUSY: Final = 5.0  # seconds that another engine may be writing


def open_database(file: Path) -> sqlite3.Connection:
    """To be used by any thread, one at a time. Raises sqlite3.Error."""
    connection = sqlite3.connect(file, timeout=_BUSY, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        if not _has_layout(connection):
            with connection:
                connection.execute("begin immediate")
                _lay_out(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _has_layout(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("pragma user_version").fetchone()[0] == _LAYOUT)


def _lay_out(connection: sqlite3.Connection) -> None:
    if not _has_layout(connection):  # else another engine was quicker
        for statement in filter(str.strip, _TABLES.split(";")):
            connection.execute(statement)
        connection.execute(f"pragma user_version = {_LAYOUT}")


def is_damage(error: Exception) -> bool:
    """Not a full or a busy disk: those pass."""
    return not isinstance(error, sqlite3.OperationalError)
