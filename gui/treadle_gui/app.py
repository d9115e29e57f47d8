"""The app's composition root: application, event loop, services, window. Nothing else builds these objects.

    main ──► QApplication ──► qasync loop ──► run_app ──► window … closed ──► engines let go ──► loop ends

The way out is the way in backwards, so that nothing of Qt outlives what it needs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

import treadle
from treadle.catalog.catalog import Catalog, load_catalog
from treadle.catalog.pipelines import project_pipelines
from treadle.catalog.watcher import fingerprint
from treadle.convert.export import export
from treadle.convert.exported import Exported
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem
from treadle_gui.crash_report import CrashReport
from treadle_gui.display import telling_if_missing
from treadle_gui.document.document import Components
from treadle_gui.document.recovery import RecoveryFolder, state_folder
from treadle_gui.interrupts import Interrupts
from treadle_gui.runs.bridge import RunBridge
from treadle_gui.settings import Settings, config_folder
from treadle_gui.tidying import Tidying
from treadle_gui.window.main_window import MainWindow
from treadle_gui.window.services import Services
from treadle_resources import copy_example, example_names

__all__ = ["SWITCH_EVERY", "main", "make_services", "run_app"]

SWITCH_EVERY: Final = 0.0005
"""Seconds after which a thread gives the interpreter to another that asks for it. Python's 5 ms, waited for at each
of Qt's calls, would hold up the window for 60 ms and more while a log is read."""


def main(argv: Sequence[str] | None = None) -> int:
    """Opens the app until its window is closed; returns the exit status.

    `argv` is as `sys.argv`, which it is by default: the program's name, then options and FILE.
    """
    options = _parser().parse_args((sys.argv if argv is None else argv)[1:])
    file = Path(options.file).absolute() if options.file is not None else None
    if file is not None and not file.exists():
        print(f"treadle: {file} does not exist", file=sys.stderr)
        return 2
    app = _application()
    report = CrashReport(state_folder() / "app.log", _show_crash)
    crashed = report.install()
    try:
        return _run_loop(app, report, [file] if file is not None else [], crashed=crashed)
    finally:
        report.uninstall()


def make_services() -> Services:
    """What the window needs of the rest of the world, for real."""
    state = state_folder()
    projects = Path.home() / "Treadle"

    def read_catalog(root: Path) -> Catalog:
        return load_catalog(root, state / "catalog").with_pipelines(project_pipelines(root))

    return Services(
        settings=Settings(config_folder() / "settings.ini"),
        recovery=RecoveryFolder(state / "recovery"),
        make_bridge=RunBridge,
        load_catalog=read_catalog,
        fingerprint=fingerprint,
        export=_export,
        folder=projects,
        copy_example=lambda name: _own_example(name, projects),
        examples=example_names(),
    )


async def run_app(
    app: QApplication, services: Services, files: list[Path], greet: Callable[[], object] | None = None
) -> None:
    """The app's life, from its window's opening to its closing. `greet` is called once the window is there."""
    window = MainWindow(app, services)
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    interrupts = Interrupts(window.close)
    tidying = Tidying()
    try:
        window.show()
        if greet is not None:
            greet()
        window.start("opening", window.begin(files))
        # What the start made lives as long as the app: going through it again and again would hold up the loop.
        gc.collect()
        gc.freeze()
        await closed.wait()
    finally:
        interrupts.stop()
        tidying.stop()
    # What was begun and is of no use any more must not come back to widgets that are gone.
    window.tasks.cancel()
    await window.tasks.drain()
    window.deleteLater()
    await asyncio.sleep(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="treadle_gui", description="Design, run and watch machine-learning pipelines."
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="a pipeline (*.treadle.yaml)")
    parser.add_argument("--version", action="version", version=f"Treadle {treadle.__version__}")
    return parser


def _application() -> QApplication:
    sys.setswitchinterval(SWITCH_EVERY)
    # Which binding pyqtgraph and QtAwesome use is not left to what else is installed.
    os.environ["PYQTGRAPH_QT_LIB"], os.environ["QT_API"] = "PySide6", "pyside6"
    with telling_if_missing():
        app = QApplication([sys.argv[0]])
    QCoreApplication.setApplicationName("treadle")
    QCoreApplication.setApplicationVersion(treadle.__version__)
    app.setApplicationDisplayName("Treadle")
    app.setDesktopFileName("treadle")
    # The loop ends when run_app does, not with the last window: the engines are let go of in between.
    app.setQuitOnLastWindowClosed(False)
    return app


def _run_loop(app: QApplication, report: CrashReport, files: list[Path], *, crashed: bool) -> int:
    from qasync import QEventLoop

    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(report.from_loop)
    with loop:
        greet = partial(_show_last_crash, report.file) if crashed else None
        life = loop.create_task(run_app(app, make_services(), files, greet))
        try:
            loop.run_until_complete(life)
        except RuntimeError:
            if life.done():
                raise
            # The session or the display went away under us: Qt has ended its loop already. Runs go on in their host.
            return 1
    return 0


def _export(pipeline: Pipeline, components: Components, to: str) -> Exported:
    if not isinstance(components, Catalog):
        return Exported("", (Problem("components-not-read", "The components are still being read; try again."),))
    return export(pipeline, components, to, components.pipelines)


def _own_example(name: str, projects: Path) -> Path:
    """A copy of the example for the person to change, in a folder that nothing is in yet."""
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        folder = projects / f"{name}{suffix}"
        if not folder.exists():
            return copy_example(name, folder)
    raise FileExistsError(f"{projects} is full of copies of {name}")


def _show_crash(sentence: str, details: str) -> None:
    box = QMessageBox(QMessageBox.Icon.Critical, "Something unexpected happened", sentence)
    box.setInformativeText("Your pipeline is still open; save it to be safe.")
    box.setDetailedText(details)
    _open(box)


def _show_last_crash(file: Path) -> None:
    box = QMessageBox(QMessageBox.Icon.Warning, "Treadle crashed", "Treadle crashed when it ran last.")
    box.setInformativeText(f"Where it happened stands in {file}. Runs have gone on by themselves.")
    _open(box)


def _open(box: QMessageBox) -> None:
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setModal(True)
    # Nobody else holds it: without its own connection it would be garbage, and gone, when this function ends.
    box.finished.connect(partial(_put_away, box))
    box.show()


def _put_away(box: QMessageBox, _answer: int) -> None:
    box.deleteLater()
