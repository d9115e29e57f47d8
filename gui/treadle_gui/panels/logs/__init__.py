"""The logs of a run: one attempt's or all merged, followed as they grow, searched and filtered."""

from treadle_gui.panels.logs.panel import LogsPanel

__all__ = ["LogsPanel"]
