"""Following: everything around the canvas shows the page in front, and lets go of the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from treadle.run.state import RunState
from treadle.spec.pipeline import Endpoint
from treadle.spec.problems import Problem
from treadle.spec.subpipelines import made_by
from treadle_gui.document.document import NO_COMPONENTS, Components, Document
from treadle_gui.panels.problems_of_run import run_problems
from treadle_gui.runs.session import RunSession
from treadle_gui.window.offering import Offering
from treadle_gui.window.page import Page
from treadle_gui.window.panes import Panes
from treadle_gui.window.status import StatusBar

__all__ = ["Following", "columns_of"]

LEARN_EVERY: Final = 250
"""Milliseconds between two looks at what a run has come to."""


def columns_of(state: RunState) -> dict[Endpoint, tuple[str, ...]]:
    """The columns of every table that the run made, by output; the items of maps are no nodes and have none."""
    found: dict[Endpoint, tuple[str, ...]] = {}
    for task, progress in state.tasks.items():
        if "[" in task:
            continue
        for port, artifact in progress.outputs.items():
            columns = artifact.meta.get("columns")
            if isinstance(columns, list):
                names = tuple(
                    str(column.get("name")) if isinstance(column, dict) else str(column) for column in columns
                )
                found[Endpoint(task, port)] = names
    return found


class Following(QObject):
    """`changed`: ask every command again whether it can run."""

    changed = Signal()

    def __init__(self, panes: Panes, status: StatusBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._panes = panes
        self._status = status
        self._page: Page | None = None
        self._session: RunSession | None = None
        self._offering = Offering(panes)
        self._at_home: Components = NO_COMPONENTS
        self._rest = QTimer(self, singleShot=True, interval=LEARN_EVERY)
        self._rest.timeout.connect(self._learn)

    @property
    def page(self) -> Page | None:
        return self._page

    def follow(self, page: Page | None) -> None:
        if page is self._page and page is not None:
            return
        if self._page is not None:
            self._let_go(self._page)
        self._page = page
        if page is not None:
            self._take(page)
        self._panes.inspector.setEnabled(page is None or not page.shown.is_read_only)
        self._panes.inspector.set_document(
            page.shown if page is not None else None, page.project.root if page else None
        )
        self._panes.run.set_bridge(page.bridge if page is not None else None)
        self._show_problems(page.document.problems if page is not None else ())
        self._show_catalog()
        self._show_selection(page.shown.selection if page is not None else frozenset())
        self._show_session(page.session if page is not None else None)
        self._status.set_zoom(page.canvas.zoom() if page is not None else None)
        self.refresh_trust()
        self.changed.emit()

    def set_catalog_at_home(self, catalog: Components) -> None:
        """What the palette offers while no pipeline is open: what a new one could use."""
        self._at_home = catalog
        if self._page is None:
            self._show_catalog()

    def refresh_trust(self) -> None:
        self._status.set_restricted(self._page is not None and not self._page.bridge.is_trusted)

    def show_project(self, page: Page) -> None:
        """The page's file went into another project."""
        if page is self._page:
            self._panes.inspector.set_document(page.shown, page.project.root)
            self._panes.run.refresh_history()
            self.refresh_trust()

    def _take(self, page: Page) -> None:
        for signal, slot in self._ties(page):
            signal.connect(slot)

    def _let_go(self, page: Page) -> None:
        for signal, slot in self._ties(page):
            signal.disconnect(slot)
        self._status.set_engine_lost(False)

    def _ties(self, page: Page) -> tuple[tuple[SignalInstance, Callable[..., object] | SignalInstance], ...]:
        """What is heard of a page while it is in front."""
        document = page.document
        return (
            (document.problems_changed, self._show_problems),
            (document.catalog_changed, self._show_catalog),
            (document.history_changed, self.changed),
            (document.dirty_changed, self.changed),
            (page.shown.selection_changed, self._show_selection),
            (page.level.shown_changed, self._show_level),
            (page.session_changed, self._show_session),
            (page.canvas.hint, self._status.say),
            (page.canvas.zoom_changed, self._status.set_zoom),
            (page.bridge.failed, self._status.say),
            (page.bridge.lost, self._status.set_engine_lost),
        )

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        self._panes.problems.set_problems(problems)

    def _show_catalog(self) -> None:
        catalog = self._page.document.catalog if self._page is not None else self._at_home
        self._panes.palette.set_catalog(catalog)
        self._panes.problems.set_file_problems(catalog.problems)

    def _show_level(self, before: Document, now: Document) -> None:
        """Another level of the page's pipeline is on the canvas."""
        before.selection_changed.disconnect(self._show_selection)
        now.selection_changed.connect(self._show_selection)
        if self._page is not None:
            self._panes.inspector.set_document(now, self._page.project.root)
            self._panes.inspector.setEnabled(not now.is_read_only)
        self._show_selection(now.selection)
        self._learn()

    def _show_selection(self, nodes: frozenset[str]) -> None:
        tasks = self._tasks_of(nodes)
        self._panes.run.set_selection(tasks)
        if self._session is not None and len(tasks) == 1:
            (task,) = tasks
            self._offering.choose(task, self._session.state)
        self.changed.emit()

    def _tasks_of(self, nodes: frozenset[str]) -> frozenset[str]:
        """What a run calls these nodes; of one that is a pipeline, all inside it."""
        if self._page is None:
            return nodes
        tasks = self._session.state.tasks if self._session is not None else {}
        named = {f"{self._page.level.prefix}{node}" for node in nodes}
        groups = tuple(f"{id_}/" for id_ in named if id_ not in tasks)
        return frozenset(named & tasks.keys() | {id_ for id_ in tasks if groups and id_.startswith(groups)} or named)

    def _show_session(self, session: RunSession | None) -> None:
        if self._session is not None:
            self._session.tasks_changed.disconnect(self._learn_soon)
            self._session.run_changed.disconnect(self._on_run_changed)
        self._session = session
        if session is not None:
            session.tasks_changed.connect(self._learn_soon)
            session.run_changed.connect(self._on_run_changed)
        self._offering.follow(session)
        self._status.set_session(session)
        self._learn()

    def _here(self, failures: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """Those of nodes that are shown, by the names they have here."""
        prefix = self._page.level.prefix if self._page is not None else ""
        return tuple(
            replace(failure, where=replace(failure.where, node=node.removeprefix(prefix)))
            for failure in failures
            if (node := failure.where.node) is not None and node.startswith(prefix)
        )

    def _on_run_changed(self, state: RunState) -> None:
        self._learn()
        self._offering.see(state)

    def _learn_soon(self, tasks: frozenset[str]) -> None:
        """Looking at every task is too much for each tick of a large run."""
        state = self._session.state if self._session is not None else None
        known = state.tasks if state is not None else {}
        if not self._rest.isActive() and any(known[task].status.is_done for task in tasks if task in known):
            self._rest.start()

    def _learn(self) -> None:
        """What the run has come to, for those who do not watch it themselves."""
        self._rest.stop()
        state = self._session.state if self._session is not None else None
        failures = run_problems(state) if state is not None else ()
        self._panes.problems.set_run_problems(failures)
        self._panes.inspector.set_run_problems(self._here(failures))
        if state is not None and self._page is not None:
            document = self._page.document
            known = columns_of(state)
            for given, made in made_by(document.pipeline, document.catalog.pipelines):
                known |= {given: known[made]} if made in known else {}
            document.set_columns(known)
        self.changed.emit()
