"""What ships with Treadle besides code. Paths come from here, so that they hold in a wheel and in a checkout alike."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

__all__ = ["copy_example", "example_names"]

_PIPELINE = ".treadle.yaml"


def example_names() -> tuple[str, ...]:
    """The example projects, by folder name."""
    examples = files(__name__) / "examples"
    return tuple(sorted(entry.name for entry in examples.iterdir() if entry.is_dir() and entry.name[0] not in "._"))


def copy_example(name: str, to: Path) -> Path:
    """Copies an example project into folder `to` and returns the path of its pipeline there.

    `to` is made where it is missing. Raises KeyError for an unknown name, FileExistsError (naming the file, before
    anything is copied) where a file of the example is there already, OSError where the folder can't be written.
    """
    if name not in example_names():
        raise KeyError(f"no example is called {name!r}; there are: {', '.join(example_names())}")
    with as_file(files(__name__) / "examples" / name) as source:
        wanted = [file.relative_to(source) for file in sorted(source.rglob("*")) if _is_wanted(file)]
        for file in wanted:
            if (to / file).exists():
                raise FileExistsError(f"{to / file} is there already")
        for file in wanted:
            (to / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, to / file)
    return next(to / file for file in wanted if file.name.endswith(_PIPELINE))


def _is_wanted(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts and ".treadle" not in file.parts
