"""Artifacts that were cut off or changed on the disk: their nodes run again, and nothing is made of them."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from faults.synthetic import layers, make_project

from treadle.host.api import RunRequest
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.run.history import read_events
from treadle.run.state import RunState, fold
from treadle.store.project import Project

DRAWN = layers(random.Random(5), width=3, depth=2)


async def run(project: Project) -> RunState:
    engine = LocalEngine(project, gate=consented)
    try:
        name = await engine.start(RunRequest(DRAWN.text))
        assert [recorded async for recorded in engine.subscribe(name)]
        state = fold(read_events(project.run(name).events))
        value = (await engine.preview(state.tasks["last"].outputs["json"].digest)).value
    finally:
        await engine.close()
    assert str(state.status) == "succeeded"
    assert value == DRAWN.value()
    return state


def damage(blob: Path, how: str, chance: random.Random) -> None:
    whole = bytearray(blob.read_bytes())
    if how == "cut":
        del whole[chance.randrange(len(whole)) :]
    else:
        whole[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
    blob.chmod(0o644)
    blob.write_bytes(whole)


@pytest.mark.parametrize("how", ["cut", "bit"])
def test_a_damaged_artifact_is_made_again_and_never_used(tmp_path: Path, how: str) -> None:
    """I5: with any artifact damaged, the next run gives what an undamaged one gives; only its maker runs again, and the
    artifact is whole again.
    """
    project = make_project(tmp_path / "project")
    chance = random.Random(how)
    whole = asyncio.run(run(project))
    for task in ("n0_0", "n1_1", "last", "file"):
        (ref,) = whole.tasks[task].outputs.values()
        blob = project.artifacts / ref.digest[:2] / ref.digest[2:]
        intact = blob.read_bytes()
        damage(blob, how, chance)
        again = asyncio.run(run(project))
        ran = {name for name, each in again.tasks.items() if str(each.status) == "succeeded"}
        assert ran == {task}
        assert [each.digest for each in again.tasks[task].outputs.values()] == [ref.digest]
        assert blob.read_bytes() == intact
