"""Services: what the window needs of the rest of the world. Built in `app.py`, and with fakes in tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from treadle.store.project import Project
from treadle_gui.dialogs.export import Export
from treadle_gui.document.document import Components
from treadle_gui.document.recovery import RecoveryFolder
from treadle_gui.runs.bridge import RunBridge
from treadle_gui.settings import Settings

__all__ = ["Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """`load_catalog` and `fingerprint` read files and are called in threads. `folder` is where new pipelines belong.

    `make_bridge` gives each open pipeline its own way to the engine. `copy_example` makes an example the person's own
    and returns its pipeline; it is called in a thread.
    """

    settings: Settings
    recovery: RecoveryFolder
    make_bridge: Callable[[Project], RunBridge]
    load_catalog: Callable[[Path], Components]
    fingerprint: Callable[[Path], object]
    export: Export
    folder: Path
    copy_example: Callable[[str], Path]
    examples: tuple[str, ...] = ()
