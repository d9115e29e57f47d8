"""The app as a program: it starts, says what is wrong, ends on Ctrl-C without an abort, and never dies silently."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

import treadle
from treadle_gui.app import _show_crash, main
from treadle_gui.crash_report import CrashReport
from treadle_gui.interrupts import Interrupts

PIPELINE = """treadle: 1
name: small
nodes:
  load:
    uses: data.read_csv
    with: {path: data.csv}
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }


@pytest.fixture
def report(tmp_path: Path) -> Iterator[tuple[CrashReport, list[str], Path]]:
    shown: list[str] = []
    file = tmp_path / "state" / "app.log"
    made = CrashReport(file, lambda sentence, _details: shown.append(sentence))
    made.install()
    yield made, shown, file
    made.uninstall()


def app(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "treadle_gui", *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_version_is_told_without_a_window(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["treadle", "--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == f"Treadle {treadle.__version__}"


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["treadle", str(tmp_path / "missing.treadle.yaml")]) == 2
    assert "missing.treadle.yaml does not exist" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_app_in_order(environment: dict[str, str], tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "small.treadle.yaml"
    file.write_text(PIPELINE)
    process = app(environment, str(file))
    log = tmp_path / "state" / "treadle" / "app.log"
    settings = tmp_path / "config" / "treadle" / "settings.ini"
    deadline = time.monotonic() + 60
    while not settings.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)  # they are written once the file stands among the recent ones: the window is up
    process.send_signal(number)
    try:
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert not log.exists() or "Traceback" not in log.read_text()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_nobody_expected_is_written_and_shown(report: tuple[CrashReport, list[str], Path]) -> None:
    _, shown, file = report
    try:
        raise ValueError("a bug of ours")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert shown == [f"ValueError: a bug of ours\nIt was written to {file}."]
    assert 'raise ValueError("a bug of ours")' in file.read_text()


def test_an_error_in_a_coroutine_is_shown(report: tuple[CrashReport, list[str], Path]) -> None:
    made, shown, _ = report
    loop = asyncio.new_event_loop()
    made.from_loop(loop, {"message": "Task exception was never retrieved", "exception": KeyError("lost")})
    loop.close()
    assert shown[0].startswith("KeyError: 'lost'")


def test_an_error_in_a_thread_is_written_but_shows_no_widget(report: tuple[CrashReport, list[str], Path]) -> None:
    _, shown, file = report

    def fail() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert "in a thread" in file.read_text()
    assert shown == []


def test_a_report_that_cannot_be_shown_still_stands_in_the_file(tmp_path: Path) -> None:
    def broken(_sentence: str, _details: str) -> None:
        raise RuntimeError("no window")

    made = CrashReport(tmp_path / "app.log", broken)
    made.install()
    made.tell(ValueError("first"))
    made.uninstall()
    assert "first" in (tmp_path / "app.log").read_text()
    assert "no window" in (tmp_path / "app.log").read_text()


def test_an_interrupt_reaches_qt_and_is_given_back(qtbot: QtBot) -> None:
    before = signal.getsignal(signal.SIGINT)
    closed: list[bool] = []
    interrupts = Interrupts(lambda: closed.append(True))
    os.kill(os.getpid(), signal.SIGINT)
    qtbot.waitUntil(lambda: closed == [True], timeout=2_000)
    interrupts.stop()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_crash_of_the_interpreter_is_told_at_the_next_start_with_its_stacks(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    dying = (
        "import faulthandler, pathlib, sys\n"
        "from treadle_gui.crash_report import CrashReport\n"
        "def where_it_happened():\n    faulthandler._sigsegv()\n"
        f"CrashReport(pathlib.Path({str(log)!r}), print).install()\n"
        "where_it_happened()\n"
    )
    assert subprocess.run([sys.executable, "-c", dying], check=False).returncode < 0
    after = CrashReport(log, lambda _sentence, _details: None)
    try:
        assert after.install()
        assert "where_it_happened" in log.read_text()
    finally:
        after.uninstall()
    again = CrashReport(log, lambda _sentence, _details: None)
    try:
        assert not again.install()
    finally:
        again.uninstall()
    assert list(tmp_path.glob("*.stacks")) == []


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_report_of_a_crash_stays_until_it_is_closed(qtbot: QtBot) -> None:
    _show_crash("ValueError: oh", "Traceback: …")
    gc.collect()
    [box] = [window for window in QApplication.topLevelWidgets() if isinstance(window, QMessageBox)]
    assert box.isVisible()
    assert box.text() == "ValueError: oh"
    gone = weakref.ref(box)
    box.close()
    del box
    qtbot.waitUntil(lambda: not any(isinstance(window, QMessageBox) for window in QApplication.topLevelWidgets()))
    gc.collect()
    assert gone() is None
