"""CachingForm: whether an earlier result may stand in, for which version, and how long it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from treadle.spec.pipeline import Policy
from treadle.spec.quantities import format_duration
from treadle_gui.panels.inspector.choice_box import Choice, ChoiceBox
from treadle_gui.panels.inspector.quantity import duration, labelled
from treadle_gui.style.tokens import METRICS

__all__ = ["CachingForm"]

_CACHE: Final = (
    Choice(None, "Inherited"),
    Choice(True, "Use", "an earlier result stands in where nothing changed"),
    Choice(False, "Never", "it runs each time"),
)


class CachingForm(QWidget):
    """`edited(policy, field)`, as of a PolicyForm. A version or an expiry says that there is a cache."""

    edited = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._policy = Policy()
        self.cache = ChoiceBox(_CACHE)
        self.version = QLineEdit()
        self.expires = duration("never")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        column.addLayout(labelled("Cache", self.cache, "Whether an earlier result may stand in"))
        column.addLayout(
            labelled("Version", self.version, "Change it and earlier results count no more: for what Treadle can't see")
        )
        column.addLayout(labelled("Expires after", self.expires, "How long a result counts: 12h, 7d"))
        self.cache.chosen.connect(self._choose)
        self.version.textEdited.connect(lambda text: self._setter("cache_version")(text.strip() or None))
        self.version.editingFinished.connect(self.left)
        self.expires.changed.connect(self._setter("cache_expires"))
        self.expires.left.connect(self.left)

    def show_policy(self, policy: Policy, inherited: Policy) -> None:
        """`inherited` is shown as placeholders where `policy` says nothing."""
        self._policy = policy
        self.cache.show_choice(policy.cache)
        self.cache.name_choice(0, "Inherited: never" if inherited.cache is False else "Inherited: use")
        if (self.version.text().strip() or None) != policy.cache_version:
            self.version.setText(policy.cache_version or "")
        self.expires.show_quantity(policy.cache_expires)
        self.version.setPlaceholderText(inherited.cache_version or "none")
        given = inherited.cache_expires
        self.expires.setPlaceholderText("never" if given is None else str(format_duration(given)))
        is_used = policy.cache is not False
        self.version.setEnabled(is_used)
        self.expires.setEnabled(is_used)

    def _choose(self, cache: bool | None) -> None:
        """Only where it is to be used does it have a version or an expiry."""
        kept = self._policy if cache else replace(self._policy, cache_version=None, cache_expires=None)
        self._policy = replace(kept, cache=cache)
        self.edited.emit(self._policy, "cache")

    def _setter(self, name: str) -> Callable[[object], None]:
        def set_field(value: object) -> None:
            cache = True if value is not None else self._policy.cache
            self._policy = replace(self._policy, **{name: value, "cache": cache})
            self.edited.emit(self._policy, name)

        return set_field
