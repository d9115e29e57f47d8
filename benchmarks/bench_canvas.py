"""What a frame of the canvas costs: milliseconds of our own CPU, so that a busy machine does not blur it.

    python benchmarks/bench_canvas.py [NODES ...]

Each line is the median and the worst of many frames, offscreen, 1600 × 1000. Budget: load 5,000 nodes under 1 s,
any frame under 8 ms, a drag under 4 ms, 1,000 changed states under 6 ms.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import ClassVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from treadle.run.state import TaskState, TaskStatus
from treadle.spec.component import Component, InputPort, OutputPort, SourceRef
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.types import PortType
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document
from treadle_gui.style.apply import apply_theme
from treadle_gui.style.tokens import DARK

TABLE = PortType("Table")
COMPONENT = Component(
    "bench.join",
    "Join tables",
    SourceRef("bench.py", "bench", "join", 1),
    inputs=(InputPort("left", TABLE), InputPort("right", TABLE, optional=True)),
    outputs=(OutputPort("table", TABLE), OutputPort("rest", TABLE)),
    category="Prepare",
    icon="set-center",
)
COLUMN, LINE = 288.0, 144.0


class Catalog:
    components: ClassVar = {COMPONENT.uses: COMPONENT}
    pipelines: ClassVar = {}
    problems = ()


class State:
    def __init__(self) -> None:
        self.tasks: dict[str, TaskState] = {}
        self.maps: dict[str, object] = {}


class Session(QObject):
    tasks_changed = Signal(object)
    run_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.state = State()


def layered(count: int) -> Pipeline:
    """`count` nodes in a square of columns, each fed by one or two of the column before."""
    dice = random.Random(7)
    rows = max(1, int(count**0.5))
    nodes: dict[str, Node] = {}
    for index in range(count):
        column, row = divmod(index, rows)
        inputs: dict[str, tuple[Endpoint, ...]] = {}
        for port in ("left", "right") if column and dice.random() < 0.35 else ("left",) if column else ():
            above = (column - 1) * rows + min(max(row + dice.randint(-2, 2), 0), rows - 1)
            inputs[port] = (Endpoint(f"n{above}", dice.choice(("table", "rest"))),)
        nodes[f"n{index}"] = Node(f"n{index}", COMPONENT.uses, inputs, {"how": "inner", "limit": index})
    view = {f"n{i}": (i // rows * COLUMN, i % rows * LINE) for i in range(count)}
    return Pipeline(nodes=nodes, view=view)


def _took(act: Callable[[], object]) -> float:
    """Milliseconds of this thread's CPU."""
    start = time.thread_time()
    act()
    return (time.thread_time() - start) * 1000


class Bench:
    def __init__(self, app: QApplication, canvas: PipelineCanvas) -> None:
        self.app, self.canvas = app, canvas

    def flush(self) -> None:
        self.app.sendPostedEvents()
        self.app.sendEvent(self.canvas.window(), QEvent(QEvent.Type.UpdateRequest))

    def frames(self, title: str, step: Callable[[int], None], count: int = 60) -> None:
        """Times `step` and the repaint it causes, and the longest of the turns in which the rest of it is done."""
        spent, later = [], [0.0]
        for index in range(count):
            spent.append(_took(lambda index=index: (step(index), self.flush())))
            for _ in range(12):
                later.append(_took(self.app.processEvents))
        print(
            f"  {title:<34} median {statistics.median(spent):6.2f} ms   worst {max(spent):6.2f} ms   "
            f"a turn after it {max(later):6.2f} ms"
        )

    def look(self, zoom: float) -> None:
        self.canvas.zoom_to(zoom)
        self.canvas.centerOn(self.canvas.stage.bounds().center())
        self.app.processEvents()

    def drag(self, title: str) -> None:
        canvas, port = self.canvas, self.canvas.viewport()
        item = canvas.stage.node_at(canvas.camera.centre()) or next(
            node for node in canvas.stage.nodes.values() if canvas.camera.seen().contains(node.box())
        )
        start = QPointF(canvas.mapFromScene(item.pos() + QPointF(100, 12)))

        def send(kind: QEvent.Type, at: QPointF, button: Qt.MouseButton) -> None:
            held = Qt.MouseButton.LeftButton
            self.app.sendEvent(port, QMouseEvent(kind, at, at, button, held, Qt.KeyboardModifier.NoModifier))

        send(QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
        steps = [start + QPointF(3 * i, 2 * i) for i in range(60)]
        self.frames(title, lambda i: send(QEvent.Type.MouseMove, steps[i], Qt.MouseButton.NoButton))
        canvas.hands.cancel()
        self.flush()


def pan(canvas: PipelineCanvas, index: int) -> None:
    canvas.scroll_by(9 if (index // 20) % 2 == 0 else -9, 0)


def measure(app: QApplication, count: int) -> None:
    pipeline = layered(count)
    start = time.thread_time()
    canvas = PipelineCanvas(Document(pipeline, Catalog()), DARK)
    canvas.set_motion(False)
    canvas.resize(1600, 1000)
    canvas.show()
    canvas.fit()
    app.processEvents()
    bench = Bench(app, canvas)
    bench.flush()
    print(f"{count:,} nodes, {len(canvas.stage.edges):,} edges: load {time.thread_time() - start:.2f} s")
    session = Session()
    canvas.show_run(session)
    names = list(pipeline.nodes)[:1000]
    states = (TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.SUCCEEDED, TaskStatus.FAILED)

    def change(index: int) -> None:
        for offset, name in enumerate(names):
            session.state.tasks[name] = TaskState(states[(index + offset) % 4], 1, started_at=0.0, finished_at=1.0)
        session.tasks_changed.emit(frozenset(names))

    for title, zoom in (("all", None), ("30 %", 0.31), ("55 %", 0.56), ("100 %", 1.0)):
        canvas.fit() if zoom is None else bench.look(zoom)
        app.processEvents()
        bench.frames(f"repaint, {title} ({canvas.zoom():.2f})", lambda _: canvas.viewport().update(), 20)
        bench.frames(f"pan, {title}", lambda i: pan(canvas, i))
        bench.drag(f"drag, {title}")
        bench.frames(f"{len(names)} states, {title}", change, 12)
    bench.frames("zoom from 100 % to all", lambda i: canvas.zoom_to(0.96**i))
    canvas.close()


if __name__ == "__main__":
    application = QApplication([])
    apply_theme(application, DARK)
    for size in [int(text) for text in sys.argv[1:]] or [500, 2000, 5000]:
        measure(application, size)
