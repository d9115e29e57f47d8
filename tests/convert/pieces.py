"""A small catalog made by hand, so that converters are tested without reading files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from treadle.catalog.slices import Slice
from treadle.spec.component import Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.types import ParameterKind, ParameterType, PortType

TABLE = PortType("Table")

MAKE = """
import pandas as pd

SCALE = 10

def make(rows: int=3) -> pd.DataFrame:
    return pd.DataFrame({'x': [i * SCALE for i in range(rows)]})
"""

HALVES = """
from typing import NamedTuple
import pandas as pd

class Halves(NamedTuple):
    low: pd.DataFrame
    high: pd.DataFrame

def halve(data: pd.DataFrame, at: float=0.5) -> Halves:
    cut = round(len(data) * at)
    return Halves(data.iloc[:cut], data.iloc[cut:])
"""

# SCALE means something else here than in MAKE.
SUMMARISE = """
import pandas as pd

SCALE = 1

def summarise(tables: list[pd.DataFrame], label: str='sum') -> dict:
    return {label: float(sum(table['x'].sum() for table in tables)) * SCALE}
"""


@dataclass
class Pieces:
    """Answers as a catalog does."""

    components: dict[str, Component] = field(default_factory=dict)
    slices: dict[str, Slice] = field(default_factory=dict)

    def add(self, component: Component, text: str) -> None:
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.components[component.uses] = component
        self.slices[component.uses] = Slice(text, component.source.function, digest)

    def get(self, uses: str) -> Component | None:
        return self.components.get(uses)

    def slice(self, uses: str) -> Slice:
        return self.slices[uses]

    def input_kinds(self, uses: str) -> Mapping[str, str]:
        return {port.name: "pandas" for port in self.components[uses].inputs}


def _source(module: str, function: str) -> SourceRef:
    return SourceRef(f"{module}.py", module, function, 1)


def pieces() -> Pieces:
    found = Pieces()
    rows = Parameter("rows", ParameterType(ParameterKind.INT, minimum=0), 3)
    found.add(
        Component(
            "demo.make", "Make", _source("demo", "make"), outputs=(OutputPort("table", TABLE),), parameters=(rows,)
        ),
        MAKE,
    )
    found.add(
        Component(
            "demo.halve", "Halve", _source("demo", "halve"), inputs=(InputPort("data", TABLE),),
            outputs=(OutputPort("low", TABLE), OutputPort("high", TABLE)),
            parameters=(Parameter("at", ParameterType(ParameterKind.FLOAT), 0.5),), returns_tuple=True,
        ),
        HALVES,
    )  # fmt: skip
    found.add(
        Component(
            "demo.summarise", "Summarise", _source("demo", "summarise"),
            inputs=(InputPort("tables", PortType("Table", many=True)),),
            outputs=(OutputPort("metrics", PortType("Metrics")),),
            parameters=(Parameter("label", ParameterType(ParameterKind.STR), "sum"),),
        ),
        SUMMARISE,
    )  # fmt: skip
    return found
