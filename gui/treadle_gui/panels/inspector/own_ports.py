"""OwnPortsForm: the ports that a pipeline has where it is a node of another, a line for each.

data: clean.data, stats.data        an input, and the inputs inside that it feeds
train: split.train                  an output, and the one inside that it gives
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle.spec.own_ports import set_inputs, set_outputs
from treadle.spec.pipeline import Endpoint
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.parsed_lines import ParsedLines
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["OwnPortsForm", "parse_inputs", "parse_outputs"]

_WANTED: Final = "a line for each, as `data: clean.data`"

Inputs = Mapping[str, tuple[Endpoint, ...]]
Outputs = Mapping[str, Endpoint]


def parse_inputs(text: str) -> dict[str, tuple[Endpoint, ...]]:
    """Raises ValueError with what is wanted."""
    found: dict[str, tuple[Endpoint, ...]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, ends = line.partition(":")
        if not colon or not name.strip() or name.strip() in found:
            raise ValueError(_WANTED)
        found[name.strip()] = tuple(map(_end, ends.split(",")))
    return found


def parse_outputs(text: str) -> dict[str, Endpoint]:
    """Raises ValueError with what is wanted."""
    found = parse_inputs(text)
    if any(len(ends) != 1 for ends in found.values()):
        raise ValueError("one output of a node for each, as `train: split.train`")
    return {name: ends[0] for name, ends in found.items()}


def _end(text: str) -> Endpoint:
    node, _, port = text.strip().rpartition(".")
    if not node or not port:
        raise ValueError(_WANTED)
    return Endpoint(node, port)


def _inputs_text(value: object) -> str:
    return "".join(f"{name}: {', '.join(map(str, ends))}\n" for name, ends in cast("Inputs", value).items())


def _outputs_text(value: object) -> str:
    return "".join(f"{name}: {end}\n" for name, end in cast("Outputs", value).items())


class OwnPortsForm(QWidget):
    """Edits the pipeline of `document`."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.inputs = ParsedLines(parse_inputs, _inputs_text)
        self.outputs = ParsedLines(parse_outputs, _outputs_text)
        self.inputs.setPlaceholderText("data: clean.data")
        self.outputs.setPlaceholderText("train: split.train")
        self.inputs.changed.connect(self._set_inputs)
        self.outputs.changed.connect(self._set_outputs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap_small)
        note = PlainLabel("What it takes and gives where another pipeline has it for a node.", "muted")
        note.setWordWrap(True)
        column.addWidget(note)
        for words, lines in (("Inputs", self.inputs), ("Outputs", self.outputs)):
            lines.left.connect(document.seal)
            lines.setAccessibleName(f"{words} of the pipeline")
            column.addWidget(PlainLabel(words))
            column.addWidget(lines)
        self.refresh()

    def refresh(self) -> None:
        self.inputs.show_value(dict(self._document.pipeline.inputs))
        self.outputs.show_value(dict(self._document.pipeline.outputs))

    def _set_inputs(self, inputs: object) -> None:
        ports = cast("Inputs", inputs)
        self._document.edit("Set inputs of the pipeline", lambda p: set_inputs(p, ports), "pipeline:inputs")

    def _set_outputs(self, outputs: object) -> None:
        ports = cast("Outputs", outputs)
        self._document.edit("Set outputs of the pipeline", lambda p: set_outputs(p, ports), "pipeline:outputs")
