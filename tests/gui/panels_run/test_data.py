"""The data panel: rows are fetched when looked at, and nothing is read as HTML."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TypeVar

import pytest
from gui.runs.flows import FAILURE, begun, ended, launched, record
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QPlainTextEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot

from treadle.execute.protocol import Succeeded
from treadle.host.api import Preview
from treadle.store.references import ArtifactRef
from treadle_gui.panels.data import DataPanel
from treadle_gui.panels.data.table_model import PAGE, TableColumn, TableModel
from treadle_gui.panels.data.views import FactsView, ImageView, TreeView, code_view
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Asked:
    """A PreviewSource that only notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def ask(self, digest: str, offset: int = 0, limit: int = 200) -> None:
        self.asked.append((digest, offset))


def panel_with(qtbot: QtBot, theme: Theme, outputs: dict[str, ArtifactRef]) -> tuple[DataPanel, Asked]:
    session = RunSession("r1", Path())
    session.feed(record([*begun("fit"), *launched("fit"), *ended("fit", Succeeded(outputs))]))
    session.tick()
    panel, asked = DataPanel(theme), Asked()
    qtbot.addWidget(panel)
    panel.resize(600, 300)
    panel.show()
    panel.set_previews(asked)
    panel.set_session(session)
    panel.set_selection(frozenset({"fit"}))
    return panel, asked


def ref(type_: str = "Table", digest: str = "d1", **meta: object) -> ArtifactRef:
    return ArtifactRef(digest, type_, "arrow", 2_048, meta)  # type: ignore[arg-type]


W = TypeVar("W", bound=QWidget)


def shown(panel: DataPanel, kind: type[W]) -> W:
    found = panel.findChildren(kind)
    assert len(found) == 1
    return found[0]


def test_a_table_fetches_only_the_pages_that_are_looked_at(qtbot: QtBot, theme: Theme) -> None:
    panel, asked = panel_with(qtbot, theme, {"table": ref(rows=100_000)})
    columns = [{"name": "age", "type": "int64"}, {"name": "city", "type": "string"}]
    first = {"columns": columns, "rows": [[n, "Wien"] for n in range(PAGE)], "total": 100_000}
    panel.show_preview(Preview("d1", "Table", "table", first), 0)
    view = shown(panel, QTableView)
    assert view.model().rowCount() == 100_000
    view.scrollTo(view.model().index(50_000, 0))
    qtbot.waitUntil(lambda: ("d1", 50_000) in asked.asked, timeout=2_000)
    panel.show_preview(Preview("d1", "Table", "table", {**first, "rows": [[7, "Graz"]] * PAGE}), 50_000)
    assert view.model().index(50_003, 1).data() == "Graz"
    assert len(asked.asked) < 6


def test_an_answer_that_comes_too_late_is_ignored(qtbot: QtBot, theme: Theme) -> None:
    panel, _ = panel_with(qtbot, theme, {"text": ref("Text")})
    panel.show_preview(Preview("other", "Text", "text", "of another node"), 0)
    assert not panel.findChildren(QPlainTextEdit)


def test_html_is_shown_as_its_source(qtbot: QtBot, theme: Theme) -> None:
    panel, _ = panel_with(qtbot, theme, {"report": ref("Html")})
    panel.show_preview(Preview("d1", "Html", "text", "<script>alert(1)</script>"), 0)
    assert shown(panel, QPlainTextEdit).toPlainText() == "<script>alert(1)</script>"


def test_metrics_are_a_table_of_names_and_values(qtbot: QtBot, theme: Theme) -> None:
    panel, _ = panel_with(qtbot, theme, {"metrics": ref("Metrics")})
    panel.show_preview(Preview("d1", "Metrics", "json", {"accuracy": 0.75, "<b>f1</b>": 0.5}), 0)
    view = shown(panel, FactsView)
    assert [(view.topLevelItem(n).text(0), view.topLevelItem(n).text(1)) for n in range(2)] == [
        ("accuracy", "0.75"),
        ("<b>f1</b>", "0.5"),
    ]


def test_a_picture_is_shown_and_a_broken_one_is_told(qtbot: QtBot, each_theme: Theme) -> None:
    panel, _ = panel_with(qtbot, each_theme, {"chart": ref("Figure")})
    picture, buffer = QPixmap(40, 20), QBuffer()
    picture.fill(Qt.GlobalColor.red)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    panel.show_preview(Preview("d1", "Figure", "image", base64.b64encode(buffer.data().data()).decode()), 0)
    assert shown(panel, ImageView).is_readable
    panel.show_preview(Preview("d1", "Figure", "image", "bm90IGEgcG5n"), 0)
    assert "can't be read" in shown(panel, QPlainTextEdit).toPlainText()


def test_a_tree_fills_its_branches_when_they_are_opened(qtbot: QtBot) -> None:
    tree = TreeView({"deep": {"deeper": {"deepest": 1}}})
    qtbot.addWidget(tree)
    branch = tree.topLevelItem(0).child(0)
    assert branch.childCount() == 0
    branch.setExpanded(True)
    assert branch.child(0).text(0) == "deepest"


def test_a_line_of_a_megabyte_is_cut(qtbot: QtBot) -> None:
    view = code_view("x" * 300_000)
    qtbot.addWidget(view)
    assert len(view.toPlainText()) < 5_000
    assert "more characters" in view.toPlainText()


def test_a_port_has_a_tab_and_choosing_it_asks_for_it(qtbot: QtBot, theme: Theme) -> None:
    panel, asked = panel_with(qtbot, theme, {"train": ref(digest="d1"), "test": ref(digest="d2")})
    assert asked.asked == [("d1", 0)]
    panel.choose_port("test")
    assert asked.asked[-1] == ("d2", 0)


def test_a_failed_node_says_why_there_is_nothing(qtbot: QtBot, theme: Theme) -> None:
    session = RunSession("r1", Path())
    session.feed(record([*begun("fit"), *launched("fit"), *ended("fit", FAILURE)]))
    session.tick()
    panel = DataPanel(theme)
    qtbot.addWidget(panel)
    panel.set_session(session)
    panel.set_selection(frozenset({"fit"}))
    assert panel.empty_text == "fit has no outputs: failed."


def test_the_model_keeps_qt_s_rules(qtmodeltester, qapp: object) -> None:
    model = TableModel([TableColumn("a", "int64"), TableColumn("b", "string")], 1_000)
    model.add_page(0, [[n, str(n)] for n in range(PAGE)])
    qtmodeltester.check(model)


def test_what_is_no_branch_of_a_tree_has_nothing_below_it(qtbot: QtBot) -> None:
    tree = TreeView({"a": 1, "list": [2], "none": None})
    qtbot.addWidget(tree)
    below = [tree.topLevelItem(row).childCount() for row in range(3)]
    assert below == [0, 1, 0]
