"""Who goes first: by priority, then by the longest chain, in seconds where those are known."""

from __future__ import annotations

from run.fakes import task

from treadle.run.order import Order
from treadle.run.plan import PlanTask


def order(*tasks: PlanTask) -> list[str]:
    return list(Order.of({each.id: each for each in tasks}).ids)


def test_a_higher_priority_goes_before_a_longer_chain() -> None:
    assert order(task("x"), task("y", ("x",)), task("urgent", priority=1)) == ["urgent", "x", "y"]


def test_what_an_urgent_task_waits_for_is_as_urgent() -> None:
    assert order(task("a"), task("b"), task("c", ("b",)), task("d", ("c",), priority=3))[:3] == ["b", "c", "d"]


def test_a_negative_priority_goes_last() -> None:
    assert order(task("later", priority=-1), task("then", ("later",), priority=-1), task("now")) == [
        "now", "later", "then",
    ]  # fmt: skip


def test_a_chain_is_as_long_as_it_took_before() -> None:
    short = [task("a"), task("b", ("a",)), task("c", ("b",))]
    assert order(*short, task("slow"))[0] == "a"
    timed = [task("a", expected=1.0), task("b", ("a",), expected=1.0), task("c", ("b",), expected=1.0)]
    assert order(*timed, task("slow", expected=60.0))[0] == "slow"


def test_a_task_that_never_ran_counts_as_one_that_is_usual() -> None:
    assert order(task("quick", expected=1.0), task("new"), task("slow", expected=9.0)) == ["slow", "new", "quick"]
