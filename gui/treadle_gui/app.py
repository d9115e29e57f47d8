"""The app's composition root: application, event loop, theme, and the window with its document and its engine.

    main ──► QApplication ──► qasync loop ──► run_app ──► window … closed ──► engine let go ──► loop ends

Nothing else builds these objects. The way out is the way in backwards, so that nothing of Qt outlives what it needs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

import treadle
from treadle.catalog.catalog import load_catalog
from treadle.store.project import find_project
from treadle_gui.crash_report import CrashReport
from treadle_gui.document.document import Document
from treadle_gui.document.files import load
from treadle_gui.document.recovery import state_folder
from treadle_gui.interrupts import Interrupts
from treadle_gui.plain_window import PlainWindow
from treadle_gui.runs.bridge import RunBridge
from treadle_gui.style.apply import apply_theme, system_theme
from treadle_gui.style.tokens import DARK, LIGHT, Theme

__all__ = ["main", "run_app"]


def main(argv: Sequence[str] | None = None) -> int:
    """Opens the app, with FILE if one is given, until its window is closed. Returns the exit status."""
    options = _parser().parse_args(argv)
    file = Path(options.file).absolute() if options.file is not None else None
    if file is not None and not file.exists():
        print(f"treadle: {file} does not exist", file=sys.stderr)
        return 2
    # Which binding pyqtgraph and QtAwesome use is not left to what else is installed.
    os.environ["PYQTGRAPH_QT_LIB"] = os.environ["QT_API"] = "pyside6"
    app = QApplication([sys.argv[0]])
    QCoreApplication.setApplicationName("treadle")
    QCoreApplication.setApplicationVersion(treadle.__version__)
    app.setApplicationDisplayName("Treadle")
    app.setDesktopFileName("treadle")
    theme = {"dark": DARK, "light": LIGHT}.get(options.theme) or system_theme(app)
    apply_theme(app, theme)
    report = CrashReport(state_folder() / "app.log", _show_crash)
    report.install()
    try:
        _run_loop(app, report, file, theme)
    finally:
        report.uninstall()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="treadle_gui", description="Design, run and watch machine-learning pipelines."
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="a pipeline (*.treadle.yaml)")
    parser.add_argument("--theme", choices=("system", "dark", "light"), default="system")
    parser.add_argument("--version", action="version", version=f"Treadle {treadle.__version__}")
    return parser


def _run_loop(app: QApplication, report: CrashReport, file: Path | None, theme: Theme) -> None:
    from qasync import QEventLoop

    # The loop ends when run_app does, not when the last window closes: the engine is let go of in between.
    app.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(report.from_loop)
    with loop:
        loop.run_until_complete(run_app(file, theme))


async def run_app(file: Path | None, theme: Theme) -> None:
    """The app's life, from its window's opening to its closing."""
    project = find_project(file if file is not None else Path.cwd())
    catalog = await asyncio.to_thread(load_catalog, project.root, state_folder() / "catalog")
    loaded = await asyncio.to_thread(load, file) if file is not None else None
    document = Document(catalog=catalog)
    if loaded is not None:
        document = Document(loaded.pipeline, catalog, file, loaded.text)
    bridge = RunBridge(project)
    window = PlainWindow(document, bridge, theme)
    interrupts = Interrupts(window.close)
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    window.show()
    window.canvas.fit()
    # What the start made lives as long as the app: going through it again and again would hold up the loop.
    gc.collect()
    gc.freeze()
    bridge.launch(bridge.attach_to_unfinished(str(file) if file is not None else None))
    await closed.wait()
    interrupts.stop()
    await bridge.close()
    window.deleteLater()
    await asyncio.sleep(0)


def _show_crash(sentence: str, details: str) -> None:
    box = QMessageBox(QMessageBox.Icon.Critical, "Something unexpected happened", sentence)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText("Your pipeline is still open; save it to be safe.")
    box.setDetailedText(details)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setModal(True)
    box.show()
