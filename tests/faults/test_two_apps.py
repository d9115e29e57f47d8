"""Two apps on one project: one engine, and both see the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from faults.scene import kill_processes, no_process_left, until
from faults.synthetic import make_project
from faults.test_app_killed import WAITING, App, begin_host, see_through

from treadle.host.trust import trust
from treadle.run.state import RunStatus


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
    host, client = begin_host(project)
    try:
        with App(file, "run") as first, App(other, "run") as third:
            until(lambda: first.last("started") and third.last("started"), 30)
            with App(file) as second:
                until(lambda: second.last("found"), 30)
                assert second.last("found") == first.last("started") != third.last("started")
                third.kill()
                (project.root / "open").touch()
                until(lambda: first.last("shown")[2] == second.last("shown")[2] == "succeeded", 30)
                assert first.last("shown") == second.last("shown")
        found = asyncio.run(see_through(project))
        assert found == {first.last("started"): RunStatus.SUCCEEDED, third.last("started"): RunStatus.SUCCEEDED}
        client.close()
        assert host.wait(20) == 0
        no_process_left(project)
    finally:
        client.close()
        kill_processes(project)
        host.wait()
