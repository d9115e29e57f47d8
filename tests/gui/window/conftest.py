"""A scenario is run on a loop of its own, over a window that is gone afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from gui.window.bench import Bench
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop


@pytest.fixture
def run(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    home = tmp_path / "home"
    home.mkdir()
    qapp.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(qapp)
    asyncio.set_event_loop(loop)

    def run_scenario(scenario: Callable[[Bench], Coroutine[Any, Any, None]]) -> None:
        async def whole() -> None:
            bench = Bench(qapp, home)
            try:
                await scenario(bench)
            finally:
                bench.window.catalogs.stop()
                for page in list(bench.window.tabs.pages()):
                    await bench.window.filing.drop(page)
                await bench.window.tasks.drain()
                bench.window.panes.run.close()
                bench.window.deleteLater()
                await asyncio.sleep(0)

        loop.run_until_complete(whole())

    yield run_scenario
    loop.close()
    asyncio.set_event_loop(None)
    qapp.setQuitOnLastWindowClosed(True)
