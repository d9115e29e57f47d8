"""What lies in a project's store and what refers to what, told from the files alone, damaged ones included.

A file refers to every digest whose text stands in it, whatever it means there: rather one artifact too many is kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from treadle.store.blobs import blob_path

__all__ = ["blobs", "closure", "digests_in", "size_of"]

_DIGEST: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_HEX: Final = re.compile(r"[0-9a-f]+\Z")
_MANIFESTS: Final = (b'{"items"', b'{"entries"')
_CHUNK: Final = 1 << 22
_WIDTH: Final = 64


def digests_in(path: Path) -> frozenset[str]:
    """Every digest that stands in the file; none where it can't be read because it is gone. Raises OSError."""
    found: set[bytes] = set()
    rest = b""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                text = rest + chunk
                found.update(_DIGEST.findall(text))
                rest = text[-_WIDTH - 1 :]
    except FileNotFoundError:
        return frozenset()
    return frozenset(digest.decode() for digest in found)


def closure(root: Path, digests: Iterable[str]) -> AbstractSet[str]:
    """`digests`, and what the lists and folders among them hold, at any depth. Raises OSError."""
    found: set[str] = set()
    ahead = list(digests)
    while ahead:
        digest = ahead.pop()
        if digest not in found:
            found.add(digest)
            ahead.extend(_members(Path(blob_path(str(root), digest))))
    return found


def blobs(root: Path) -> Iterator[tuple[str, int]]:
    """(digest, size) of every blob below `root`. Raises OSError."""
    if not root.is_dir():
        return
    for folder in os.scandir(root):
        if len(folder.name) == 2 and _HEX.match(folder.name) and folder.is_dir(follow_symlinks=False):
            yield from _blobs_in(folder)


def _blobs_in(folder: os.DirEntry[str]) -> Iterator[tuple[str, int]]:
    for blob in os.scandir(folder.path):
        digest = folder.name + blob.name
        if len(digest) == _WIDTH and _HEX.match(digest):
            yield digest, blob.stat(follow_symlinks=False).st_size


def size_of(folder: Path) -> int:
    """Bytes of all files below `folder`."""
    return sum(
        os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 (thousands of them)
        for place, _, names in os.walk(folder)
        for name in names
    )


def _members(path: Path) -> AbstractSet[str]:
    try:
        with path.open("rb") as file:
            beginning = file.read(16)
    except FileNotFoundError:
        return frozenset()
    return digests_in(path) if beginning.startswith(_MANIFESTS) else frozenset()
