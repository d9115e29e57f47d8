"""Palette: the components there are, to be dragged onto the canvas or added with Enter.

It shows a catalog and never changes it; what a person stars or folds is told by signals and remembered elsewhere.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from treadle.spec.component import Component
from treadle_gui.document.document import NO_COMPONENTS, Components
from treadle_gui.panels.palette_delegate import PaletteDelegate
from treadle_gui.panels.palette_model import PaletteModel, Role, search, sections
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import EmptyState

__all__ = ["Palette"]


class _Tree(QTreeView):
    """Enter and double click mean "add", or fold a category; a click on the star means "favourite"."""

    chosen = Signal(QModelIndex)
    starred = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            if current.data(Role.SECTION):
                self.setExpanded(current, not self.isExpanded(current))
            else:
                self.chosen.emit(current)
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        index = self.indexAt(place)
        delegate = self.itemDelegate()
        left = event.button() is Qt.MouseButton.LeftButton
        painted = delegate if isinstance(delegate, PaletteDelegate) and index.data(Role.USES) else None
        if left and painted is not None and painted.star_rect(self.visualRect(index)).contains(place):
            self.starred.emit(index)
            return
        if left and index.data(Role.SECTION):
            self.setExpanded(index, not self.isExpanded(index))
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.data(Role.USES):
            self.chosen.emit(index)


class Palette(QWidget):
    """`add_requested(uses)`: put one on the canvas. `source_requested(uses)`: show where it is written."""

    add_requested = Signal(str)
    source_requested = Signal(str)
    favourites_changed = Signal(object)
    collapsed_changed = Signal(object)
    problems_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._catalog: Components = NO_COMPONENTS
        self._favourites: frozenset[str] = frozenset()
        self._collapsed: frozenset[str] = frozenset()
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setAccessibleName("Search components")
        self._magnifier = QAction(self.search)
        self.search.addAction(self._magnifier, QLineEdit.ActionPosition.LeadingPosition)
        self.model = PaletteModel(self)
        self.tree = self._make_tree()
        self._nothing = EmptyState(theme, "magnify-close", "No component fits this search.")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.tree)
        self._pages.addWidget(self._nothing)
        self._broken = QPushButton()
        self._broken.setProperty("role", "link")
        self._broken.clicked.connect(self.problems_requested)
        self._lay_out()
        self.setMinimumWidth(212)
        self._broken.hide()
        self.search.textChanged.connect(self._refill)
        self.search.installEventFilter(self)
        self.set_theme(theme)
        self._refill()

    def _make_tree(self) -> _Tree:
        tree = _Tree()
        tree.setAccessibleName("Components")
        tree.setModel(self.model)
        self._delegate = PaletteDelegate(self._theme, tree)
        tree.setItemDelegate(self._delegate)
        tree.setHeaderHidden(True)
        tree.setIndentation(0)
        tree.setRootIsDecorated(False)
        tree.setMouseTracking(True)
        tree.setDragEnabled(True)
        tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        tree.setExpandsOnDoubleClick(False)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.chosen.connect(self._choose)
        tree.starred.connect(self._star)
        tree.expanded.connect(self._remember_folds)
        tree.collapsed.connect(self._remember_folds)
        tree.customContextMenuRequested.connect(self._open_menu)
        return tree

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(METRICS.gap, METRICS.gap, METRICS.gap, METRICS.gap)
        head.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        column.addWidget(self._broken)

    # What it shows

    @property
    def favourites(self) -> frozenset[str]:
        return self._favourites

    def set_catalog(self, catalog: Components) -> None:
        """Shows these components, keeping search, folds and the current row."""
        current = self.tree.currentIndex().data(Role.USES)
        self._catalog = catalog
        self._refill()
        if current:
            self.tree.setCurrentIndex(self.model.find(str(current)))
        files = {problem.where.file for problem in catalog.problems if problem.where.file}
        self._broken.setVisible(bool(files))
        few = "A component file has" if len(files) == 1 else f"{len(files)} component files have"
        self._broken.setText(f"{few} problems")

    def set_favourites(self, names: frozenset[str]) -> None:
        self._favourites = names
        self._refill()

    def set_collapsed(self, names: frozenset[str]) -> None:
        self._collapsed = names
        self._refill()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._delegate.theme = theme
        self._nothing.set_theme(theme)
        self._magnifier.setIcon(icon("magnify", theme.muted))
        self.tree.viewport().update()

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def shown(self) -> list[str]:
        """The `uses` names in the order they stand, folded ones included."""
        found: list[str] = []
        for row in range(self.model.rowCount()):
            top = self.model.index(row, 0)
            if top.data(Role.USES):
                found.append(str(top.data(Role.USES)))
            children = (self.model.index(child, 0, top) for child in range(self.model.rowCount(top)))
            found.extend(str(child.data(Role.USES)) for child in children)
        return found

    def _refill(self) -> None:
        known = tuple(self._catalog.components.values())
        self._delegate.favourites = self._favourites
        query = self.search.text().strip()
        self.search.setPlaceholderText(f"Search {len(known)} components" if known else "Search components")
        if query:
            self.model.show_found(search(query, known))
            self.tree.setCurrentIndex(self.model.index(0, 0))
        else:
            self.model.show_sections(sections(known, self._favourites))
            self._fold()
        self._pages.setCurrentIndex(1 if query and not self.model.rowCount() else 0)

    def _fold(self) -> None:
        self.tree.blockSignals(True)
        try:
            for row in range(self.model.rowCount()):
                head = self.model.index(row, 0)
                self.tree.setExpanded(head, head.data(Role.SECTION) not in self._collapsed)
        finally:
            self.tree.blockSignals(False)

    # What a person does

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._search_key(event)
        return super().eventFilter(watched, event)

    def _search_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.tree.currentIndex())
            return True
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.model.rowCount():
            self.tree.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.tree.currentIndex().isValid():
                self.tree.setCurrentIndex(_first_component(self.model))
            elif self.search.text():
                step = 1 if key == Qt.Key.Key_Down else -1
                row = self.tree.currentIndex().row() + step
                self.tree.setCurrentIndex(self.model.index(max(row, 0), 0))
            return True
        if key == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return True
        return False

    def _choose(self, index: QModelIndex) -> None:
        uses = index.data(Role.USES)
        if uses:
            self.add_requested.emit(str(uses))

    def _star(self, index: QModelIndex) -> None:
        self.toggle_favourite(str(index.data(Role.USES)))

    def toggle_favourite(self, uses: str) -> None:
        scroll = self.tree.verticalScrollBar().value()
        self._favourites = self._favourites ^ {uses}
        self._refill()
        self.tree.verticalScrollBar().setValue(scroll)
        self.favourites_changed.emit(self._favourites)

    def _remember_folds(self) -> None:
        if self.search.text().strip():
            return
        heads = [self.model.index(row, 0) for row in range(self.model.rowCount())]
        folded = {str(head.data(Role.SECTION)) for head in heads if not self.tree.isExpanded(head)}
        shown = {str(head.data(Role.SECTION)) for head in heads}
        self._collapsed = frozenset(folded | (self._collapsed - shown))
        self.collapsed_changed.emit(self._collapsed)

    def _open_menu(self, place: QPoint) -> None:
        uses = self.tree.indexAt(place).data(Role.USES)
        if not uses:
            return
        component: Component | None = self._catalog.components.get(str(uses))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Add to the canvas", lambda: self.add_requested.emit(str(uses)))
        star = "Remove from favourites" if uses in self._favourites else "Add to favourites"
        menu.addAction(star, lambda: self.toggle_favourite(str(uses)))
        menu.addAction("Show its source", lambda: self.source_requested.emit(str(uses))).setEnabled(
            component is not None
        )
        menu.popup(self.tree.viewport().mapToGlobal(place))


def _first_component(model: QAbstractItemModel) -> QModelIndex:
    top = model.index(0, 0)
    return top if top.data(Role.USES) else model.index(0, 0, top)
