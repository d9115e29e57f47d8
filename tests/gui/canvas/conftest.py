"""A small pipeline, its components, a canvas that shows it, a run that a test drives, and a mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from treadle.run.map_state import MapState
from treadle.run.state import TaskState
from treadle.spec.component import Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.subpipelines import PipelineFiles
from treadle.spec.types import ParameterKind, ParameterType, PortType
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document
from treadle_gui.style.tokens import Theme


def make_component(uses: str, title: str, inputs: str = "", outputs: str = "", category: str = "Data") -> Component:
    """Ports are written `name:Type`; a `?` after the name makes an input optional."""
    module, _, function = uses.partition(".")
    ins = [port.split(":") for port in inputs.split()]
    outs = [port.split(":") for port in outputs.split()]
    return Component(
        uses=uses,
        title=title,
        source=SourceRef(f"{module}.py", module, function, 1),
        inputs=tuple(InputPort(name.rstrip("?"), PortType.parse(kind), name.endswith("?")) for name, kind in ins),
        outputs=tuple(OutputPort(name, PortType.parse(kind)) for name, kind in outs),
        parameters=(Parameter("rate", ParameterType(ParameterKind.FLOAT), 0.1),),
        category=category,
        icon="table",
    )


COMPONENTS = {
    component.uses: component
    for component in (
        make_component("data.read", "Read CSV", "", "table:Table"),
        make_component("prepare.clean", "Clean rows", "data:Table extra?:Table", "table:Table", "Prepare"),
        make_component("train.fit", "Fit model", "train:Table", "model:Model", "Train"),
        make_component("evaluate.score", "Score model", "model:Model test:Table", "metrics:Metrics", "Evaluate"),
        make_component("report.compare", "Compare", "metrics:list[Metrics]", "figure:Figure", "Report"),
    )
}


def make_node(name: str, uses: str, **inputs: str) -> Node:
    """Inputs are written `port="node.port node.port"`."""
    ends = {port: tuple(Endpoint(*source.split(".")) for source in text.split()) for port, text in inputs.items()}
    return Node(name, uses, ends)


def make_pipeline() -> Pipeline:
    """load → clean → fit → score, four in a row at 100 %."""
    nodes = (
        make_node("load", "data.read"),
        make_node("clean", "prepare.clean", data="load.table"),
        make_node("fit", "train.fit", train="clean.table"),
        make_node("score", "evaluate.score", model="fit.model", test="clean.table"),
    )
    view = {node.id: (index * 288.0, 0.0) for index, node in enumerate(nodes)}
    return Pipeline(name="sample", nodes={node.id: node for node in nodes}, view=view)


@dataclass
class FakeCatalog:
    components: Mapping[str, Component] = field(default_factory=lambda: COMPONENTS)
    pipelines: PipelineFiles = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass
class FakeState:
    tasks: dict[str, TaskState] = field(default_factory=dict)
    maps: dict[str, MapState] = field(default_factory=dict)


class FakeSession(QObject):
    """A run whose tasks a test sets."""

    tasks_changed = Signal(object)
    run_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.state = FakeState()
        self.allowed: dict[str, int] = {}

    def attempts_allowed(self, task: str) -> int | None:
        return self.allowed.get(task)

    def set(self, **tasks: TaskState) -> None:
        self.state.tasks.update(tasks)
        self.tasks_changed.emit(frozenset(tasks))


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def document(qapp: QApplication) -> Document:
    return Document(make_pipeline(), FakeCatalog())


@pytest.fixture
def make_canvas(theme: Theme, qtbot: QtBot) -> Iterator[Callable[[Document], PipelineCanvas]]:
    # qtbot holds a widget weakly, and a window that only its own parts hold is garbage: when its test has returned, it
    # may be collected while its last events are worked off, within its own paintEvent.
    kept: list[PipelineCanvas] = []

    def make(document: Document) -> PipelineCanvas:
        canvas = PipelineCanvas(document, theme, clock=lambda: 100.0)
        kept.append(canvas)
        qtbot.addWidget(canvas)
        canvas.set_motion(False)
        canvas.resize(1280, 640)
        canvas.show()
        canvas.zoom_to(1.0)
        canvas.centerOn(540, 40)
        return canvas

    yield make
    kept.clear()


@pytest.fixture
def canvas(make_canvas: Callable[[Document], PipelineCanvas], document: Document) -> Iterator[PipelineCanvas]:
    made = make_canvas(document)
    yield made
    made.hide()


class Mouse:
    """A mouse over a canvas, in scene coordinates."""

    def __init__(self, canvas: PipelineCanvas) -> None:
        self.canvas = canvas

    def _send(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton, keys: object) -> None:
        viewport = self.canvas.viewport()
        local = QPointF(self.canvas.mapFromScene(at))
        event = QMouseEvent(kind, local, QPointF(viewport.mapToGlobal(local.toPoint())), button, held, keys)
        QApplication.sendEvent(viewport, event)

    def press(self, at: QPointF, button: Qt.MouseButton = Qt.MouseButton.LeftButton, keys: object = None) -> None:
        self._send(QEvent.Type.MouseButtonPress, at, button, button, keys or Qt.KeyboardModifier.NoModifier)

    def move(self, at: QPointF, button: Qt.MouseButton = Qt.MouseButton.LeftButton, keys: object = None) -> None:
        held = keys or Qt.KeyboardModifier.NoModifier
        self._send(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, button, held)

    def release(self, at: QPointF, button: Qt.MouseButton = Qt.MouseButton.LeftButton, keys: object = None) -> None:
        held = keys or Qt.KeyboardModifier.NoModifier
        self._send(QEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton, held)

    def drag(self, start: QPointF, end: QPointF, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        """In five steps, as a hand would."""
        self.press(start, button)
        for step in range(1, 6):
            self.move(start + (end - start) * (step / 5), button)
        self.release(end, button)

    def click(self, at: QPointF, keys: object = None) -> None:
        self.press(at, keys=keys)
        self.release(at, keys=keys)

    def output(self, node: str, port: str) -> QPointF:
        return self.canvas.stage.nodes[node].output_point(port)

    def input(self, node: str, port: str) -> QPointF:
        return self.canvas.stage.nodes[node].input_point(port)

    def header(self, node: str) -> QPointF:
        return self.canvas.stage.nodes[node].pos() + QPointF(60, 16)

    def view(self, at: QPointF) -> QPoint:
        return self.canvas.mapFromScene(at)


@pytest.fixture
def mouse(canvas: PipelineCanvas) -> Mouse:
    return Mouse(canvas)
