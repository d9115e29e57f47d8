"""What a power cut, a dead engine or another engine leaves behind: torn journals, stale locks and sockets, races."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.scene import Witness, kill_processes, no_process_left, processes, until
from faults.synthetic import Layers, layers, make_project
from host.sample import end_host, host_pid, is_alive

from treadle.host import unix_socket
from treadle.host.api import RunRequest
from treadle.host.client import RemoteEngine, connect
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented, trust
from treadle.store.project import Project

CUTS = 8
RACES = 3


@pytest.fixture
def project(home: Path) -> Iterator[Project]:
    made = make_project(home / "project")
    trust(made)
    yield made
    end_host(made)
    with contextlib.suppress(AssertionError):
        no_process_left(made)
    left = processes(made)
    kill_processes(made)
    assert left == []


@pytest.fixture
def drawn() -> Layers:
    return layers(random.Random(11), depth=3)


def test_a_run_goes_on_from_wherever_its_journal_was_torn_or_changed(project: Project, drawn: Layers) -> None:
    """I2: what stands before the damage counts. I3: no success in that part is begun again. I4: the run ends."""
    chance = random.Random(12)

    async def scenario() -> None:
        engine = LocalEngine(project, gate=consented)
        try:
            witness = Witness(project, await engine.start(RunRequest(drawn.text)))
            assert [recorded async for recorded in engine.subscribe(witness.run)]
            journal = project.run(witness.run).events
            (project.run_folder(witness.run) / "run.lock").write_text('{"pid": 999999}')
            for turn in range(CUTS):
                whole = bytearray(journal.read_bytes())
                place = chance.randint(len(whole) // 3, len(whole) - 2)
                if turn % 2:
                    whole[place] ^= 1 << chance.randrange(8)
                else:
                    del whole[place:]
                journal.write_bytes(whole)
                witness.told = list(witness.journal())
                assert (await engine.summary(witness.run)).state == "interrupted"
                await engine.resume(witness.run)
                assert [recorded async for recorded in engine.subscribe(witness.run)]
                witness.check_end()
                assert (await engine.summary(witness.run)).state == "succeeded"
        finally:
            await engine.close()

    asyncio.run(scenario())


def test_clients_that_race_after_a_kill_get_one_host(project: Project, drawn: Layers) -> None:
    """I4: one engine at a time, whoever comes and whatever a dead one left."""

    async def race() -> int:
        engines = await asyncio.gather(*(connect(project) for _ in range(4)))
        assert len({await engine.trusted() for engine in engines}) == 1
        await asyncio.gather(*(engine.close() for engine in engines))
        return host_pid(project)

    for _ in range(RACES):
        pid = asyncio.run(race())
        assert processes(project) == [pid]
        os.kill(pid, signal.SIGKILL)  # and leaves its socket, its lock's file and its note of the address
        until(lambda dead=pid: not is_alive(dead))
        assert any(address.exists() for address in unix_socket.where_to_look(project))
    assert asyncio.run(race()) != pid


def test_a_socket_that_nobody_answers_at_is_no_host(project: Project) -> None:
    """I4: a stale socket, lock and note of an address keep nobody from getting an engine."""
    address = unix_socket.addresses(project)[0]
    address.parent.mkdir(mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(address))
    unix_socket.note_of_address(project).parent.mkdir(exist_ok=True)
    unix_socket.note_of_address(project).write_text(str(address))
    (project.state / "host.lock").write_text("999999\n")

    async def scenario() -> bool:
        engine = RemoteEngine(project)
        try:
            return await engine.trusted()
        finally:
            await engine.close()

    assert asyncio.run(scenario())


def test_a_host_that_was_just_ending_is_not_the_end_of_a_connection(project: Project) -> None:
    """I4: who comes as the last engine goes gets the next one."""
    address = unix_socket.addresses(project)[0]
    address.parent.mkdir(mode=0o700, exist_ok=True)

    async def scenario() -> bool:
        ended = asyncio.Event()

        def last_client(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()
            address.unlink()
            ended.set()

        async with await asyncio.start_unix_server(last_client, path=address):
            engine = RemoteEngine(project)
            try:
                return await engine.trusted() and ended.is_set()
            finally:
                await engine.close()

    assert asyncio.run(scenario())
