"""Files and directories as artifacts: copied in under their digest, handed out as read-only paths.

A directory's blob is its manifest: sorted entries of relative path, digest, size and whether it is executable. It is
laid out once under `trees/` as hard links. Standard library only, Python ≥ 3.9; at the top no more of it than every
attempt needs.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH101, PTH103, PTH104, PTH110, PTH112, PTH113, PTH114, PTH118, PTH119, PTH120, PTH123, PTH211

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from . import plain
from .blobs import BlobWriter, blob_path

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NotAFile", "dump_directory", "dump_file", "lay_out", "named_link"]


class NotAFile(Exception):
    """The value is no path to a file or folder that can be kept."""


def _path(value: Any, what: str) -> str:
    if not isinstance(value, (str, os.PathLike)):
        raise NotAFile(f"returned {'None' if value is None else type(value).__name__}, not the path of a {what}")
    path = os.path.abspath(os.fspath(value))
    if not os.path.exists(path):
        raise NotAFile(f"returned {path}, which does not exist")
    return path


def dump_file(value: Any, store: BlobWriter) -> tuple[str, str, int, dict[str, Any]]:
    """(codec, digest, size, meta) of a copy of the file at the path `value`."""
    path = _path(value, "file")
    if not os.path.isfile(path):
        raise NotAFile(f"returned {path}, which is not a file")
    digest, size = store.put_file(path)
    return "file", digest, size, {"name": os.path.basename(path)}


def dump_directory(value: Any, store: BlobWriter) -> tuple[str, str, int, dict[str, Any]]:
    """(codec, digest, size, meta) of a copy of the folder at the path `value`. Links are followed to what they name."""
    root = _path(value, "folder")
    if not os.path.isdir(root):
        raise NotAFile(f"returned {root}, which is not a folder")
    entries, total = [], 0
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not os.path.islink(os.path.join(folder, name))]
        inside = os.path.relpath(folder, root)
        if not names and not folders and inside != ".":
            entries.append({"path": inside, "folder": True})
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                raise NotAFile(f"{path} is neither a file nor a folder, and cannot be kept")
            digest, size = store.put_file(path)
            relative = os.path.normpath(os.path.join(inside, name))
            entries.append({"path": relative, "digest": digest, "size": size, "run": os.access(path, os.X_OK)})
            total += size
    entries.sort(key=lambda entry: str(entry["path"]))
    digest, _ = store.put_bytes(plain.to_json({"entries": entries}))
    files = sum("digest" in entry for entry in entries)
    return "directory", digest, total, {"name": os.path.basename(root), "files": files}


def named_link(blob: str, folder: str, name: str) -> Path:
    """A path to `blob` that bears its old name: readers go by the suffix."""
    from pathlib import Path

    os.makedirs(folder, exist_ok=True)
    link = os.path.join(folder, os.path.basename(name) or "file")
    with contextlib.suppress(FileExistsError):
        os.symlink(os.path.abspath(blob), link)
    return Path(link)


def lay_out(manifest: str, digest: str, root: str) -> Path:
    """The folder of a directory artifact, made once by hard links; read-only by intent."""
    import shutil
    import tempfile
    from pathlib import Path

    final = os.path.join(root, "trees", digest)
    if os.path.isdir(final):
        return Path(final)
    with open(manifest, "rb") as file:
        entries = plain.from_json(file.read())["entries"]
    os.makedirs(os.path.dirname(final), exist_ok=True)
    made = tempfile.mkdtemp(dir=os.path.dirname(final))
    try:
        for entry in entries:
            _place(entry, made, root)
        os.rename(made, final)
    except OSError:
        if not os.path.isdir(final):  # else another reader was quicker
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return Path(final)


def _place(entry: dict[str, Any], folder: str, root: str) -> None:
    path = os.path.normpath(os.path.join(folder, entry["path"]))
    if not path.startswith(folder + os.sep):
        raise NotAFile(f"the folder's manifest names {entry['path']}, outside of it")
    if entry.get("folder"):
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    blob = blob_path(root, entry["digest"])
    if entry.get("run"):
        import shutil

        shutil.copyfile(blob, path)
        os.chmod(path, 0o555)  # noqa: S103 (read-only, and still a program)
    else:
        os.link(blob, path)
