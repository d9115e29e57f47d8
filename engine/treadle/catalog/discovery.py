"""The source files of a project and of the built-in library, found without following a link out of the project."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from treadle.catalog.sources import SourceText, read_source
from treadle.spec.problems import Problem, Severity, Where

__all__ = ["Discovery", "discover_builtins", "discover_project", "python_files"]

COMPONENTS: Final = "components"
_MOST_FILES: Final = 2_000
_DEEPEST: Final = 6
_LIBRARY: Final = Path(__file__).parent.parent / "library"


@dataclass(frozen=True, slots=True)
class Discovery:
    """`sources` are all modules by name; `offering` those whose components the catalog shows."""

    sources: dict[str, SourceText] = field(default_factory=dict)
    offering: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def discover_builtins() -> Discovery:
    sources: dict[str, SourceText] = {}
    problems: list[Problem] = []
    for path in sorted(_LIBRARY.glob("*.py")):
        read = read_source(path, path.stem, f"treadle/library/{path.name}", builtin=True)
        if isinstance(read, Problem):
            problems.append(read)
        elif path.stem != "__init__":
            sources[path.stem] = read
    return Discovery(sources, tuple(sources), tuple(problems))


def discover_project(project: Path) -> Discovery:
    """Modules of `components/` under their own name (`flights`, `lib.clean`), then those beside the pipelines."""
    sources: dict[str, SourceText] = {}
    problems: list[Problem] = []
    offering: list[str] = []
    for file in python_files(project):
        problem = _refused(project, file)
        module = _module_name(file)
        if problem is None and module is not None and module not in sources:
            read = read_source(project / file, module, file.as_posix())
            if isinstance(read, SourceText):
                sources[module] = read
                offering += [module] if _offers(file) else []
                continue
            problem = read
        if problem is not None:
            problems.append(problem)
    return Discovery(sources, tuple(offering), tuple(problems))


def python_files(project: Path) -> list[PurePosixPath]:
    """Relative paths, those of `components/` first; at most 2,000 of them."""
    components = sorted(_walk(project, PurePosixPath(COMPONENTS), 0))
    beside = sorted(_entries(project, PurePosixPath())[1])
    return [*components, *beside][:_MOST_FILES]


def _walk(project: Path, folder: PurePosixPath, depth: int) -> Iterator[PurePosixPath]:
    folders, files = _entries(project, folder)
    yield from files
    if depth < _DEEPEST:
        for inner in folders:
            yield from _walk(project, inner, depth + 1)


def _entries(project: Path, folder: PurePosixPath) -> tuple[list[PurePosixPath], list[PurePosixPath]]:
    """Folders inside (links not followed) and Python files. A folder that can't be read has none."""
    folders: list[PurePosixPath] = []
    files: list[PurePosixPath] = []
    try:
        with os.scandir(project / folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name == "__pycache__":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(folder / entry.name)
                elif entry.name.endswith(".py"):
                    files.append(folder / entry.name)
    except OSError:
        return [], []
    return folders, files


def _refused(project: Path, file: PurePosixPath) -> Problem | None:
    path = project / file
    where = Where(file=file.as_posix())
    try:
        if not path.resolve().is_relative_to(project.resolve()):
            return Problem("outside-project", f"{file} is a link out of the project", where, "copy the file in")
        if not stat.S_ISREG(path.stat().st_mode):
            return Problem("unreadable-file", f"{file} is not a plain file", where, "replace it")
    except OSError as error:
        return Problem("unreadable-file", f"can't read {file}: {error.strerror}", where, "check the file")
    except RuntimeError:
        return Problem("unreadable-file", f"{file} is a link that leads back to itself", where, "remove it")
    if _offers(file) and not file.stem.isidentifier():
        message = f"{file} can't be a module: {file.stem!r} is not a name in Python"
        return Problem("module-name", message, where, "use letters, digits and _", Severity.WARNING)
    return None


def _offers(file: PurePosixPath) -> bool:
    return file.parts[0] == COMPONENTS and len(file.parts) == 2 and file.stem != "__init__"


def _module_name(file: PurePosixPath) -> str | None:
    parts = [*file.parts[:-1], file.stem]
    if parts[0] == COMPONENTS and len(parts) > 1:
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None
