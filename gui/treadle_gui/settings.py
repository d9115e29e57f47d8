"""Settings: what the app remembers between starts, in one file under the XDG configuration folder.

Everything read is checked, and what is missing or damaged is the default: a broken settings file never keeps the
app from starting.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, cast

from PySide6.QtCore import QByteArray, QSettings

from treadle.run.interventions import Breakpoint, When

__all__ = ["MOST_RECENT", "Settings", "ThemeChoice", "config_folder"]

MOST_RECENT: Final = 12
_MOST_PIPELINES: Final = 50
ThemeChoice = Literal["system", "dark", "light"]


def config_folder() -> Path:
    """`$XDG_CONFIG_HOME/treadle`."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".config") / "treadle"


class Settings:
    """Typed access to the settings file."""

    def __init__(self, file: Path) -> None:
        self._store = QSettings(str(file), QSettings.Format.IniFormat)

    def flush(self) -> None:
        self._store.sync()

    # Look

    @property
    def theme(self) -> ThemeChoice:
        value = self._store.value("look/theme", "system")
        return cast("ThemeChoice", value) if value in ("system", "dark", "light") else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("look/theme", choice)

    @property
    def motion(self) -> bool:
        return self._flag("look/motion", default=True)

    @motion.setter
    def motion(self, on: bool) -> None:
        self._store.setValue("look/motion", on)

    @property
    def minimap(self) -> bool:
        """Whether a map is shown where not all of a pipeline is seen."""
        return self._flag("look/minimap", default=True)

    @minimap.setter
    def minimap(self, on: bool) -> None:
        self._store.setValue("look/minimap", on)

    @property
    def geometry(self) -> QByteArray | None:
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def layout(self) -> QByteArray | None:
        return self._bytes("window/layout")

    @layout.setter
    def layout(self, value: QByteArray) -> None:
        self._store.setValue("window/layout", value)

    # Work

    @property
    def autosave(self) -> bool:
        return self._flag("work/autosave", default=True)

    @autosave.setter
    def autosave(self, on: bool) -> None:
        self._store.setValue("work/autosave", on)

    @property
    def recent(self) -> tuple[Path, ...]:
        """Newest first."""
        return tuple(Path(text) for text in self._texts("work/recent"))[:MOST_RECENT]

    def add_recent(self, path: Path) -> None:
        others = [str(old) for old in self.recent if old != path]
        self._set_json("work/recent", [str(path), *others][:MOST_RECENT])

    def remove_recent(self, path: Path) -> None:
        self._set_json("work/recent", [str(old) for old in self.recent if old != path])

    def clear_recent(self) -> None:
        self._set_json("work/recent", [])

    @property
    def open_files(self) -> tuple[Path, ...]:
        """What was open when the window was closed."""
        return tuple(Path(text) for text in self._texts("work/open"))

    @open_files.setter
    def open_files(self, paths: Sequence[Path]) -> None:
        self._set_json("work/open", [str(path) for path in paths])

    @property
    def favourites(self) -> frozenset[str]:
        """Components by their `uses` name."""
        return frozenset(self._texts("palette/favourites"))

    @favourites.setter
    def favourites(self, names: frozenset[str]) -> None:
        self._set_json("palette/favourites", sorted(names))

    @property
    def collapsed(self) -> frozenset[str]:
        """Categories of the palette that a person has closed."""
        return frozenset(self._texts("palette/collapsed"))

    @collapsed.setter
    def collapsed(self, names: frozenset[str]) -> None:
        self._set_json("palette/collapsed", sorted(names))

    def run_parameters(self, pipeline: str) -> dict[str, object]:
        """What was last given for a pipeline's parameters; `pipeline` is its file, or its name."""
        value = self._json("run/parameters")
        given = value.get(pipeline) if isinstance(value, dict) else None
        return dict(given) if isinstance(given, dict) else {}

    def remember_run_parameters(self, pipeline: str, values: dict[str, object]) -> None:
        known = self._json("run/parameters")
        kept = dict(known) if isinstance(known, dict) else {}
        kept.pop(pipeline, None)
        kept[pipeline] = values
        self._set_json("run/parameters", dict(list(kept.items())[-_MOST_PIPELINES:]))

    def breakpoints(self, pipeline: str) -> tuple[Breakpoint, ...]:
        """What was last set; `pipeline` as in `run_parameters`."""
        value = self._json("run/breakpoints")
        found = value.get(pipeline) if isinstance(value, dict) else None
        pairs = [each for each in found if isinstance(each, list)] if isinstance(found, list) else []
        return tuple(
            Breakpoint(pair[0], When(pair[1])) for pair in pairs if len(pair) == 2 and isinstance(pair[0], str)
            and pair[1] in list(When)
        )  # fmt: skip

    def remember_breakpoints(self, pipeline: str, breakpoints: Sequence[Breakpoint]) -> None:
        known = self._json("run/breakpoints")
        kept = dict(known) if isinstance(known, dict) else {}
        kept.pop(pipeline, None)
        if breakpoints:
            kept[pipeline] = [[task, str(when)] for task, when in breakpoints]
        self._set_json("run/breakpoints", dict(list(kept.items())[-_MOST_PIPELINES:]))

    # Inside

    def _flag(self, key: str, *, default: bool) -> bool:
        return str(self._store.value(key, default)).casefold() == "true"

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None

    def _texts(self, key: str) -> list[str]:
        value = self._json(key)
        return [text for text in value if isinstance(text, str) and text] if isinstance(value, list) else []

    def _json(self, key: str) -> object:
        value = self._store.value(key)
        try:
            return cast("object", json.loads(value)) if isinstance(value, str) else None
        except ValueError:
            return None

    def _set_json(self, key: str, value: object) -> None:
        self._store.setValue(key, json.dumps(value))
