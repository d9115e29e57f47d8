"""Two apps on one project: one engine, and both see the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.scene import until
from faults.synthetic import make_project
from faults.test_app_killed import WAITING, App, hosted, see_through

from treadle.host.trust import trust
from treadle.run.state import RunStatus
from treadle.store.project import find_project
from treadle_gui.document.files import load


@pytest.mark.slow
def test_two_apps_on_one_project_share_its_engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """I1, I4: a run that one of them starts is the run that the other finds; what each shows is in the journal; a run
    of each goes on side by side, and when one app is killed neither run goes with it.
    """
    monkeypatch.setenv("HOME", str(home))
    project = make_project(home / "project")
    trust(project)
    file = project.root / "waiting.treadle.yaml"
    file.write_text(WAITING)
    other = project.root / "other.treadle.yaml"
    other.write_text(WAITING.replace("name: waiting", "name: other"))
    with hosted(project):
        with App(file, "run") as first, App(other, "run") as third:
            until(lambda: first.last("started") and third.last("started"), 30)
            with App(file) as second:
                until(lambda: second.last("found"), 30)
                assert second.last("found") == first.last("started") != third.last("started")
                third.kill()
                (project.root / "open").touch()
                until(lambda: first.status == second.status == "succeeded", 30)
                assert first.last("shown") == second.last("shown")
        found = asyncio.run(see_through(project))
        assert found == {first.last("started"): RunStatus.SUCCEEDED, third.last("started"): RunStatus.SUCCEEDED}


@pytest.fixture
def place(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that two apps open, in a project with an engine that goes on while they come and go."""
    monkeypatch.setenv("HOME", str(home))
    project = make_project(home / "project")
    trust(project)
    file = project.root / "waiting.treadle.yaml"
    file.write_text(WAITING)
    with hosted(project):
        yield file


def titled(file: Path) -> str | None:
    """The title of the node `last` as it stands on the disk."""
    pipeline = load(file).pipeline
    return None if pipeline is None else pipeline.nodes["last"].title


@pytest.mark.slow
def test_what_one_app_saves_the_other_notices_and_takes_over(place: Path) -> None:
    """I8: and can undo it."""
    with App(place) as one, App(place) as two:
        until(lambda: one.last("opened") and two.last("opened"), 30)
        one.do("title First")
        one.do("save")
        until(lambda: one.last("saved") and "changed by another program" in (two.last("banner") or ""), 15)
        assert titled(place) == "First"
        assert one.last("banner") == ""
        two.do("press Reload")
        until(lambda: two.last("title") == "First" and two.last("banner") == "" and two.last("dirty") is False, 15)
        two.do("undo")
        until(lambda: two.last("title") is None and two.last("dirty"), 15)
        two.do("save")
        until(lambda: two.last("saved") and one.last("banner"), 15)
        assert place.read_text() == WAITING


@pytest.mark.slow
def test_of_two_apps_that_edit_one_file_neither_overwrites_the_other_unasked(place: Path) -> None:
    """I8: who comes second is told at once that the file has changed, is asked before it is replaced, and has its own
    edits whatever it answers: also after it was killed, and the living app's edits are offered to nobody.
    """
    with App(place) as one:
        until(lambda: one.last("opened"), 30)
        one.do("title Mine")
        until(lambda: one.last("noted") and one.last("dirty"), 15)
        with App(place) as two:
            until(lambda: two.last("opened") and two.last("offered") is not None, 30)
            assert two.last("offered") == 0
            two.do("title Theirs")
            two.do("save")
            until(lambda: two.last("saved"), 15)
            until(lambda: "changes of your own" in (one.last("banner") or ""), 15)
            one.do("save")
            until(lambda: one.last("asked") == "Changed on disk", 15)
            assert titled(place) == "Theirs"
            one.do("press Cancel")
            until(lambda: one.last("saved") is False and one.last("asked") == "", 15)
            assert (titled(place), one.last("title")) == ("Theirs", "Mine")
            one.kill()
            with App(place) as third:
                until(lambda: third.last("offered"), 30)
                assert third.last("offered") == 1
        assert titled(place) == "Theirs"


@pytest.mark.slow
def test_what_one_app_runs_the_other_can_cancel_and_both_see_the_end(place: Path) -> None:
    """I1, I4: one run, whoever looks at it."""
    with App(place) as one, App(place) as two:
        until(lambda: one.last("opened") and two.last("opened"), 30)
        one.do("run")
        until(lambda: one.last("started") and (place.parent / "marks" / "gate.begun").exists(), 30)
        two.do("look")
        until(lambda: two.last("found") == one.last("started"), 15)
        two.do("cancel")
        until(lambda: one.status == two.status == "cancelled", 30)
        assert one.last("shown") == two.last("shown")
        one.do("run")
        until(lambda: one.status == "running" and one.last("started") != two.last("found"), 30)
        one.do("cancel")
        until(lambda: one.status == "cancelled", 30)
    found = asyncio.run(see_through(find_project(place)))
    assert set(found.values()) == {RunStatus.CANCELLED}
    assert len(found) == 2
