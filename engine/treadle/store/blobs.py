"""Blobs: bytes in a folder under their digest, written once, by workers and engine alike.

    artifacts/ab/cdef…      a blob, read-only
    artifacts/tmp/…         being written
    artifacts/trees/ab…/    a directory artifact laid out for reading, hard links to its blobs

Temp file, rename: a blob that is there is whole, whatever happens to the process that wrote it. A writer does not wait
for the disk: the engine syncs what a run's events name before it syncs the events (`ArtifactStore.sync`), so that what
survives a power cut is whole too. One that is lost or damaged all the same (`is_whole`) is written again, as soon as
its node has run again. Python ≥ 3.9, standard library only.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH101, PTH102, PTH103, PTH105, PTH108, PTH116, PTH118, PTH120, PTH123

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from typing import Any, Callable, Iterator, Sequence  # noqa: UP035 (runs under Python 3.9 too)

from .digests import PIECE, digest_of_file, write_all, written_and_digested

__all__ = ["BlobWriter", "StoreFull", "blob_path", "is_whole"]

_CHUNK = 1024 * 1024
_WORTH_READING = _CHUNK  # hashed in half a millisecond
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def blob_path(root: str, digest: str) -> str:
    """Where the blob of `digest` lies. Raises ValueError for what is no digest, so that no path escapes `root`."""
    if not _DIGEST.match(digest):
        raise ValueError(f"not a digest: {digest!r}")
    return os.path.join(root, digest[:2], digest[2:])


def is_whole(root: str, digest: str) -> bool:
    """Whether the blob of `digest` is there. A small one is read, to see that no bit of it has changed; of a large one
    that would cost as much as using it.
    """
    path = blob_path(root, digest)
    try:
        if os.stat(path).st_size > _WORTH_READING:
            return True
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest() == digest
    except OSError:
        return False


class StoreFull(OSError):
    """The disk that the store is on has no room for one more blob. Nothing of it is left; what was there still is."""


class BlobWriter:
    """Adds blobs to the store at `root`. Several processes may write the same blob at once: the first rename stands."""

    def __init__(self, root: str) -> None:
        self.root = root

    def put_bytes(self, data: bytes) -> tuple[str, int]:
        """(digest, size). Raises OSError."""
        if len(data) > PIECE:
            return self.put_parts([data])
        digest = hashlib.sha256(data).hexdigest()
        if not _reads_as(blob_path(self.root, digest), data):
            with self._temporary() as path:
                with open(path, "xb", 0) as file:
                    write_all(file.fileno(), [memoryview(data)] if data else [])
                self._keep(path, digest)
        return digest, len(data)

    def put_file(self, source: str) -> tuple[str, int]:
        """(digest, size) of a copy of the file at `source`."""

        def copy(path: str) -> None:
            import shutil

            with open(source, "rb") as reader, open(path, "wb") as writer:
                shutil.copyfileobj(reader, writer, _CHUNK)

        return self.put_written(copy)

    def put_written(self, write: Callable[[str], None]) -> tuple[str, int]:
        """(digest, size) of the file that `write` makes at the path it is given."""
        with self._temporary() as path:
            write(path)
            return self._kept(path, *digest_of_file(path))

    def put_parts(self, parts: Sequence[Any]) -> tuple[str, int]:
        """(digest, size) of buffers that follow each other: many bytes are hashed while they are written."""
        with self._temporary() as path:
            return self._kept(path, *written_and_digested(parts, path))

    def _kept(self, path: str, digest: str, size: int) -> tuple[str, int]:
        if not self._holds(digest, size):
            self._keep(path, digest)
        return digest, size

    def _holds(self, digest: str, size: int) -> bool:
        try:
            return os.stat(blob_path(self.root, digest)).st_size == size and is_whole(self.root, digest)
        except FileNotFoundError:
            return False

    def _keep(self, path: str, digest: str) -> None:
        final = blob_path(self.root, digest)
        os.chmod(path, 0o444)
        try:
            os.replace(path, final)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(final), exist_ok=True)
            os.replace(path, final)

    @contextlib.contextmanager
    def _temporary(self) -> Iterator[str]:
        """A path at which nothing is, and nothing is left. By `tempfile` it would cost as much as all the rest."""
        folder = os.path.join(self.root, "tmp")
        path = os.path.join(folder, os.urandom(8).hex())
        try:
            _make_folder(folder)
            yield path
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise StoreFull(error.errno, "No space left on the project's disk for what is to be kept") from error
            raise
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


def _make_folder(folder: str) -> None:
    try:
        os.mkdir(folder)
    except FileExistsError:
        pass
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)


def _reads_as(path: str, data: bytes) -> bool:
    """Whether just `data` stands at `path`: a blob that was damaged is to be written again."""
    try:
        with open(path, "rb", 0) as file:
            return file.read() == data
    except OSError:
        return False
