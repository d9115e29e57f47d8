"""ArtifactStore: the engine's view of a project's blobs. It reads and checks, and unpickles nothing.

Workers write blobs themselves (`store/codecs.py`); only references pass through the engine.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from treadle.spec.values import Value
from treadle.store.blobs import BlobWriter, blob_path, is_whole
from treadle.store.descriptors import OURS
from treadle.store.digests import is_named
from treadle.store.references import ArtifactRef

__all__ = ["ArtifactStore", "from_fields", "to_fields"]


def to_fields(ref: ArtifactRef) -> dict[str, object]:
    """`ref` as the plain dict that codecs and workers use."""
    return {"digest": ref.digest, "type": ref.type, "codec": ref.codec, "size": ref.size, "meta": dict(ref.meta)}


def from_fields(fields: object) -> ArtifactRef:
    """The inverse of `to_fields`. Raises ValueError for anything else, naming what is wrong."""
    try:
        ref = msgspec.convert(fields, ArtifactRef)
    except msgspec.ValidationError:
        raise ValueError("an output is not described as an artifact") from None
    blob_path("", ref.digest)
    return ref


class ArtifactStore:
    """Blobs below `root` (`.treadle/artifacts`), which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._writer = BlobWriter(str(root))

    def path(self, ref: ArtifactRef) -> Path:
        """Where `ref`'s bytes lie, there or not."""
        return Path(blob_path(str(self.root), ref.digest))

    def has(self, digest: str) -> bool:
        return Path(blob_path(str(self.root), digest)).is_file()

    def holds(self, ref: ArtifactRef) -> bool:
        """Whether `ref` can be read: its blob is there, and so are the blobs it lists.

        One whose bytes have changed is not: it is made again and never used (`is_whole`).
        """
        if not is_whole(str(self.root), ref.digest):
            return False
        if ref.codec in ("list", "directory"):
            digests = self._member_digests(ref)
            return all(is_whole(str(self.root), digest) for digest in digests)
        return self.path(ref).stat().st_size == ref.size

    def put_bytes(self, data: bytes) -> tuple[str, int]:
        """(digest, size). Raises OSError."""
        return self._writer.put_bytes(data)

    def put_file(self, source: Path) -> tuple[str, int]:
        """(digest, size) of a copy of `source`. Raises OSError."""
        return self._writer.put_file(str(source))

    def verify(self, ref: ArtifactRef) -> bool:
        """Whether the bytes still are what `ref` says; reads them all."""
        try:
            return is_named(str(self.path(ref)), ref.digest)
        except FileNotFoundError:
            return False

    def sync(self, refs: Iterable[ArtifactRef]) -> None:
        """Makes the blobs of `refs` survive a power cut, but those that are gone. Raises OSError."""
        for ref in refs:
            try:
                for digest in (ref.digest, *self._member_digests(ref)):
                    _sync(Path(blob_path(str(self.root), digest)))
            except (FileNotFoundError, ValueError):
                continue  # its readers will find out, and say so

    def _member_digests(self, ref: ArtifactRef) -> list[str]:
        entries = self.members(ref)
        return [str(entry["digest"]) for entry in entries if isinstance(entry, dict) and "digest" in entry]

    def remove_leftovers(self, before: float) -> None:
        """Removes what writers that were killed left half-written before then (seconds since the epoch)."""
        for path in (self.root / "tmp").glob("*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def members(self, ref: ArtifactRef) -> list[Value]:
        """The entries of a list's or a directory's manifest; empty for other artifacts. Raises ValueError, OSError."""
        if ref.codec not in ("list", "directory"):
            return []
        manifest = json.loads(self.path(ref).read_bytes())
        found = manifest.get("items") or manifest.get("entries") or []
        return list(found)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | OURS)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
