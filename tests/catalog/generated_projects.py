"""Random two-module projects that mix what slicing has to tell apart: locals and globals, calls and changes in place.

Every module loads by itself as long as no statement of it raises; a name is used only after it is defined.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Project", "project"]

HEADER = "A = 1\nB = 2\nC = 3\nT = {1: 2}\nU = {}"
VALUES = ("A", "B", "C")
TABLES = ("T", "U")
FUNCTIONS = ("p", "q", "r")
IMPORTS: Sequence[tuple[str, list[str]]] = (
    ("", []),
    ("from h import p as hp, T as HT", ["hp"]),
    ("import h", ["h.p", "h.q"]),
    ("from h import q", []),
    ("import components.h as k", ["k.r"]),
    ("try:\n    from h import r as hr\nexcept ImportError:\n    hr = None", ["hr"]),
)


@dataclass(frozen=True)
class Project:
    """Module `m`, whose function `f` is to be cut out, and module `h`, which it may import."""

    m: str
    h: str


def project(chance: random.Random) -> Project:
    head, callable_ = chance.choice(IMPORTS)
    return Project(_Writer(chance).module(head, callable_), _Writer(chance).module("", []))


class _Writer:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def module(self, head: str, imported: list[str]) -> str:
        known = list(imported)
        parts = [HEADER, head] if head else [HEADER]
        for name in FUNCTIONS:
            parts += self._statements(known)
            parts.append(self._function(name, known))
            known.append(name)
        parts += [*self._statements(known), self._function("f", known), *self._statements(known)]
        return "\n".join(parts) + "\n"

    def _statements(self, known: list[str]) -> list[str]:
        return [self._statement(known) for _ in range(self._chance.choice((0, 0, 1, 2)))]

    def _statement(self, known: list[str]) -> str:
        one, two = self._expression(known, None), self._expression(known, None)
        table, value = self._chance.choice(TABLES), self._chance.choice(VALUES)
        forms = [
            f"{value} = {one}",
            f"{value} += {one}",
            f"{table}[{one}] = {two}",
            f"{table}.update({{{one}: {two}}})",
            f"{table} = U",
            f"for A in range({one} % 3):\n    {table}[A] = B",
            f"if {one}:\n    B = {two}\nelse:\n    {table}.clear()",
            f"try:\n    C = {one} // 0\nexcept ZeroDivisionError as A2:\n    C = {two}",
            f"class K:\n    A = {one}\n    def go(self): return self.A + B\nB = K().go()",
            f"{table}.pop({one}, None)",
            "import math as A2, json",
            *(f"{name}({one})" for name in known),
        ]
        return self._chance.choice(forms)

    def _function(self, name: str, known: list[str]) -> str:
        lines = [self._line(known) for _ in range(self._chance.randrange(4))]
        if any(line.startswith("global") for line in lines):
            # `global A` stands before A is read.
            lines = ["global A", *(line.removeprefix("global A; ") for line in lines)]
        result = self._expression(known, "x")
        header = f"def {name}(x, y={self._expression([], None)}):"
        return "\n    ".join([header, *lines, f"return {result} + y"])

    def _line(self, known: list[str]) -> str:
        inside, table = self._expression(known, "x"), self._chance.choice(TABLES)
        return self._chance.choice(
            [
                f"x = {inside}",
                f"x += {inside}",
                f"global A; A = {inside}",
                f"{table}[{inside}] = x",
                f"own = {table}; own[{inside}] = 1; own = None",
                f"x = [x for x in (x, {inside})][1]",
                f"B = {inside}; x += B",
                f"x += (lambda: x + {inside})()",
                f"def A2(B={inside}): return x + B\n    x += A2()",
                f"p = {inside}",
            ]
        )

    def _expression(self, known: list[str], local: str | None, depth: int = 0) -> str:
        leaves = [str(self._chance.randrange(10)), *VALUES, *([local] * 2 if local else [])]
        if depth > 2 or self._chance.random() < 0.4:
            return self._chance.choice(leaves)
        one, two = (self._expression(known, local, depth + 1) for _ in range(2))
        table = self._chance.choice(TABLES)
        forms = [
            f"({one} + {two})",
            f"({one} if {two} else {one})",
            f"sum([A * B for A in range({one} % 4)])",
            f"(lambda B: B + {one})({two})",
            f"{table}.get({one}, 1)",
            f"len({table})",
            *([f"(W := {one})"] if local else []),
            # One in four: calls of calls in loops would take for ever.
            *([f"{self._chance.choice(known)}({one})"] * 2 if known else []),
        ]
        return self._chance.choice(forms)
