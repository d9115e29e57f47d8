"""What the palette lists: sections of components, or a ranked list while a person searches.

Pure up to the model: `sections` decides what stands where, `PaletteModel` only shows it and makes drags.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from treadle.spec.component import Component, InputPort, OutputPort
from treadle.spec.flow import Kind
from treadle_gui.panels.palette_ranking import ranked

__all__ = [
    "COMPONENT_MIME",
    "FAVOURITES",
    "PROJECT",
    "PaletteModel",
    "Role",
    "Section",
    "describe",
    "search",
    "sections",
]

COMPONENT_MIME: Final = "application/x-treadle-component"
FAVOURITES: Final = "Favourites"
PROJECT: Final = "This project"
_ORDER: Final = ("Pipelines", "Data", "Prepare", "Train", "Evaluate", "Report", "Code", "Flow")


class Role:
    """Item roles beyond Qt's own."""

    USES: Final = Qt.ItemDataRole.UserRole + 1
    SECTION: Final = Qt.ItemDataRole.UserRole + 2
    COUNT: Final = Qt.ItemDataRole.UserRole + 3
    ICON: Final = Qt.ItemDataRole.UserRole + 4
    CATEGORY: Final = Qt.ItemDataRole.UserRole + 5


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    components: tuple[Component, ...]


def sections(components: Iterable[Component], favourites: frozenset[str]) -> list[Section]:
    """Favourites first, then the project's own, then the built-in categories; empty ones are left out."""
    known = sorted(components, key=lambda component: component.title.casefold())
    own = [component for component in known if not component.builtin and component.kind is not Kind.PIPELINE]
    by_category: dict[str, list[Component]] = {}
    for component in known:
        if component.builtin or component.kind is Kind.PIPELINE:
            by_category.setdefault(component.category, []).append(component)
    order = {name: place for place, name in enumerate(_ORDER)}
    categories = sorted(by_category, key=lambda name: (order.get(name, len(_ORDER)), name.casefold()))
    found = [
        Section(FAVOURITES, tuple(component for component in known if component.uses in favourites)),
        Section(PROJECT, tuple(own)),
        *(Section(name, tuple(by_category[name])) for name in categories),
    ]
    return [section for section in found if section.components]


def search(query: str, components: Iterable[Component]) -> list[Component]:
    """Those that fit, best first: by title and name, then tags and category, then the summary."""
    known = sorted(components, key=lambda component: component.title.casefold())
    return ranked(query, known, _texts)


def _texts(component: Component) -> list[tuple[str, float]]:
    function = component.uses.rpartition(".")[2].replace("_", " ")
    texts = [(component.title, 1.0), (function, 0.95), (component.uses, 0.9), (component.category, 0.5)]
    texts += [(tag, 0.7) for tag in component.tags]
    words = component.summary.split()
    return texts + [(word.strip(".,;:()"), 0.35) for word in words if len(word) > 3]


def describe(component: Component) -> str:
    """A tooltip. What an author wrote is escaped: it is shown, never interpreted."""
    ports = f"{_list(component.inputs)} → {_list(component.outputs)}"
    lines = [f"<b>{html.escape(component.title)}</b>", html.escape(component.summary)]
    lines += [html.escape(ports), f"<i>{html.escape(component.uses)}</i>"]
    return "<qt>" + "<br>".join(line for line in lines if line) + "</qt>"


def _list(ports: Sequence[InputPort] | Sequence[OutputPort]) -> str:
    names = [f"{port.name}: {port.type}" for port in ports]
    return ", ".join(names) or "nothing"


class PaletteModel(QStandardItemModel):
    """Two levels, section and component, or one level of found components."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def show_sections(self, shown: Sequence[Section]) -> None:
        self.clear()
        for section in shown:
            head = QStandardItem(section.name)
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            head.setData(section.name, Role.SECTION)
            head.setData(len(section.components), Role.COUNT)
            head.appendRows([_item(component) for component in section.components])
            self.appendRow(head)

    def show_found(self, found: Sequence[Component]) -> None:
        self.clear()
        for component in found:
            self.appendRow(_item(component))

    def mimeTypes(self) -> list[str]:
        return [COMPONENT_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The component's `uses` name; as text too, so that it can be dropped into an editor."""
        data = QMimeData()
        names = [str(index.data(Role.USES)) for index in indexes if index.data(Role.USES)]
        if names:
            data.setData(COMPONENT_MIME, names[0].encode())
            data.setText(names[0])
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def find(self, uses: str) -> QModelIndex:
        """The first row that shows `uses`, or an invalid index."""
        hits = self.match(self.index(0, 0), Role.USES, uses, 1, Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchExactly)
        return hits[0] if hits else QModelIndex()


def _item(component: Component) -> QStandardItem:
    item = QStandardItem(component.title)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled)
    item.setData(component.uses, Role.USES)
    item.setData(component.icon, Role.ICON)
    item.setData(component.category, Role.CATEGORY)
    item.setToolTip(describe(component))
    item.setData(f"{component.title}: {component.summary}", Qt.ItemDataRole.AccessibleTextRole)
    return item
