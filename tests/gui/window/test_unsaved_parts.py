"""A run uses pipeline files as they stand on the disk: what is not saved of them is asked about first."""

from __future__ import annotations

import pytest
from gui.window.bench import Bench, Catalog

from treadle.spec import edits
from treadle.spec.file_format import read
from treadle_gui.window.page import Page
from treadle_gui.window.unsaved_parts import unsaved_of

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]

PART = "treadle: 1\nname: part\nnodes:\n  load: {uses: data.read}\n"
OUTER = "treadle: 1\nname: outer\nnodes:\n  deep:\n    pipeline:\n      nodes: {all: {uses: deep.treadle.yaml}}\n"
MAIN = "treadle: 1\nname: main\nnodes:\n  once: {uses: outer.treadle.yaml}\n"


async def opened(bench: Bench) -> tuple[Page, Page, Page]:
    """main uses outer, in which a group uses deep."""
    texts = {"deep": PART, "outer": OUTER, "main": MAIN, "alone": PART}
    pages = []
    for name, text in texts.items():
        file = bench.home / f"{name}.treadle.yaml"
        file.write_text(text)
        page = await bench.window.filing.open(file)
        assert isinstance(page, Page)
        pages.append(page)
    catalog = Catalog()
    catalog.pipelines = {f"{name}.treadle.yaml": read(text) for name, text in texts.items()}
    deep, outer, main, alone = pages
    await bench.until(lambda: bool(main.document.catalog.components))
    for page in (deep, alone):
        page.document.edit("Note", lambda pipeline: edits.set_note(pipeline, "load", "changed"))
    for page in pages:
        page.document.set_catalog(catalog)
    main.bridge.trust()
    return deep, outer, main


def test_what_is_unsaved_any_level_down_is_asked_about_and_saved_with_its_run(run) -> None:
    async def scenario(bench: Bench) -> None:
        deep, _, main = await opened(bench)
        assert unsaved_of(main, bench.window.tabs.pages()) == [deep]
        bench.window.start("running", bench.window.run_controls.run(main))
        await bench.answer("save")
        await bench.until(lambda: len(bench.engine.requests) == 1)
        assert not deep.document.is_dirty
        assert "changed" in (bench.home / "deep.treadle.yaml").read_text()

    run(scenario)


def test_it_runs_as_saved_or_not_at_all_as_a_person_says(run) -> None:
    async def scenario(bench: Bench) -> None:
        deep, _, main = await opened(bench)
        bench.window.start("running", bench.window.run_controls.run(main))
        await bench.answer("")
        await bench.until(lambda: bench.window.run_controls.can_run(main))
        assert bench.engine.requests == []
        bench.window.start("running", bench.window.run_controls.run(main))
        await bench.answer("without")
        await bench.until(lambda: len(bench.engine.requests) == 1)
        assert deep.document.is_dirty
        assert "changed" not in (bench.home / "deep.treadle.yaml").read_text()

    run(scenario)


def test_a_change_that_takes_a_use_away_is_gone_by(run) -> None:
    """What a tab shows of a file counts, saved or not: that is what `Save and run` would run."""

    async def scenario(bench: Bench) -> None:
        _, outer, main = await opened(bench)
        outer.document.edit("Remove", lambda pipeline: edits.remove_nodes(pipeline, ["deep"]))
        assert unsaved_of(main, bench.window.tabs.pages()) == [outer]
        main.document.edit("Remove", lambda pipeline: edits.remove_nodes(pipeline, ["once"]))
        assert unsaved_of(main, bench.window.tabs.pages()) == []

    run(scenario)
