"""Inspector: the form for what is selected: a node, several, or the pipeline itself.

A form is exchanged only when another thing is selected or its component changed; an edit updates the one there is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle.spec.problems import Problem
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.form_area import FormArea
from treadle_gui.panels.inspector.many_form import ManyForm
from treadle_gui.panels.inspector.node_form import NodeForm
from treadle_gui.panels.inspector.pipeline_form import PipelineForm
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import EmptyState

__all__ = ["Inspector"]

_NARROWEST: Final = 280

_Form = NodeForm | PipelineForm | ManyForm | EmptyState


class Inspector(QWidget):
    """Follows one document at a time."""

    node_requested = Signal(str)
    source_requested = Signal(str)
    file_requested = Signal(str)
    editor_requested = Signal(str)
    parameter_requested = Signal(str)
    copy_requested = Signal()
    delete_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._document: Document | None = None
        self._root: Path | None = None
        self._run_problems: tuple[Problem, ...] = ()
        self._folded: set[str] = set()
        self._area = FormArea()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._area)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._settle)
        self._form: _Form = EmptyState(theme, "tune-variant", "Open a pipeline to see its settings here.")
        self._area.setWidget(self._form)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return hint.expandedTo(QSize(_NARROWEST, hint.height()))

    @property
    def form(self) -> NodeForm | PipelineForm | ManyForm | EmptyState:
        return self._form

    def set_document(self, document: Document | None, root: Path | None = None) -> None:
        """`root` is the folder of the document's project, which file paths are relative to."""
        if self._document is not None:
            self._document.changed.disconnect(self._on_changed)
            self._document.selection_changed.disconnect(self._settle_soon)
            self._document.problems_changed.disconnect(self._show_problems)
            self._document.catalog_changed.disconnect(self._settle_soon)
        self._document, self._root = document, root
        if document is not None:
            document.changed.connect(self._on_changed)
            document.selection_changed.connect(self._settle_soon)
            document.problems_changed.connect(self._show_problems)
            document.catalog_changed.connect(self._settle_soon)
        self._exchange()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        if not isinstance(self._form, ManyForm):
            self._form.set_theme(theme)

    def set_run_problems(self, problems: tuple[Problem, ...]) -> None:
        """What went wrong in the shown run, beside what validation finds."""
        self._run_problems = problems
        self._show_problems()

    def focus_first(self) -> None:
        """Puts the cursor where a person most likely wants to type."""
        self._settle()
        form = self._form
        if isinstance(form, NodeForm):
            row = next(iter(form.rows.values()), None)
            (row.field if row is not None else form.head.title).setFocus()
        elif isinstance(form, PipelineForm):
            form.name.setFocus()

    # Inside

    def _on_changed(self) -> None:
        form = self._form
        if isinstance(form, NodeForm) and not form.still_fits():
            self._settle_soon()
        elif isinstance(form, NodeForm | PipelineForm):
            form.refresh()

    def _settle_soon(self) -> None:
        """Selection changes in bursts while a marquee is drawn; a form is built once they pause."""
        self._later.start()

    def _settle(self) -> None:
        self._later.stop()
        document, form = self._document, self._form
        if document is None:
            return
        chosen = sorted(document.selection)
        if len(chosen) == 1 and isinstance(form, NodeForm):
            if form.node_id == chosen[0] and form.still_fits():
                form.refresh()
                return
            if form.take_over(chosen[0]):
                return
        if len(chosen) > 1 and isinstance(form, ManyForm):
            form.refresh()
            return
        if not chosen and isinstance(form, PipelineForm):
            form.refresh()
            return
        self._exchange()

    def _exchange(self) -> None:
        self._later.stop()
        self._form = self._make_form()
        old = self._area.takeWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        self._area.setWidget(self._form)
        self._show_problems()

    def _make_form(self) -> _Form:
        document = self._document
        if document is None:
            return EmptyState(self._theme, "tune-variant", "Open a pipeline to see its settings here.")
        chosen = sorted(document.selection)
        if len(chosen) > 1:
            many = ManyForm(document)
            many.copy_requested.connect(self.copy_requested)
            many.delete_requested.connect(self.delete_requested)
            return many
        if not chosen:
            whole = PipelineForm(document, self._theme)
            whole.parameter_requested.connect(self.parameter_requested)
            return whole
        form = NodeForm(document, chosen[0], self._theme, self._root, self._folded)
        form.node_requested.connect(self.node_requested)
        form.source_requested.connect(self.source_requested)
        form.file_requested.connect(self.file_requested)
        form.editor_requested.connect(self.editor_requested)
        return form

    def _show_problems(self) -> None:
        if isinstance(self._form, NodeForm | PipelineForm) and self._document is not None:
            self._form.show_problems((*self._document.problems, *self._run_problems))
