"""Modules that are read when something in them is asked for: a run needs the few that its pipeline names.

Whoever goes through all of them has all of them read, so that nothing tells the two ways apart but the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from treadle.catalog.reader import ModuleReading
from treadle.spec.component import Component

__all__ = ["GradualComponents", "GradualReadings"]


class GradualReadings(Mapping[str, ModuleReading]):
    """By module, in the order of `modules`."""

    def __init__(self, modules: Mapping[str, Callable[[], ModuleReading]]) -> None:
        self._modules = modules
        self._read: dict[str, ModuleReading] = {}

    def __getitem__(self, module: str) -> ModuleReading:
        if module not in self._read:
            self._read[module] = self._modules[module]()
        return self._read[module]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, module: object) -> bool:
        return module in self._modules


class GradualComponents(Mapping[str, Component]):
    """By `uses`, of all readings, `more` first."""

    def __init__(self, readings: Mapping[str, ModuleReading], more: Mapping[str, Component]) -> None:
        self._readings = readings
        self._more = more
        self._found: dict[str, Component] = {}

    def __getitem__(self, uses: str) -> Component:
        if uses in self._more:
            return self._more[uses]
        if uses not in self._found:
            module = uses.rpartition(".")[0]  # none: one whose nodes declare their ports is called by its name alone
            for each in (module,) if module else self._readings:
                self._found.update((found.uses, found) for found in self._readings[each].components)
        return self._found[uses]

    def __iter__(self) -> Iterator[str]:
        for reading in self._readings.values():
            yield from (component.uses for component in reading.components)
        yield from self._more

    def __len__(self) -> int:
        return sum(1 for _ in self)
