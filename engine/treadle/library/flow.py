"""Which way a pipeline goes. An output that is not taken has no value, and what reads only it is skipped."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from treadle import component


class Branch(NamedTuple):
    then: Any | None
    otherwise: Any | None


class Passed(NamedTuple):
    data: Any | None


class Merged(NamedTuple):
    data: Any


class Approved(NamedTuple):
    data: Any | None
    note: str | None


class Switch(NamedTuple):
    first: Any | None
    second: Any | None
    third: Any | None
    fourth: Any | None
    otherwise: Any | None


@component(
    category="Flow", icon="source-branch", title="If", tags=("branch", "condition", "else", "choose", "decision")
)
def branch(data: Any, condition: bool = True) -> Branch:
    """Pass the data on one of two ways.

    The nodes on the other way are skipped; a Merge brings the two together again. For a choice of your own write a
    component whose outputs may be None: those that are None are not taken.

    Args:
        data: What goes on, as it is.
        condition: Connect a value to decide while the pipeline runs.
        then: The way where the condition is true.
        otherwise: The way where it is not.
    """
    print("taking", "then" if condition else "otherwise")
    return Branch(data, None) if condition else Branch(None, data)


@component(category="Flow", icon="call-split", title="Switch", tags=("branch", "case", "choose", "value"))
def switch(data: Any, value: str = "", first: str = "", second: str = "", third: str = "", fourth: str = "") -> Switch:
    """Pass the data on the way whose text is the value, else on `otherwise`.

    Args:
        data: What goes on, as it is.
        value: Connect a text to decide while the pipeline runs.
        first: The text that takes the way `first`; an empty one takes none.
        second: The text that takes the way `second`.
        third: The text that takes the way `third`.
        fourth: The text that takes the way `fourth`.
        otherwise: The way for any other value.
    """
    cases = [first, second, third, fourth]
    taken = cases.index(value) if value and value in cases else len(cases)
    print("taking", Switch._fields[taken])
    return Switch(*(data if position == taken else None for position in range(len(cases) + 1)))


@component(
    category="Flow", icon="debug-step-over", title="Only if", tags=("gate", "short circuit", "stop", "condition")
)
def only_if(data: Any, condition: bool = True) -> Passed:
    """Pass the data on where the condition is true; else all that comes after is skipped.

    Args:
        data: What goes on, as it is.
        condition: Connect a value to decide while the pipeline runs.
    """
    print("going on" if condition else "not going on")
    return Passed(data if condition else None)


@component(
    category="Flow",
    icon="source-merge",
    title="Merge",
    tags=("join", "branch", "first"),
    trigger="none_failed_min_one_success",
)
def merge(data: list[Any]) -> Merged:
    """Bring ways together again: the first connected one that was taken goes on.

    Args:
        data: The ways, in order of preference.
    """
    return Merged(data[0])


@component(category="Flow", icon="account-check-outline", tags=("human", "confirm", "review"), kind="approval")
def approval(data: Any = None, question: str = "", on_reject: Literal["fail", "skip"] = "fail") -> Approved:
    """Wait for a person to approve; `treadle approve RUN NODE` does, and who said what is kept with the run.

    Args:
        data: What goes on where it is approved, as it is.
        question: What the person is asked.
        on_reject: Where it is rejected the node fails, or all that comes after it is skipped.
        note: What the person said.
    """
    raise RuntimeError("only the engine asks a person")
