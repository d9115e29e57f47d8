"""DataPanel: what the selected node gave in the run that is shown, and what it kept besides, a tab each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from treadle.host.api import Preview
from treadle.run.state import TaskState, TaskStatus
from treadle.store.references import ArtifactRef
from treadle_gui.panels.charts.units import bytes_text
from treadle_gui.panels.data.html_view import HtmlView
from treadle_gui.panels.data.table_model import PAGE, TableColumn, TableModel
from treadle_gui.panels.data.views import FactsView, ImageView, TreeView, code_view, table_view
from treadle_gui.runs.session import RunSession
from treadle_gui.style.states import state_look
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import ElidedLabel, EmptyState, PlainLabel

__all__ = ["DataPanel", "PreviewSource"]


class PreviewSource(Protocol):
    """What is needed of `runs.previews.Previews`; its signals are connected to `show_preview` and `show_failure`."""

    def ask(self, digest: str, offset: int = 0, limit: int = 200) -> None: ...


class DataPanel(QWidget):
    """Looks at artifacts; asks `previews` for them, and is told by `show_preview` and `show_failure`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._previews: PreviewSource | None = None
        self._session: RunSession | None = None
        self._task: str | None = None
        self._outputs: Mapping[str, ArtifactRef] = {}
        self._shown: ArtifactRef | None = None
        self._model: TableModel | None = None
        self._name = PlainLabel("", "title")
        self._ports = QTabBar()
        self._ports.setDrawBase(False)
        self._ports.setExpanding(False)
        self._ports.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._ports.setAccessibleName("Outputs")
        self._facts = ElidedLabel("", "muted")
        self._facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._empty = EmptyState(theme, "table-eye", _INVITATION)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        bar = QHBoxLayout()
        bar.setContentsMargins(METRICS.gap, METRICS.gap_small, METRICS.gap, METRICS.gap_small)
        bar.setSpacing(METRICS.gap)
        bar.addWidget(self._name)
        bar.addWidget(self._ports)
        bar.addWidget(self._facts, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._stack, 1)
        self._ports.currentChanged.connect(self._port_changed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._empty.set_theme(theme)
        shown = self._stack.currentWidget()
        if isinstance(shown, ImageView | HtmlView):
            shown.set_theme(theme)

    def set_previews(self, previews: PreviewSource | None) -> None:
        """Whom to ask; another project has another engine."""
        self._previews = previews

    def set_session(self, session: RunSession | None) -> None:
        """Shows the outputs of another run."""
        if self._session is not None:
            self._session.tasks_changed.disconnect(self._tasks_changed)
        self._session = session
        if session is not None:
            session.tasks_changed.connect(self._tasks_changed)
        self._refresh()

    def set_selection(self, nodes: frozenset[str]) -> None:
        """Shows the outputs of the selected node; several or none leave what is shown."""
        if len(nodes) == 1:
            self._task = next(iter(nodes))
            self._refresh()

    def show_preview(self, preview: Preview, offset: int) -> None:
        """An answer came; one that is no longer asked for is ignored."""
        if self._shown is None or preview.digest != self._shown.digest:
            return
        if offset and self._model is not None and isinstance(preview.value, dict):
            self._model.add_page(offset, _rows(preview.value))
        elif not offset:
            self._show_widget(self._view(preview, self._shown))

    def show_failure(self, digest: str, message: str) -> None:
        if self._shown is not None and digest == self._shown.digest:
            self._say(message)

    def choose_port(self, port: str) -> None:
        """Shows the output on `port`. Raises ValueError where there is none."""
        self._ports.setCurrentIndex(list(self._outputs).index(port))

    @property
    def empty_text(self) -> str:
        """Why there is nothing to see, where there is nothing."""
        return self._empty.sentence.text()

    # Inside

    def _tasks_changed(self, changed: frozenset[str]) -> None:
        if self._task in changed:
            self._refresh()

    def _refresh(self) -> None:
        state = self._session.state.tasks.get(self._task) if self._session is not None and self._task else None
        outputs = {**state.kept, **state.outputs} if state is not None else {}
        self._name.setText(self._task or "")
        if outputs == self._outputs and outputs:
            return
        self._outputs = outputs
        chosen = self._ports.tabText(self._ports.currentIndex())
        self._ports.blockSignals(True)
        while self._ports.count():
            self._ports.removeTab(0)
        for port in outputs:
            self._ports.addTab(port)
        self._ports.setCurrentIndex(list(outputs).index(chosen) if chosen in outputs else 0)
        self._ports.blockSignals(False)
        if outputs:
            self._port_changed(self._ports.currentIndex())
        else:
            self._shown = None
            self._say(_why_nothing(self._task, state))

    def _port_changed(self, index: int) -> None:
        if not 0 <= index < len(self._outputs):
            return
        ref = list(self._outputs.values())[index]
        if self._shown is not None and ref.digest == self._shown.digest:
            return
        self._shown = ref
        self._facts.set_whole_text(_facts(ref))
        self._say("Reading…")
        if self._previews is not None:
            self._previews.ask(ref.digest, 0, PAGE)

    def _say(self, text: str) -> None:
        self._empty.sentence.setText(text)
        self._show_widget(self._empty)
        if self._shown is None:
            self._facts.set_whole_text("")

    def _show_widget(self, widget: QWidget) -> None:
        before = self._stack.currentWidget()
        if widget is not before:
            self._stack.addWidget(widget)
            self._stack.setCurrentWidget(widget)
            if before is not None and before is not self._empty:
                self._stack.removeWidget(before)
                before.deleteLater()
        if widget is self._empty:
            self._model = None

    def _view(self, preview: Preview, ref: ArtifactRef) -> QWidget:
        value: Any = preview.value
        match preview.kind:
            case "table" if isinstance(value, dict):
                return self._table(value, ref.digest)
            case "image" if isinstance(value, str):
                picture = ImageView(self._theme, value)
                return picture if picture.is_readable else code_view("This picture can't be read.")
            case "html" if isinstance(value, str):
                return HtmlView(value, self._theme)
            case "json" if isinstance(value, dict) and ref.type == "Metrics":
                return FactsView(value, ("Metric", "Value"))
            case "json":
                return TreeView(value)
            case "facts" if isinstance(value, dict):
                return FactsView(value)
            case _:
                return code_view(str(value))

    def _table(self, value: Mapping[str, Any], digest: str) -> QWidget:
        columns = [_column(column) for column in value.get("columns", [])]
        rows = _rows(value)
        model = TableModel(columns, int(value.get("total", len(rows))))
        model.add_page(0, rows)
        model.setObjectName(digest)
        model.wanted.connect(self._ask_page)
        self._model = model
        return table_view(model)

    def _ask_page(self, offset: int) -> None:
        if self._previews is not None and self._shown is not None:
            self._previews.ask(self._shown.digest, offset, PAGE)


_INVITATION = "Select a node that has run to see what it gave."


def _rows(value: Mapping[str, Any]) -> list[list[Any]]:
    rows = value.get("rows", [])
    return rows if isinstance(rows, list) else []


def _column(column: Any) -> TableColumn:
    if isinstance(column, dict):
        return TableColumn(str(column.get("name", "")), str(column.get("type", "")).removeprefix("large_"))
    return TableColumn(str(column), "")


def _facts(ref: ArtifactRef) -> str:
    parts = [ref.type]
    rows, columns = ref.meta.get("rows"), ref.meta.get("columns")
    if isinstance(rows, int):
        parts.append(f"{rows:,} rows")
    if isinstance(columns, list):
        parts.append(f"{len(columns):,} columns")
    return " · ".join([*parts, bytes_text(ref.size), ref.digest[:12]])


def _why_nothing(task: str | None, state: TaskState | None) -> str:
    if task is None:
        return _INVITATION
    if state is None:
        return f"{task} is not part of this run."
    match state.status:
        case TaskStatus.SUCCEEDED | TaskStatus.CACHED:
            return f"{task} gives nothing."
        case status if status.is_done:
            return f"{task} has no outputs: {state_look(status).word}."
        case _:
            return f"The outputs of {task} appear here when it has succeeded."
