"""When a node runs: its trigger, what it waits for, what it cleans up after, whether it runs at the run's end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle.spec.component import Component
from treadle.spec.flow import AtEnd, Trigger
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.problems import Problem
from treadle_gui.panels.inspector.after import may_clean_up_after, may_wait_for
from treadle_gui.panels.inspector.choice_box import Choice, ChoiceBox
from treadle_gui.panels.inspector.complaint import Complaint
from treadle_gui.panels.inspector.node_list import NodeList, NodeListWords
from treadle_gui.panels.inspector.quantity import labelled
from treadle_gui.style.flow_words import at_end_words, trigger_words
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["FlowForm"]

_TRIGGERS: Final = (
    Choice(None, "Default"),
    *(Choice(trigger, trigger.value, trigger_words(trigger)) for trigger in Trigger),
)
_ENDS: Final = (
    Choice(None, "No"),
    *(Choice(at_end, at_end.value.capitalize(), at_end_words(at_end)) for at_end in AtEnd),
)
_AFTER: Final = NodeListWords(
    "After",
    "Nodes that must have ended first, though no data comes from them",
    add="Wait for…",
    remove="Do not wait for",
    none="No other node can come first",
)
_TEARDOWN: Final = NodeListWords(
    "Cleans up after",
    "Set-up nodes: it runs when they succeeded and what lies between has ended, however it ended",
    add="Choose…",
    remove="Do not clean up after",
    none="No other node can be set up before it",
)
_OF_TRIGGER: Final = frozenset({"trigger-of-teardown", "trigger-after-set-up", "never-runs"})
_OF_CLEAN_UP: Final = frozenset({"two-purposes", "waits-for-the-end"})


class FlowForm(QWidget):
    """`trigger_chosen(Trigger | None)`, `after_edited(ids)`, `teardown_edited(ids)`, `at_end_chosen(AtEnd | None)`."""

    trigger_chosen = Signal(object)
    after_edited = Signal(object)
    teardown_edited = Signal(object)
    at_end_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trigger = ChoiceBox(_TRIGGERS)
        self.trigger.chosen.connect(self.trigger_chosen)
        self.explanation = PlainLabel("", "muted")
        self.explanation.setWordWrap(True)
        self.trigger_complaint = Complaint()
        self.after = NodeList(_AFTER)
        self.after.edited.connect(self.after_edited)
        self.teardown_of = NodeList(_TEARDOWN)
        self.teardown_of.edited.connect(self.teardown_edited)
        self.at_end = ChoiceBox(_ENDS)
        self.at_end.chosen.connect(self.at_end_chosen)
        self.clean_up_complaint = Complaint()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        label = PlainLabel("Trigger")
        label.setToolTip("What has to have come of the nodes that it waits for")
        label.setBuddy(self.trigger)
        self.trigger.setAccessibleName("Trigger")
        for widget in (label, self.trigger, self.explanation, self.trigger_complaint, self.after, self.teardown_of):
            column.addWidget(widget)
        column.addLayout(labelled("At the run's end", self.at_end, "It runs when everything else has ended"))
        column.addWidget(self.clean_up_complaint)

    def show_node(self, pipeline: Pipeline, node: Node, component: Component | None) -> None:
        own = component.trigger if component is not None else Trigger.ALL_SUCCESS
        self.trigger.name_choice(0, f"Default: {own}")
        self.trigger.show_choice(node.trigger)
        self.explanation.setText(f"It runs when {trigger_words(Trigger(node.trigger or own))}.")
        self.after.show_ids(node.after, partial(may_wait_for, pipeline, node.id))
        self.teardown_of.show_ids(node.teardown_of, partial(may_clean_up_after, pipeline, node.id))
        self.at_end.show_choice(node.at_end)

    def show_problems(self, node: Node, problems: Sequence[Problem]) -> None:
        """What validation says of `node`; what is about another field is passed over."""
        self.trigger_complaint.show_problems(problem for problem in problems if problem.code in _OF_TRIGGER)
        gone = f"{node.id} cleans up after "
        self.clean_up_complaint.show_problems(
            problem
            for problem in problems
            if problem.code in _OF_CLEAN_UP or (problem.code == "unknown-node" and problem.message.startswith(gone))
        )
