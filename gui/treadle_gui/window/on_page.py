"""Commands that are for the pipeline in front, and can be done only while there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["on_page", "true_of_page"]


def on_page(window: MainWindow) -> Callable[[Callable[[Page], object]], Callable[[], None]]:
    """Makes a deed for a page one for whatever page is in front."""

    def for_current(work: Callable[[Page], object]) -> Callable[[], None]:
        def run() -> None:
            if window.page is not None:
                work(window.page)

        return run

    return for_current


def true_of_page(window: MainWindow, question: Callable[[Page], bool]) -> bool:
    return window.page is not None and question(window.page)
