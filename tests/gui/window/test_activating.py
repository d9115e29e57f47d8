"""What a double click leads to: a failed node to its log, others to their settings, a problem to where it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui.window.bench import TEXT, Bench
from PySide6.QtWidgets import QDockWidget

from treadle.spec.problems import Problem, Where
from treadle_gui.window.broken_page import BrokenPage

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]


def in_front(bench: Bench, name: str) -> Callable[[], bool]:
    """Whether a pane stands before those that it shares its place with."""
    return lambda: (
        isinstance(dock := bench.window.panes.docks[name], QDockWidget) and not dock.visibleRegion().isEmpty()
    )


def test_a_failed_node_leads_to_its_log_and_another_to_its_settings(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.bridge.trust()
        bench.window.show()
        await bench.window.run_controls.run(page)
        await bench.until(lambda: page.session is not None and page.session.state.status.is_done)
        page.canvas.node_activated.emit("load")
        assert bench.window.panes.run.logs.tool_bar.choice.task == "load"
        await bench.until(in_front(bench, "logs"))
        bench.window.panes.docks["inspector"].hide()
        page.canvas.node_activated.emit("fit")
        await bench.until(in_front(bench, "inspector"))
        assert bench.window.panes.run.logs.tool_bar.choice.task == "load"

    run(scenario)


def test_a_node_that_is_gone_leads_nowhere(run) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.open()
        bench.window.activating.activate("nothing")
        assert len(bench.window.tabs.every()) == 1

    run(scenario)


def test_a_pipeline_that_can_not_be_read_is_shown_in_a_tab_of_its_own(run) -> None:
    async def scenario(bench: Bench) -> None:
        (bench.home / "inner.treadle.yaml").write_text("treadle: 1\nnodes: [")
        bench.file.write_text(TEXT.replace("uses: train.fit", "uses: inner.treadle.yaml"))
        page = await bench.open()
        page.canvas.node_activated.emit("fit")
        await bench.until(lambda: isinstance(bench.window.tabs.front, BrokenPage))
        assert bench.window.tabs.front is not None
        assert bench.window.tabs.front.loaded.path == bench.home / "inner.treadle.yaml"

    run(scenario)


def test_a_problem_leads_to_its_node_and_one_of_a_parameter_to_the_inspector(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        bench.window.show()
        bench.window.panes.docks["inspector"].hide()
        bench.window.activating.show_problem(Problem("x", "y", Where(node="fit")))
        assert page.shown.selection == {"fit"}
        assert bench.window.panes.docks["inspector"].isHidden()
        bench.window.activating.show_problem(Problem("x", "y", Where(node="load", parameter="path")))
        assert page.shown.selection == {"load"}
        assert not bench.window.panes.docks["inspector"].isHidden()

    run(scenario)


def test_a_problem_of_a_file_leads_to_its_line_within_the_project(run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.open()
        shown: list[tuple[object, ...]] = []
        monkeypatch.setattr(bench.window.showing, "show_file", lambda *where: shown.append(where))
        bench.window.activating.show_problem(Problem("x", "y", Where(file="components/a.py", line=7)))
        assert shown == [(bench.home / "components/a.py", 7)]

    run(scenario)
