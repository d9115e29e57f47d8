"""What is counted down says what counting everything anew would: for plain tasks, and for those that are judged."""

from __future__ import annotations

import random

import pytest

from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.run.events import Recorded, RunStarted, TaskCached, TaskCancelled, TaskSkipped, TaskUpstreamFailed
from treadle.run.order import Order
from treadle.run.plan import PlanTask, TaskInput
from treadle.run.state import RunState, TaskStatus
from treadle.run.triggers import Upstream, Verdict, judge
from treadle.run.waiting import Waiting
from treadle.spec.flow import Trigger
from treadle.store.references import ArtifactRef

SLICE = Slice("def f(): ...", "f", "d" * 64)
REF = ArtifactRef("a" * 64, "Json", "json", 1)
JUDGED = [trigger for trigger in Trigger if trigger is not Trigger.ALL_DONE_SETUP_SUCCESS]


def random_tasks(chance: random.Random, size: int) -> list[PlanTask]:
    """Each waits for outputs of some before, and for others alone; many are plain, some have outputs that stay away."""
    tasks: list[PlanTask] = []
    for number in range(size):
        before = [each.id for each in chance.sample(tasks, min(len(tasks), chance.randrange(4)))]
        feeding = {f"i{port}": (TaskInput(name, chance.choice("xy")),) for port, name in enumerate(before[1:])}
        again = {"again": feeding["i0"]} if feeding and chance.random() < 0.3 else {}
        tasks.append(
            PlanTask(
                id=f"t{number}", node=f"t{number}", uses="m.f", slice=SLICE.digest, params={}, after=tuple(before[:1]),
                inputs={**feeding, **again}, optional=frozenset({*feeding, *again}),
                outputs=tuple(Output(name, "Json", optional=number % 3 == 0) for name in "xy"),
                trigger=chance.choice([Trigger.ALL_SUCCESS, Trigger.ALL_SUCCESS, *JUDGED]),
            )
        )  # fmt: skip
    return tasks


def anew(task: PlanTask, state: RunState, ended: set[str]) -> Verdict:
    """The verdict from nothing but how each output that is read, and each task before, has ended."""
    read = {(source.task, source.port) for sources in task.inputs.values() for source in sources}
    links = [*read, *((name, None) for name in task.after if name not in {each for each, _ in read})]
    counts = {"success": 0, "skipped": 0, "failed": 0, "upstream_failed": 0}
    for name, port in links:
        if name in ended:
            counts[how(state, name, port)] += 1
    return judge(task.trigger, Upstream(len(links), **counts))


def how(state: RunState, name: str, port: str | None) -> str:
    task = state.tasks[name]
    if task.status.is_success:
        return "success" if (port in task.outputs if port is not None else task.outputs) else "skipped"
    names = {TaskStatus.SKIPPED: "skipped", TaskStatus.UPSTREAM_FAILED: "upstream_failed"}
    return names.get(task.status, "failed")


@pytest.mark.parametrize("seed", range(60))
def test_verdicts_are_those_of_counting_anew_and_whoever_has_another_is_told(seed: int) -> None:
    chance = random.Random(seed)
    tasks = {each.id: each for each in random_tasks(chance, 3 + seed % 20)}
    order, state = Order.of(tasks), RunState()
    state.advance(Recorded(1, 0.0, RunStarted("run", "p", tuple(tasks), {})))
    waiting = Waiting([tasks[id_] for id_ in order.ids], order, state)
    ended, known = set[str](), {id_: anew(each, state, set()) for id_, each in tasks.items()}
    for number, id_ in enumerate(chance.sample(list(tasks), len(tasks)), 2):
        chosen = {name: REF for name in "xy" if not tasks[id_].outputs[0].optional or chance.random() < 0.5}
        event = chance.choice(
            [TaskCached(id_, "k", chosen, "r"), TaskCached(id_, "k", chosen, "r"), TaskSkipped(id_, "so"),
             TaskCancelled(id_), TaskUpstreamFailed(id_, "t0")]
        )  # fmt: skip
        state.advance(Recorded(number, 0.0, event))
        ended.add(id_)
        told = {order.ids[rank] for rank in waiting.end(order.rank_of[id_], state.tasks[id_].status)}
        for name in tasks.keys() - ended:
            verdict = anew(tasks[name], state, ended)
            assert waiting.verdict(order.rank_of[name]) is verdict
            assert verdict is known[name] or name in told
            known[name] = verdict
