"""What a node gave: its outputs as tables, pictures, text and facts."""

from treadle_gui.panels.data.panel import DataPanel

__all__ = ["DataPanel"]
