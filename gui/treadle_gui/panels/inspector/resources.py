"""ResourcesForm: what a node asks for (of a pipeline: what every node does): cores, memory, GPUs, slots of pools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle.spec.pipeline import Resources
from treadle.spec.problems import Problem
from treadle.spec.quantities import format_size
from treadle_gui.panels.inspector.complaint import Complaint
from treadle_gui.panels.inspector.parsed_lines import ParsedLines
from treadle_gui.panels.inspector.quantity import QuantityLine, count, labelled, share, size
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["ResourcesForm", "parse_pools", "pools_field", "pools_text"]

_CODES = frozenset({"unknown-pool", "too-many-slots"})
_NOTHING = Resources()


def parse_pools(text: str) -> dict[str, int]:
    """`db: 2` a line; a name alone is one slot. Raises ValueError with what is wanted."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        name, colon, slots = (part.strip() for part in line.partition(":"))
        if not name or (colon and not (slots.isascii() and slots.isdecimal())):
            raise ValueError(f"A pool and its slots are wanted, as db: 2, not {line.strip()!r}")
        found[name] = int(slots) if colon else 1
    return found


def pools_text(pools: object) -> str:
    return "\n".join(f"{name}: {slots}" for name, slots in cast("Mapping[str, int]", pools).items())


def pools_field(hint: str) -> ParsedLines:
    """A few lines for pools; `hint` stands there while it is empty."""
    lines = ParsedLines(parse_pools, pools_text)
    lines.setPlaceholderText(hint)
    lines.setAccessibleName("Pools")
    return lines


class ResourcesForm(QWidget):
    """`edited(resources, field)` with the field's name, which merges typing into one undo step."""

    edited = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._resources = Resources()
        self.cpu = share("1")
        self.memory = size("no limit")
        self.gpu = count("0")
        self.pools = pools_field("db: 1")
        self.complaint = Complaint()
        label = PlainLabel("Pools")
        label.setToolTip("Slots that it takes while it runs, one pool a line: db: 1")
        label.setBuddy(self.pools)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        column.addLayout(labelled("CPUs", self.cpu, "Cores it counts for when deciding what runs at once"))
        column.addLayout(labelled("Memory", self.memory, "An attempt that needs more is ended: 512MiB, 2GiB"))
        column.addLayout(labelled("GPUs", self.gpu, "Each attempt is given its own"))
        for part in (label, self.pools, self.complaint):
            column.addWidget(part)
        for name in ("cpu", "memory", "gpu", "pools"):
            line: QuantityLine | ParsedLines = getattr(self, name)
            line.changed.connect(self._setter(name))
            line.left.connect(self.left)

    def show_resources(self, resources: Resources, inherited: Resources = _NOTHING) -> None:
        """`inherited` is shown as placeholders where `resources` say nothing."""
        self._resources = resources
        self.cpu.show_quantity(resources.cpu)
        self.memory.show_quantity(resources.memory)
        self.gpu.show_quantity(resources.gpu)
        self.pools.show_value(dict(resources.pools))
        self.cpu.setPlaceholderText(f"{1 if inherited.cpu is None else inherited.cpu:g}")
        self.memory.setPlaceholderText("no limit" if inherited.memory is None else str(format_size(inherited.memory)))
        self.gpu.setPlaceholderText(str(inherited.gpu or 0))
        self.pools.setPlaceholderText(pools_text(inherited.pools) or "db: 1")

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """What validation says of pools, of the problems of whoever asks for these."""
        self.complaint.show_problems(problem for problem in problems if problem.code in _CODES)

    def _setter(self, name: str) -> Callable[[object], None]:
        def set_field(value: object) -> None:
            self._resources = replace(self._resources, **{name: value})
            self.edited.emit(self._resources, name)

        return set_field
