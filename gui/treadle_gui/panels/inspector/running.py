"""RunningForm: how a node is run: when, how often it is tried, what it may use. A change is an edit of the document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle.spec import edits
from treadle.spec.component import Component
from treadle.spec.flow import AtEnd, Trigger
from treadle.spec.mapping import Map
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Node, Pipeline, Policy, Resources
from treadle.spec.problems import Problem
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.environment import EnvironmentForm
from treadle_gui.panels.inspector.flow import FlowForm
from treadle_gui.panels.inspector.mapping import MapForm
from treadle_gui.panels.inspector.policy import PolicyForm
from treadle_gui.panels.inspector.resources import ResourcesForm
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import SectionHeader

__all__ = ["RunningForm"]


class RunningForm(QWidget):
    """Shows the node it was last given, and edits that."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._node_id = ""
        self.flow = FlowForm()
        self.map = MapForm()
        self.policy = PolicyForm()
        self.resources = ResourcesForm()
        self.environment = EnvironmentForm()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        for title, form in (
            ("When", self.flow),
            ("Map", self.map),
            ("Attempts", self.policy),
            ("Resources", self.resources),
            ("Environment", self.environment),
        ):
            column.addWidget(SectionHeader(title))
            column.addWidget(form)
        self._connect()

    def _connect(self) -> None:
        self.flow.trigger_chosen.connect(self._set_trigger)
        self.flow.after_edited.connect(self._set_after)
        self.flow.teardown_edited.connect(self._set_teardown_of)
        self.flow.at_end_chosen.connect(self._set_at_end)
        self.map.edited.connect(self._set_map)
        self.map.left.connect(self._document.seal)
        for form in (self.policy, self.environment):
            form.edited.connect(self._set_policy)
            form.left.connect(self._document.seal)
        self.resources.edited.connect(self._set_resources)
        self.resources.left.connect(self._document.seal)

    def show_node(self, pipeline: Pipeline, node: Node, component: Component | None) -> None:
        self._node_id = node.id
        self.flow.show_node(pipeline, node, component)
        one = component_of(replace(node, map=None), self._document.catalog.components)
        self.map.show_node(pipeline, node, one, self._document.catalog.components)
        self.policy.show_policy(node.policy, pipeline.defaults)
        self.environment.show_policy(node.policy, pipeline.defaults)
        self.resources.show_resources(node.resources, pipeline.resources)

    def show_problems(self, node: Node, problems: Sequence[Problem]) -> None:
        """Each problem of `node` under the field that it is about."""
        self.flow.show_problems(node, problems)
        self.map.show_problems(problems)
        self.policy.show_problems(problems)
        self.resources.show_problems(problems)

    def _edit(self, what: str, change: Callable[[Pipeline], Pipeline], merge: str | None = None) -> None:
        self._document.edit(f"{what} of {self._node_id}", change, f"{merge}:{self._node_id}" if merge else None)

    def _set_trigger(self, trigger: Trigger | None) -> None:
        self._edit("Set trigger", lambda p: edits.set_trigger(p, self._node_id, trigger))

    def _set_after(self, ids: tuple[str, ...]) -> None:
        self._edit("Change what comes first", lambda p: edits.set_after(p, self._node_id, ids))

    def _set_teardown_of(self, ids: tuple[str, ...]) -> None:
        self._edit("Change clean-up", lambda p: edits.set_teardown_of(p, self._node_id, ids))

    def _set_at_end(self, at_end: AtEnd | None) -> None:
        self._edit("Set run's end", lambda p: edits.set_at_end(p, self._node_id, at_end))

    def _set_map(self, over: Map | None) -> None:
        self._edit("Set map", lambda p: edits.set_map(p, self._node_id, over), "map")

    def _set_policy(self, policy: Policy, field: str) -> None:
        words = f"Set {field.replace('_', ' ')}"
        self._edit(words, lambda p: edits.set_policy(p, self._node_id, policy), f"policy:{field}")

    def _set_resources(self, resources: Resources, field: str) -> None:
        self._edit(f"Set {field}", lambda p: edits.set_resources(p, self._node_id, resources), f"resources:{field}")
