"""Numbers with units as people read them."""

from __future__ import annotations

from math import isfinite

__all__ = ["bytes_text", "clock_text", "percent_text"]

_BYTES = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def bytes_text(size: float) -> str:
    """`1.5 GiB`; an em dash where there is no number."""
    if not isfinite(size):
        return "—"
    for unit, factor in _BYTES:
        if abs(size) >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size:,.0f} B"


def percent_text(value: float) -> str:
    return f"{value:,.0f} %" if isfinite(value) else "—"


def clock_text(seconds: float) -> str:
    """`3.2 s`, `12 s`, `4:05`, `1:02:03`."""
    if not isfinite(seconds):
        return "—"
    if abs(seconds) < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
