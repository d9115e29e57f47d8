"""The main window with a fake engine: files, questions, tabs, runs, and the way out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from gui.window.bench import COMPONENTS, TEXT, Bench
from PySide6.QtCore import QSize

from treadle.catalog.catalog import load_catalog
from treadle.spec import edits
from treadle_gui.document.recovery import Recovered
from treadle_gui.style.tokens import LIGHT
from treadle_gui.window.broken_page import BrokenPage
from treadle_gui.window.context_menus import context_menu
from treadle_gui.window.placing import first_size
from treadle_gui.window.sources import source_path

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]


def test_an_opened_file_is_recent_and_opening_it_again_shows_its_tab(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        assert await bench.window.filing.open(bench.file) is page
        assert bench.services.settings.recent == (bench.file,)
        assert bench.window.windowTitle().startswith("churn")

    run(scenario)


def test_a_broken_file_is_shown_and_not_changed(run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.file.write_text("treadle: 1\nnodes: [")
        page = await bench.window.filing.open(bench.file)
        assert isinstance(page, BrokenPage)
        assert page.text.toPlainText() == "treadle: 1\nnodes: ["
        assert page.problems.count() > 0
        bench.file.write_text(TEXT)
        page.retry.click()
        await bench.until(lambda: bench.window.page is not None)

    run(scenario)


def test_a_file_that_is_gone_is_told_and_forgotten(run) -> None:
    async def scenario(bench: Bench) -> None:
        gone = bench.home / "gone.treadle.yaml"
        bench.services.settings.add_recent(gone)
        assert await bench.window.filing.open(gone) is None
        assert "gone.treadle.yaml" in bench.window.status.hint.whole_text
        assert bench.services.settings.recent == ()

    run(scenario)


@pytest.mark.parametrize(("key", "left", "saved"), [("discard", 0, False), ("save", 0, True), ("", 1, False)])
def test_unsaved_changes_are_asked_about(run, key: str, left: int, saved: bool) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.edit("Rename", lambda p: edits.set_name(p, "changed"))
        bench.window.close_current()
        await bench.answer(key)
        await bench.until(lambda: len(bench.window.tabs.every()) == left)
        assert ("changed" in bench.file.read_text()) is saved

    run(scenario)


def test_another_programs_change_is_never_overwritten_unasked(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        theirs = TEXT.replace("churn", "theirs")
        bench.file.write_text(theirs)
        page.document.edit("Rename", lambda p: edits.set_name(p, "mine"))
        saving = asyncio.ensure_future(bench.window.saving.save(page))
        await bench.answer("reload")
        assert await saving
        assert bench.file.read_text() == theirs
        assert page.document.pipeline.name == "theirs"
        page.document.undo()
        assert page.document.pipeline.name == "mine"

    run(scenario)


def test_work_that_a_crash_left_is_opened_as_unsaved(run) -> None:
    async def scenario(bench: Bench) -> None:
        note = Recovered(
            "12345678123456781234567812345678",
            "churn",
            str(bench.file),
            TEXT.replace("churn", "lost"),
            TEXT,
            0.0,
            2**22 - 7,
        )
        bench.services.recovery.keep(note)
        bench.window.filing.open_recovered(note)
        page = bench.window.page
        assert page is not None
        assert page.document.pipeline.name == "lost"
        assert page.document.is_dirty
        assert bench.file.read_text() == TEXT

    run(scenario)


def test_running_asks_for_trust_once_and_a_refusal_runs_nothing(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        controls = bench.window.run_controls
        first = asyncio.ensure_future(controls.run(page))
        await bench.answer("")
        await first
        assert bench.engine.requests == []
        second = asyncio.ensure_future(controls.run(page))
        await bench.answer("trust")
        await second
        await bench.until(lambda: not controls.is_running(page))
        await controls.run(page, use_cache=False)
        assert [request.use_cache for request in bench.engine.requests] == [True, False]

    run(scenario)


def test_a_failed_node_is_listed_with_its_message(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.bridge.trust()
        await bench.window.run_controls.run(page)
        problems = bench.window.panes.problems
        await bench.until(lambda: any(entry.from_run for entry in problems.entries))
        assert problems.entries[0].problem.message == "ValueError: no such column"
        assert bench.window.panes.docks["problems"].windowTitle().startswith("Problems (")

    run(scenario)


def test_a_new_pipeline_takes_components_from_the_palette(run) -> None:
    async def scenario(bench: Bench) -> None:
        window = bench.window
        await window.begin([])
        await bench.until(lambda: len(window.panes.palette.shown()) == 2)
        window.panes.palette.add_requested.emit("data.read")
        await bench.until(lambda: window.page is not None)
        page = window.page
        assert page is not None
        window.panes.palette.add_requested.emit("train.fit")
        assert [node.uses for node in page.document.pipeline.nodes.values()] == ["data.read", "train.fit"]
        first, second = page.document.pipeline.view.values()
        assert first != second

    run(scenario)


def test_every_command_can_be_asked_and_the_theme_switches_live(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.select({"fit"})
        bench.window.commands.refresh()
        assert bench.window.commands.action("edit.delete").isEnabled()
        bench.window.commands.run("view.theme_light")
        assert bench.window.theme is LIGHT
        assert bench.services.settings.theme == "light"
        page.document.edit("Rename", lambda p: edits.set_name(p, "x"))
        assert bench.window.commands.action("edit.undo").text() == "Undo Rename"

    run(scenario)


def test_copied_nodes_are_pasted_with_ids_of_their_own(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.select({"load", "fit"})
        bench.window.commands.run("edit.copy")
        bench.window.commands.run("edit.paste")
        pasted = page.document.selection
        assert len(page.document.pipeline.nodes) == 4
        assert not pasted & {"load", "fit"}

    run(scenario)


def test_the_source_of_a_component_is_found_with_ours_or_in_the_project(tmp_path: Path) -> None:
    catalog = load_catalog(None)
    ours = source_path(catalog.components["data.read_csv"], tmp_path)
    assert "def read_csv" in ours.read_text()
    own = replace(COMPONENTS[0], builtin=False)
    assert source_path(own, tmp_path).is_relative_to(tmp_path)


def test_the_menu_of_a_node_lets_it_wait_for_another(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.edit("Free", lambda p: edits.disconnect(p, next(iter(p.edges()))))
        page.document.select({"fit"})
        menu = context_menu("node", "fit", page, bench.window.commands, lambda _node: None, bench.window)
        [wait] = [action.menu() for action in menu.actions() if action.text() == "Wait for"]
        assert [action.text() for action in wait.actions()] == ["load"]
        wait.actions()[0].trigger()
        assert page.document.pipeline.nodes["fit"].after == ("load",)
        assert set(page.canvas.stage.orders.items) == {("load", "fit")}
        page.document.undo()
        assert not page.canvas.stage.orders.items

    run(scenario)


def test_a_component_from_the_palette_stands_beside_what_is_selected(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.select({"load"})
        box = page.canvas.stage.nodes["load"].box()
        bench.window.panes.palette.add_requested.emit("train.fit")
        [new] = page.document.selection
        assert page.canvas.hands.current == new
        assert page.document.pipeline.view[new][0] > box.right()

    run(scenario)


def test_the_window_remembers_what_was_open(run) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.open()
        closed = asyncio.Event()
        bench.window.closed.connect(closed.set)
        bench.window.show()
        bench.window.close()
        async with asyncio.timeout(5):
            await closed.wait()
        assert bench.services.settings.open_files == (bench.file,)
        assert bench.services.settings.geometry is not None

    run(scenario)


def test_a_first_window_fits_a_small_screen() -> None:
    assert first_size(QSize(1280, 800)).width() <= 1280
    assert first_size(QSize(1280, 800)).height() < 800
    assert first_size(QSize(3840, 2160)) == QSize(1440, 900)
