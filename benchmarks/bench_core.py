"""What the pure core costs a node: 100,000 nodes in layers, from the plan to the run's end, with every event.

    python benchmarks/bench_core.py [NODES]

No process, no file: commands become the events that an engine would write of them, and state and schedule follow.
Microseconds of our own CPU a node, and the longest turn of the loop in milliseconds of work.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from shapes import layered

from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output, Succeeded, Usage
from treadle.host.garbage import collect_mostly_the_young, set_apart
from treadle.run import commands, decide
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    CacheMissed,
    Event,
    Recorded,
    RunFinished,
    RunStarted,
)
from treadle.run.plan import Plan, PlanTask, TaskInput
from treadle.run.room import Capacity
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus
from treadle.store.references import ArtifactRef

_SLICE = Slice("def f(): ...", "f", "d" * 64)
_DONE = Succeeded({"value": ArtifactRef("a" * 64, "Json", "json", 1)})
_USED = Usage()
_KEY = "k" * 64


def plan_of(count: int) -> Plan:
    tasks = {
        name: PlanTask(
            id=name, node=name, uses="m.f", slice=_SLICE.digest, params={}, outputs=(Output("value", "Json"),),
            inputs={"data": tuple(TaskInput(parent, "value") for parent in parents)} if parents else {},
        )
        for name, parents in layered(count, width=250).items()
    }  # fmt: skip
    return Plan("run", "bench", None, {}, tasks, {_SLICE.digest: _SLICE}, None)


def _told(command: commands.Command) -> tuple[Event, ...]:
    """What an engine would tell of it in the end."""
    if isinstance(command, commands.LookUpCache):
        return (CacheMissed(command.task, _KEY, "never ran before"),)
    if isinstance(command, commands.Launch):
        task, number = command.task, command.number
        return (
            AttemptQueued(task, number),
            AttemptLaunched(task, number, 4711),
            AttemptEnded(task, number, _DONE, _USED),
        )
    assert isinstance(command, commands.FinishRun), command
    return (RunFinished(command.status.value, command.reason),)


@dataclass(frozen=True)
class Spent:
    """CPU seconds to make the schedule, to go through, and of the longest turn; and how many events."""

    making: float
    going: float
    longest: float
    events: int


def go_through(plan: Plan) -> Spent:
    """Raises AssertionError where the run does not succeed."""
    state, seq = RunState(), 1
    state.advance(Recorded(seq, 0.0, RunStarted("run", "bench", tuple(plan.tasks), {})))
    begun = time.process_time()
    schedule = Schedule(Roster(plan), state)
    made = time.process_time()
    set_apart(len(plan.tasks))  # as the host does
    room, longest = Capacity(cpu=64.0, memory=1 << 40), 0.0
    while not state.status.is_done:
        turn = time.thread_time()
        for command in decide.next_commands(schedule, state, room, 0.0, 64):
            for event in _told(command):
                seq += 1
                schedule.follow(state.advance(Recorded(seq, 0.0, event)))
        longest = max(longest, time.thread_time() - turn)
    assert state.status is RunStatus.SUCCEEDED
    return Spent(made - begun, time.process_time() - made, longest, seq)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    plan = plan_of(count)
    collect_mostly_the_young()  # as who goes on with runs does
    spent = go_through(plan)
    print(
        f"pure core, {count:,} nodes: {spent.going / count * 1e6:.2f} µs a node with {spent.events:,} events, "
        f"made in {spent.making / count * 1e6:.2f} µs a node, longest turn {spent.longest * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
