"""Environment and isolation: what a node's process is given, by the pipeline's defaults and by the node itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Environment", "Isolation"]


class Isolation(StrEnum):
    """FRESH: each attempt is a process of its own. REUSE: one serves many, for short nodes without side effects."""

    FRESH = "fresh"
    REUSE = "reuse"


@dataclass(frozen=True, slots=True)
class Environment:
    """What a node's process is given. None means inherited (pipeline `defaults:`, then the engine's own).

    `python` is an interpreter, a virtual environment's folder, or a version such as `3.12`. `requirements` are
    installed into an environment made for just that set. `folder` is the working folder. Paths are from the project's.
    """

    python: str | None = None
    requirements: tuple[str, ...] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None

    def over(self, inherited: Environment) -> Environment:
        """This environment, with what it leaves open taken from `inherited`. Variables add up, this one's first.

        A node that names an interpreter means its packages too, and inherits no requirements.
        """
        inherits = self.requirements is None and self.python is None
        return Environment(
            self.python if self.python is not None else inherited.python,
            inherited.requirements if inherits else self.requirements,
            {**inherited.variables, **self.variables},
            self.folder if self.folder is not None else inherited.folder,
        )
