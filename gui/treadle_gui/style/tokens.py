"""Design tokens: every colour, distance, font and duration that the app uses, for a dark and a light theme.

Nothing outside this module writes a colour. State and port colours are safe for the colour-blind (smallest distance
between two states 13 dark, 10 light in hundredths of OKLab under protan, deutan and tritan vision) and always come
with a shape or an icon and a word. Text keeps a contrast of 4.5:1 on its surface, marks 3:1; what is disabled may be
fainter. `tests/gui/style` measures all of it.

| surface | what lies on it                      |
| ------- | ------------------------------------ |
| canvas  | the pipeline                         |
| window  | tool bars, status bar, dock titles   |
| panel   | lists, forms, dialogs                |
| field   | what a person types into             |
| raised  | menus, pop-ups, tooltips             |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["DARK", "LIGHT", "METRICS", "MONO", "SANS", "Metrics", "PortLook", "PortShape", "Theme"]


class PortShape(StrEnum):
    """What a port is drawn as, so that its type is told without colour."""

    SQUARE = "square"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    CIRCLE = "circle"
    HEXAGON = "hexagon"


@dataclass(frozen=True, slots=True)
class PortLook:
    """A port type's mark."""

    colour: str
    shape: PortShape


@dataclass(frozen=True, slots=True)
class Metrics:
    """Distances in device-independent pixels, durations in milliseconds. Everything sits on a grid of 8."""

    grid: int = 8
    gap: int = 8
    gap_small: int = 4
    gap_large: int = 16
    radius: int = 8
    radius_small: int = 5
    row: int = 28
    """Height of a field, a button, a list row."""
    text: int = 12
    text_small: int = 11
    text_title: int = 13
    text_large: int = 18
    icon: int = 16
    focus: int = 2
    motion: int = 140
    """Zoom to fit, arranging, collapsing. 0 is used where motion is reduced."""


METRICS: Final = Metrics()
SANS: Final = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "Cantarell", "DejaVu Sans")
MONO: Final = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Noto Sans Mono", "DejaVu Sans Mono")


@dataclass(frozen=True, slots=True)
class Theme:
    """A set of colours as `#RRGGBB`. `ports` are by port type name, `charts` in the order series appear."""

    name: str
    is_dark: bool
    canvas: str
    canvas_dot: str
    canvas_dot_strong: str
    window: str
    panel: str
    field: str
    raised: str
    hover: str
    pressed: str
    selected: str
    """Behind a selected row; text stays `text`."""
    selected_inactive: str
    line: str
    line_strong: str
    text: str
    muted: str
    placeholder: str
    """What stands in an empty field, and other text that is second to `muted`."""
    faint: str
    """What is disabled."""
    accent: str
    """Focus rings, links, the active tab, selection on the canvas."""
    primary: str
    primary_hover: str
    primary_pressed: str
    on_primary: str
    danger: str
    on_danger: str
    control: str
    """The outline of what is pressed or ticked, where nothing else shows where it is."""
    scroll: str
    scroll_hover: str
    node: str
    node_header: str
    node_line: str
    edge: str
    on_state: str
    """Text and glyphs on a filled state colour."""
    idle: str
    queued: str
    running: str
    succeeded: str
    warning: str
    failed: str
    ports: Mapping[str, PortLook]
    charts: tuple[str, ...]

    def port(self, type_name: str) -> PortLook:
        """How a port of this type looks. An unknown type looks like `Any`."""
        return self.ports.get(type_name, self.ports["Any"])


_SHAPES: Final = {
    "Table": ("table", PortShape.SQUARE),
    "Array": ("array", PortShape.SQUARE),
    "Model": ("model", PortShape.TRIANGLE),
    "Metrics": ("metric", PortShape.DIAMOND),
    "Figure": ("image", PortShape.CIRCLE),
    "Image": ("image", PortShape.CIRCLE),
    "Text": ("text", PortShape.HEXAGON),
    "Html": ("text", PortShape.HEXAGON),
    "Json": ("metric", PortShape.HEXAGON),
    "File": ("file", PortShape.HEXAGON),
    "Directory": ("file", PortShape.HEXAGON),
    "Any": ("any", PortShape.CIRCLE),
    "bool": ("scalar", PortShape.DIAMOND),
    "int": ("scalar", PortShape.DIAMOND),
    "float": ("scalar", PortShape.DIAMOND),
    "str": ("scalar", PortShape.DIAMOND),
    "datetime": ("scalar", PortShape.DIAMOND),
}


def _ports(colours: Mapping[str, str]) -> Mapping[str, PortLook]:
    return {name: PortLook(colours[family], shape) for name, (family, shape) in _SHAPES.items()}


DARK: Final = Theme(
    name="dark", is_dark=True,
    canvas="#0F141B", canvas_dot="#283341", canvas_dot_strong="#354252",
    window="#12181F", panel="#161D26", field="#0F151C", raised="#1D2631",
    hover="#212B37", pressed="#2A3644", selected="#1F3A5C", selected_inactive="#25303D",
    line="#263140", line_strong="#3A4859",
    text="#E6EBF2", muted="#9AA7B8", placeholder="#8492A5", faint="#66748A",
    accent="#7DB4FF",
    primary="#2F6FDE", primary_hover="#3571DF", primary_pressed="#265DC0", on_primary="#FFFFFF",
    danger="#DF685B", on_danger="#14090A",
    control="#66768C", scroll="#33404F", scroll_hover="#4A596B",
    node="#1B2430", node_header="#222D3B", node_line="#36455A", edge="#66768C", on_state="#0F141B",
    idle="#A5AABD", queued="#F8C7FF", running="#638AE5", succeeded="#90FDA1", warning="#F2A547", failed="#DF685B",
    ports=_ports({
        "table": "#6FB1FF", "array": "#5FD0D8", "model": "#F2A65A", "metric": "#8DDB8C", "image": "#E58BD0",
        "text": "#C9B8FF", "file": "#D9C38A", "scalar": "#E0E5EC", "any": "#B8C0CC",
    }),
    charts=("#6FB1FF", "#F2A65A", "#8DDB8C", "#E58BD0", "#5FD0D8", "#D9C38A", "#C9B8FF", "#E16159"),
)  # fmt: skip

LIGHT: Final = Theme(
    name="light", is_dark=False,
    canvas="#F5F7FA", canvas_dot="#CFD7E1", canvas_dot_strong="#B7C2CF",
    window="#ECF0F4", panel="#F8FAFC", field="#FFFFFF", raised="#FFFFFF",
    hover="#E6EBF2", pressed="#D9E1EB", selected="#D3E4FD", selected_inactive="#E2E8F0",
    line="#DBE2EA", line_strong="#B9C5D3",
    text="#16202C", muted="#566273", placeholder="#606C7D", faint="#8A97A8",
    accent="#1D5FD1",
    primary="#1D5FD1", primary_hover="#2A6DE0", primary_pressed="#174EAD", on_primary="#FFFFFF",
    danger="#882631", on_danger="#FFFFFF",
    control="#7888A0", scroll="#C3CDD9", scroll_hover="#9FADBD",
    node="#FFFFFF", node_header="#F1F4F8", node_line="#B3C0CF", edge="#7888A0", on_state="#FFFFFF",
    idle="#535978", queued="#9356D6", running="#25397F", succeeded="#0A8568", warning="#8A5C00", failed="#882631",
    ports=_ports({
        "table": "#1F66C1", "array": "#0D7A85", "model": "#A95A08", "metric": "#2C7A37", "image": "#A33188",
        "text": "#6A4BC4", "file": "#7A6413", "scalar": "#3F4A59", "any": "#5A6675",
    }),
    charts=("#1F66C1", "#A95A08", "#2C7A37", "#A33188", "#0D7A85", "#7A6413", "#6A4BC4", "#882631"),
)  # fmt: skip
