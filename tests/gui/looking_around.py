"""Opens a project that nobody trusts, looks at everything, and prints what of it was run. A program of its own.

    python looking_around.py PIPELINE

An audit hook cannot be taken off again, and this process must not have a project's code in it from another test. It
prints one violation a line, and `looked` at the end.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from types import CodeType
from typing import Any

FILE = Path(sys.argv[1]).resolve()
PROJECT = str(FILE.parent)
READABLE = (".py", ".yaml", "treadle.toml")
SPAWNS = frozenset({
    "subprocess.Popen", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.exec", "os.system", "pty.spawn",
})  # fmt: skip
violations: list[str] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in SPAWNS:
        violations.append(f"{event} {arguments[:2]}")
    elif event == "exec" and isinstance(arguments[0], CodeType) and arguments[0].co_filename.startswith(PROJECT):
        violations.append(f"exec of {arguments[0].co_filename}")
    elif event == "import" and arguments[1] is not None and str(arguments[1]).startswith(PROJECT):
        violations.append(f"import of {arguments[1]}")
    elif event == "pickle.find_class":
        violations.append(f"unpickled {arguments}")
    elif event == "socket.bind":
        violations.append(f"bound {arguments[1]}")
    elif event == "open":
        watch_open(*arguments)


def watch_open(path: object, mode: object, flags: int) -> None:
    if not isinstance(path, str | bytes) or not os.fsdecode(path).startswith(PROJECT):
        return
    name = os.fsdecode(path)
    if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        violations.append(f"opened {name} to write")
    elif not name.endswith(READABLE) and not Path(name).is_dir():
        violations.append(f"read {name}")


async def look_around() -> None:
    from PySide6.QtWidgets import QApplication

    from treadle_gui.app import make_services
    from treadle_gui.window.main_window import MainWindow

    services = make_services()
    window = MainWindow(QApplication.instance(), services)
    window.show()
    await window.begin([FILE])
    page = window.page
    assert page is not None
    while not page.document.catalog.components:
        await asyncio.sleep(0.05)
    assert "steps.evil" in page.document.catalog.components
    for node in page.document.pipeline.nodes:
        page.document.select({node})
        for name in window.panes.docks:
            window.panes.bring_up(name)
            await asyncio.sleep(0.05)
    services.export(page.document.pipeline, page.document.catalog, "python")
    await asyncio.sleep(0.5)
    window.close()
    await asyncio.sleep(0.5)


def main() -> None:
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    sys.addaudithook(watch)
    with loop:
        loop.run_until_complete(asyncio.wait_for(look_around(), 40))
    loaded = [name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).startswith(PROJECT)]
    for violation in [*violations, *(f"loaded {name}" for name in loaded)]:
        print(violation)
    print("looked")


if __name__ == "__main__":
    main()
