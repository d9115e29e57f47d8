"""The app in a process of its own on a virtual screen, asked through its probe socket and ended for sure."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from system.screen import Screen

DRIVER = Path(__file__).with_name("driven_app.py")


class App:
    """A running app. `ask(probe, *arguments)` answers as `probes.py` does."""

    def __init__(self, process: subprocess.Popen[bytes], path: Path, log: Path) -> None:
        self.process = process
        self.log = log
        self._path = path
        self._lines: Any = None

    def ask(self, probe: str, *arguments: object) -> Any:
        """Raises LookupError where the app says that it has no such thing."""
        if self._lines is None:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(40)
                connection.connect(str(self._path))
                self._lines = connection.makefile("rw", encoding="utf-8")
        self._lines.write(json.dumps([probe, *arguments]) + "\n")
        self._lines.flush()
        answer = json.loads(self._lines.readline() or '{"error": "the app has ended"}')
        if isinstance(answer, dict) and "error" in answer:
            raise LookupError(answer["error"])
        return answer

    def until(self, probe: str, *arguments: object, is_: Callable[[Any], bool] = bool, seconds: float = 30) -> Any:
        """Asks again until `is_(answer)`; a LookupError counts as not yet. Raises AssertionError after `seconds`."""
        deadline, answer = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            try:
                answer = self.ask(probe, *arguments)
            except (LookupError, ConnectionError, FileNotFoundError) as error:
                answer = error
            else:
                if is_(answer):
                    return answer
            assert self.process.poll() is None, f"the app ended:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.1)
        raise AssertionError(f"{probe}{arguments} is still {answer!r} after {seconds} s")

    def wait_closed(self, seconds: float = 15) -> int:
        return self.process.wait(seconds)

    def hang_up(self) -> None:
        if self._lines is not None:
            self._lines.close()


@contextmanager
def running_app(on: Screen, home: Path, *arguments: str | Path, cwd: Path | None = None) -> Iterator[App]:
    """Starts the app with settings, trust and state of its own below `home`."""
    home.mkdir(parents=True, exist_ok=True)
    path, log = home / f"probe-{time.monotonic_ns()}", home / "app.txt"
    environment = on.environment | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_RUNTIME_DIR": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(DRIVER.parent), os.environ.get("PYTHONPATH")))),
    }
    home.chmod(0o700)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, str(DRIVER), str(path), *map(str, arguments)],
            env=environment, cwd=cwd or home, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    app = App(process, path, log)
    try:
        app.until("ready", seconds=40)
        yield app
    finally:
        app.hang_up()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
