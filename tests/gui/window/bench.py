"""A main window over a temporary home, with a fake engine and what a test does to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from gui.runs.fake_engine import FakeEngine
from gui.runs.flows import begun, ended, finished, launched, record
from PySide6.QtWidgets import QApplication

from treadle.execute.protocol import Failed
from treadle.host.api import Engine
from treadle.spec.component import Component, InputPort, OutputPort, SourceRef
from treadle.spec.subpipelines import PipelineFiles
from treadle.spec.types import PortType
from treadle.store.project import Project
from treadle_gui.dialogs.question import Question
from treadle_gui.document.recovery import RecoveryFolder
from treadle_gui.runs.bridge import RunBridge
from treadle_gui.settings import Settings
from treadle_gui.window.main_window import MainWindow
from treadle_gui.window.page import Page
from treadle_gui.window.services import Services

TEXT = """\
treadle: 1
name: churn
nodes:
  load:
    uses: data.read
  fit:
    uses: train.fit
    in: {train: load.table}
"""
TABLE = PortType("Table")
COMPONENTS = (
    Component(
        "data.read",
        "Read",
        SourceRef("data.py", "data", "read", 1),
        outputs=(OutputPort("table", TABLE),),
        builtin=True,
    ),
    Component(
        "train.fit", "Fit", SourceRef("train.py", "train", "fit", 1), inputs=(InputPort("train", TABLE),), builtin=True
    ),
)
FAILING = [
    *begun("load", "fit"),
    *launched("load"),
    *ended("load", Failed("ValueError", "no such column")),
    *finished("failed"),
]


class Catalog:
    def __init__(self) -> None:
        self.components = {component.uses: component for component in COMPONENTS}
        self.pipelines: PipelineFiles = {}
        self.problems = ()


class Bench:
    """A window over a temporary home, with what a test does to it."""

    def __init__(self, app: QApplication, home: Path) -> None:
        self.home = home
        self.file = home / "churn.treadle.yaml"
        self.file.write_text(TEXT)
        self.engine = FakeEngine(record(FAILING))
        self.services = Services(
            settings=Settings(home / "settings.ini"),
            recovery=RecoveryFolder(home / "recovery"),
            make_bridge=lambda project: RunBridge(project, self._connect),
            load_catalog=lambda _root: Catalog(),
            fingerprint=lambda _root: 1,
            export=lambda _pipeline, _catalog, _to: pytest.fail("nothing is exported here"),
            folder=home,
            copy_example=lambda _name: self.file,
            examples=("flights",),
        )
        self.services.settings.theme = "dark"
        self.window = MainWindow(app, self.services)

    async def _connect(self, _project: Project) -> Engine:
        return self.engine

    async def open(self) -> Page:
        page = await self.window.filing.open(self.file)
        assert isinstance(page, Page)
        await self.until(lambda: bool(page.document.catalog.components))
        return page

    async def answer(self, key: str) -> None:
        """Presses a button of the question that is asked next."""
        asked: list[Question] = []

        def look() -> bool:
            asked[:] = [dialog for dialog in self.window.findChildren(Question) if dialog.isVisible()]
            return bool(asked)

        await self.until(look)
        asked[0].buttons[key].click()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.01)
