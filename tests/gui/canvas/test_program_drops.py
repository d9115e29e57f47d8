"""Programs dragged in from a file manager become nodes that run them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from treadle.catalog.catalog import load_catalog
from treadle_gui.canvas.program_file import ProgramFile, program_kind
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document


def drop(canvas: PipelineCanvas, *files: Path) -> bool:
    """Whether the canvas took them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(QPoint(200, 200), *rest)
    QApplication.sendEvent(canvas.viewport(), entering)
    QApplication.sendEvent(canvas.viewport(), QDropEvent(QPointF(200, 200), *rest))
    return entering.isAccepted()


@pytest.mark.parametrize(
    ("name", "uses", "id_"),
    [
        ("clean up.py", "script", "clean_up"),
        ("2-fit.SH", "script", "run_2_fit"),
        ("explore.ipynb", "notebook", "explore"),
    ],
)
def test_a_program_becomes_a_node(
    canvas: PipelineCanvas, document: Document, tmp_path: Path, name: str, uses: str, id_: str
) -> None:
    document.set_catalog(load_catalog(None))
    canvas.drops.project = tmp_path
    before = set(document.pipeline.nodes)
    assert drop(canvas, tmp_path / "scripts" / name)
    (new,) = set(document.pipeline.nodes) - before
    node = document.pipeline.nodes[new]
    assert (new, node.uses, node.params) == (id_, uses, {"path": f"scripts/{name}"})
    document.undo()
    assert set(document.pipeline.nodes) == before


def test_other_files_and_several_are_left_to_the_window(canvas: PipelineCanvas, document: Document) -> None:
    document.set_catalog(load_catalog(None))
    before = document.pipeline
    assert not drop(canvas, Path("/x/data.csv"))
    assert not drop(canvas, Path("/x/a.py"), Path("/x/b.py"))
    assert document.pipeline is before


def test_a_file_outside_the_project_is_named_wholly() -> None:
    assert ProgramFile(Path("/opt/x.sh"), Path("/home/p")).written == "/opt/x.sh"
    assert ProgramFile(Path("/opt/x.sh"), None).written == "/opt/x.sh"
    assert program_kind(Path("x.treadle.yaml")) == ""
