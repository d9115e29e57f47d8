"""What a run says of a node that is a pipeline, and of the nodes inside it."""

from __future__ import annotations

import pytest

from treadle.run.state import TaskState, TaskStatus
from treadle.run.tallies import Tallies, Tally
from treadle_gui.canvas.group_faces import group_face

S = TaskStatus


def tally(**statuses: TaskStatus) -> Tally:
    made = Tally()
    for name, status in statuses.items():
        made.count(name, TaskState(status=status))
    return made


@pytest.mark.parametrize(
    ("statuses", "state", "word"),
    [
        ([S.PENDING, S.PENDING], "pending", "0 of 2"),
        ([S.RUNNING, S.PENDING], "running", "0 of 2"),
        ([S.SUCCEEDED, S.PENDING], "queued", "1 of 2"),
        ([S.SUCCEEDED, S.DEFERRED], "deferred", "1 of 2"),
        ([S.FAILED, S.RUNNING], "running", "1 of 2"),
        ([S.FAILED, S.UPSTREAM_FAILED], "failed", "failed"),
        ([S.CANCELLED, S.SUCCEEDED], "cancelled", "cancelled"),
        ([S.SUCCEEDED, S.SKIPPED], "succeeded", "succeeded"),
        ([S.SUCCEEDED, S.CACHED], "succeeded", "succeeded"),
        ([S.CACHED, S.SKIPPED], "cached", "cached"),
        ([S.SKIPPED, S.SKIPPED], "skipped", "skipped"),
    ],
)
def test_a_pipeline_stands_as_the_nodes_inside_do(statuses: list[TaskStatus], state: str, word: str) -> None:
    face = group_face(tally(**{f"n{number}": status for number, status in enumerate(statuses)}))
    assert (face.state, face.word) == (state, word)


def test_a_task_that_changes_is_counted_once() -> None:
    made = tally(a=S.RUNNING, b=S.PENDING)
    assert group_face(made).fraction == 0.0
    made.count("a", TaskState(status=S.FAILED, started_at=10.0, finished_at=12.0))
    made.count("b", TaskState(status=S.UPSTREAM_FAILED, finished_at=13.5))
    face = group_face(made)
    assert (face.word, face.error) == ("3.50 s", "a failed, b upstream failed")
    made.count("a", TaskState(status=S.RUNNING, started_at=20.0))
    assert group_face(made).error == "b upstream failed"


def test_a_level_has_its_own_nodes_and_one_for_each_pipeline() -> None:
    tasks = {
        id_: TaskState(status=S.RUNNING)
        for id_ in ("load", "prep/clean", "prep/deep/a", "prep/deep/b", "fit", "fit[0]", "each[1]/a")
    }
    top = Tallies()
    assert top.take(tasks, tasks) == {"load", "prep", "fit"}
    assert top.of("load") is None
    found = top.of("prep")
    assert found is not None
    assert group_face(found).word == "0 of 3"
    inside = Tallies("prep/")
    assert inside.take(tasks, tasks) == {"clean", "deep"}
    assert inside.of("deep") is not None
    assert inside.take(["nothing", "prep/gone"], tasks) == frozenset()
