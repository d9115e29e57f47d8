"""Activating: what a double click leads to, on a node, on a problem, on a line of a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadle.spec.pipeline import GROUP_MARK, SUFFIX
from treadle.spec.problems import Problem

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["Activating"]


class Activating:
    """Each is for the page that is in front."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def activate(self, name: str) -> None:
        """A pipeline is entered, or its file opened; a failed node's log is what a person wants to see; of others, the
        settings."""
        page = self._window.page
        node = page.shown.pipeline.nodes.get(name) if page is not None else None
        if page is None or node is None:
            return
        if node.is_pipeline:
            self.open_pipeline(name, node.uses)
            return
        id_ = f"{page.level.prefix}{name}"
        task = page.session.state.tasks.get(id_) if page.session is not None else None
        if task is not None and task.status.is_failure:
            self.show_log(id_)
        else:
            self._window.panes.focus_inspector()

    def open_pipeline(self, name: str, uses: str) -> None:
        """Shows what the node is made of; a file that can't be read, in a tab of its own."""
        page = self._window.page
        if page is not None and not page.level.enter(name) and uses.endswith(SUFFIX):
            self.open_file(uses)

    def open_file(self, uses: str) -> None:
        """A pipeline file of the project, in a tab of its own."""
        if self._window.page is not None:
            self._window.open_path(self._window.page.project.root / uses)

    def show_uses(self, uses: str) -> None:
        """What a node uses: a component's source, a pipeline."""
        if uses.startswith(GROUP_MARK):
            self.open_pipeline(uses.removeprefix(GROUP_MARK), uses)
        elif uses.endswith(SUFFIX):
            self.open_file(uses)
        else:
            self._window.showing.show_source_of(uses)

    def show_problem(self, problem: Problem) -> None:
        window, where = self._window, problem.where
        if where.node is not None:
            window.reveal(where.node)
            if where.parameter is not None:
                window.panes.bring_up("inspector")
        elif where.file is not None:
            root = window.page.project.root if window.page is not None else window.projects.home
            window.showing.show_file(root / where.file, where.line)

    def show_log(self, node: str) -> None:
        """`node` by the way to it."""
        self._window.panes.bring_up("logs")
        self._window.panes.run.logs.show_task(node)
