"""What other processes ask of a run is given to its holder, once, whole and checked."""

from __future__ import annotations

from pathlib import Path

from treadle.host.holding import hold
from treadle.host.requesting import Requests, leave_request
from treadle.run.interventions import (
    ApprovalAnswered,
    BreakpointSet,
    CancelRequested,
    Intervention,
    ParamsChanged,
    RunContinued,
    RunPaused,
    TaskStepped,
    When,
)

WISHES: list[Intervention] = [
    CancelRequested("user", "fit"),
    CancelRequested("cli"),
    ApprovalAnswered("ask", True, "fine", "ann"),
    RunPaused("ann"),
    RunContinued("ann"),
    BreakpointSet("fit", When.AFTER, True, "ann"),
    TaskStepped("fit", "ann"),
    ParamsChanged("fit", {"depth": [1, None]}, "ann"),
]


def test_each_request_is_given_once_and_in_order(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    assert requests.fresh() == []

    for wish in WISHES:
        leave_request(tmp_path, wish)

    assert requests.fresh() == WISHES
    assert requests.fresh() == []


def test_half_a_request_waits_for_its_other_half_and_garbage_is_passed_over(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    leave_request(tmp_path, RunPaused("ann"))
    file = tmp_path / "requests"
    line = file.read_bytes()
    forged = line.replace(b"run_paused", b"run_finished").replace(b'"by"', b'"state": "succeeded", "by"')
    file.write_bytes(b'garbage\n[1]\n\xff\n{"by": "us"}\n' + forged + line[:20])
    assert requests.fresh() == []

    with file.open("ab") as opened:
        opened.write(line[20:])

    assert requests.fresh() == [RunPaused("ann")]


def test_a_new_holder_begins_without_requests(tmp_path: Path) -> None:
    leave_request(tmp_path, CancelRequested("user"))

    held = hold(tmp_path)

    assert Requests(tmp_path).fresh() == []
    held.release()
