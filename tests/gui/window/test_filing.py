"""Files: nothing of a person's work is lost unasked, whoever else changes them and whatever goes wrong."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest
from gui.window.bench import TEXT, Bench
from PySide6.QtWidgets import QCheckBox, QPushButton

from treadle.spec import edits
from treadle_gui.dialogs.recovery import RecoveryDialog
from treadle_gui.document.files import Save
from treadle_gui.document.recovery import Recovered
from treadle_gui.window import saving
from treadle_gui.window.page import Page

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]

THEIRS = TEXT.replace("name: churn", "name: theirs")


def rename(page: Page, name: str) -> None:
    page.document.edit("Rename", lambda p: edits.set_name(p, name))


async def see_change(bench: Bench, page: Page, text: str) -> None:
    """Another program writes `text`, and the page has noticed."""
    bench.file.write_text(text)
    page.watch.look()
    await bench.until(lambda: page.banner.isVisibleTo(page))


def press(page: Page, words: str) -> None:
    (button,) = [each for each in page.banner.findChildren(QPushButton) if each.text() == words and not each.isHidden()]
    button.click()


def answers_save(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    async def ask(*_: object) -> str | None:
        return None if path is None else str(path)

    monkeypatch.setattr(saving, "ask_save", ask)


def test_what_another_program_wrote_is_taken_when_a_person_says_so_and_can_be_undone(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        await see_change(bench, page, THEIRS)
        assert page.document.pipeline.name == "churn"
        press(page, "Reload")
        await bench.until(lambda: page.document.pipeline.name == "theirs")
        assert not page.document.is_dirty
        page.document.undo()
        assert page.document.pipeline.name == "churn"

    run(scenario)


def test_a_person_who_keeps_theirs_is_asked_again_before_it_overwrites(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        rename(page, "mine")
        await see_change(bench, page, THEIRS)
        assert "not saved" in page.banner.words.text()
        press(page, "Keep mine")
        assert page.document.is_dirty
        saving = asyncio.ensure_future(bench.window.saving.save(page))
        await bench.answer("overwrite")
        assert await saving
        assert "name: mine" in bench.file.read_text()

    run(scenario)


def test_a_question_that_is_closed_writes_nothing(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        rename(page, "mine")
        bench.file.write_text(THEIRS)
        saving = asyncio.ensure_future(bench.window.saving.save(page))
        await bench.answer("")
        assert not await saving
        assert (bench.file.read_text(), page.document.is_dirty) == (THEIRS, True)

    run(scenario)


def test_a_file_that_is_deleted_can_be_saved_again(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        bench.file.unlink()
        page.watch.look()
        await bench.until(lambda: page.banner.isVisibleTo(page))
        assert page.document.is_dirty
        press(page, "Save it again")
        await bench.until(bench.file.exists)
        await bench.until(lambda: not page.document.is_dirty)
        assert bench.file.read_text() == TEXT

    run(scenario)


@pytest.mark.parametrize("text", ["treadle: 1\nnodes: [", "not a pipeline at all: {"])
def test_what_is_no_pipeline_is_told_and_not_taken(run, text: str) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        rename(page, "mine")
        bench.file.write_text(text)
        assert not await bench.window.saving.reload(page)
        assert "can't be reloaded" in bench.window.status.hint.whole_text
        assert page.document.pipeline.name == "mine"

    run(scenario)


def test_a_file_that_can_not_be_read_again_is_told(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        bench.file.unlink()
        assert not await bench.window.saving.reload(page)
        assert "can't be read" in bench.window.status.hint.whole_text

    run(scenario)


def test_a_full_disk_loses_nothing_and_says_so(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Save) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        rename(page, "mine")
        monkeypatch.setattr(Save, "run", full)
        assert not await bench.window.saving.save(page)
        assert "No space left on device. Nothing of it was lost." in bench.window.status.hint.whole_text
        assert (bench.file.read_text(), page.document.is_dirty) == (TEXT, True)

    run(scenario)


def test_a_new_pipeline_takes_the_name_of_its_first_file(run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(bench: Bench) -> None:
        page = bench.window.filing.new()
        answers_save(monkeypatch, bench.home / "sales.yaml")
        assert await bench.window.saving.save(page)
        assert page.document.path == bench.home / "sales.treadle.yaml"
        assert "name: sales" in page.document.path.read_text()

    run(scenario)


def test_a_copy_keeps_the_name_and_a_person_who_thinks_better_saves_nothing(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        answers_save(monkeypatch, None)
        assert not await bench.window.saving.save_as(page)
        assert page.document.path == bench.file
        answers_save(monkeypatch, bench.home / "copy.treadle.yaml")
        assert await bench.window.saving.save_as(page)
        assert (bench.home / "copy.treadle.yaml").read_text() == TEXT

    run(scenario)


def test_save_all_writes_what_is_changed_and_nothing_else(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        other = bench.home / "other.treadle.yaml"
        other.write_text(TEXT)
        before = other.stat().st_mtime_ns
        await bench.window.filing.open(other)
        rename(page, "mine")
        await bench.window.saving.save_all()
        assert "name: mine" in bench.file.read_text()
        assert other.stat().st_mtime_ns == before

    run(scenario)


@pytest.mark.parametrize("how", ["recover", "throw away", "not now"])
def test_work_that_a_crash_left_is_offered_and_kept_until_a_person_says_otherwise(run, how: str) -> None:
    async def scenario(bench: Bench) -> None:
        note = Recovered("1" * 32, "churn", str(bench.file), THEIRS, TEXT, 0.0, 2**22 - 7)
        bench.services.recovery.keep(note)
        offering = asyncio.ensure_future(bench.window.recovering.offer())
        await bench.until(lambda: bool(bench.window.findChildren(RecoveryDialog)))
        (dialog,) = bench.window.findChildren(RecoveryDialog)
        if how == "throw away":
            dialog.findChildren(QCheckBox)[0].setChecked(False)
            dialog.discard_others.setChecked(True)
        dialog.reject() if how == "not now" else dialog.accept()
        await offering
        page, left = bench.window.page, [each.id for each in bench.services.recovery.left_behind()]
        assert (page is not None and page.document.pipeline.name == "theirs") is (how == "recover")
        assert (note.id in left) is (how == "not now")

    run(scenario)
