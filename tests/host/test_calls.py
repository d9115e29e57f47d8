"""Every method of the engine means at the host what it means at the client, and answers the same value."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from treadle.host.api import Collected, Engine, Preview, Rules, RunRequest, RunSummary, UnknownRun, Why
from treadle.host.calls import call
from treadle.host.client import RemoteEngine
from treadle.host.wire import BadFrame
from treadle.run.interventions import Breakpoint, When
from treadle.store.project import find_project

SUMMARY = RunSummary("r", "churn", None, "running", 1.0, None, 2, {"running": 2}, "/r")
ANSWERS = {
    "start": "r-1",
    "resume": "r",
    "retry": "r",
    "runs": (SUMMARY,),
    "summary": SUMMARY,
    "why": Why("r", "fit", "succeeded", "its code changed", compared=True),
    "collect": Collected(("r",), 1, 2, 3, 4, dry_run=True),
    "preview": Preview("d", "Table", "table", {"rows": []}),
    "trusted": True,
}
CALLS = [
    ("start", (RunRequest("text", breakpoints=(Breakpoint("fit", When.AFTER),)),), {}),
    ("resume", ("r",), {}),
    ("retry", ("r", "fit"), {}),
    ("cancel", ("r", "fit"), {}),
    ("cancel", ("r", None), {}),
    ("answer", ("r", "gate"), {"approved": False, "note": "not yet", "by": "ada"}),
    ("pause", ("r", "ada"), {}),
    ("go_on", ("r", "ada"), {}),
    ("step", ("r", None, "ada"), {}),
    ("step", ("r", "fit", "ada"), {}),
    ("set_breakpoint", ("r", "fit", When.BEFORE, True, "ada"), {}),
    ("change_params", ("r", "fit", {"depth": 3}, "ada"), {}),
    ("runs", (7,), {}),
    ("summary", ("r",), {}),
    ("why", ("r", "fit"), {}),
    ("collect", (Rules(keep_runs=3), True), {}),
    ("preview", ("d", 20, 10), {}),
    ("trusted", (), {}),
    ("trust", (), {}),
]
STREAMED = {"subscribe", "close"}


class Heard:
    """An engine that writes down how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Any:
        async def answer(*given: Any, **named: Any) -> Any:
            self.calls.append((method, given, named))
            return ANSWERS.get(method)

        return answer


class Wire:
    """A connection whose other end is here: what goes over it is JSON."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    async def ask(self, method: str, **arguments: Any) -> Any:
        return json.loads(json.dumps(await call(self._engine, method, json.loads(json.dumps(arguments)))))


class OverThatWire(RemoteEngine):
    def __init__(self, engine: Any, tmp_path: Any) -> None:
        super().__init__(find_project(tmp_path), start=False)
        self._wire = Wire(engine)

    async def reach(self) -> Any:
        return self._wire


@pytest.mark.parametrize(("method", "given", "named"), CALLS)
def test_a_call_arrives_as_it_was_made_and_its_answer_too(method: str, given: Any, named: Any, tmp_path: Any) -> None:
    heard = Heard()
    answer = asyncio.run(getattr(OverThatWire(heard, tmp_path), method)(*given, **named))
    assert heard.calls == [(method, given, named)]
    assert answer == ANSWERS.get(method)


def test_every_method_of_the_engine_is_called_here() -> None:
    methods = {name for name in vars(Engine) if not name.startswith("_")}
    assert {method for method, _, _ in CALLS} == methods - STREAMED


@pytest.mark.parametrize(
    ("method", "given", "why"),
    [
        ("fly", {}, "this engine has no 'fly'"),
        ("resume", {}, "run"),
        ("cancel", {"run": "r", "task": 3}, "task"),
        ("set_breakpoint", {"run": "r", "task": "fit", "when": "during", "on": True, "by": "ada"}, "breakpoint"),
    ],
)
def test_a_call_that_makes_no_sense_names_what_is_wrong(method: str, given: dict[str, Any], why: str) -> None:
    heard = Heard()
    with pytest.raises(BadFrame, match=why):
        asyncio.run(call(heard, method, given))
    assert heard.calls == []


def test_what_the_engine_raises_goes_through() -> None:
    class Unknowing:
        async def summary(self, run: str) -> RunSummary:
            raise UnknownRun(run)

    with pytest.raises(UnknownRun, match="r-9"):
        asyncio.run(call(Unknowing(), "summary", {"run": "r-9"}))
