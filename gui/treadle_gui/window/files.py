"""What opening and saving have in common: which files are pipelines, what a new one is called, where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from treadle_gui.document.document import SUFFIX
from treadle_gui.window.services import Services
from treadle_gui.window.tabs import Tabs

__all__ = ["FILTERS", "UNTITLED", "folder_at_hand", "unused_name"]

UNTITLED: Final = "untitled"
FILTERS: Final = [f"Treadle pipelines (*{SUFFIX})", "All files (*)"]


def unused_name(taken: Sequence[str]) -> str:
    """`untitled`, or the first of `untitled-2`, `untitled-3` … that no open document has."""
    number = 1
    while (name := UNTITLED if number == 1 else f"{UNTITLED}-{number}") in taken:
        number += 1
    return name


def folder_at_hand(tabs: Tabs, services: Services) -> Path:
    """Where a file dialog begins: beside the pipeline in front."""
    current = tabs.current
    if current is not None and current.document.path is not None:
        return current.document.path.parent
    return services.folder
