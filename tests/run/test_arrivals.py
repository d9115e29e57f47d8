"""What comes in to a run is a fact only while something here still waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from run.fakes import plan_of, task

from treadle.execute.protocol import (
    ArtifactKept,
    AttemptFinished,
    AttemptId,
    AttemptStarted,
    Cancelled,
    Crashed,
    Failed,
    Progress,
    Succeeded,
)
from treadle.run.arrivals import Arrivals
from treadle.run.attempts import OpenAttempts
from treadle.run.cache import LookUp, Miss
from treadle.run.cache_index import Hit, Result
from treadle.run.clock import AnchoredClock
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    CacheMissed,
    Event,
    MachineSampled,
    MapEnded,
    RunStarted,
    SensorPoked,
    TaskCached,
    TaskCancelled,
    TaskExpanded,
)
from treadle.run.expansion import Item, expand
from treadle.run.look_ups import LookedUp
from treadle.run.map_work import Ended, Found, MapNews
from treadle.run.plan import PlanMap, PlanTask, TaskInput
from treadle.run.recorder import Recorder
from treadle.run.roster import Roster
from treadle.run.state import RunState
from treadle.store.journal import Journal
from treadle.store.references import ArtifactRef

FIT = AttemptId("run-1", "fit", 1)
GIVEN = ArtifactRef("a" * 64, "Any", "json", 1)
LIST = ArtifactRef("b" * 64, "Json", "json", 2)
BODY = task("each")
MAPPED = task("each", map=PlanMap((BODY,), {"value": TaskInput("each", "value")}, values=({}, {})))


class Keeping:
    """The cache's side: what is kept for the next run."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, Result]] = []

    def keep(self, task: PlanTask, result: Result) -> None:
        self.kept.append((task.id, result))


@dataclass
class Desk:
    """Arrivals of a run of `fit` and the map `each`, with what was written of them."""

    recorder: Recorder
    roster: Roster
    open: OpenAttempts
    keeping: Keeping
    arrivals: Arrivals
    told: list[Event] = field(default_factory=list)

    def take(self, *messages: object) -> list[Event]:
        """The facts that these messages come to."""
        self.told.clear()
        for message in messages:
            self.arrivals.take(message)
        self.recorder.commit()
        return list(self.told)

    def note(self, *events: Event) -> None:
        for event in events:
            self.recorder.note(event)
        self.recorder.commit()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    told: list[Event] = []
    roster = Roster(plan_of(task("fit"), MAPPED))
    journal = Journal(tmp_path / "events.jsonl")
    recorder = Recorder(journal, RunState(), AnchoredClock(), lambda recorded: told.append(recorded.event))
    opened, keeping = OpenAttempts(roster), Keeping()
    made = Desk(recorder, roster, opened, keeping, Arrivals(roster, recorder, opened, keeping), told)
    made.note(RunStarted("run-1", "p", ("fit", "each"), {}))
    yield made
    recorder.close()


def news(result: Found | Ended | Exception) -> MapNews:
    done: asyncio.Future[Found | Ended] = asyncio.Future(loop=asyncio.new_event_loop())
    done.get_loop().close()
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
    return MapNews(done)


def found(items: int = 2) -> Found:
    return Found("each", items, LIST, tuple(expand(MAPPED, [Item()] * items)))


def looked_up(found: Hit | Miss) -> LookedUp:
    return LookedUp("fit", LookUp("key", found, None))


def test_a_word_about_an_attempt_that_is_not_open_means_nothing(desk: Desk) -> None:
    assert desk.take(AttemptStarted(FIT, 7), Progress(FIT, 0.5), AttemptFinished(FIT, Failed("E", "m"))) == []


def test_an_attempt_ends_once(desk: Desk) -> None:
    desk.open.add(FIT)
    first = desk.take(AttemptStarted(FIT, 7), AttemptFinished(FIT, Succeeded({"value": GIVEN})))
    assert [type(event) for event in first] == [AttemptLaunched, AttemptEnded]
    assert desk.take(AttemptFinished(FIT, Cancelled("user"))) == []


def test_a_success_is_kept_for_the_next_run_with_what_its_code_kept(desk: Desk) -> None:
    desk.open.add(FIT)
    desk.take(ArtifactKept(FIT, "page", LIST), AttemptFinished(FIT, Succeeded({"value": GIVEN})))
    assert desk.keeping.kept == [("fit", Result({"value": GIVEN}, {"page": LIST}))]


@pytest.mark.parametrize("outcome", [Failed("E", "m"), Crashed("killed"), Cancelled("user")])
def test_what_did_not_succeed_is_not_kept(desk: Desk, outcome: object) -> None:
    desk.open.add(FIT)
    desk.take(AttemptFinished(FIT, outcome))
    assert desk.keeping.kept == []


def test_a_success_without_a_declared_output_is_a_crash_and_not_kept(desk: Desk) -> None:
    desk.open.add(FIT)
    (ended,) = desk.take(AttemptFinished(FIT, Succeeded({})))
    assert ended.outcome == Crashed("it ended well but gave no value")
    assert desk.keeping.kept == []


def test_an_answer_of_the_cache_is_taken_while_the_task_waits_for_it(desk: Desk) -> None:
    hit = Hit(Result({"value": GIVEN}, {"page": LIST}), "run-0")
    assert desk.take(looked_up(hit)) == [TaskCached("fit", "key", {"value": GIVEN}, "run-0", {"page": LIST})]


def test_a_miss_says_why(desk: Desk) -> None:
    assert desk.take(looked_up(Miss("its code changed"))) == [CacheMissed("fit", "key", "its code changed")]


def test_an_answer_for_a_task_that_was_cancelled_meanwhile_means_nothing(desk: Desk) -> None:
    desk.note(TaskCancelled("fit"))
    assert desk.take(looked_up(Hit(Result({"value": GIVEN}), "run-0")), looked_up(Miss("new"))) == []


def test_a_fault_of_a_look_up_ends_the_loop_and_is_no_miss(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        desk.take(LookedUp("fit", ZeroDivisionError("ours")))


def test_the_items_of_a_map_join_the_roster_as_it_expands(desk: Desk) -> None:
    assert desk.take(news(found())) == [TaskExpanded("each", 2, LIST, ("",))]
    assert [name for name in desk.roster.tasks if name.startswith("each[")] == ["each[0]", "each[1]"]


def test_items_that_are_found_after_the_map_was_cancelled_join_nothing(desk: Desk) -> None:
    desk.note(TaskCancelled("each"))
    assert desk.take(news(found())) == []
    assert list(desk.roster.tasks) == ["fit", "each"]


def test_a_map_ends_once(desk: Desk) -> None:
    outcome = Failed("NoItems", "nothing to go over")
    assert desk.take(news(Ended("each", outcome))) == [MapEnded("each", outcome)]
    assert desk.take(news(Ended("each", outcome))) == []


def test_a_fault_of_map_work_is_raised(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        desk.take(news(ZeroDivisionError("ours")))


def test_a_sensor_is_heard_only_while_it_is_waited_for(desk: Desk) -> None:
    poked = SensorPoked("fit", 1, "not there yet")
    assert desk.take(poked) == []
    desk.open.add(FIT)
    assert desk.take(poked) == [poked]


def test_samples_of_the_machine_are_facts_whatever_goes_on(desk: Desk) -> None:
    assert desk.take(MachineSampled(50.0, 1, 2)) == [MachineSampled(50.0, 1, 2)]
