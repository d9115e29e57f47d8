"""UnknownAnnotation: an annotation, or a mark in it, that says neither a port nor a parameter."""

from __future__ import annotations

__all__ = ["UnknownAnnotation"]


class UnknownAnnotation(Exception):
    """No port or parameter type fits; the text says why and `hint` what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = (
            hint or "use a data type such as pd.DataFrame, or bool, int, float, str, Path, Literal, list or dict"
        )
