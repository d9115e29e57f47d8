"""The host and its clients over a real named pipe, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from asyncio import windows_utils
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path

import pytest
from host.sample import CHAIN, host_pid, make_project, request, until

from treadle.host import named_pipe, transport, win32, wire
from treadle.host.api import EngineLost, NotTrusted, RunBusy, RunRefused, UnknownRun
from treadle.host.client import RemoteEngine, connect
from treadle.host.holding import hold, holder, is_held
from treadle.host.listening import ForeignPeer, NoAddress
from treadle.store.project import Project

MEBIBYTE = "x" * (1 << 20)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    project = make_project(tmp_path / "project")
    yield project
    end_host(project)


def end_host(project: Project) -> None:
    if transport.answers(project) and (project.state / "host.lock").exists():
        os.kill(host_pid(project), signal.SIGTERM)
        until(lambda: not transport.answers(project))


def with_client(project: Project, test: Callable[[RemoteEngine], Awaitable[None]]) -> None:
    async def go() -> None:
        engine = await connect(project)
        assert isinstance(engine, RemoteEngine)
        try:
            await test(engine)
        finally:
            await engine.close()

    asyncio.run(go())


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
    except ConnectionError:
        return  # a client that went in the middle
    finally:
        writer.close()


def in_a_loop(scenario: Coroutine[object, object, None]) -> None:
    """Runs it, and goes on until both ends of what it closed have noticed."""

    async def go() -> None:
        await scenario
        async with asyncio.timeout(5):
            while len(asyncio.all_tasks()) > 1:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.05)

    asyncio.run(go())


def test_a_host_is_started_on_demand_and_one_serves_all_clients(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        assert not await engine.trusted()
        other = await connect(project, start=False)
        await other.trust()
        assert await engine.trusted()
        assert await engine.runs() == ()
        with pytest.raises(UnknownRun):
            await engine.summary("last")
        await other.close()

    with_client(project, test)
    with_client(project, lambda engine: asyncio.sleep(0))


def test_clients_that_race_get_one_host(project: Project) -> None:
    async def race() -> None:
        engines = await asyncio.gather(*(connect(project) for _ in range(4)))
        assert [await engine.trusted() for engine in engines] == [False] * 4
        await asyncio.gather(*(engine.close() for engine in engines))

    asyncio.run(race())


def test_a_run_needs_trust_and_then_linux_and_either_is_said(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        with pytest.raises(NotTrusted, match="restricted"):
            await engine.start(request())
        await engine.trust()
        with pytest.raises(RunRefused) as refused:
            await engine.start(request())
        assert [problem.message for problem in refused.value.problems] == [
            "pipelines run on Linux only so far, and this is win32: look, edit and export work here"
        ]
        assert await engine.runs() == ()

    with_client(project, test)


def test_a_killed_host_is_followed_by_the_next_one(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        assert not await engine.trusted()
        killed = host_pid(project)
        os.kill(killed, signal.SIGTERM)
        until(lambda: not transport.answers(project))
        assert not await engine.trusted()
        assert host_pid(project) != killed

    with_client(project, test)


def test_an_idle_host_ends_and_leaves_no_pipe(project: Project) -> None:
    command = [sys.executable, "-P", "-m", "treadle.host.server", "--project", str(project.root), "--idle", "0.3"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        until(lambda: transport.answers(project))
        assert process.wait(20) == 0
    assert not transport.answers(project)
    with pytest.raises(EngineLost, match="no engine serves"):
        asyncio.run(connect(project, start=False))


def test_garbage_hurts_only_the_client_that_sent_it(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        streams = await transport.dial(project, wire.MAX_LINE)
        assert streams is not None
        reader, writer = streams
        assert json.loads(await reader.readline())["treadle"] == wire.PROTOCOL
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert "error" in json.loads(await reader.readline())
        assert await reader.read() == b""
        writer.close()
        assert not await engine.trusted()

    with_client(project, test)


def test_what_is_larger_than_a_pipes_buffer_arrives_whole_both_ways(project: Project) -> None:
    async def scenario() -> None:
        listening = await transport.listen(project, echo, wire.MAX_LINE)
        for _ in range(3):
            streams = await transport.dial(project, wire.MAX_LINE)
            assert streams is not None
            reader, writer = streams
            wire.send(writer, {"text": MEBIBYTE})
            assert await wire.receive(reader) == {"text": MEBIBYTE}
            writer.close()
        listening.close()
        assert await transport.dial(project, wire.MAX_LINE) is None

    in_a_loop(scenario())


def test_a_client_that_comes_and_goes_at_once_is_no_loss(project: Project) -> None:
    async def scenario() -> None:
        listening = await transport.listen(project, echo, wire.MAX_LINE)
        for _ in range(50):
            streams = await transport.dial(project, wire.MAX_LINE)
            assert streams is not None
            streams[1].transport.abort()
        streams = await transport.dial(project, wire.MAX_LINE)
        assert streams is not None
        streams[1].write(b"still there\n")
        assert await streams[0].readline() == b"still there\n"
        streams[1].close()
        listening.close()

    in_a_loop(scenario())


def test_a_pipe_of_another_user_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        listening = await transport.listen(project, echo, wire.MAX_LINE)
        monkeypatch.setattr(win32, "owner_of", lambda handle: "S-1-5-21-1-2-3-1001")
        with pytest.raises(ForeignPeer, match="S-1-5-21-1-2-3-1001"):
            await transport.dial(project, wire.MAX_LINE)
        listening.close()

    in_a_loop(scenario())


def test_the_pipe_is_its_users_and_nobody_elses(project: Project) -> None:
    sid = win32.user_sid()
    assert re.fullmatch(r"S-1-\d+(-\d+)+", sid)
    (address,) = transport.addresses(project)
    ours = windows_utils.PipeHandle(win32.create_pipe(str(address), sid, first=True))
    theirs = windows_utils.PipeHandle(win32.open_pipe(str(address)))

    with ours, theirs:
        assert win32.owner_of(theirs.fileno()) == sid
        # "All" of a generic object, or of a file, as Windows writes it back.
        assert re.fullmatch(rf"D:P\(D;;(GA|FA);;;NU\)\(A;;(GA|FA);;;{sid}\)", win32.rights_of(theirs.fileno()))


def test_a_name_that_somebody_has_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(name: str, sid: str, *, first: bool) -> int:
        raise PermissionError(13, "Access is denied", name, win32.DENIED)

    monkeypatch.setattr(win32, "create_pipe", taken)
    with pytest.raises(NoAddress, match="somebody may have it"):
        asyncio.run(transport.listen(project, echo, wire.MAX_LINE))


def test_two_folders_have_two_pipes(project: Project, tmp_path: Path) -> None:
    assert named_pipe.addresses(project) != named_pipe.addresses(Project(tmp_path / "other"))
    assert str(named_pipe.addresses(project)[0]).startswith("\\\\.\\pipe\\treadle-")


def test_a_killed_holder_lets_go_of_its_run(tmp_path: Path) -> None:
    code = "import pathlib, sys, time\nfrom treadle.host.holding import hold\n"
    code += "held = hold(pathlib.Path(sys.argv[1]))\nprint('held', flush=True)\ntime.sleep(60)"
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert is_held(tmp_path)
        assert holder(tmp_path) == process.pid
        with pytest.raises(RunBusy, match=str(process.pid)):
            hold(tmp_path)
        process.kill()
        process.wait()

    until(lambda: not is_held(tmp_path))
    hold(tmp_path).release()


def test_the_pipeline_of_a_request_may_be_long(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        await engine.trust()
        with pytest.raises(RunRefused):
            await engine.start(request(CHAIN + "".join(f"# {MEBIBYTE}\n" for _ in range(3))))

    with_client(project, test)
