"""Spares: forked ahead, used once, and gone with their server."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from execute.attempts import Bench, alive, bench, fork_servers, is_spare, until

from treadle.execute.process_tree import children
from treadle.execute.protocol import Succeeded

PID = "import os\ndef node():\n    return os.getpid()"


def pid_of(here: Bench) -> int:
    outcome = here.run(PID, "value:int").outcome
    assert isinstance(outcome, Succeeded)
    return int(here.value(outcome.outputs["value"]))


def sockets_of(pids: list[int]) -> int:
    return sum(is_socket(entry) for pid in pids for entry in Path(f"/proc/{pid}/fd").iterdir())


def is_socket(entry: Path) -> bool:
    try:
        return str(entry.readlink()).startswith("socket:")
    except FileNotFoundError:  # a spare that lets go of it just now
        return False


def test_nothing_stands_by_before_the_first_attempt(tmp_path: Path) -> None:
    others = fork_servers()
    with bench(tmp_path) as fresh:
        (server,) = until(lambda: [pid for pid in fresh.servers() if pid not in others])
        assert children(server) == []
        fresh.run(PID, "value:int")
        until(lambda: len(children(server)) == 2)


def test_more_stand_by_where_attempts_run_side_by_side(here: Bench) -> None:
    running = [here.begin("import time\ndef node():\n    time.sleep(60)") for _ in range(3)]
    until(lambda: len(here.spares()) > 2)
    for each in running:
        here.cancel(each)
        each.result()


def test_an_attempt_is_a_spare_that_is_used_once(here: Bench) -> None:
    pid_of(here)
    stood_by = until(lambda: len(here.spares()) >= 2 and here.spares())
    first, second = pid_of(here), pid_of(here)
    assert [first, second] == stood_by[:2]
    assert not alive(first)


def test_a_spare_that_was_killed_is_replaced_and_costs_no_attempt(here: Bench) -> None:
    pid_of(here)
    stood_by = until(lambda: len(here.spares()) >= 2 and here.spares())
    for pid in stood_by:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(alive, stood_by)))
    assert pid_of(here) not in stood_by
    until(lambda: len(here.spares()) >= 2)


def test_spares_hold_nothing_of_their_elders(here: Bench) -> None:
    running = here.begin("import time\ndef node():\n    time.sleep(60)")
    assert running.pid
    pid_of(here)
    until(lambda: sockets_of(here.spares()) == len(here.spares()) > 0)
    here.cancel(running)
    running.result()


def test_spares_go_with_their_server(tmp_path: Path) -> None:
    with bench(tmp_path) as short:
        others = set(short.spares())
        pid_of(short)
        spares = until(lambda: set(short.spares()) - others)
    assert not any(map(alive, spares))


def test_spares_go_with_a_server_that_was_killed(tmp_path: Path) -> None:
    with bench(tmp_path) as killed:
        pid_of(killed)
        server = killed.servers()[-1]
        spares = until(lambda: [pid for pid in children(server) if is_spare(pid)])
        os.kill(server, signal.SIGKILL)
        until(lambda: not any(map(alive, spares)))
