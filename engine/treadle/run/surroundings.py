"""What a task depends on outside the plan: the packages it imports, and the files its parameters name.

Both are read, never imported or run. What was found out is remembered; a file is read again only when its size,
time of change or inode is another.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from treadle.store.atomic import write_atomic

__all__ = ["FileIdentities", "PackageVersions"]


class PackageVersions:
    """The versions of installed packages by the name they are imported under."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._found: dict[tuple[str, ...], dict[str, str]] = {}
        self._distributions: dict[str, list[str]] | None = None

    def of(self, imports: Iterable[str]) -> dict[str, str]:
        """The interpreter's version and each package's; the standard library goes with the interpreter."""
        asked = tuple(imports)
        if asked not in self._found:
            wanted = sorted(name for name in asked if name not in sys.stdlib_module_names)
            versions = {name: self._version(name) for name in wanted}
            self._found[asked] = {"Python": sys.version.partition(" ")[0], **versions}
        return self._found[asked]

    def knows(self, imports: Iterable[str]) -> bool:
        """Whether `of` would read nothing."""
        return all(name in self._known or name in sys.stdlib_module_names for name in imports)

    def _version(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> str:
        from importlib import metadata  # only here: a run's first node waits for what is imported

        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            pass  # the distribution bears another name than the package: sklearn is in scikit-learn
        if self._distributions is None:
            self._distributions = dict(metadata.packages_distributions())
        found = sorted(set(self._distributions.get(name, ())))
        return ", ".join(metadata.version(each) for each in found) or "not installed"


_CHUNK: Final = 1 << 20
_UNSETTLED: Final = 2_000_000_000
"""Nanoseconds: a file changed this recently may change again within the same tick of its clock."""
_HASHED_IN_A_FOLDER: Final = 1000
"""A folder of more files counts by their names, sizes and times."""


class FileIdentities:
    """What files hold, as a digest. `memory` is where it is remembered between runs; damaged, it is begun anew."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._known: dict[str, Any] = _read_json_object(memory)
        self._changed = False

    def identify(self, path: Path) -> str:
        """A text that is another when what `path` holds is; `""` where nothing is there or it can't be read."""
        try:
            found = path.stat()
            if stat.S_ISDIR(found.st_mode):
                return self._folder(path)
            return self._file(path, found) if stat.S_ISREG(found.st_mode) else ""
        except (OSError, ValueError):
            return ""

    def save(self) -> None:
        """Remembers for the next run. Raises OSError."""
        if self._changed:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._memory, json.dumps(self._known).encode())
            self._changed = False

    def _file(self, path: Path, found: os.stat_result) -> str:
        mark = [found.st_size, found.st_mtime_ns, found.st_ino]
        match self._known.get(str(path)):
            case [known, str(digest)] if known == mark:
                return digest
        digest = _digest(path)
        # Wall clock, since the file system's stamp is compared with it; a jump costs a second reading at most.
        if abs(time.time_ns() - found.st_mtime_ns) > _UNSETTLED:
            self._known[str(path)] = [mark, digest]
            self._changed = True
        return digest

    def _folder(self, folder: Path) -> str:
        files = sorted(_files_below(folder))
        by_content = len(files) <= _HASHED_IN_A_FOLDER
        manifest = hashlib.sha256()
        for path in files:
            found = path.stat()
            held = self._file(path, found) if by_content else f"{found.st_size} {found.st_mtime_ns}"
            manifest.update(f"{path.relative_to(folder)}\0{held}\n".encode(errors="surrogateescape"))
        return manifest.hexdigest()


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".treadle"]
        for name in names:
            path = Path(parent, name)
            if path.is_file():
                yield path


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _read_json_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
