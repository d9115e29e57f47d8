"""A run's folder is read for what it is worth, and never brings the list down."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from run.fakes import Bench, plan_of, task

from treadle.execute.protocol import Failed
from treadle.run.history import UNREADABLE, Summaries, read_events
from treadle.run.plan_codec import UnreadablePlan
from treadle.run.start import go_on
from treadle.run.state import RunStatus
from treadle.store.index import RunIndex
from treadle.store.journal import encode_line


def test_a_run_is_summarised_from_its_folder(bench: Bench) -> None:
    bench.executor.work = {"bad": lambda _: Failed("E", "m")}
    asyncio.run(bench.begin(plan_of(task("load"), task("bad"), task("next", ("bad",)))).run())
    row = Summaries().of(bench.project.run_folder("run-1"))
    assert (row.run, row.pipeline, row.state, row.tasks) == ("run-1", "p", "failed", 3)
    assert row.counts == {"succeeded": 1, "failed": 1, "upstream_failed": 1}
    assert row.finished is not None
    assert row.finished >= row.started > 0
    assert [each.run for each in RunIndex(bench.project, Summaries().of).rows()] == ["run-1"]


def test_one_poisoned_folder_is_marked_and_the_others_are_listed(bench: Bench) -> None:
    asyncio.run(bench.begin(plan_of(task("load"))).run())
    poisoned = bench.project.run_folder("run-0")
    poisoned.mkdir()
    (poisoned / "events.jsonl").write_bytes(b"\xff" * 100)
    directory = bench.project.run_folder("run-2")
    (directory / "events.jsonl").mkdir(parents=True)
    states = {row.run: row.state for row in RunIndex(bench.project, Summaries().of).rows()}
    assert states == {"run-0": UNREADABLE, "run-1": "succeeded", "run-2": UNREADABLE}


def test_lines_that_are_no_events_or_come_twice_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [
        {"seq": 1, "at": 0, "kind": "task_cancelled", "task": "a"},
        {"what": "is this"},
        {"seq": 1, "at": 0, "kind": "task_cancelled", "task": "b"},
        {"seq": 2, "at": 0, "kind": "task_cancelled", "task": "c"},
    ]
    path.write_bytes(b"".join(map(encode_line, lines)))
    assert [recorded.event.task for recorded in read_events(path)] == ["a", "c"]


def test_a_run_that_crashed_before_its_first_event_begins_when_it_goes_on(bench: Bench) -> None:
    loop = bench.begin(plan_of(task("load")))
    loop._recorder.close()
    bench.project.run("run-1").events.write_bytes(b"")
    bench.published.clear()
    again = go_on(bench.project, "run-1", bench.executor, bench.published.append, bench.options)
    assert asyncio.run(again.run()) is RunStatus.SUCCEEDED
    assert type(bench.published[0].event).__name__ == "RunStarted"


def test_a_run_that_crashed_before_its_plan_was_written_says_so(bench: Bench) -> None:
    bench.project.run_folder("run-1").mkdir(parents=True)
    with pytest.raises(UnreadablePlan, match="went away before it had begun"):
        go_on(bench.project, "run-1", bench.executor, bench.published.append, bench.options)


def test_a_run_that_grows_reads_as_one_that_is_read_anew(bench: Bench, tmp_path: Path) -> None:
    """However its journal was torn while somebody looked, and also when another stands in its place."""
    bench.executor.work = {"bad": lambda _: Failed("E", "m")}
    asyncio.run(bench.begin(plan_of(task("load"), task("bad"), task("next", ("bad",)))).run())
    whole = bench.project.run("run-1").events.read_bytes()
    growing, summaries = tmp_path / "run-1", Summaries()
    growing.mkdir()
    events = growing / "events.jsonl"
    for end in (*range(0, len(whole), 37), len(whole)):
        with events.open("ab") as file:
            file.write(whole[file.tell() : end])
        assert summaries.of(growing) == Summaries().of(growing)
    events.write_bytes(whole[: len(whole) // 2])
    assert summaries.of(growing) == Summaries().of(growing)
    (tmp_path / "other").write_bytes(whole)
    (tmp_path / "other").replace(events)
    assert summaries.of(growing) == Summaries().of(growing)
