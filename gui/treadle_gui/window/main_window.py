"""MainWindow: puts the rooms of the app together and does what is of the window itself; what is passed on between the
rooms is told in `wiring.py`. It decides nothing.

palette ──► document ◄── canvas          tabs ── current page ──► inspector, problems, panes, status bar
               │                          filing, saving: files    run_controls: runs
               └── problems, selection ──► panes
"""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from treadle.store.project import find_project
from treadle_gui.style.tokens import Theme
from treadle_gui.window.activating import Activating
from treadle_gui.window.catalogs import Catalogs
from treadle_gui.window.closing import Closing
from treadle_gui.window.collecting import Collecting
from treadle_gui.window.commands.command import Commands
from treadle_gui.window.commands.editing import edit_commands
from treadle_gui.window.commands.filing import file_commands
from treadle_gui.window.commands.grouping import group_commands
from treadle_gui.window.commands.helping import help_commands
from treadle_gui.window.commands.running import run_commands
from treadle_gui.window.commands.steering import steering_commands
from treadle_gui.window.commands.viewing import view_commands
from treadle_gui.window.context_menus import context_menu
from treadle_gui.window.debugging import Debugging
from treadle_gui.window.filing import Filing
from treadle_gui.window.focus_way import next_stop
from treadle_gui.window.following import Following
from treadle_gui.window.item_menu import item_menu
from treadle_gui.window.menus import Menus
from treadle_gui.window.page import Page
from treadle_gui.window.page_settings import PageSettings
from treadle_gui.window.panes import Panes
from treadle_gui.window.placing import Placing, first_size
from treadle_gui.window.project_settings import ProjectSettings
from treadle_gui.window.projects import Projects
from treadle_gui.window.recent_files import RecentFiles
from treadle_gui.window.recovering import Recovering
from treadle_gui.window.run_controls import RunControls
from treadle_gui.window.saving import Saving
from treadle_gui.window.services import Services
from treadle_gui.window.showing import Showing
from treadle_gui.window.status import StatusBar
from treadle_gui.window.tabs import AnyPage, Tabs
from treadle_gui.window.tasks import Tasks
from treadle_gui.window.theming import Theming
from treadle_gui.window.unsaved_parts import UnsavedParts
from treadle_gui.window.welcome import Welcome
from treadle_gui.window.wiring import wire

__all__ = ["MainWindow"]

_MENUS = (
    file_commands, edit_commands, group_commands, view_commands, run_commands, steering_commands, help_commands,
)  # fmt: skip


class MainWindow(QMainWindow):
    """`closed`: it is gone, with nothing left running in it."""

    closed = Signal()

    def __init__(self, app: QApplication, services: Services) -> None:
        super().__init__()
        self.services = services
        self.theming = Theming(app, services.settings, self)
        self.tasks = Tasks(self._on_error)
        self.tabs = Tabs(Welcome(self.theme, services.examples))
        self.panes = Panes(self, self.theme)
        self.status = StatusBar(self.theme)
        self.catalogs = Catalogs(services, self.tasks, self)
        self.projects = Projects(find_project(services.folder).root, self.catalogs, self.tabs, self)
        self.page_settings = PageSettings(services.settings, self.tabs)
        self.filing = Filing(self, self, self.tabs, services, self.tasks)
        self.saving = Saving(self, self, self.tabs, services, self.tasks)
        self.recovering = Recovering(self, services.recovery, self.filing)
        self.run_controls = RunControls(self, self, services, UnsavedParts(self, self, self.tabs, self.saving))
        self.debugging = Debugging(self, self, self.run_controls)
        self.collecting = Collecting(self, self.tasks)
        self.project_settings = ProjectSettings(self, self.tasks, self.run_controls)
        self.closing = Closing(self, self, self.filing, self.saving, self.run_controls)
        self.following = Following(self.panes, self.status, self)
        self.showing = Showing(self)
        self.activating = Activating(self)
        self.commands = Commands(self, self.theme)
        for menu in _MENUS:
            self.commands.add(menu(self))
        self._may_close = False
        self.setCentralWidget(self.tabs)
        self.setStatusBar(self.status)
        self.menus = Menus(self, self.commands, self.theme)
        self.recent = RecentFiles(services.settings, self.menus, self.tabs.welcome, self)
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 560)
        self.resize(first_size(app.primaryScreen().availableSize()))
        self.placing = Placing(self, self.panes, services.settings)
        wire(self)
        self.placing.restore()
        self.following.follow(None)
        self.recent.show()
        self.show_name()
        self.commands.refresh()

    # What others ask of it

    @property
    def theme(self) -> Theme:
        return self.theming.theme

    @property
    def page(self) -> Page | None:
        """The pipeline in front."""
        return self.tabs.current

    def start(self, label: str, work: Coroutine[Any, Any, Any]) -> None:
        self.tasks.start(label, work)

    def has_page(self) -> bool:
        return self.page is not None

    def has_tab(self) -> bool:
        return self.tabs.tabs.count() > 0

    def has_examples(self) -> bool:
        return bool(self.services.examples)

    def any_dirty(self) -> bool:
        return any(page.document.is_dirty for page in self.tabs.pages())

    async def begin(self, files: list[Path]) -> None:
        """What the app starts with: work that a crash left, the files asked for, else what was open last."""
        self.projects.begin()
        for path in files or self.services.settings.open_files:
            await self.filing.open(path)
        await self.recovering.offer()

    # Pages

    def show_name(self) -> None:
        page = self.page
        self.setWindowTitle(f"{page.document.title}[*] — Treadle" if page is not None else "Treadle")
        self.setWindowModified(page is not None and page.document.is_dirty)
        self.setWindowFilePath("")

    def close_page(self, page: AnyPage) -> None:
        self.start("closing a tab", self.closing.close_tab(page))

    def close_current(self) -> None:
        if self.tabs.front is not None:
            self.close_page(self.tabs.front)

    def open_path(self, path: Path) -> None:
        self.start("opening", self.filing.open(path))

    def open_example(self, name: str) -> None:
        self.start("opening an example", self.filing.open_example(name))

    def open_first_example(self) -> None:
        if self.services.examples:
            self.open_example(self.services.examples[0])

    # Editing

    def add_component(self, uses: str) -> None:
        page = self.page or self.filing.new()
        component = page.document.catalog.components.get(uses)
        if component is None:
            return
        page.add_component(component)

    def show_context_menu(self, what: str, which: object, place: QPoint) -> None:
        if self.page is not None:
            menu = context_menu(what, which, self.page, self.commands, self.activating.show_log, self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    def show_item_menu(self, item: str, place: QPoint) -> None:
        menu = item_menu(self, self.page, item) if self.page is not None else None
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    # Showing

    def reveal(self, node: str) -> None:
        """`node` by the way to it: `prepare/clean` stands inside `prepare`."""
        if self.page is not None:
            self.page.level.reveal(node)

    def ask_trust(self) -> None:
        if self.page is not None:
            self.start("asking for trust", self.run_controls.settle_trust(self.page))

    def _on_error(self, label: str, error: BaseException) -> None:
        """A task of ours failed in a way nobody foresaw: it is told, and the app's own report has the rest."""
        self.status.say(f"Something went wrong while {label}: {type(error).__name__}: {error}")
        raise error

    # Look

    def show_theme(self, theme: Theme) -> None:
        self.commands.set_theme(theme)
        self.menus.set_theme(theme)
        self.panes.set_theme(theme)
        self.status.set_theme(theme)
        self.tabs.welcome.set_theme(theme)
        for page in self.tabs.every():
            page.set_theme(theme)
        self.commands.refresh()

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.placing.settle_first()

    # Keyboard

    def focusNextPrevChild(self, forward: bool) -> bool:
        stop = next_stop(self, self.focusWidget(), forward=forward)
        if stop is not None:
            stop.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        return stop is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape that nobody else had a use for leads back to the canvas."""
        if event.key() == Qt.Key.Key_Escape and self.page is not None:
            self.page.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super().keyPressEvent(event)

    # Files dropped on the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.open_path(Path(url.toLocalFile()))
        event.acceptProposedAction()

    # The way out

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close:
            event.ignore()
            settings = self.services.settings
            settings.open_files = [page.document.path for page in self.tabs.pages() if page.document.path is not None]
            self.start("closing", self.closing.close_all())
            return
        self.placing.remember()
        self.services.settings.flush()
        self.panes.run.close()
        super().closeEvent(event)
        self.closed.emit()

    def finish(self) -> None:
        """Everything was asked and let go of: it may close."""
        self._may_close = True
        self.catalogs.stop()
        self.close()
