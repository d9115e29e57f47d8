"""What a test may ask of the running app: where something is on the screen, and what it shows."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QDockWidget,
    QLabel,
    QMenu,
    QTabBar,
    QToolButton,
    QTreeWidget,
    QWidget,
)

from treadle_gui.canvas.words import describe_node
from treadle_gui.panels.fields.row import FieldRow
from treadle_gui.panels.logs.view import LogView
from treadle_gui.window.main_window import MainWindow


def ready() -> bool:
    """Whether the window is up with its components loaded."""
    windows = _windows()
    return bool(windows) and windows[0].isVisible() and bool(windows[0].panes.palette.shown())


def widget(name: str) -> list[int]:
    """The middle of a visible widget, by accessible name."""
    found = [w for w in QApplication.allWidgets() if w.accessibleName() == name and w.isVisible()]
    if not found:
        raise LookupError(f"no visible widget is called {name!r}")
    return _middle(found[0], found[0].rect())


def button(text: str, in_dialog: bool = False) -> list[int]:
    """The middle of a visible button by its text; with `in_dialog` one of the dialog in front."""
    found = [w for w in QApplication.allWidgets() if isinstance(w, QAbstractButton) and w.isVisible()]
    found = [w for w in found if isinstance(w.window(), QDialog) or not in_dialog]
    for candidate in found:
        if candidate.text().replace("&", "") == text:
            return _middle(candidate, candidate.rect())
    raise LookupError(f"no button {text!r} among {sorted(w.text() for w in found if w.text())}")


def dialog() -> str:
    """The title of the dialog in front, or nothing."""
    found = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    return found[0].windowTitle() if found else ""


def dialog_text() -> str:
    """Every word of the dialog in front, without the breaks that fit it into its width."""
    [found] = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    return " ".join(label.text() for label in found.findChildren(QLabel)).replace("\u200b", "").replace("\n", "")


def component(title: str) -> list[int]:
    """The middle of a component's row in the palette, scrolled into view."""
    tree = _windows()[0].panes.palette.tree
    model = tree.model()
    for category in range(model.rowCount()):
        parent = model.index(category, 0)
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            if index.data() == title:
                tree.scrollTo(index)
                return _middle(tree.viewport(), tree.visualRect(index))
    raise LookupError(f"the palette has no {title!r}")


def canvas(x: float, y: float) -> list[int]:
    """A place on the canvas, in shares of its width and height."""
    view = _page().canvas.viewport()
    return _global(view, QPoint(round(view.width() * x), round(view.height() * y)))


def nodes() -> list[str]:
    return list(_page().document.pipeline.nodes)


def edges() -> list[str]:
    return [f"{edge.source} -> {edge.target}" for edge in _page().document.pipeline.edges()]


def node(name: str) -> list[int]:
    """A place in the node's header."""
    item = _item(name)
    return _on_screen(QPointF(item.box().center().x(), item.box().top() + 14))


def output(name: str, port: str) -> list[int]:
    return _on_screen(_item(name).output_point(port))


def input_(name: str, port: str) -> list[int]:
    return _on_screen(_item(name).input_point(port))


def state(name: str) -> str:
    """The state that the canvas shows on a node."""
    return str(_item(name).run.state)


def tip(name: str) -> str:
    """What hovering over the node tells."""
    item = _item(name)
    return describe_node(item.face, item.run)


def field(parameter: str) -> list[int]:
    """The editor of a parameter in the inspector."""
    for row in _windows()[0].panes.inspector.findChildren(FieldRow):
        if row.parameter.name == parameter and row.isVisible():
            return _middle(row.field, row.field.rect())
    raise LookupError(f"the inspector has no field {parameter!r}")


def dialog_field(parameter: str) -> list[int]:
    """The editor of a parameter in the dialog in front."""
    [found] = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    [row] = [row for row in found.findChildren(FieldRow) if row.parameter.name == parameter]
    return _middle(row.field, row.field.rect())


def rendered(parameter: str) -> str:
    """What the inspector says that a parameter's reference stands for."""
    rows = _windows()[0].panes.inspector.findChildren(FieldRow)
    return next(row.rendered.text() for row in rows if row.parameter.name == parameter and row.isVisible())


def params(name: str) -> dict:
    return dict(_page().document.pipeline.nodes[name].params)


def pane(title: str) -> list[int]:
    """The tab of a pane at the bottom."""
    for bar in _windows()[0].findChildren(QTabBar):
        for index in range(bar.count()):
            if bar.tabText(index).startswith(title) and bar.isVisible():
                return _middle(bar, bar.tabRect(index))
    raise LookupError(f"no pane {title!r}")


def log() -> list[str]:
    """The visible lines of the log."""
    [view] = _windows()[0].findChildren(LogView)
    return view.visible_text()


def problems() -> list[str]:
    return [f"{entry.place} {entry.problem.message}" for entry in _windows()[0].panes.problems.entries]


def samples() -> int:
    """How many points of CPU and memory the charts have of the machine."""
    session = _page().session
    return len(session.machine) if session is not None else 0


def run_status() -> str:
    session = _page().session
    return str(session.state.status) if session is not None else ""


def title() -> str:
    return _windows()[0].windowTitle()


def dirty() -> bool:
    return _page().document.is_dirty


def theme() -> str:
    return _windows()[0].theme.name


def zoom() -> float:
    return float(_page().canvas.zoom())


def _windows() -> list[MainWindow]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]


def _page():
    page = _windows()[0].page
    if page is None:
        raise LookupError("no pipeline is open")
    return page


def _item(name: str):
    return _page().canvas.scene().nodes[name]


def _on_screen(point: QPointF) -> list[int]:
    view = _page().canvas
    return _global(view.viewport(), view.mapFromScene(point))


def _middle(widget: QWidget, rect: QRect) -> list[int]:
    return _global(widget, rect.center())


def _global(widget: QWidget, point: QPoint) -> list[int]:
    place = widget.mapToGlobal(point)
    return [place.x(), place.y()]


def docks() -> list[str]:
    return [dock.objectName() for dock in _windows()[0].findChildren(QDockWidget) if dock.isVisible()]


def action(name: str) -> list[int]:
    """The tool bar's button of a command, by the command's id."""
    window = _windows()[0]
    for button in window.findChildren(QToolButton):
        command = button.defaultAction()
        if command is not None and command.objectName() == name and button.isVisible():
            return _middle(button, button.rect())
    raise LookupError(f"the tool bar has no {name!r}")


def choose_theme(choice: str) -> bool:
    """As the preferences do."""
    _windows()[0].theming.choose(choice)
    return True


def paused() -> str:
    """What the line above the canvas says of the pause; nothing while it isn't there."""
    banner = _page().paused
    return f"{banner.words.text()} {banner.changes.whole_text}".strip() if banner.isVisible() else ""


def breakpoints() -> list[str]:
    return [f"{here.when} {here.task}" for here in _page().breakpoints.active]


def drawn_breakpoints() -> list[str]:
    """Those that the canvas shows, as `before fit`."""
    found = [f"{when} {name}" for name, item in _page().canvas.stage.nodes.items() for when in item.breakpoints]
    return sorted(found)


def gutter(name: str, side: str) -> list[int]:
    """Where a click sets a breakpoint before or after a node."""
    item = _item(name)
    x = item.box().left() if side == "before" else item.box().right()
    return _on_screen(QPointF(x, item.box().top() + 17))


def ran_with(name: str) -> dict:
    """The values that were changed of a node for this run alone."""
    session = _page().session
    return dict(session.state.tasks[name].params) if session is not None else {}


def run_row(row: int) -> list[int]:
    """A run in the history, newest first."""
    [tree] = [w for w in _windows()[0].findChildren(QTreeWidget) if w.accessibleName() == "Runs" and w.isVisible()]
    if row >= tree.topLevelItemCount():
        raise LookupError(f"the history has {tree.topLevelItemCount()} runs")
    return _middle(tree.viewport(), tree.visualItemRect(tree.topLevelItem(row)))


def shown_text() -> list[str]:
    """What every visible label tells a reader."""
    return [_read(label) for label in _labels()]


def read_as_html() -> list[str]:
    """Labels in which words of the project came to be tags: none but those that a docstring's markup may have."""
    allowed = re.compile(r"</?p[^>]*>|</?span[^>]*>|</?b>")
    html = [w.text() for w in _labels() if w.textFormat() != Qt.TextFormat.PlainText and Qt.mightBeRichText(w.text())]
    return [text for text in html if "<" in allowed.sub("", text)]


def _labels() -> list[QLabel]:
    return [widget for widget in QApplication.allWidgets() if isinstance(widget, QLabel) and widget.isVisible()]


def _read(label: QLabel) -> str:
    if label.textFormat() != Qt.TextFormat.RichText:
        return label.text()
    document = QTextDocument()
    document.setHtml(label.text())
    return document.toPlainText()


def menu(text: str) -> list[int]:
    """An entry of the menu that is open."""
    popup = QApplication.activePopupWidget()
    if not isinstance(popup, QMenu):
        raise LookupError("no menu is open")
    found = [action for action in popup.actions() if action.text().replace("&", "") == text]
    if not found:
        raise LookupError(f"the menu has no {text!r} among {[action.text() for action in popup.actions()]}")
    return _middle(popup, popup.actionGeometry(found[0]))
