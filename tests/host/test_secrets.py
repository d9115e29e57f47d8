"""A secret reaches the code that names it, and is written down nowhere: not in plan, events, logs or cache."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from host.sample import collect, end_host, request

from treadle.execute.protocol import Failed
from treadle.host.api import RunRefused
from treadle.host.client import connect
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented, trust
from treadle.run.state import RunState, fold
from treadle.store.project import Project

SECRET = "hunter2-éß"
COMPONENTS = """
import os
import sys
import subprocess

from treadle import Secret, component
from treadle.report import progress


@component()
def log_in(password: Secret, seen: str = "") -> int:
    print("password is", password)
    sys.stdout.flush()
    for letter in password:
        os.write(1, letter.encode())
    os.write(1, b"\\n")
    subprocess.run(["sh", "-c", "echo child says $0", password], check=True)
    progress(0.5, f"using {password}")
    assert "TREADLE_SECRET_DOOR" not in os.environ
    return len(password)


@component()
def refused(password: Secret) -> None:
    raise PermissionError(f"{password} is wrong")
"""
LOG_IN = "treadle: 1\nnodes:\n  door: {uses: steps.log_in, with: {password: $secrets.door}}\n"


@pytest.fixture
def secretive(project: Project) -> Project:
    (project.root / "components" / "steps.py").write_text(COMPONENTS)
    return project


def run(project: Project, text: str) -> RunState:
    async def go() -> RunState:
        engine = LocalEngine(project, gate=consented)
        try:
            return fold(await collect(engine.subscribe(await engine.start(request(text)))))
        finally:
            await engine.close()

    return asyncio.run(go())


def written_in(project: Project, secret: str) -> list[str]:
    """Files of the project's state that hold the secret in any encoding that we write."""
    forms = [secret.encode(), secret.encode("unicode_escape"), secret.encode("utf-16")]
    files = [path for path in project.state.rglob("*") if path.is_file()]
    assert any(path.name == "events.jsonl" for path in files)
    return [str(path) for path in files if any(form in path.read_bytes() for form in forms)]


def test_a_secret_reaches_the_code_and_nothing_else(secretive: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """I11."""
    monkeypatch.setenv("TREADLE_SECRET_DOOR", SECRET)
    state = run(secretive, LOG_IN)
    assert state.tasks["door"].outputs["value"].meta["value"] == len(SECRET)
    assert state.tasks["door"].message == "using ***"
    log = next(secretive.state.rglob("output.log")).read_text()
    assert log.splitlines() == ["password is ***", "***", "child says ***"]
    assert written_in(secretive, SECRET) == []


def test_the_hosts_log_and_sockets_folder_do_not_have_it(secretive: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREADLE_SECRET_DOOR", SECRET)
    monkeypatch.setenv("TREADLE_DEBUG", "1")
    trust(secretive)

    async def go() -> RunState:
        engine = await connect(secretive)
        try:
            asked = replace(request(LOG_IN.replace("log_in", "refused")), environment={"TREADLE_SECRET_DOOR": SECRET})
            state = fold(await collect(engine.subscribe(await engine.start(asked))))
            with pytest.raises(RunRefused):
                await engine.start(replace(asked, text=LOG_IN.replace("door}", "gate}")))
            return state
        finally:
            await engine.close()

    try:
        assert asyncio.run(go()).tasks["door"].status == "failed"
    finally:
        end_host(secretive)
    assert (secretive.state / "host.log").exists()
    assert written_in(secretive, SECRET) == []


def test_an_error_that_quotes_it_is_told_without_it(secretive: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """I11."""
    monkeypatch.setenv("TREADLE_SECRET_DOOR", SECRET)
    state = run(secretive, LOG_IN.replace("log_in", "refused"))
    outcome = state.tasks["door"].outcome
    assert isinstance(outcome, Failed)
    assert outcome.message == "*** is wrong"
    assert written_in(secretive, SECRET) == []


def test_another_secret_is_the_same_task_to_the_cache(secretive: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREADLE_SECRET_DOOR", SECRET)
    run(secretive, LOG_IN)
    monkeypatch.setenv("TREADLE_SECRET_DOOR", "another one")
    assert run(secretive, LOG_IN).tasks["door"].status == "cached"


def test_without_it_the_run_does_not_begin_and_says_what_to_set(secretive: Project) -> None:
    with pytest.raises(RunRefused) as refused:
        run(secretive, LOG_IN)
    (problem,) = refused.value.problems
    assert problem.message == "door.password needs the secret door, and there is none"
    assert problem.hint == "`treadle secret set door`, or set TREADLE_SECRET_DOOR in the engine's environment"
    assert (problem.where.node, problem.where.parameter) == ("door", "password")
    assert list(secretive.state.glob("runs/*")) == []


def test_a_pipeline_parameter_may_hand_it_on(secretive: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREADLE_SECRET_DOOR", SECRET)
    text = LOG_IN.replace("$secrets.door", "$params.key").replace(
        "nodes:", "params: {key: {type: secret, default: $secrets.door}}\nnodes:"
    )
    state = run(secretive, text)
    assert state.tasks["door"].outputs["value"].meta["value"] == len(SECRET)
    assert state.params == {"key": "$secrets.door"}
    assert written_in(secretive, SECRET) == []
    leak = text.replace("password: $params.key", "password: $secrets.door, seen: $params.key")
    with pytest.raises(RunRefused, match="would be readable"):
        run(secretive, leak)


def test_an_environment_variable_may_have_one(secretive: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (secretive.root / "components" / "steps.py").write_text(
        "import os\nfrom treadle import component\n\n\n@component()\ndef look() -> int:\n"
        "    print(os.environ['PASS'])\n    return len(os.environ['PASS'])\n"
    )
    text = (
        "treadle: 1\ndefaults: {environment: {variables: {PASS: $secrets.door}}}\nnodes:\n"
        "  door: {uses: steps.look, isolation: reuse}\n"
    )
    with pytest.raises(RunRefused, match="variable PASS of door needs the secret door, and there is none"):
        run(secretive, text)
    monkeypatch.setenv("TREADLE_SECRET_DOOR", SECRET)
    assert run(secretive, text).tasks["door"].outputs["value"].meta["value"] == len(SECRET)
    assert next(secretive.state.rglob("output.log")).read_text() == "***\n"
    assert written_in(secretive, SECRET) == []


def test_it_can_not_be_read_as_a_variable_or_given_in_the_open(
    secretive: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREADLE_SECRET_DOOR", SECRET)
    for value in ("hunter2", "$env.TREADLE_SECRET_DOOR", "$params.x"):
        with pytest.raises(RunRefused):
            run(secretive, LOG_IN.replace("$secrets.door", value))
    plain = "treadle: 1\nnodes: {a: {uses: demo.make, with: {text: $env.TREADLE_SECRET_DOOR}}}\n"
    with pytest.raises(RunRefused, match="which nothing defines"):
        run(secretive, plain)
