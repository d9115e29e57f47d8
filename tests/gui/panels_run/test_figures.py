"""The figures of a run: outputs and reports in one table, a row a node."""

from __future__ import annotations

import pytest
from gui.panels_run.test_charts import session_of
from gui.runs.flows import begun, ended, launched, metric
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from treadle.execute.protocol import Succeeded
from treadle.run.events import Event
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef
from treadle_gui.panels.charts import MetricsPanel
from treadle_gui.panels.charts.figures import figure_text
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def scored(task: str, **values: Value) -> list[Event]:
    """A task that gave metrics as its output."""
    reference = ArtifactRef("5b51", "Metrics", "json", 20, {"values": values})
    return [*launched(task), *ended(task, Succeeded({"metrics": reference}))]


def shown(qtbot: QtBot, theme: Theme, *events: Event) -> MetricsPanel:
    panel = MetricsPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    panel.set_session(session_of(*events))
    panel.draw()
    return panel


def cells(panel: MetricsPanel) -> list[list[str]]:
    model = panel.table.figures
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def headings(panel: MetricsPanel) -> list[str]:
    model = panel.table.figures
    return [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]


def test_metrics_outputs_stand_beside_one_another(qtbot: QtBot, each_theme: Theme) -> None:
    boosting, logistic = scored("boosting", accuracy=0.73906, f1=0.43113), scored("logistic", accuracy=0.76088)
    panel = shown(qtbot, each_theme, *begun("boosting", "logistic"), *boosting, *logistic)
    assert headings(panel) == ["Node", "accuracy", "f1"]
    assert cells(panel) == [["boosting", "0.7391", "0.4311"], ["logistic", "0.7609", "—"]]
    assert panel.table.isVisible()
    assert not panel.chart.isVisible()  # nothing has steps


def test_what_is_reported_stands_there_by_its_newest_value_with_its_curve(qtbot: QtBot, theme: Theme) -> None:
    panel = shown(qtbot, theme, *begun("fit"), metric("fit", 3.0, 10), metric("fit", 1.5, 20))
    assert cells(panel) == [["fit", "1.5000"]]
    assert panel.chart.isVisible()
    name = panel.table.figures.index(0, 0)
    assert name.data(Qt.ItemDataRole.DecorationRole) == QColor(theme.charts[0])
    assert panel.table.columnWidth(0) >= panel.table.sizeHintForColumn(0)  # the mark leaves the name its place


def test_what_a_node_gave_counts_before_what_it_reported_on_the_way(qtbot: QtBot, theme: Theme) -> None:
    panel = shown(
        qtbot, theme, *begun("fit"), metric("fit", 3.0, 10), metric("fit", 1.5, 20), *scored("fit", loss=1.25)
    )
    assert cells(panel) == [["fit", "1.2500"]]


def test_rows_stand_in_the_order_of_the_pipeline_whichever_was_quicker(qtbot: QtBot, theme: Theme) -> None:
    panel = shown(qtbot, theme, *begun("a", "b", "c"), *scored("c", f1=0.5), *scored("a", f1=0.75))
    assert [row[0] for row in cells(panel)] == ["a", "c"]


def test_a_single_report_is_a_figure_and_no_curve(qtbot: QtBot, theme: Theme) -> None:
    panel = shown(qtbot, theme, *begun("fit"), metric("fit", 3.0))
    assert cells(panel) == [["fit", "3"]]
    assert not panel.chart.isVisible()


def test_a_run_without_figures_says_so(qtbot: QtBot, theme: Theme) -> None:
    panel = shown(qtbot, theme, *begun("load"), *launched("load"), *ended("load"))
    assert not panel.table.isVisible()


def test_another_run_does_not_keep_the_figures_of_the_last(qtbot: QtBot, theme: Theme) -> None:
    panel = shown(qtbot, theme, *begun("a"), *scored("a", accuracy=0.5))
    panel.set_session(session_of(*begun("b"), *scored("b", f1=0.25)))
    panel.draw()
    assert headings(panel) == ["Node", "f1"]
    assert cells(panel) == [["b", "0.2500"]]


def test_items_of_a_map_have_no_row_of_their_own(qtbot: QtBot, theme: Theme) -> None:
    panel = shown(qtbot, theme, *begun("fit", "fit[0]"), *scored("fit[0]", accuracy=0.5))
    assert cells(panel) == []


def test_a_click_on_a_row_chooses_its_node(qtbot: QtBot, theme: Theme) -> None:
    panel = shown(qtbot, theme, *begun("a", "b"), *scored("a", f1=0.5), *scored("b", f1=0.6))
    place = panel.table.visualRect(panel.table.figures.index(1, 1)).center()
    with qtbot.waitSignal(panel.task_chosen, timeout=1_000) as chosen:
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["b"]


def test_figures_read_as_people_compare_them() -> None:
    texts = [figure_text(value) for value in (0.123456, 0.629, 3.0, 12_345.6, 65_470, True, "macro")]
    assert texts == ["0.1235", "0.6290", "3", "12,346", "65,470", "true", "macro"]
