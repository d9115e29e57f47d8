"""MainWindow: puts the rooms of the app together and passes on between them; it decides nothing itself.

palette ──► document ◄── canvas          tabs ── current page ──► inspector, problems, panes, status bar
               │                          filing: files            run_controls: runs
               └── problems, selection ──► panes
"""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from treadle.spec.problems import Problem
from treadle.store.project import find_project
from treadle_gui.document.document import Components
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
from treadle_gui.window.filing import Filing
from treadle_gui.window.following import Following
from treadle_gui.window.menus import Menus
from treadle_gui.window.page import Page
from treadle_gui.window.panes import Panes
from treadle_gui.window.run_controls import RunControls
from treadle_gui.window.services import Services
from treadle_gui.window.showing import Showing
from treadle_gui.window.status import StatusBar
from treadle_gui.window.tabs import Tabs
from treadle_gui.window.tasks import Tasks
from treadle_gui.window.theming import Theming
from treadle_gui.window.welcome import Welcome

__all__ = ["MainWindow"]

_LAYOUT_VERSION = 1
_WISHED = QSize(1440, 900)
_FRAME = QSize(16, 48)
"""What a window manager may put around a window."""
_MENUS = (
    file_commands, edit_commands, group_commands, view_commands, run_commands, steering_commands, help_commands,
)  # fmt: skip


def _first_size(screen: QSize) -> QSize:
    """What a window has before a person gives it another: on a small screen all of it is to be seen."""
    return _WISHED.boundedTo(screen - _FRAME)


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
        self.filing = Filing(self, self, self.tabs, services, self.tasks)
        self.run_controls = RunControls(self, self, services)
        self.collecting = Collecting(self, self.tasks)
        self.closing = Closing(self, self, self.tabs, self.filing, self.run_controls)
        self.following = Following(self.panes, self.status, self)
        self.showing = Showing(self)
        self.activating = Activating(self)
        self.commands = Commands(self, self.theme)
        for menu in _MENUS:
            self.commands.add(menu(self))
        self._may_close = False
        self._home = find_project(services.folder).root
        self.setCentralWidget(self.tabs)
        self.setStatusBar(self.status)
        self.menus = Menus(self, self.commands, self.theme)
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 560)
        self.resize(_first_size(app.primaryScreen().availableSize()))
        self._first_layout = self.saveState(_LAYOUT_VERSION)
        self._connect()
        self._restore()
        self.following.follow(None)
        self._show_recent()
        self._name()
        self.commands.refresh()

    # What others ask of it

    @property
    def theme(self) -> Theme:
        return self.theming.theme

    @property
    def page(self) -> Page | None:
        """The pipeline in front."""
        return self.tabs.current

    @property
    def home(self) -> Path:
        """The project of what is no project's."""
        return self._home

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
        self.catalogs.follow(self._home)
        for path in files or self.services.settings.open_files:
            await self.filing.open(path)
        await self.filing.offer_recovered()

    # Wiring

    def _connect(self) -> None:
        self._connect_tabs()
        self._connect_panes()
        self.theming.changed.connect(self._show_theme)
        self.catalogs.loaded.connect(self._show_catalog)
        self.following.changed.connect(self.commands.refresh)
        self.filing.opened.connect(self._on_opened)
        self.filing.told.connect(self.status.say)
        self.filing.recent_changed.connect(self._show_recent)
        self.run_controls.told.connect(self.status.say)
        self.collecting.told.connect(self.status.say)
        self.run_controls.changed.connect(self._on_run_changed)
        self.run_controls.refused.connect(self._on_refused)
        self.closing.settled.connect(self._on_settled)
        self.status.trust_requested.connect(self.ask_trust)
        self.status.zoom_requested.connect(lambda: self.commands.run("view.zoom_reset"))
        self.menus.recent.triggered.connect(lambda action: self._open_recent(str(action.data())))

    def _connect_tabs(self) -> None:
        welcome = self.tabs.welcome
        welcome.new_requested.connect(self.filing.new)
        welcome.open_requested.connect(lambda: self.commands.run("file.open"))
        welcome.path_requested.connect(self.open_path)
        welcome.example_requested.connect(self.open_example)
        self.tabs.current_changed.connect(self._on_current_changed)
        self.tabs.close_requested.connect(lambda page: self.start("closing a tab", self.closing.close_tab(page)))

    def _connect_panes(self) -> None:
        panes, settings = self.panes, self.services.settings
        panes.palette.set_favourites(settings.favourites)
        panes.palette.set_collapsed(settings.collapsed)
        panes.palette.favourites_changed.connect(lambda names: setattr(settings, "favourites", names))
        panes.palette.collapsed_changed.connect(lambda names: setattr(settings, "collapsed", names))
        panes.palette.add_requested.connect(self._add_component)
        panes.palette.source_requested.connect(self.activating.show_uses)
        panes.palette.problems_requested.connect(lambda: panes.bring_up("problems"))
        panes.inspector.node_requested.connect(self.reveal)
        panes.inspector.source_requested.connect(self.activating.show_uses)
        panes.inspector.file_requested.connect(self.showing.show_program)
        panes.inspector.editor_requested.connect(self.showing.edit_program)
        panes.inspector.parameter_requested.connect(self.showing.edit_parameter)
        panes.inspector.copy_requested.connect(lambda: self.commands.run("edit.copy"))
        panes.inspector.delete_requested.connect(lambda: self.commands.run("edit.delete"))
        panes.problems.problem_activated.connect(self.activating.show_problem)
        panes.problems.run_problem_activated.connect(self.activating.show_log)
        panes.run.node_chosen.connect(self.reveal)
        panes.run.item_chosen.connect(self.activating.show_log)
        panes.run.told.connect(self.status.say)

    # Pages

    def _on_opened(self, page: Page) -> None:
        self._follow_project(page)
        page.project_changed.connect(partial(self._on_project_changed, page))
        page.canvas.set_motion(self.services.settings.motion)
        page.canvas.node_activated.connect(self.activating.activate)
        page.level.file_requested.connect(self.activating.open_file)
        page.canvas.context_requested.connect(self._show_context_menu)
        page.canvas.overlays.want_minimap(self.services.settings.minimap)
        page.canvas.open_requested.connect(lambda: self.commands.run("file.open"))
        page.canvas.example_requested.connect(self.open_first_example)
        page.document.path_changed.connect(self._name)
        page.document.dirty_changed.connect(self._name)
        page.canvas.fit()
        page.canvas.setFocus()
        self.run_controls.attend(page)
        self.start("looking for a run", self.run_controls.find_unfinished(page))

    def _follow_project(self, page: Page) -> None:
        known = self.catalogs.known(page.project.root)
        if known is not None:
            page.document.set_catalog(known)
        self.catalogs.follow(page.project.root)

    def _on_project_changed(self, page: Page, left: Path) -> None:
        self._follow_project(page)
        if left != self._home and all(other.project.root != left for other in self.tabs.pages()):
            self.catalogs.forget(left)
        self.following.show_project(page)
        self.commands.refresh()

    def _on_current_changed(self, page: Page | None) -> None:
        self.following.follow(page)
        self._name()

    def _show_catalog(self, root: Path, catalog: Components) -> None:
        if root == self._home:
            self.following.set_catalog_at_home(catalog)
        for page in self.tabs.pages():
            if page.project.root == root:
                page.document.set_catalog(catalog)

    def _name(self) -> None:
        page = self.page
        self.setWindowTitle(f"{page.document.title}[*] — Treadle" if page is not None else "Treadle")
        self.setWindowModified(page is not None and page.document.is_dirty)
        self.setWindowFilePath("")

    def close_current(self) -> None:
        page = self.tabs.front
        if page is not None:
            self.start("closing a tab", self.closing.close_tab(page))

    def open_path(self, path: Path) -> None:
        self.start("opening", self.filing.open(path))

    def open_example(self, name: str) -> None:
        self.start("opening an example", self.filing.open_example(name))

    def open_first_example(self) -> None:
        if self.services.examples:
            self.open_example(self.services.examples[0])

    def _open_recent(self, path: str) -> None:
        if path:
            self.open_path(Path(path))
            return
        self.services.settings.clear_recent()
        self._show_recent()

    def _show_recent(self) -> None:
        paths = self.services.settings.recent
        self.menus.show_recent(paths)
        self.tabs.welcome.show_recent(paths)

    # Editing

    def _add_component(self, uses: str) -> None:
        page = self.page or self.filing.new()
        component = page.document.catalog.components.get(uses)
        if component is None:
            return
        page.add_component(component)

    def _show_context_menu(self, what: str, which: object, place: QPoint) -> None:
        if self.page is not None:
            menu = context_menu(what, which, self.page, self.commands, self.activating.show_log, self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    def focus_inspector(self) -> None:
        self.panes.bring_up("inspector")
        self.panes.inspector.focus_first()

    def focus_palette(self) -> None:
        self.panes.bring_up("palette")
        self.panes.palette.focus_search()

    # Showing

    def reveal(self, node: str) -> None:
        """`node` by the way to it: `prepare/clean` stands inside `prepare`."""
        if self.page is not None:
            self.page.level.reveal(node)

    def toggle_minimap(self) -> None:
        settings = self.services.settings
        settings.minimap = not settings.minimap
        for page in self.tabs.pages():
            page.canvas.overlays.want_minimap(settings.minimap)
        self.commands.refresh()

    def set_motion(self, moves: bool) -> None:
        for page in self.tabs.pages():
            page.canvas.set_motion(moves)

    def set_autosave(self, on: bool) -> None:
        for page in self.tabs.pages():
            page.autosave.set_enabled(on)

    def ask_trust(self) -> None:
        if self.page is not None:
            self.start("asking for trust", self.run_controls.settle_trust(self.page))

    def _on_run_changed(self) -> None:
        self.following.refresh_trust()
        self.commands.refresh()

    def _on_refused(self, problems: tuple[Problem, ...]) -> None:
        self.panes.problems.set_refusals(problems)
        if problems:
            self.panes.bring_up("problems")

    def _on_error(self, label: str, error: BaseException) -> None:
        """A task of ours failed in a way nobody foresaw: it is told, and the app's own report has the rest."""
        self.status.say(f"Something went wrong while {label}: {type(error).__name__}: {error}")
        raise error

    # Look

    def _show_theme(self, theme: Theme) -> None:
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
        self.commands.refresh()

    def reset_layout(self) -> None:
        self.restoreState(QByteArray(self._first_layout), _LAYOUT_VERSION)
        self.panes.share_out()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.services.settings.layout is None:
            QTimer.singleShot(0, self, self.panes.share_out)

    def _restore(self) -> None:
        geometry, layout = self.services.settings.geometry, self.services.settings.layout
        if geometry is not None:
            self.restoreGeometry(geometry)
        if layout is not None:
            self.restoreState(layout, _LAYOUT_VERSION)

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
        self._remember()
        self.panes.run.close()
        super().closeEvent(event)
        self.closed.emit()

    def _on_settled(self) -> None:
        self._may_close = True
        self.catalogs.stop()
        self.close()

    def _remember(self) -> None:
        settings = self.services.settings
        settings.geometry = self.saveGeometry()
        settings.layout = self.saveState(_LAYOUT_VERSION)
        settings.flush()
