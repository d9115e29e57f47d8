"""What a node waits for is told by `treadle show` and `treadle why`, from any process."""

from __future__ import annotations

import json

from cli.conftest import Begin, Treadle
from host.sample import until

from treadle.store.project import Project

TEXT = """treadle: 1
name: pooled
pools: {db: 1}
defaults: {resources: {cpu: 0.1, pools: {db: 1}}}
nodes:
  a: {uses: demo.make, priority: 1, with: {seconds: 60}}
  b: {uses: demo.make, with: {text: b}}
"""


def test_a_node_that_waits_says_for_what(project: Project, treadle: Treadle, begin: Begin) -> None:
    (project.root / "pooled.treadle.yaml").write_text(TEXT)
    begin("run", "pooled.treadle.yaml")

    def waits() -> str:
        shown = treadle("show", "last", "--json").stdout
        return json.loads(shown)["tasks"]["b"]["waits"] if shown else ""

    until(waits, 30)
    assert waits() == "waits for pool db (1 of 1 taken by a)"
    assert "waits for pool db (1 of 1 taken by a)" in treadle("show", "last").stdout
    assert "waits for pool db (1 of 1 taken by a)" in treadle("why", "last", "b").stdout


def test_at_most_so_many_at_once_wants_one_at_least(treadle: Treadle) -> None:
    done = treadle("run", "chain.treadle.yaml", "--parallel", "0")
    assert done.returncode == 2
    assert "--parallel" in done.stderr


def test_a_queued_run_says_what_it_waits_for(project: Project, treadle: Treadle, begin: Begin) -> None:
    (project.root / "pooled.treadle.yaml").write_text(TEXT + "concurrency: {runs: 1}\n")
    begun = [begin("run", "pooled.treadle.yaml") for _ in range(2)]

    def states() -> list[str]:
        return sorted(each["state"] for each in json.loads(treadle("runs", "--json").stdout or "[]"))

    until(lambda: states() == ["queued", "running"], 30)
    queued = next(each["run"] for each in json.loads(treadle("runs", "--json").stdout) if each["state"] == "queued")
    assert "it waits for another run of the same pipeline" in treadle("show", queued).stdout
    assert "the run is queued: it waits for another run" in treadle("why", queued, "a").stdout
    assert treadle("cancel", queued).returncode == 0
    assert states() == ["cancelled", "running"]
    until(lambda: any(process.poll() is not None for process in begun))
    told, _ = next(process for process in begun if process.poll() is not None).communicate()
    assert "queued: it waits for another run of the same pipeline" in told
    assert "its turn has come" not in told
