"""Groups in the window: folded, entered, edited, left, unfolded, saved as a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from gui.runs.flows import begun, ended, launched, record
from gui.window.bench import Bench, Catalog

from treadle.execute.protocol import Failed
from treadle.spec import edits
from treadle.spec.borders import INPUTS, OUTPUTS
from treadle.spec.file_format import read
from treadle.spec.problems import Problem, Where
from treadle_gui.runs.session import RunSession
from treadle_gui.window.commands import grouping
from treadle_gui.window.page import Page

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]


async def folded(bench: Bench) -> Page:
    page = await bench.open()
    page.document.select(list(page.document.pipeline.nodes)[:2])
    bench.window.commands.run("group.fold")
    return page


def test_what_is_selected_becomes_a_group_and_unfolds_again(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        before = page.document.pipeline
        page.document.select(list(before.nodes)[:2])
        bench.window.commands.run("group.fold")
        assert "group" in page.document.pipeline.nodes
        assert page.document.selection == {"group"}
        assert page.document.undo_label == "Group 2 nodes"
        face = page.canvas.stage.nodes["group"].face
        assert face.summary.startswith("2 nodes")
        assert not face.missing
        bench.window.commands.run("group.unfold")
        assert page.document.pipeline.nodes.keys() == before.nodes.keys()
        page.document.undo()
        page.document.undo()
        assert page.document.pipeline is before

    run(scenario)


def test_a_double_click_enters_a_group_and_escape_leaves_it(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await folded(bench)
        inside = page.document.pipeline.nodes["group"].pipeline
        assert inside is not None
        page.canvas.node_activated.emit("group")
        assert page.level.way == ("group",)
        assert page.level.crumbs.names == (page.document.title, "group")
        assert set(page.canvas.stage.nodes) == {*inside.nodes, INPUTS, OUTPUTS}
        node = min(inside.nodes)
        page.canvas.reveal(node)
        bench.window.commands.run("edit.delete")
        assert page.document.undo_label.startswith("Delete")
        assert node not in page.canvas.stage.nodes
        bench.window.commands.run("edit.undo")
        assert node in page.canvas.stage.nodes
        page.shown.select(())
        page.canvas.up_requested.emit()
        assert page.level.way == ()
        assert page.document.selection == {"group"}
        assert "group" in page.canvas.stage.nodes

    run(scenario)


def test_a_level_that_goes_away_is_left(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await folded(bench)
        page.level.enter("group")
        page.document.undo()
        assert page.level.way == ()
        assert "group" not in page.canvas.stage.nodes
        page.document.edit("Rename", lambda pipeline: edits.set_name(pipeline, "other"))
        await asyncio.sleep(0)

    run(scenario)


def test_a_problem_inside_leads_inside(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await folded(bench)
        inside = page.document.pipeline.nodes["group"].pipeline
        assert inside is not None
        node = min(inside.nodes)
        bench.window.activating.show_problem(Problem("x", "y", Where(node=f"group/{node}")))
        assert page.level.way == ("group",)
        assert page.shown.selection == {node}
        bench.window.activating.show_problem(Problem("x", "y", Where(node="group")))
        assert page.level.way == ()

    run(scenario)


def test_what_can_not_be_a_group_is_said(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.edit(
            "Order",
            lambda pipeline: edits.set_after(edits.add_node(pipeline, "data.read", (0, 300))[0], "read", ["load"]),
        )
        page.document.select({"fit", "read"})
        before = page.document.pipeline
        bench.window.commands.run("group.fold")
        assert page.document.pipeline is before
        assert "can't be a group" in bench.window.status.hint.whole_text

    run(scenario)


def test_a_group_is_saved_as_a_file_that_the_node_then_uses(run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(bench: Bench) -> None:
        page = await folded(bench)
        target = page.project.root / "parts.treadle.yaml"

        async def ask(*_: object) -> Path:
            return target

        monkeypatch.setattr(grouping, "ask_save", ask)
        bench.window.commands.run("group.save")
        await bench.until(target.exists)
        await bench.until(lambda: page.document.pipeline.nodes["group"].uses == "parts.treadle.yaml")
        catalog = Catalog()
        catalog.pipelines = {"parts.treadle.yaml": read(target.read_text())}
        page.document.set_catalog(catalog)
        page.canvas.node_activated.emit("group")
        assert page.level.way == ("group",)
        assert not bench.window.panes.inspector.isEnabled()
        bench.window.commands.run("edit.select_all")
        bench.window.commands.run("edit.delete")
        assert "parts.treadle.yaml" in bench.window.status.hint.whole_text
        assert page.level.crumbs.open_file is not None
        page.level.crumbs.open_file.click()
        await bench.until(lambda: bench.window.page is not page)
        assert bench.window.page is not None
        assert bench.window.page.document.path == target
        bench.window.tabs.tabs.setCurrentWidget(page)
        page.level.leave()
        assert bench.window.panes.inspector.isEnabled()
        page.document.undo()
        assert page.document.pipeline.nodes["group"].pipeline is not None

    run(scenario)


def test_a_run_shows_the_states_of_the_nodes_inside(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await folded(bench)
        session = RunSession("r1", bench.home, parent=page)
        page.canvas.show_run(session)
        failed = ended("group/load", Failed("ValueError", "no such column"))
        session.feed(record([*begun("group/load", "group/fit"), *launched("group/load"), *failed]))
        await bench.until(lambda: "load failed" in page.canvas.stage.nodes["group"].run.error)
        page.level.enter("group")
        assert page.canvas.stage.nodes["load"].run.state == "failed"
        assert "ValueError" in page.canvas.stage.nodes["load"].run.error
        page.level.leave()
        assert page.canvas.stage.nodes["group"].run.word == "1 of 2"

    run(scenario)
