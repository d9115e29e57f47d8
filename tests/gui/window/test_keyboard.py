"""Everything can be reached without a mouse, and the focus is never where nobody sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gui.window.bench import Bench
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

from treadle_gui.window.commands.going import GO_TO
from treadle_gui.window.focus_way import next_stop

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]


def round_trip(bench: Bench, *, forward: bool) -> list[QWidget]:
    window = bench.window
    stops: list[QWidget] = []
    stop = next_stop(window, None, forward=forward)
    while stop is not None and stop not in stops:
        stops.append(stop)
        stop = next_stop(window, stop, forward=forward)
    return stops


def dock_of(widget: QWidget) -> str:
    part: QWidget | None = widget
    while part is not None and not isinstance(part, QDockWidget):
        part = part.parentWidget()
    return part.objectName() if part is not None else ""


def test_tab_goes_round_what_is_seen_and_back_the_same_way(run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.window.show()
        page = await bench.open()
        stops = round_trip(bench, forward=True)
        assert page.canvas in stops
        assert {dock_of(stop) for stop in stops} == {"", "palette", "inspector", "problems"}
        there = [name for stop in stops if (name := dock_of(stop)) in ("palette", "inspector", "problems")]
        assert there == sorted(there, key=["palette", "inspector", "problems"].index)
        assert round_trip(bench, forward=False) == stops[::-1]

    run(scenario)


def test_each_pane_is_gone_to_and_takes_the_focus(run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.window.show()
        bench.window.activateWindow()
        page = await bench.open()
        for command in GO_TO[1:]:
            bench.window.commands.run(command)
            pane = bench.window.panes.docks[command.removeprefix("view.go_")]
            await bench.until(lambda pane=pane: not pane.visibleRegion().isEmpty())
            if command.endswith(("palette", "problems", "logs", "inspector")):  # the others have nothing to show yet
                assert pane.isAncestorOf(bench.window.focusWidget())
        QTest.keyClick(bench.window, Qt.Key.Key_Escape)
        assert bench.window.focusWidget() is page.canvas

    run(scenario)


def test_shift_tab_leaves_the_canvas(run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.window.show()
        page = await bench.open()
        page.canvas.setFocus()
        QTest.keyClick(page.canvas, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        QApplication.processEvents()
        assert bench.window.focusWidget() is not page.canvas

    run(scenario)


def test_what_is_added_is_fed_by_what_is_selected(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.select({"load"})
        bench.window.add_component("train.fit")
        [edge] = [edge for edge in page.document.pipeline.edges() if edge.target.node == "fit_2"]
        assert str(edge.source) == "load.table"
        page.document.undo()
        assert list(page.document.pipeline.nodes) == ["load", "fit"]

    run(scenario)


def test_two_selected_nodes_are_connected_from_left_to_right(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.select(())
        bench.window.add_component("train.fit")
        page.document.edit("Move", lambda p: replace(p, view={**p.view, "load": (0, 0), "fit_2": (400, 0)}))
        page.document.select({"load", "fit_2"})
        bench.window.commands.run("edit.connect")
        assert page.document.undo_label == "Connect load.table to fit_2.train"
        told: list[str] = []
        page.canvas.hint.connect(told.append)
        bench.window.commands.run("edit.connect")
        assert told == ["Not connected: fit_2 has no free input that load could feed"]
        bench.window.commands.run("edit.disconnect")
        assert page.document.undo_label == "Disconnect fit_2.train"
        assert not page.document.pipeline.nodes["fit_2"].inputs

    run(scenario)
