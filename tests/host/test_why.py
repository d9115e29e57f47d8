"""Why a node ran: asked of real runs, in this process and over the wire."""

from __future__ import annotations

import asyncio

import pytest
from host.sample import CHAIN, collect, request
from host.test_facade import run_to_the_end, with_engine

from treadle.host.api import UnknownTask
from treadle.host.client import connect
from treadle.host.facade import LocalEngine
from treadle.host.messages import decode_why, encode
from treadle.store.project import Project

LOUDER = CHAIN.replace("in: {text: first.value}", "in: {text: first.value}\n    with: {seconds: 0.01}")


def test_a_changed_component_is_shown_as_a_diff(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        first = await run_to_the_end(engine)
        file = project.components / "demo.py"
        file.write_text(file.read_text().replace("text.upper()", "text.upper() + '!'"))
        second = await run_to_the_end(engine)

        why = await engine.why(second, "second")

        assert (why.status, why.before, why.reason) == ("succeeded", first, "code of demo.shout changed")
        assert why.code is not None
        assert "-    return text.upper()\n+    return text.upper() + '!'\n" in why.code.diff
        assert (why.parameters, why.files, why.environment) == ((), (), ())
        assert [fed.changed for fed in why.inputs] == [False]
        assert (await engine.why(second, "first")).reason == f"nothing changed: its result is that of run {first}"

    with_engine(project, test)


def test_a_changed_parameter_is_shown_with_both_values(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        await run_to_the_end(engine, LOUDER)
        run = await run_to_the_end(engine, LOUDER.replace("0.01", "0.02"))
        why = await engine.why(run, "second")
        assert [(each.name, each.before, each.now) for each in why.parameters] == [("seconds", 0.01, 0.02)]
        assert why.code is None

    with_engine(project, test)


def test_a_changed_input_says_which_artifact_came_from_where(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        texts = [CHAIN.replace("seconds: $params.wait", f"text: {word}") for word in ("red", "blue")]
        texts = [text.split("params:")[0] + "nodes:" + text.split("nodes:")[1] for text in texts]
        runs = [await run_to_the_end(engine, text) for text in texts]
        made = [(await engine.state(run)).tasks["first"].outputs["value"].digest for run in runs]

        [fed] = (await engine.why("last", "second")).inputs

        assert (fed.port, fed.changed) == ("text", True)
        assert [(each.task, each.digest, each.run) for each in (*fed.before, *fed.now)] == [
            ("first", made[0], runs[0]), ("first", made[1], runs[1]),
        ]  # fmt: skip

    with_engine(project, test)


def test_what_never_ran_before_is_compared_with_nothing(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        why = await engine.why(await run_to_the_end(engine), "second")
        assert (why.compared, why.reason) == (False, "never ran before")
        with pytest.raises(UnknownTask, match="it has: first, second"):
            await engine.why("last", "third")

    with_engine(project, test)


def test_the_explanation_outlives_the_run_it_is_compared_with(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        first = await run_to_the_end(engine)
        file = project.components / "demo.py"
        file.write_text(file.read_text().replace("text.upper()", "text.lower()"))
        second = await run_to_the_end(engine)
        project.run_folder(first).rename(project.root / "gone")

        why = await engine.why(second, "second")

        assert why.code is not None
        assert (why.code.diff, why.reason) == ("", "code of demo.shout changed")

    with_engine(project, test)


def test_the_answer_is_the_same_over_the_wire(project: Project) -> None:
    async def test() -> None:
        remote = await connect(project)
        await remote.trust()
        for text in (LOUDER, LOUDER.replace("0.01", "0.02")):
            await collect(remote.subscribe(await remote.start(request(text))))
        told = await remote.why("last", "second")
        local = LocalEngine(project)
        assert told == await local.why("last", "second")
        assert decode_why(encode(told)) == told
        with pytest.raises(UnknownTask):
            await remote.why("last", "third")
        await remote.close()
        await local.close()

    asyncio.run(test())
