"""Journal: an append-only file of JSON records, one line each, that loads as its longest valid prefix.

    1c291ca3 {"seq":1,"at":1795414550.1,"kind":"run_started",…}
    └ CRC-32 of what follows the space, in hex

Only a last line can be torn; opening for writing cuts it off, and the cut is reported. A write that fails (a full
disk, also by writing short without an error) leaves the file ending in a whole line and the records pending, so
that a later `flush` goes on as if nothing had happened. What `flush` has taken survives a kill of this process,
what `sync` has taken survives a power cut.
"""

from __future__ import annotations

import errno
import json
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

from treadle.store.descriptors import OURS, read_plain

__all__ = [
    "Disk",
    "Journal",
    "JournalGone",
    "JournalReading",
    "JournalUnwritable",
    "OsDisk",
    "load",
    "read_journal",
    "read_journal_as",
]

_Record = TypeVar("_Record")
_CRC_DIGITS: Final = 8
_OVERHEAD: Final = _CRC_DIGITS + 1
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode  # `json.dumps` makes one each time


class JournalUnwritable(OSError):
    """The journal takes no more records, as on a full disk. Nothing that it took before is lost."""


class JournalGone(JournalUnwritable):
    """Somebody has removed the journal: what is written to it now nobody will ever read."""


@dataclass(frozen=True, slots=True)
class JournalReading(Generic[_Record]):
    """The longest valid prefix. `end` is where it ends; `size - end` bytes behind it are torn or damaged."""

    records: tuple[_Record, ...]
    end: int
    size: int

    @property
    def is_cut(self) -> bool:
        return self.end < self.size


class Disk(Protocol):
    """The system calls a journal makes, so that a test can make the N-th of them fail."""

    def write(self, descriptor: int, data: bytes | memoryview) -> int: ...

    def truncate(self, descriptor: int, size: int) -> None: ...

    def sync(self, descriptor: int) -> None: ...


class OsDisk:
    """The real ones."""

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        return os.write(descriptor, data)

    def truncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        os.fsync(descriptor)


class Journal:
    """A journal open for appending, by one writer at a time (who holds the run's lease)."""

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        """Opens `path`, making it where it isn't, and cuts off a torn tail. Raises JournalUnwritable."""
        self.path = path
        self._disk = disk or OsDisk()
        self._pending = bytearray()
        self._is_torn = False
        self._descriptor = -1
        self.repaired = 0
        """Bytes of a torn tail that opening has cut off."""
        self._end = self._open()

    def append(self, record: Mapping[str, Any]) -> None:
        """Takes a JSON record into memory; it counts only after `flush`."""
        self._pending += encode_line(record)

    def append_text(self, text: bytes) -> None:
        """As `append`, of a record that is JSON already, without a line break."""
        self._pending += _line(text)

    def flush(self) -> None:
        """Writes every pending record. Raises JournalUnwritable, keeping them pending."""
        if not self._pending:
            return
        try:
            self._mend()
            self._write_pending()
        except OSError as error:
            raise self._unwritable(error) from error

    def sync(self) -> None:
        """Makes what was flushed survive a power cut. May run in another thread. Raises JournalUnwritable, and
        JournalGone."""
        try:
            self._disk.sync(self._descriptor)
            names = os.fstat(self._descriptor).st_nlink
        except OSError as error:
            raise self._unwritable(error) from error
        if not names:
            raise JournalGone(errno.ENOENT, "somebody has removed it", str(self.path))

    def close(self) -> None:
        """Closes the file without flushing; harmless the second time."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> int:
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | OURS, 0o600)
            reading = read_journal(self.path)
            if reading.is_cut:
                self._disk.truncate(self._descriptor, reading.end)
                self.repaired = reading.size - reading.end
        except OSError as error:
            self.close()
            raise self._unwritable(error) from error
        return reading.end

    def _mend(self) -> None:
        if self._is_torn:
            self._disk.truncate(self._descriptor, self._end)
            self._is_torn = False

    def _write_pending(self) -> None:
        # The pending bytes go only when all are written: half a line followed by another would end the prefix.
        self._is_torn = True
        pending, written = memoryview(bytes(self._pending)), 0
        while written < len(pending):
            taken = self._disk.write(self._descriptor, pending[written:])
            if taken == 0:
                raise OSError(0, "the disk takes no more bytes")
            written += taken
        self._end += written
        self._is_torn = False
        self._pending.clear()

    def _unwritable(self, error: OSError) -> JournalUnwritable:
        return JournalUnwritable(error.errno, error.strerror or str(error), str(self.path))


def encode_line(record: Mapping[str, Any]) -> bytes:
    """A journal's line. Raises ValueError for what is not JSON (NaN included)."""
    return _line(_encode(record).encode("ascii"))


def _line(body: bytes) -> bytes:
    return b"%08x %b\n" % (zlib.crc32(body), body)


def json_object(body: bytes) -> dict[str, Any]:
    """Raises ValueError where `body` is none, RecursionError where it is too deep."""
    record = json.loads(body)
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    return record


def read_journal(path: Path, offset: int = 0) -> JournalReading[dict[str, Any]]:
    """The longest valid prefix of what stands in `path` from byte `offset`, where a record begins.

    A missing file reads as an empty one. To follow a journal, read again from `end`.
    """
    return read_journal_as(json_object, path, offset)


def read_journal_as(read: Callable[[bytes], _Record], path: Path, offset: int = 0) -> JournalReading[_Record]:
    """As `read_journal`, where `read` makes a record of a line's JSON; it raises ValueError or RecursionError where it
    can't, and there the prefix ends."""
    try:
        data = read_plain(path, offset)
    except FileNotFoundError:
        return JournalReading((), offset, offset)
    records: list[_Record] = []
    position = 0
    while (newline := data.find(b"\n", position)) != -1:
        body = _checked(data[position:newline])
        try:
            if body is None:
                break
            records.append(read(body))
        except (ValueError, RecursionError):
            break
        position = newline + 1
    return JournalReading(tuple(records), offset + position, offset + len(data))


def load(path: Path) -> list[dict[str, Any]]:
    """The records of `path`'s longest valid prefix."""
    return list(read_journal(path).records)


def _checked(line: bytes) -> bytes | None:
    """What stands behind the checksum, where that fits."""
    checksum, body = line[:_CRC_DIGITS], line[_OVERHEAD:]
    whole = line[_CRC_DIGITS:_OVERHEAD] == b" " and checksum == b"%08x" % zlib.crc32(body)
    return body if whole else None
