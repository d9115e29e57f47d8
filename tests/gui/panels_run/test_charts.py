"""The charts: few points for the same picture, honest windows, nothing drawn for nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gui.runs.flows import START, begun, ended, finished, launched, machine, metric, record, sampled
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from treadle_gui.panels.charts import MetricsPanel, ResourcesPanel
from treadle_gui.panels.charts.decimation import peaks, within
from treadle_gui.panels.charts.resources import MOST_CURVES, Window, draw_picture
from treadle_gui.panels.charts.units import bytes_text, clock_text
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import DARK, Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def session_of(*events: object) -> RunSession:
    session = RunSession("r1", Path())
    session.feed(record(events))  # type: ignore[arg-type]
    while session.waiting:
        session.tick()
    return session


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=500), st.integers(1, 60))
def test_thinning_keeps_every_extreme_and_stays_small(values: list[float], pixels: int) -> None:
    y = np.array(values)
    x, thin = peaks(np.arange(len(y), dtype=float), y, pixels)
    assert (thin.min(), thin.max()) == (y.min(), y.max())
    assert len(thin) <= 2 * pixels
    assert (np.diff(x) >= 0).all()


def test_thinning_never_loses_a_peak() -> None:
    y = np.zeros(10_000)
    y[7_777] = 9.0
    x, thin = peaks(np.arange(10_000, dtype=float), y, 500)
    assert x[thin.argmax()] == 7_777


def test_a_window_takes_a_neighbour_on_either_side() -> None:
    assert within(np.arange(10.0), 3.5, 5.5) == slice(3, 7)


def test_a_live_window_ends_at_a_step_and_a_finished_one_at_its_end() -> None:
    live = Window(START, START + 12.3, None, None, 100)
    assert live.bounds(None) == (0.0, 13.0)
    assert live.bounds(START + 11.5) == (0.0, 11.5)
    assert Window(START, START + 100.0, 60.0, None, 100).bounds(None)[0] == pytest.approx(40.8, abs=1)


def test_values_at_the_crosshair_are_those_of_that_time(qapp: object) -> None:
    session = session_of(*begun("a"), *launched("a"), sampled("a", 10.0), sampled("a", 90.0), machine(20.0))
    window = Window(START, START + 1.0, None, None, 100)
    at = session.samples["a"].column("at")[0] - START
    lanes = draw_picture(session, window, DARK, frozenset(), float(at), machine=False).lanes
    assert lanes[0].values[0] == "10 %"


def test_a_finished_node_tells_its_peak_memory(qapp: object) -> None:
    session = session_of(*begun("a"), *launched("a"), sampled("a", 10.0), *ended("a"), *finished())
    window = Window(START, START + 9.0, None, None, 100)
    lane = draw_picture(session, window, DARK, frozenset(), None, machine=False).lanes[0]
    assert lane.values == ("—", "64.0 MiB")
    assert [(bar.state, bar.number) for bar in lane.bars] == [("succeeded", 1)]


def test_the_span_of_the_selected_node_is_marked(qapp: object) -> None:
    session = session_of(*begun("a"), *launched("a"), *ended("a"), *finished())
    picture = draw_picture(
        session, Window(START, START + 9, None, None, 100), DARK, frozenset({"a"}), None, machine=False
    )
    assert picture.span == pytest.approx((0.2, 0.3))


def test_of_many_nodes_the_busiest_and_the_selected_get_curves(qapp: object) -> None:
    tasks = [f"n{number}" for number in range(60)]
    session = session_of(*begun(*tasks), *(sampled(task, float(number)) for number, task in enumerate(tasks)))
    window = Window(START, START + 9, None, None, 100)
    picture = draw_picture(session, window, DARK, frozenset({"n0"}), None, machine=False)
    drawn = {curve.key for curve in picture.cpu}
    assert drawn == {"n0", *tasks[-MOST_CURVES:]}
    assert len(picture.lanes) == 60


def test_the_panel_draws_each_curve_and_follows_the_run(qtbot: QtBot, theme: Theme) -> None:
    session = session_of(*begun("a", "b"), sampled("a", 50.0), sampled("b", 70.0), machine(30.0))
    panel = ResourcesPanel(theme, clock=lambda: START + 5)
    qtbot.addWidget(panel)
    panel.resize(1200, 300)
    panel.show()
    panel.set_session(session)
    qtbot.waitUntil(lambda: panel.memory.curve("b") is not None, timeout=3_000)
    assert panel.cpu.curve("a") is not None
    assert panel.cpu.window_x == (0.0, 5.0)


def test_a_hidden_panel_draws_nothing(qtbot: QtBot, theme: Theme) -> None:
    panel = ResourcesPanel(theme)
    qtbot.addWidget(panel)
    panel.set_session(session_of(*begun("a"), sampled("a", 50.0)))
    panel.draw()
    assert panel.cpu.curve("a") is None


def test_clicking_a_lane_chooses_its_node(qtbot: QtBot, each_theme: Theme) -> None:
    panel = ResourcesPanel(each_theme, clock=lambda: START + 5)
    qtbot.addWidget(panel)
    panel.resize(1200, 300)
    panel.show()
    panel.set_session(session_of(*begun("a"), *launched("a"), sampled("a", 50.0)))
    panel.draw()
    with qtbot.waitSignal(panel.task_chosen, timeout=2_000) as chosen:
        qtbot.mouseClick(panel.timeline.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 24 + 22 + 11))
    assert chosen.args == ["a"]


def test_metrics_are_drawn_by_step(qtbot: QtBot, theme: Theme) -> None:
    panel = MetricsPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(800, 300)
    panel.show()
    panel.set_session(session_of(*begun("fit"), metric("fit", 3.0, 10), metric("fit", 1.0, 20)))
    qtbot.waitUntil(lambda: panel.chart.curve("fit") is not None, timeout=3_000)
    curve = panel.chart.curve("fit")
    assert curve is not None
    assert curve.getData()[0].tolist() == [10.0, 20.0]


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (2048, "2.0 KiB"), (5 << 30, "5.0 GiB"), (float("nan"), "—")])
def test_sizes_read_as_people_write_them(size: float, text: str) -> None:
    assert bytes_text(size) == text


@pytest.mark.parametrize(("seconds", "text"), [(2.0, "2 s"), (3.21, "3.2 s"), (245, "4:05"), (3723, "1:02:03")])
def test_times_read_as_people_write_them(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_a_run_leaves_the_pane_as_low_as_it_was(qtbot: QtBot, theme: Theme) -> None:
    panel = ResourcesPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(700, 800)  # charts stand above one another
    panel.show()
    before = panel.minimumSizeHint().height()
    panel.set_session(session_of(*begun("a"), *launched("a"), sampled("a", 50.0)))
    panel.draw()
    qtbot.wait(1)
    assert panel.minimumSizeHint().height() == before <= 150
