"""What opening, saving, validating and reading cost: seconds of our own CPU, so that a busy machine does not blur it.

    python benchmarks/bench_spec.py

Budget: 5,000 nodes open under 1.5 s and save under 1 s, 10,000 validate under 1 s, 300 components are read cold
under 1 s.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from treadle.catalog.catalog import load_catalog
from treadle.spec import edits
from treadle.spec.file_format import read, write
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.validate import validate
from treadle.store.atomic import write_atomic

COMPONENT = '''

@component(category="Bench {number}", icon="table")
def step_{number}(
    data: pd.DataFrame, other: pd.DataFrame | None = None, share: Annotated[float, Between(0, 1)] = 0.5,
    column: Annotated[str, Column("data")] = "x", how: Literal["left", "right"] = "left", seed: int = {number},
) -> pd.DataFrame:
    """Do step {number}.

    Args:
        data: The table.
        share: How much of it.
    """
    return help_{number}(data).sample(frac=share, random_state=seed)


def help_{number}(data: pd.DataFrame) -> pd.DataFrame:
    return data[data[WANTED].notna()]
'''
HEAD = """from typing import Annotated, Literal

import pandas as pd

from treadle import Between, Column, component

WANTED = "x"
"""


def pipeline_of(count: int) -> Pipeline:
    """A list of steps, each fed by the one before."""
    nodes = {}
    for number in range(count):
        inputs = {"data": (Endpoint(f"n{number - 1}", "table"),)} if number else {}
        uses = "prepare.sample_rows" if number else "data.read_csv"
        params = {"fraction": 0.5, "seed": number} if number else {"path": "data.csv"}
        nodes[f"n{number}"] = Node(f"n{number}", uses, inputs, params)
    return Pipeline(name="bench", nodes=nodes, view={id_: (float(i), 0.0) for i, id_ in enumerate(nodes)})


def measured(work: Callable[[], object]) -> float:
    """Median CPU seconds of a few rounds."""
    spent = []
    for _ in range(int(os.environ.get("ROUNDS", "3"))):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return median(spent)


def file_rows(folder: Path) -> list[tuple[str, float, float]]:
    pipeline = pipeline_of(5_000)
    text = write(pipeline)
    changed = edits.set_param(pipeline, "n7", "seed", 0)

    def save() -> None:
        write_atomic(folder / "bench.treadle.yaml", write(changed, text).encode())

    return [
        ("open 5,000 nodes", measured(lambda: read(text)), 1.5),
        ("save one edit of 5,000 nodes", measured(save), 1),
    ]


def validation_row() -> tuple[str, float, float]:
    pipeline, components = pipeline_of(10_000), load_catalog(None).components
    assert validate(pipeline, components) == []
    return "validate 10,000 nodes", measured(lambda: validate(pipeline, components)), 1


def catalog_rows(folder: Path) -> list[tuple[str, float, float]]:
    (folder / "components").mkdir()
    for file in range(10):
        steps = "".join(COMPONENT.format(number=number) for number in range(file * 30, file * 30 + 30))
        (folder / "components" / f"own_{file}.py").write_text(HEAD + steps)
    known = len(load_catalog(None).components)
    cache = folder / "cache"
    assert len(load_catalog(folder, cache).components) == known + 300
    return [
        (f"read 300 + {known} components, cold", measured(lambda: load_catalog(folder)), 1),
        ("the same, unchanged since", measured(lambda: load_catalog(folder, cache)), 1),
    ]


def main() -> None:
    table = Table(title="pipelines and components, CPU seconds (median)", title_justify="left")
    for heading in ("what", "s", "budget s"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    with tempfile.TemporaryDirectory() as name:
        for what, spent, budget in [*file_rows(Path(name)), validation_row(), *catalog_rows(Path(name))]:
            table.add_row(what, f"{spent:.3f}", f"{budget:g}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
