"""The host as a process of its own, its socket, and clients good and bad."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from host.sample import BROKEN, SLOW, collect, host_pid, is_alive, request, until

from treadle.host import transport, unix_socket, wire
from treadle.host.api import EngineLost, NotTrusted, RunRefused, UnknownRun
from treadle.host.client import RemoteEngine, connect
from treadle.host.listening import ForeignPeer
from treadle.host.trust import trust
from treadle.run.event_codec import encode as encode_event
from treadle.run.events import AttemptLaunched, ProgressReported, Recorded, RunInterrupted
from treadle.run.state import RunStatus, fold
from treadle.store.journal import Journal
from treadle.store.project import Project

Test = Callable[[RemoteEngine], Awaitable[None]]

GARBAGE = (
    b"GET / HTTP/1.1\r\n\r\n", b"\xff\xfe\n", b"[1]\n", b"{}\n", b"[" * 100_000 + b"\n",
    b'{"call": "x", "method": "runs", "with": {}}\n', b'{"more": []}\n',
)  # fmt: skip


def with_client(project: Project, test: Test) -> None:
    async def go() -> None:
        engine = await connect(project)
        assert isinstance(engine, RemoteEngine)
        try:
            await test(engine)
        finally:
            await engine.close()

    asyncio.run(go())


async def launched(engine: RemoteEngine, run: str, task: str) -> int:
    async with asyncio.timeout(20):
        async for recorded in engine.subscribe(run):
            if isinstance(recorded.event, AttemptLaunched) and recorded.event.task == task:
                return recorded.event.pid
    raise AssertionError(f"{task} was not launched")


@pytest.fixture
def trusted(project: Project) -> Project:
    trust(project)
    return project


def test_a_host_is_started_on_demand_and_asks_for_trust(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        assert not await engine.trusted()
        with pytest.raises(NotTrusted, match="restricted"):
            await engine.start(request())
        await engine.trust()
        assert await engine.trusted()
        told = await collect(engine.subscribe(await engine.start(request())))
        assert fold(told).status is RunStatus.SUCCEEDED

    with_client(project, test)


def test_errors_arrive_as_what_they_are(trusted: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        with pytest.raises(UnknownRun):
            await engine.summary("last")
        with pytest.raises(UnknownRun):
            await collect(engine.subscribe("nothing"))
        with pytest.raises(RunRefused) as refused:
            await engine.start(request(BROKEN.replace("demo.fail", "demo.nothing")))
        assert refused.value.problems[0].where.node == "second"
        with pytest.raises(KeyError):
            await engine.preview("0" * 64)

    with_client(trusted, test)


def test_two_clients_that_race_get_one_host(trusted: Project) -> None:
    async def race() -> None:
        engines = await asyncio.gather(*(connect(trusted) for _ in range(4)))
        run = await engines[0].start(request(wait=0.3))
        told = await asyncio.gather(*(collect(engine.subscribe(run)) for engine in engines))
        assert all(each == told[0] for each in told)
        assert fold(told[0]).status is RunStatus.SUCCEEDED
        assert [summary.run for summary in await engines[1].runs()] == [run]
        await asyncio.gather(*(engine.close() for engine in engines))

    asyncio.run(race())


def test_a_run_outlives_the_client_that_started_it(trusted: Project) -> None:
    run = ""

    async def start(engine: RemoteEngine) -> None:
        nonlocal run
        run = await engine.start(request(SLOW))
        await launched(engine, run, "second")

    async def come_back(engine: RemoteEngine) -> None:
        assert (await engine.summary(run)).state == "running"
        await engine.cancel(run)
        assert fold(await collect(engine.subscribe(run), 3)).status is RunStatus.CANCELLED

    with_client(trusted, start)
    with_client(trusted, come_back)


def test_a_killed_host_leaves_its_run_interrupted_and_the_next_one_resumes_it(trusted: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        run = await engine.start(request(SLOW))
        worker = await launched(engine, run, "second")
        watching = asyncio.ensure_future(collect(engine.subscribe(run)))
        await asyncio.sleep(0.1)
        os.kill(host_pid(trusted), signal.SIGKILL)

        told = await watching  # goes on with the next host, which is started for it
        assert isinstance(told[-1].event, RunInterrupted)
        assert [recorded.seq for recorded in told] == list(range(1, len(told) + 1))
        assert (await engine.summary(run)).state == "interrupted"
        until(lambda: not is_alive(worker))

        await engine.resume(run)
        again = [r.event.task async for r in engine.subscribe(run, len(told)) if isinstance(r.event, AttemptLaunched)
                 if not await engine.cancel(run)]  # fmt: skip
        assert again == ["second"]

    with_client(trusted, test)


def test_a_call_on_its_way_to_a_dying_host_is_lost_with_a_clear_error(trusted: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        os.kill(host_pid(trusted), signal.SIGSTOP)
        asking = asyncio.ensure_future(engine.start(request()))
        await asyncio.sleep(0.05)
        os.kill(host_pid(trusted), signal.SIGKILL)
        with pytest.raises(EngineLost, match="has gone"):
            await asking
        assert await engine.runs() == ()  # a new host

    with_client(trusted, test)


def test_without_leave_to_start_one_a_missing_host_is_said(project: Project) -> None:
    with pytest.raises(EngineLost, match="no engine serves"):
        asyncio.run(connect(project, start=False))


def test_a_host_that_cannot_start_says_why(home: Path) -> None:
    (home / "file").write_text("")

    with pytest.raises(EngineLost, match="did not start"):
        asyncio.run(connect(Project(home / "file")))


def test_an_idle_host_ends_by_itself_and_leaves_no_socket(project: Project) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "treadle.host.server", "--project", str(project.root), "--idle", "0.3"]
    )
    until(lambda: transport.answers(project))

    assert process.wait(10) == 0
    assert not any(address.exists() for address in unix_socket.where_to_look(project))


def test_a_host_in_use_does_not_end(project: Project) -> None:
    command = [sys.executable, "-P", "-m", "treadle.host.server", "--project", str(project.root), "--idle", "0.3"]
    process = subprocess.Popen(command)
    until(lambda: transport.answers(project))

    async def stay() -> None:
        engine = await connect(project, start=False)
        await asyncio.sleep(1.0)
        assert process.poll() is None
        await engine.close()

    asyncio.run(stay())
    assert process.wait(10) == 0


def test_a_second_host_leaves_the_first_one_alone(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        command = [sys.executable, "-P", "-m", "treadle.host.server", "--project", str(project.root)]
        assert subprocess.run(command, timeout=20, check=False).returncode == 0
        assert not await engine.trusted()

    with_client(project, test)


def test_a_host_is_found_from_an_environment_without_a_runtime_folder(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(engine: RemoteEngine) -> None:
        monkeypatch.delenv("XDG_RUNTIME_DIR")
        other = await connect(project, start=False)
        assert not await other.trusted()
        await other.close()

    with_client(project, test)


def test_a_dead_hosts_socket_is_cleared_away(trusted: Project) -> None:
    address = unix_socket.addresses(trusted)[0]
    address.parent.mkdir(mode=0o700)
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(address))
    dead.close()
    assert address.exists()

    async def test(engine: RemoteEngine) -> None:
        assert await engine.trusted()

    with_client(trusted, test)


def test_the_socket_is_for_its_user_alone(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        address = unix_socket.addresses(project)[0]
        assert stat.S_IMODE(address.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(address.stat().st_mode) == 0o600

    with_client(project, test)


def test_a_note_of_an_address_is_believed_only_for_a_socket_of_the_right_name(project: Project, home: Path) -> None:
    project.state.mkdir()
    unix_socket.note_of_address(project).write_text(str(home / "agent.sock"))
    assert unix_socket.where_to_look(project) == unix_socket.addresses(project)

    right = home / unix_socket.addresses(project)[0].name
    unix_socket.note_of_address(project).write_text(str(right))
    assert unix_socket.where_to_look(project)[0] == right


def test_another_user_is_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert unix_socket.peer_uid(ours) == os.getuid()
        unix_socket.check_peer(ours)
        with pytest.raises(ForeignPeer, match="not"):
            unix_socket.check_peer(ours, uid_of=lambda connection: os.getuid() + 1)


def test_a_long_runtime_path_gives_way_to_a_short_one(
    project: Project, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = home / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))

    assert unix_socket.addresses(project)
    assert all(len(os.fsencode(address)) <= 107 for address in unix_socket.addresses(project))


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_closes_only_the_client_that_sent_it(project: Project, garbage: bytes) -> None:
    async def test(engine: RemoteEngine) -> None:
        with raw_client(project) as bad:
            hello, *rest = exchange(bad, garbage)
            assert hello["treadle"] == wire.PROTOCOL
            assert [frame["error"]["kind"] for frame in rest] == ["bad-frame"]
        assert not await engine.trusted()

    with_client(project, test)


def test_an_unknown_method_is_an_answer_not_an_end(project: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        with raw_client(project) as other, other.makefile("rwb") as lines:
            lines.readline()
            for number, method in ((1, "explode"), (2, "trusted")):
                lines.write(json.dumps({"call": number, "method": method, "with": {}}).encode() + b"\n")
                lines.flush()
                answer = json.loads(lines.readline())
                assert ("error" in answer, answer["reply"]) == (method == "explode", number)

    with_client(project, test)


def test_a_subscriber_that_reads_nothing_holds_nobody_up(trusted: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        run = await engine.start(request())
        with raw_client(trusted) as lazy:
            lazy.sendall(
                json.dumps({"call": 1, "method": "subscribe", "with": {"run": run, "since": 0}}).encode() + b"\n"
            )
            assert fold(await collect(engine.subscribe(run))).status is RunStatus.SUCCEEDED

    with_client(trusted, test)


def test_a_subscription_that_is_left_early_is_ended_at_the_host_too(trusted: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        run = await engine.start(request(SLOW))
        for _ in range(300):  # more than a host answers at once
            events = engine.subscribe(run)
            await anext(events)
            await events.aclose()
        await engine.cancel(run)
        assert fold(await collect(engine.subscribe(run), 5)).status is RunStatus.CANCELLED

    with_client(trusted, test)


def test_a_long_history_is_replayed_whole_to_a_slow_reader(trusted: Project) -> None:
    folder = trusted.run("20260101-000000-abcd")
    folder.path.mkdir(parents=True)
    journal = Journal(folder.events)
    for seq in range(1, 20_001):
        journal.append(encode_event(Recorded(seq, 1.0, ProgressReported("a", 1, 0.5))))
    journal.flush()
    journal.close()

    async def test(engine: RemoteEngine) -> None:
        told = []
        async for recorded in engine.subscribe(folder.path.name):
            told.append(recorded.seq)
            if len(told) % 5000 == 0:
                await asyncio.sleep(0.05)
                assert not await engine.runs(0)  # other calls are answered meanwhile
        assert told == list(range(1, 20_001))

    with_client(trusted, test)


def test_a_terminated_host_leaves_no_worker(trusted: Project) -> None:
    async def test(engine: RemoteEngine) -> None:
        run = await engine.start(request(SLOW))
        worker = await launched(engine, run, "second")
        host = host_pid(trusted)
        os.kill(host, signal.SIGTERM)
        until(lambda: not is_alive(host))
        assert not is_alive(worker)
        assert (await engine.summary(run)).state == "interrupted"

    with_client(trusted, test)


def raw_client(project: Project) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(str(unix_socket.addresses(project)[0]))
    return client


def exchange(client: socket.socket, data: bytes) -> list[dict]:
    """Every frame the host has to say to `data`, until it closes."""
    client.sendall(data)
    started = time.monotonic()
    with client.makefile("rb") as answers:
        lines = [json.loads(line) for line in answers]
    assert time.monotonic() - started < 5
    return lines
