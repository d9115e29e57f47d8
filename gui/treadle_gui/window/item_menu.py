"""What a right click on an item of a mapped node offers: its log, another try, its end, a debugger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from treadle.run.state import TaskState
from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["item_menu"]


def item_menu(window: MainWindow, page: Page, item: str) -> QMenu | None:
    """`item` by its name in the run that `page` shows; None where that has none of it."""
    task = page.session.state.tasks.get(item) if page.session is not None else None
    if task is None:
        return None
    menu = QMenu(window)
    menu.addAction("Show log").triggered.connect(lambda: window.activating.show_log(item))
    menu.addSeparator()
    _of_run(menu, window, page, item, task)
    menu.addSeparator()
    _debugging(menu, window, page, item, task)
    return menu


def _of_run(menu: QMenu, window: MainWindow, page: Page, item: str, task: TaskState) -> None:
    controls, goes_on = window.run_controls, page.bridge.is_running
    retry = lambda: window.start("retrying", controls.retry(page, item))  # noqa: E731 (it is handed on once)
    cancel = lambda: window.start("cancelling", controls.stop(page, item))  # noqa: E731
    _add(menu, "Retry this item", retry, possible=task.status.is_done and not goes_on)
    _add(menu, "Cancel this item", cancel, possible=goes_on and not task.status.is_done)


def _debugging(menu: QMenu, window: MainWindow, page: Page, item: str, task: TaskState) -> None:
    debugging, ran = window.debugging, task.number > 0
    debug = lambda: window.start("debugging", debugging.open(page, item))  # noqa: E731
    shell = lambda: window.start("opening a shell", debugging.open(page, item, options=("--shell",)))  # noqa: E731
    _add(menu, "Debug this item", debug, possible=ran)
    _add(menu, "Open a shell in its place", shell, possible=ran)
    _add(menu, "Copy debug command", lambda: debugging.copy(page, item), possible=ran)


def _add(menu: QMenu, words: str, do: Callable[[], object], *, possible: bool) -> None:
    action = menu.addAction(words)
    action.setEnabled(possible)
    action.triggered.connect(lambda _checked: do())
