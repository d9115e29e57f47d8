"""Complaint: what is wrong with one component, raised where it is seen and made a Problem by the reader."""

from __future__ import annotations

import ast

__all__ = ["Complaint"]


class Complaint(Exception):
    """The text is the message; the place is that of `at`, a node of the author's tree."""

    def __init__(
        self, code: str, message: str, at: ast.stmt | ast.expr | ast.arg, hint: str = "", parameter: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.line = at.lineno
        self.column = at.col_offset + 1
        self.parameter = parameter
