"""The runs of a project, and what became of one node in one of them."""

from treadle_gui.panels.history.details import NodeRunDetails
from treadle_gui.panels.history.panel import HistoryPanel

__all__ = ["HistoryPanel", "NodeRunDetails"]
