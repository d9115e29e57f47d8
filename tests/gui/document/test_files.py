"""A document's file: broken ones are shown, changed ones are never overwritten unseen, crashes lose nothing."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from treadle.spec import edits
from treadle.spec.pipeline import Node, Pipeline
from treadle.store.locks import alone_in
from treadle_gui.document.document import Document
from treadle_gui.document.files import ChangedOnDisk, Save, load
from treadle_gui.document.recovery import Autosave, Recovered, RecoveryFolder
from treadle_gui.document.watching import DiskWatch

GOOD = "treadle: 1\nname: churn\nnodes:\n  load:\n    uses: data.read_csv\n"


def test_a_broken_file_loads_as_its_problems(tmp_path: Path) -> None:
    file = tmp_path / "broken.treadle.yaml"
    file.write_text("treadle: 1\nnodes: [\n")
    loaded = load(file)
    assert loaded.pipeline is None
    assert loaded.text == "treadle: 1\nnodes: [\n"
    assert loaded.problems[0].where.line is not None


def test_a_file_that_is_not_text_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "binary.treadle.yaml"
    file.write_bytes(b"treadle: 1\nname: \xff\xfe\n")
    (problem,) = load(file).problems
    assert (problem.code, problem.where.line) == ("not-utf8", 2)


def test_saving_over_another_programs_change_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "churn.treadle.yaml"
    file.write_text("written by an editor")
    with pytest.raises(ChangedOnDisk):
        Save(file, Pipeline(), GOOD, GOOD).run()
    assert file.read_text() == "written by an editor"


def test_saving_where_the_file_went_away_writes_it_again(tmp_path: Path) -> None:
    text = Save(tmp_path / "churn.treadle.yaml", Pipeline(name="churn"), "", GOOD).run()
    assert (tmp_path / "churn.treadle.yaml").read_text() == text


def test_a_change_on_disk_is_noticed_and_ones_own_save_is_not(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "churn.treadle.yaml"
    file.write_text(GOOD)
    loaded = load(file)
    document = Document(loaded.pipeline, path=file, base=loaded.text)
    watch = DiskWatch(document)
    told: list[str] = []
    watch.changed.connect(told.append)
    document.edit("Rename", lambda p: edits.set_name(p, "mine"))
    document.save()
    watch.look()
    assert told == []
    with qtbot.waitSignal(watch.changed, timeout=3000):
        file.write_text(GOOD.replace("churn", "theirs"))


def test_unsaved_work_is_kept_and_forgotten_when_saved(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "recovery"
    document = Document(Pipeline(nodes={"a": Node("a", "data.read_csv")}))
    autosave = Autosave(document, RecoveryFolder(folder))
    document.edit("Rename", lambda p: edits.set_name(p, "precious"))
    autosave.write_now()
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.json"))))
    document.save(tmp_path / "saved.treadle.yaml")
    qtbot.waitUntil(lambda: not list(folder.glob("*.json")))
    autosave.close()


def test_only_the_work_of_an_app_that_is_gone_is_offered(tmp_path: Path) -> None:
    folder = RecoveryFolder(tmp_path / "recovery")
    gone = Recovered(str(uuid.uuid4()), "churn", None, GOOD, "", time.time(), 2**22 - 7)
    alive = Recovered(str(uuid.uuid4()), "other", None, GOOD, "", time.time(), os.getpid())
    folder.keep(gone)
    folder.keep(alive)
    (tmp_path / "recovery" / "damaged.json").write_text('{"id": 3}')
    assert folder.left_behind() == [gone]
    folder.discard(gone.id)
    assert folder.left_behind() == []


def test_of_saves_that_race_each_replaces_what_it_expected_to(tmp_path: Path) -> None:
    """I8: in eight threads, as in as many apps."""
    path = tmp_path / "p.treadle.yaml"
    path.write_text("treadle: 1\nname: first\nnodes: {}\n")
    replaced: list[str] = []

    def save(who: int) -> None:
        for number in range(40):
            loaded = load(path)
            base = loaded.text
            assert loaded.pipeline is not None
            with contextlib.suppress(ChangedOnDisk):
                Save(path, replace(loaded.pipeline, name=f"by-{who}-{number}"), base, base).run()
                replaced.append(base)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(save, range(8)))
    assert len(replaced) > 40
    assert len(replaced) == len(set(replaced)), "two saves replaced the same text: one of them was lost"


def test_who_stands_still_in_a_folder_holds_up_a_save_for_a_second_only(tmp_path: Path) -> None:
    path = tmp_path / "p.treadle.yaml"
    began = time.monotonic()
    with alone_in(tmp_path):
        Save(path, Pipeline("kept"), "", None).run()
    assert time.monotonic() - began < 3
    assert "kept" in path.read_text()
