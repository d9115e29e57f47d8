"""The loop never stands still for 50 ms while a run of 1,000 events a second is watched in logs and charts."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.runs.flows import begun, launched, metric, record, sampled
from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from pytestqt.qtbot import QtBot

from treadle.run.events import Event, ProgressReported, Recorded
from treadle.store.project import RunFolder
from treadle_gui.panels.run_panels import RunPanels
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import Theme

RATE = 1_000
SECONDS = 3
TRIES = 4
LONGEST_GAP = 0.050
TASKS = tuple(f"node_{number}" for number in range(20))


class LoopWatch(QObject):
    """Measures what lies between two turns of Qt's loop: `gaps` by the clock, `work` by this thread's computing."""

    def __init__(self) -> None:
        super().__init__()
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turned)
        self.gaps: list[float] = []
        self.work: list[float] = []
        self._worked = 0.0

    def start(self) -> None:
        self._worked = time.thread_time()
        self._clock.start()
        self._timer.start(0)

    def stop(self) -> None:
        self._timer.stop()

    def _turned(self) -> None:
        self.gaps.append(self._clock.nsecsElapsed() / 1e9)
        worked = time.thread_time()
        self.work.append(worked - self._worked)
        self._worked = worked
        self._clock.restart()


class Traffic(QObject):
    """Feeds a session `RATE` events a second and writes as many lines of log."""

    def __init__(self, session: RunSession, log: Path) -> None:
        super().__init__()
        self._session = session
        self._log = log.open("a")
        self._events = _endless()
        self._first = self._seq = session.last_seq
        self._started = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._feed)
        self._timer.start(10)

    def stop(self) -> None:
        self._timer.stop()
        self._log.close()

    @property
    def sent(self) -> int:
        return self._seq - self._first

    def _feed(self) -> None:
        due = int((time.perf_counter() - self._started) * RATE) - self.sent
        lines = [f"INFO step {self._seq + n} loss=0.123 lr=1e-4\n" for n in range(due)]
        self._log.writelines(lines)
        self._log.flush()
        now = time.time()
        self._session.feed([Recorded(self._seq + n, now, next(self._events)) for n in range(1, due + 1)])
        self._seq += max(due, 0)


def _endless() -> Iterator[Event]:
    number = 0
    while True:
        task = TASKS[number % len(TASKS)]
        number += 1
        if number % 3 == 0:
            yield ProgressReported(task, 1, (number % 1_000) / 1_000)
        elif number % 3 == 1:
            yield sampled(task, number % 100, number << 10)
        else:
            yield metric(task, 1.0 / number)


@pytest.fixture
def watched(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Iterator[tuple[RunSession, Path]]:
    """A session whose logs and resources are in view, and its metrics behind them, with the log of its first node."""
    panels = RunPanels(theme)
    for panel in (panels.logs, panels.resources):
        panel.resize(1200, 320)
        qtbot.addWidget(panel)
        panel.show()
    session = RunSession("r1", tmp_path)
    log = RunFolder(tmp_path).log(TASKS[0], 1)
    log.parent.mkdir(parents=True)
    events = [*begun(*TASKS), *(event for task in TASKS for event in launched(task))]
    session.feed(record(events, at=time.time()))
    for panel in (panels.logs, panels.resources, panels.metrics):
        panel.set_session(session)
    panels.resources.set_selection(frozenset({TASKS[3]}))
    # As app.py does once its window is up.
    gc.collect()
    gc.freeze()
    yield session, log
    gc.unfreeze()
    panels.logs.close_logs()


@pytest.mark.slow
@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_loop_never_stands_still_for_50_ms(qtbot: QtBot, watched: tuple[RunSession, Path]) -> None:
    session, log = watched
    qtbot.wait(500)
    worst: list[tuple[float, float]] = []
    # By the clock the best of a few: other programs on the machine can only add to what is ours.
    while len(worst) < TRIES and not (worst and worst[-1][0] <= LONGEST_GAP):
        watch, traffic = LoopWatch(), Traffic(session, log)
        watch.start()
        qtbot.wait(SECONDS * 1_000)
        watch.stop()
        traffic.stop()
        worst.append((max(watch.gaps), max(watch.work)))
        assert traffic.sent >= 0.9 * SECONDS * RATE
    print("longest gap, longest work in ms:", [(round(gap * 1e3, 1), round(work * 1e3, 1)) for gap, work in worst])
    assert max(work for _, work in worst) <= LONGEST_GAP
    assert min(gap for gap, _ in worst) <= LONGEST_GAP
