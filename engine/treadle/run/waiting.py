"""Waiting: how what each task waits for has ended, counted; and so what becomes of it.

A task is *plain* where everything it waits for has to succeed, and no set-up stands around it: most are. Of what it
waits for it is enough to know how much is left and whether anything went otherwise; of others all is counted, judged.
Each task that ends costs its own readers. A success counts as skipped to whom it gave nothing: a reader of an output
that was not taken, and, where it took none of its outputs, what only comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from treadle.run.order import Link, Order
from treadle.run.plan import PlanTask
from treadle.run.state import RunState, TaskStatus
from treadle.run.triggers import Upstream, Verdict, judge, judge_setups
from treadle.spec.flow import Trigger

__all__ = ["Waiting"]

_WAIT, _RUN = Verdict.WAIT, Verdict.RUN
_SUCCESS, _SKIPPED, _FAILED, _UPSTREAM_FAILED = range(4)
_HOW: Final = {
    TaskStatus.SUCCEEDED: _SUCCESS, TaskStatus.CACHED: _SUCCESS, TaskStatus.SKIPPED: _SKIPPED,
    TaskStatus.FAILED: _FAILED, TaskStatus.CRASHED: _FAILED, TaskStatus.TIMED_OUT: _FAILED,
    TaskStatus.CANCELLED: _FAILED, TaskStatus.UPSTREAM_FAILED: _UPSTREAM_FAILED,
}  # fmt: skip
_NOT_SO: Final = {
    Trigger.ALL_FAILED: "not everything before it failed",
    Trigger.ALL_SKIPPED: "not everything before it was skipped",
    Trigger.ONE_FAILED: "nothing before it failed",
    Trigger.ONE_DONE: "nothing before it ran",
}


def _is_plain(task: PlanTask) -> bool:
    return task.trigger is Trigger.ALL_SUCCESS and not task.setups and not task.settled


class Waiting:
    """Ranks are `order`'s. A verdict other than WAIT stands, whatever else ends."""

    def __init__(self, tasks: Sequence[PlanTask], order: Order, state: RunState) -> None:
        self._tasks: list[PlanTask] = []
        self._order = order
        self._state = state
        self._ended = bytearray()
        self._left: list[int] = []
        """How many of those that a plain task waits for have not ended."""
        self._counts: tuple[list[int], ...] = ([], [], [], [])
        self._chooses: list[bool] = []
        self._is_setup: list[bool] = []
        self._plain: list[bool] = []
        self._judged: dict[int, list[Link]] = {}
        """By task, what reads it and is not plain."""
        self.grow(tasks)

    def grow(self, tasks: Sequence[PlanTask]) -> None:
        """Takes in the next ranks, of which `order` knows."""
        first, size = len(self._tasks), len(tasks)
        self._tasks += tasks
        self._ended += bytes(size)
        self._left += map(len, self._order.upstream[first : first + size])
        for counts in self._counts:
            counts += [0] * size
        self._chooses += [any(output.optional for output in task.outputs) for task in tasks]
        setups = {name for task in tasks for name in task.teardown_of}
        self._is_setup += [task.id in setups for task in tasks]
        self._plain += [_is_plain(task) for task in tasks]
        for rank in range(first, first + size):
            if not self._plain[rank]:
                for upstream, port in self._order.links[rank]:
                    self._judged.setdefault(upstream, []).append((rank, port))

    def end(self, rank: int, status: TaskStatus) -> Sequence[int]:
        """Takes note that the task has ended for good; returns those whose verdict may be another now."""
        self._ended[rank] = True
        how, below = _HOW[status], self._order.downstream[rank]
        if how != _SUCCESS or self._chooses[rank]:
            self._count(rank, how)
            return below
        if self._judged:
            for reader, _ in self._judged.get(rank, ()):
                self._counts[_SUCCESS][reader] += 1
        # Of most readers of a success no more can be said than that they wait.
        left, plain, told = self._left, self._plain, []
        for reader in below:
            left[reader] = open_ = left[reader] - 1
            if not open_ or not plain[reader]:
                told.append(reader)
        return told

    def _count(self, rank: int, how: int) -> None:
        """As what the ended task counts to each that reads it."""
        for below in self._order.downstream[rank]:
            self._left[below] -= 1
        for reader, port in self._order.readers[rank]:
            self._counts[self._how(rank, port) if self._chooses[rank] else how][reader] += 1

    def verdict(self, rank: int) -> Verdict:
        if not self._plain[rank]:
            return self._verdict(rank)
        _, skipped, failed, upstream_failed = self._counts
        if failed[rank] or upstream_failed[rank]:
            return Verdict.UPSTREAM_FAILED
        if self._left[rank]:
            return _WAIT
        return Verdict.SKIP if skipped[rank] else _RUN

    def verdict_at_the_end(self, rank: int) -> Verdict:
        """Of a task at the run's end, to whose trigger only others of its kind count."""
        said = judge(self._tasks[rank].trigger, self._upstream(filter(self._is_at_the_end, self._order.links[rank])))
        return self._inputs(rank) if said is Verdict.RUN else said

    def cause(self, rank: int) -> str:
        """The task whose failure keeps this one from running."""
        for upstream, port in self._everything(rank):
            if self._ended[upstream] and self._how(upstream, port) in (_FAILED, _UPSTREAM_FAILED):
                id_ = self._order.ids[upstream]
                return self._state.tasks[id_].cause or id_
        raise AssertionError("only what failed makes a task fail")

    def reason(self, rank: int) -> str:
        """Why the task is skipped, for a person."""
        task = self._tasks[rank]
        if task.trigger in _NOT_SO and judge(task.trigger, self._counted(rank)) is Verdict.SKIP:
            return _NOT_SO[task.trigger]
        for upstream, port in self._everything(rank):
            if self._ended[upstream] and self._how(upstream, port) == _SKIPPED:
                name = self._order.ids[upstream]
                if self._status(upstream) is TaskStatus.SKIPPED:
                    return f"{name} was skipped"
                return f"{name} gave no {port}" if port is not None else f"{name} gave nothing"
        raise AssertionError("only what was skipped makes a task be skipped")

    def _verdict(self, rank: int) -> Verdict:
        task = self._tasks[rank]
        within = Verdict.RUN
        if task.setups and task.trigger is not Trigger.ALWAYS:
            within = judge_setups(self._upstream([(self._order.rank_of[name], None) for name in task.setups]))
        said = judge(task.trigger, self._counted(rank))
        for verdict in (within, said):
            if verdict in (Verdict.UPSTREAM_FAILED, Verdict.SKIP):
                return verdict
        if Verdict.WAIT in (within, said) or not all(self._has_ended(name) for name in task.settled):
            return Verdict.WAIT
        return self._inputs(rank)

    def _inputs(self, rank: int) -> Verdict:
        """A function can't begin without what it needs, whatever its trigger says."""
        task, order = self._tasks[rank], self._order
        worst = Verdict.RUN
        for port, sources in task.inputs.items():
            if port in task.optional:
                continue
            links = [(order.rank_of[source.task], source.port) for source in sources]
            found = judge(Trigger.ONE_SUCCESS, self._upstream(links))
            if found is Verdict.WAIT:
                return Verdict.WAIT
            worst = max(worst, found, key=lambda each: each.value)
        return worst

    def _counted(self, rank: int) -> Upstream:
        links = self._order.links[rank]
        if self._tasks[rank].trigger is Trigger.ALL_DONE_SETUP_SUCCESS:
            return self._upstream(links)
        success, skipped, failed, upstream_failed = (count[rank] for count in self._counts)
        return Upstream(len(links), success, skipped, failed, upstream_failed)

    def _upstream(self, links: Iterable[Link]) -> Upstream:
        counts, of_setups, total, setups = [0] * 4, [0] * 4, 0, 0
        for upstream, port in links:
            is_setup = self._is_setup[upstream]
            total, setups = total + 1, setups + is_setup
            if self._ended[upstream]:
                how = self._how(upstream, port)
                counts[how] += 1
                of_setups[how] += is_setup
        success, skipped, failed, upstream_failed = counts
        done_setups = of_setups[_SUCCESS], of_setups[_SKIPPED]
        return Upstream(total, success, skipped, failed, upstream_failed, setups, *done_setups)

    def _everything(self, rank: int) -> Iterator[Link]:
        """All that may have decided, what decides first first."""
        yield from sorted(self._order.links[rank], key=self._is_at_the_end, reverse=True)
        yield from ((self._order.rank_of[name], None) for name in self._tasks[rank].setups)

    def _is_at_the_end(self, link: Link) -> bool:
        return self._tasks[link[0]].at_end is not None

    def _how(self, rank: int, port: str | None) -> int:
        """How the ended task counts to a reader of `port`."""
        how = _HOW[self._status(rank)]
        if how != _SUCCESS or not self._chooses[rank]:
            return how
        outputs = self._state.tasks[self._order.ids[rank]].outputs
        return _SUCCESS if (port in outputs if port is not None else outputs) else _SKIPPED

    def _status(self, rank: int) -> TaskStatus:
        return self._state.tasks[self._order.ids[rank]].status

    def _has_ended(self, name: str) -> bool:
        return bool(self._ended[self._order.rank_of[name]])
