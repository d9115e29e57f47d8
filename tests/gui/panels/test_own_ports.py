"""The ports of a pipeline in the inspector."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gui.canvas.conftest import FakeCatalog, make_pipeline
from pytestqt.qtbot import QtBot

from treadle.spec.edits import set_title
from treadle.spec.folding import fold
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle_gui.document.document import Document
from treadle_gui.document.inside import InnerDocument, name_words
from treadle_gui.panels.inspector.own_ports import OwnPortsForm, parse_inputs, parse_outputs
from treadle_gui.panels.inspector.pipeline_form import PipelineForm
from treadle_gui.style.tokens import Theme


def test_lines_are_ports() -> None:
    assert parse_inputs(" data: clean.data, stats.data\n\nx: a.b") == {
        "data": (Endpoint("clean", "data"), Endpoint("stats", "data")), "x": (Endpoint("a", "b"),),
    }  # fmt: skip
    assert parse_outputs("train: split.train\n") == {"train": Endpoint("split", "train")}
    for wrong in ("data", ": a.b", "data: clean", "data: a.b\ndata: c.d", "data:"):
        with pytest.raises(ValueError, match="a line for each"):
            parse_inputs(wrong)
    with pytest.raises(ValueError, match="one output"):
        parse_outputs("a: b.c, d.e")


def test_a_port_that_is_renamed_inside_a_group_keeps_its_edge(qtbot: QtBot) -> None:
    whole = Document(fold(make_pipeline(), ["clean", "fit"], "prep")[0], FakeCatalog())
    inner = InnerDocument(whole, ("prep",))
    form = OwnPortsForm(inner)
    qtbot.addWidget(form)
    assert form.inputs.toPlainText() == "data: clean.data\n"
    form.inputs.setPlainText("rows: clean.data")
    assert whole.pipeline.nodes["prep"].inputs == {"rows": (Endpoint("load", "table"),)}
    form.outputs.setPlainText("model: fit.model")
    assert set(whole.pipeline.nodes["score"].inputs) == {"model"}
    assert whole.undo_label == "Set outputs of the pipeline"
    whole.undo()
    whole.undo()
    form.refresh()
    assert form.inputs.toPlainText() == "data: clean.data\n"
    form.inputs.setPlainText("nonsense")
    assert inner.pipeline.inputs == {"data": (Endpoint("clean", "data"),)}
    assert form.inputs.toolTip()


def test_a_group_without_a_name_is_shown_by_its_title_or_the_nodes_name(qtbot: QtBot, theme: Theme) -> None:
    whole = Document(replace(fold(make_pipeline(), ["clean", "fit"], "prep")[0], name="all"), FakeCatalog())
    inner = InnerDocument(whole, ("prep",))
    inner.edit("Forget the name", lambda p: replace(p, name=Pipeline().name))
    form = PipelineForm(inner, theme)
    qtbot.addWidget(form)
    assert (form.name.text(), form.name.placeholderText()) == ("", "prep")
    whole.edit("Title", lambda p: set_title(p, "prep", "Preparing"))
    form.refresh()
    assert form.name.placeholderText() == "Preparing"
    inner.edit("Name", lambda p: replace(p, name="named"))
    form.refresh()
    assert form.name.text() == "named"
    assert name_words(whole) == ("all", "")
