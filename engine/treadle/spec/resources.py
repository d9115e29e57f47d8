"""What attempts may use of the machine and of pools, and how many run at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

__all__ = ["Concurrency", "Resources"]


@dataclass(frozen=True, slots=True)
class Resources:
    """What an attempt may use. None means inherited, then the default: one CPU, no limit on memory (bytes), no GPU.

    `pools` are slots of named pools, whose sizes the project or the pipeline says.
    """

    cpu: float | None = None
    memory: int | None = None
    gpu: int | None = None
    pools: Mapping[str, int] = field(default_factory=dict)

    def over(self, inherited: Resources) -> Resources:
        """These, with what they leave open taken from `inherited`. Pools add up, these first; 0 slots take one out."""
        layered = self.layered_over(inherited)
        return replace(layered, pools={name: slots for name, slots in layered.pools.items() if slots})

    def layered_over(self, inherited: Resources) -> Resources:
        """As `over`, still saying which pools are taken out: more may lie beneath."""
        return Resources(
            self.cpu if self.cpu is not None else inherited.cpu,
            self.memory if self.memory is not None else inherited.memory,
            self.gpu if self.gpu is not None else inherited.gpu,
            {**inherited.pools, **self.pools},
        )


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most so many `tasks` of one run at once, and so many `runs` of the pipeline; None for no limit of its own."""

    tasks: int | None = None
    runs: int | None = None
