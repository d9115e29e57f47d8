"""Project settings: pools in `treadle.toml`, trust, and what holds for the pipeline, undoably."""

from __future__ import annotations

import pytest
from gui.window.bench import Bench
from PySide6.QtTest import QTest

from treadle.store.project_settings import read_settings
from treadle_gui.dialogs.project_settings import ProjectSettingsDialog
from treadle_gui.window.page import Page

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]


async def opened(bench: Bench) -> tuple[Page, ProjectSettingsDialog]:
    page = await bench.open()
    bench.window.commands.refresh()
    bench.window.commands.run("edit.project")
    await bench.until(lambda: bool(bench.window.findChildren(ProjectSettingsDialog)))
    return page, bench.window.findChildren(ProjectSettingsDialog)[0]


def test_pools_are_shown_and_written_when_the_field_is_left(run) -> None:
    async def scenario(bench: Bench) -> None:
        (bench.home / "treadle.toml").write_text("# ours\n[pools]\ndb = 1  # one\n")
        _, dialog = await opened(bench)
        assert dialog.pools.toPlainText() == "db: 1"
        dialog.pools.setPlainText("db: 4\napi: 2")
        assert read_settings(bench.home).pools == {"db": 1}
        dialog.pools.left.emit()
        await bench.until(lambda: read_settings(bench.home).pools == {"db": 4, "api": 2})
        assert (bench.home / "treadle.toml").read_text() == "# ours\n[pools]\ndb = 4  # one\napi = 2\n"
        dialog.pools.setPlainText("db: 4")
        dialog.close()
        await bench.until(lambda: read_settings(bench.home).pools == {"db": 4})

    run(scenario)


def test_a_file_that_can_not_be_changed_is_told_and_left(run) -> None:
    async def scenario(bench: Bench) -> None:
        text = "pools = {db = 2}\n"
        (bench.home / "treadle.toml").write_text(text)
        _, dialog = await opened(bench)
        dialog.pools.setPlainText("db: 3")
        dialog.pools.left.emit()
        await bench.until(lambda: "can't be kept" in dialog.told.text())
        assert (bench.home / "treadle.toml").read_text() == text

    run(scenario)


def test_what_is_the_pipelines_is_an_edit_that_is_undone(run) -> None:
    async def scenario(bench: Bench) -> None:
        page, dialog = await opened(bench)
        QTest.keyClicks(dialog.whole_run.tasks, "3")
        dialog.environment.python.textEdited.emit("3.12")
        assert page.document.pipeline.concurrency.tasks == 3
        assert page.document.pipeline.defaults.environment.python == "3.12"
        page.document.undo()
        assert dialog.environment.python.text() == ""
        page.document.undo()
        assert page.document.pipeline.concurrency.tasks is None
        assert not page.document.is_dirty

    run(scenario)


def test_trust_is_asked_for_and_taken_back(run) -> None:
    async def scenario(bench: Bench) -> None:
        page, dialog = await opened(bench)
        assert dialog.trusted.text().startswith("Restricted")
        dialog.trust.click()
        await bench.answer("trust")
        await bench.until(lambda: dialog.trusted.text().startswith("Trusted"))
        assert page.bridge.is_trusted
        dialog.trust.click()
        await bench.until(lambda: dialog.trusted.text().startswith("Restricted"))
        assert not page.bridge.is_trusted

    run(scenario)
