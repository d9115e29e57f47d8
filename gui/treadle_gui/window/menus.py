"""Where each command stands in the menus and the tool bar. Names only; what they do is in the `commands/`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import set_role
from treadle_gui.window.commands.command import Commands
from treadle_gui.window.commands.going import GO_TO
from treadle_gui.window.welcome import shortened

__all__ = ["MENUS", "TOOL_BAR", "Menus"]

_LINE: Final = ""
_SPACE: Final = "space"
MENUS: Final = {
    "File": (
        "file.new", "file.open", "file.recent", _LINE, "file.save", "file.save_as", "file.save_all", "file.reload",
        _LINE, "file.export", _LINE, "file.close", "file.quit",
    ),
    "Edit": (
        "edit.undo", "edit.redo", _LINE, "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.delete", _LINE,
        "edit.select_all", "edit.add", "edit.connect", "edit.disconnect", "edit.rename", _LINE, "group.fold",
        "group.unfold", "group.enter", "group.leave", "group.save", _LINE, "edit.project", "edit.secrets",
        "edit.preferences",
    ),
    "View": (
        "view.commands", _LINE, "view.zoom_in", "view.zoom_out", "view.zoom_reset", "view.fit", "view.fit_selection",
        "view.arrange", "view.minimap", _LINE, "view.panes", "view.go", "view.next_tab", "view.previous_tab", _LINE,
        "view.theme", "view.tall_panes", "view.full_screen", "view.reset_layout",
    ),
    "Run": (
        "run.start", "run.to_node", "run.from_node", "run.only_node", "run.failed", "run.fresh", "run.with_parameters",
        _LINE, "run.pause", "run.step", "run.stop", "run.apply", _LINE, "run.break_before", "run.break_after",
        "run.clear_breakpoints", _LINE, "run.retry_node", "run.cancel_node", _LINE, "run.debug_node", "run.shell_node",
        "run.copy_debug", _LINE, "run.problems", "run.logs", _LINE, "run.collect", "run.trust",
    ),
    "Help": ("help.shortcuts", "help.examples", _LINE, "help.about"),
}  # fmt: skip
TOOL_BAR: Final = (
    "file.new", "file.open", "file.save", _LINE, "edit.undo", "edit.redo", _LINE, "run.start", "run.pause",
    "run.step", "run.stop", _LINE,
    "view.zoom_out", "view.zoom_in", "view.fit", "view.arrange", _SPACE, "view.commands", "view.toggle_theme",
)  # fmt: skip
_RUN_MENU: Final = (
    "run.start", "run.to_node", "run.from_node", "run.only_node", "run.failed", "run.fresh", "run.with_parameters",
)  # fmt: skip


class Menus:
    """The menu bar and the tool bar of a window."""

    def __init__(self, window: QMainWindow, commands: Commands, theme: Theme) -> None:
        self._window = window
        self._commands = commands
        self.recent = QMenu("Open recent", window)
        self.panes = window.createPopupMenu() or QMenu(window)
        self.panes.setTitle("Panes")
        self.theme = QMenu("Theme", window)
        for choice in ("view.theme_system", "view.theme_dark", "view.theme_light"):
            self.theme.addAction(commands.action(choice))
        self.go = QMenu("Go to", window)
        for place in GO_TO:
            self.go.addAction(commands.action(place))
        self._submenus = {
            "file.recent": self.recent, "view.panes": self.panes, "view.go": self.go, "view.theme": self.theme,
        }  # fmt: skip
        self._fill_menu_bar()
        self.run_button = QToolButton()
        self.tool_bar = self._make_tool_bar()
        self.set_theme(theme)

    def _fill_menu_bar(self) -> None:
        for title, names in MENUS.items():
            menu = self._window.menuBar().addMenu(f"&{title}")
            menu.setToolTipsVisible(False)
            menu.aboutToShow.connect(self._commands.refresh)
            for name in names:
                if name in self._submenus:
                    menu.addMenu(self._submenus[name])
                elif name:
                    menu.addAction(self._commands.action(name))
                else:
                    menu.addSeparator()

    def _make_tool_bar(self) -> QToolBar:
        bar = QToolBar("Tool bar", self._window)
        bar.setObjectName("tool_bar")
        bar.setMovable(False)
        bar.setIconSize(QSize(18, 18))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for name in TOOL_BAR:
            if name == "run.start":
                bar.addWidget(self._run_button())
            elif name == _SPACE:
                space = QWidget()
                space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                bar.addWidget(space)
            elif name:
                bar.addAction(self._commands.action(name))
            else:
                bar.addSeparator()
        self._window.addToolBar(bar)
        return bar

    def _run_button(self) -> QToolButton:
        """Run, with the other ways to run in its menu. On the primary colour it needs an icon of its own."""
        action = self._commands.action("run.start")
        button = self.run_button
        button.setText("Run")
        button.setToolTip(action.toolTip())
        button.setAccessibleName("Run")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.clicked.connect(lambda: self._commands.run("run.start"))
        action.changed.connect(lambda: (button.setEnabled(action.isEnabled()), button.setText(action.text())))
        menu = QMenu(button)
        for name in _RUN_MENU:
            menu.addAction(self._commands.action(name))
        button.setMenu(menu)
        set_role(button, "primary")
        return button

    def set_theme(self, theme: Theme) -> None:
        self.run_button.setIcon(icon("play", theme.on_primary, theme.faint))

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Fills the submenu; each action's data is its path, "" for forgetting them."""
        self.recent.clear()
        for path in paths:
            words = f"{path.name}    {shortened(path.parent)}".replace("&", "&&")
            self.recent.addAction(words).setData(str(path))
        self.recent.addSeparator()
        self.recent.addAction("Forget these").setData("")
        self.recent.setEnabled(bool(paths))
