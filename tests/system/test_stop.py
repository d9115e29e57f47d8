"""Stop, pressed with a real mouse: within a second everything of the run is gone, and no network port was ever open."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from system.app_process import running_app
from system.screen import MISSING, Screen

pytestmark = [
    pytest.mark.screen,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

COMPONENT = '''
import subprocess
import time

from treadle import Json, component


@component()
def stay() -> Json:
    """Starts a child in a session of its own, and stays."""
    subprocess.Popen(["setsid", "sleep", "4242"])
    print("staying", flush=True)
    time.sleep(4242)
    return 0
'''
PIPELINE = "treadle: 1\nname: stay\nnodes:\n  one: {uses: pace.stay}\n  two: {uses: pace.stay}\nview:\n  one: [0, 0]\n"
STOPPED_WITHIN = 1.0
LISTENING = "0A"
"""TCP_LISTEN in /proc/net/tcp (include/net/tcp_states.h)."""


def _processes_in(folder: Path) -> dict[int, str]:
    """Command lines of all that works in `folder`, by pid."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str((entry / "cwd").readlink()).startswith(str(folder)):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def _listening(pids: list[int]) -> list[str]:
    """The lines of /proc/net/tcp{,6} that are listening sockets of `pids`."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = str(link.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return [line for line in lines if line.split()[3] == LISTENING and line.split()[9] in inodes]


def test_stop_ends_everything_within_a_second_and_nothing_listens(on_screen: Screen, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    (folder / "components").mkdir(parents=True)
    (folder / "components" / "pace.py").write_text(COMPONENT)
    file = folder / "stay.treadle.yaml"
    file.write_text(PIPELINE)
    with running_app(on_screen, tmp_path / "home", file, cwd=tmp_path) as app:
        on_screen.key("F5")
        app.until("dialog", is_=bool)
        on_screen.click(*app.ask("button", "Trust this folder"))
        for node in ("one", "two"):
            app.until("state", node, is_=lambda state: state == "running")
        working = _processes_in(folder)
        while sum("sleep 4242" in line for line in working.values()) < 2:
            time.sleep(0.05)
            working = _processes_in(folder)
        assert _listening([app.process.pid, *working]) == []

        on_screen.move(*app.ask("action", "run.stop"))
        time.sleep(0.1)
        pressed = time.monotonic()
        on_screen.xdotool("click", 1)
        app.until("run_status", is_=lambda status: status == "cancelled")
        took = time.monotonic() - pressed
        attempts = [line for line in _processes_in(folder).values() if "sleep 4242" in line or "treadle-node" in line]
        assert attempts == []
        assert took < STOPPED_WITHIN, f"{took:.2f} s"
