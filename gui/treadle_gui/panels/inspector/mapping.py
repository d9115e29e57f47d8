"""MapForm: whether a node runs once for each item of something, and of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from treadle.spec.component import Component
from treadle.spec.graph import descendants
from treadle.spec.mapping import Map
from treadle.spec.node_component import Lookup, component_of
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.types import ParameterKind
from treadle_gui.panels.inspector.choice_box import Choice, ChoiceBox
from treadle_gui.panels.inspector.complaint import Complaint
from treadle_gui.panels.inspector.quantity import count, labelled
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["MapForm"]

_NOT: Final = Choice(None, "Not mapped", "it runs once")
_PATTERN: Final = "data/*.csv"
_CODES: Final = frozenset({"map-over", "two-purposes"})


class MapForm(QWidget):
    """`edited(Map | None)`: a person chose or wrote. `left`: the pattern is written."""

    edited = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map: Map | None = None
        self.over = ChoiceBox((_NOT,))
        self.over.chosen.connect(self._set_over)
        self.files = QLineEdit()
        self.files.setPlaceholderText(_PATTERN)
        self.files.setToolTip("From the project's folder; * stands for any name, ** for any folders")
        self.files.textEdited.connect(self._set_files)
        self.files.editingFinished.connect(self.left)
        self.parallel = count("no limit")
        self.parallel.changed.connect(self._set_parallel)
        self.parallel.left.connect(self.left)
        self.explanation = PlainLabel("", "muted")
        self.explanation.setWordWrap(True)
        self.complaint = Complaint()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        column.addLayout(labelled("Once for each", self.over, "Item of a list, value, row or file"))
        self._files_row = QWidget()
        files = QVBoxLayout(self._files_row)
        files.setContentsMargins(0, 0, 0, 0)
        files.addLayout(labelled("Files", self.files))
        self._parallel_row = QWidget()
        parallel = QVBoxLayout(self._parallel_row)
        parallel.setContentsMargins(0, 0, 0, 0)
        parallel.addLayout(labelled("At most at once", self.parallel, "Attempts of its items"))
        for widget in (self._files_row, self._parallel_row, self.explanation, self.complaint):
            column.addWidget(widget)

    def show_node(self, pipeline: Pipeline, node: Node, component: Component | None, components: Lookup) -> None:
        """`component` is the node's own, as it is for one item."""
        self._map = node.map
        self.over.offer((_NOT, *_choices(pipeline, node, component, components)))
        self.over.show_choice(_without_parallel(node.map))
        over = node.map
        if over is not None and over.files is not None and self.files.text() != over.files:
            self.files.setText(over.files)
        self.parallel.show_quantity(over.parallel if over is not None else None)
        self._files_row.setVisible(over is not None and over.files is not None)
        self._parallel_row.setVisible(over is not None)
        self.explanation.setText(_explanation(over))
        self.explanation.setVisible(over is not None)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        self.complaint.show_problems(problem for problem in problems if problem.code in _CODES)

    def _set_over(self, chosen: object) -> None:
        parallel = None if self._map is None else self._map.parallel
        self.edited.emit(None if not isinstance(chosen, Map) else _with_parallel(self._filled(chosen), parallel))

    def _filled(self, chosen: Map) -> Map:
        """Files are chosen before anybody can write which."""
        return Map(chosen.over, files=self.files.text() or _PATTERN) if chosen.files is not None else chosen

    def _set_files(self, text: str) -> None:
        if self._map is not None:
            self.edited.emit(Map(self._map.over, files=text, parallel=self._map.parallel))

    def _set_parallel(self, number: int | None) -> None:
        if self._map is not None:
            self.edited.emit(_with_parallel(self._map, number))


def _with_parallel(over: Map, parallel: int | None) -> Map:
    return Map(over.over, over.rows, over.files, parallel)


def _without_parallel(over: Map | None) -> Map | None:
    """As it stands among the choices."""
    if over is None:
        return None
    return Map(over.over, over.rows, "" if over.files is not None else None)


def _choices(pipeline: Pipeline, node: Node, component: Component | None, components: Lookup) -> Iterator[Choice]:
    if component is None:
        return
    for port in component.inputs:
        yield Choice(Map(port.name), f"Item of {port.name}", f"each {port.type} of a list that feeds {port.name}")
    free = [each for each in component.parameters if each.type.kind is not ParameterKind.SECRET]
    for parameter in free:
        yield Choice(Map(parameter.name), f"Value of {parameter.name}", "the parameter becomes a list")
    if free:
        later = descendants(pipeline, node.id) | {node.id}
        for other in (each for name, each in pipeline.nodes.items() if name not in later):
            feeder = component_of(other, components)
            for output in feeder.outputs if feeder is not None else ():
                if str(output.type) == "Table":
                    rows = Endpoint(other.id, output.name)
                    yield Choice(Map(rows=rows), f"Row of {rows}", "its columns are the parameters of the same names")
    for parameter in free:
        if parameter.type.kind in (ParameterKind.PATH, ParameterKind.STR):
            yield Choice(Map(parameter.name, files=""), f"File as {parameter.name}", "its path becomes the parameter")


def _explanation(over: Map | None) -> str:
    if over is None:
        return ""
    what = "Each gives its outputs, which come as lists in the items' order."
    return f"Every row is an item. {what}" if over.rows is not None else what
