"""What a run used and reported, over time: CPU, memory, the attempts' spans, metrics."""

from treadle_gui.panels.charts.metrics_panel import MetricsPanel
from treadle_gui.panels.charts.resources_panel import ResourcesPanel

__all__ = ["MetricsPanel", "ResourcesPanel"]
