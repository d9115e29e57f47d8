"""Many states at once: what is in sight is shown first, the rest bit by bit, as it stands by then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from gui.canvas.conftest import FakeCatalog, FakeSession, make_node
from pytestqt.qtbot import QtBot

from treadle.run.state import TaskState, TaskStatus
from treadle.spec.pipeline import Pipeline
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document

MANY = 450


@pytest.fixture
def canvas(make_canvas: Callable[[Document], PipelineCanvas]) -> Iterator[PipelineCanvas]:
    """A row of so many nodes that few are in sight at 100 %."""
    nodes = {f"n{i}": make_node(f"n{i}", "data.read") for i in range(MANY)}
    view = {name: (index * 288.0, 0.0) for index, name in enumerate(nodes)}
    made = make_canvas(Document(Pipeline(nodes=nodes, view=view), FakeCatalog()))
    yield made
    made.hide()


def told(session: FakeSession, status: TaskStatus) -> None:
    names = [f"n{i}" for i in range(MANY)]
    session.state.tasks.update({name: TaskState(status, 1, started_at=0.0, finished_at=1.0) for name in names})
    session.tasks_changed.emit(frozenset(names))


def state_of(canvas: PipelineCanvas, node: str) -> str:
    return canvas.stage.nodes[node].run.state


def test_what_is_in_sight_is_shown_at_once_and_the_rest_soon(
    canvas: PipelineCanvas, session: FakeSession, qtbot: QtBot
) -> None:
    canvas.show_run(session)
    told(session, TaskStatus.QUEUED)
    assert (state_of(canvas, "n0"), state_of(canvas, "n400")) == ("queued", "")
    qtbot.waitUntil(lambda: all(item.run.state == "queued" for item in canvas.stage.nodes.values()))


def test_what_waits_is_shown_as_it_stands_by_then(canvas: PipelineCanvas, session: FakeSession, qtbot: QtBot) -> None:
    canvas.show_run(session)
    told(session, TaskStatus.QUEUED)
    told(session, TaskStatus.SUCCEEDED)
    qtbot.waitUntil(lambda: state_of(canvas, "n400") != "")
    assert state_of(canvas, "n400") == "succeeded"


def test_a_run_that_is_left_shows_nothing_later(canvas: PipelineCanvas, session: FakeSession, qtbot: QtBot) -> None:
    canvas.show_run(session)
    told(session, TaskStatus.QUEUED)
    canvas.show_run(None)
    qtbot.wait(50)
    assert {item.run.state for item in canvas.stage.nodes.values()} == {""}


def test_from_afar_all_are_shown_at_once(canvas: PipelineCanvas, session: FakeSession) -> None:
    canvas.show_run(session)
    canvas.fit()
    told(session, TaskStatus.QUEUED)
    assert {item.run.state for item in canvas.stage.nodes.values()} == {"queued"}
