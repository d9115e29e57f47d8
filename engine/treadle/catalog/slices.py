"""Slice: a component's function cut out of its module with exactly the names it reaches."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Slice"]


@dataclass(frozen=True, slots=True)
class Slice:
    """A function with exactly the module-level names it reaches, compilable by itself.

    `digest` is the SHA-256 of `text`. `imports` are the top-level packages it imports, sorted.
    `lines` maps a line of `text` to its place in the author's files, so that a traceback names those:
    pairs (first line of text, file, line there), ascending.
    """

    text: str
    function: str
    digest: str
    imports: tuple[str, ...] = ()
    lines: tuple[tuple[int, str, int], ...] = ()
