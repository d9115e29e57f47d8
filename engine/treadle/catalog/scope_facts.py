"""Facts: what one top-level statement does with the names of its module, as `scopes.py` finds them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = ["Facts", "Path", "Touch"]

Path: TypeAlias = tuple[str, ...]
"""A dotted name from its module-level root: `h.clean` is `("h", "clean")`."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A module-level name whose value may be changed in place: by a store through it, or by a call with it."""

    path: Path
    how: Literal["store", "call", "argument"]
    later: bool
    bare: bool
    """The statement is nothing but this call, so its effect is why it is there."""


@dataclass(slots=True)
class Facts:
    """What one top-level statement does with the module's names."""

    node: ast.stmt
    binds: set[str] = field(default_factory=set)
    rebinds: set[str] = field(default_factory=set)
    """Names that functions inside bind through `global`."""
    now: set[Path] = field(default_factory=set)
    later: set[Path] = field(default_factory=set)
    touches: set[Touch] = field(default_factory=set)
    locals: set[str] = field(default_factory=set)
    sites: list[tuple[ast.AST, str, int | None]] = field(default_factory=list)
    """Where a module-level name is written: (node, field, position in a list or None)."""
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    """The statement itself where it is an import, and those inside it."""
    pinned: set[str] = field(default_factory=set)
    """Names that can't be renamed, because a class reads the module's one and binds its own."""
    changes_arguments: bool = False
    """A function inside changes what its caller passed."""
    aliases: set[tuple[str, Path]] = field(default_factory=set)
    """(module-level name, what it is another name for)."""

    @property
    def bound_paths(self) -> set[Path]:
        return {(name,) for name in self.binds}

    @property
    def reads(self) -> set[Path]:
        return self.now | self.later
