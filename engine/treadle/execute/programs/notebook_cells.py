"""A notebook's cells: where parameters go, which number a person gives a cell, and what an error's traceback tells.

Parameters are injected as papermill does: in a cell of their own after the one tagged `parameters`, else at the top.
Notebooks are plain JSON here (nbformat 4). Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import re
from typing import Any, Mapping  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["FAILED", "INJECTED", "code_cells", "error_of", "inject", "mark", "source"]

INJECTED = "injected-parameters"
FAILED = "treadle-failed"
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINE = re.compile(r"(?:Cell In ?\[\d+\], line|Input In \[\d+\], in .*?line) (\d+)")


def source(cell: Mapping[str, Any]) -> str:
    """A cell's text, which a file may hold as a list of lines."""
    text = cell.get("source", "")
    return "".join(text) if isinstance(text, list) else str(text)


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def mark(cell: dict[str, Any], tag: str) -> None:
    """Gives `cell` one more tag."""
    cell["metadata"]["tags"] = [*_tags(cell), tag]


def inject(cells: list[Any], values: Mapping[str, Any], cell: Any) -> list[Any]:
    """`cells` with `values` set; `cell` is an empty code cell to write them in. One injected before is replaced."""
    kept = [each for each in cells if INJECTED not in _tags(each)]
    if not values:
        return kept
    cell["source"] = "# Parameters\n" + "\n".join(f"{name} = {value!r}" for name, value in values.items())
    mark(cell, INJECTED)
    tagged = [number for number, each in enumerate(kept) if "parameters" in _tags(each)]
    place = tagged[0] + 1 if tagged else 0
    return [*kept[:place], cell, *kept[place:]]


def code_cells(cells: list[Any]) -> list[tuple[int, int, Any]]:
    """(index, number, cell) of each cell that runs; the number counts the author's code cells from 1, else 0."""
    found, number = [], 0
    for index, cell in enumerate(cells):
        if cell.get("cell_type") != "code" or not source(cell).strip():
            continue
        own = INJECTED not in _tags(cell)
        number += own
        found.append((index, number if own else 0, cell))
    return found


def error_of(cell: Mapping[str, Any]) -> tuple[str, str, int | None, str]:
    """(exception, message, line in the cell, traceback without colours) of the error that `cell` ended with."""
    errors = [each for each in cell.get("outputs", []) if each.get("output_type") == "error"]
    if not errors:
        return "CellFailed", "", None, ""
    trace = _ANSI.sub("", "\n".join(errors[-1].get("traceback", [])))
    lines = _LINE.findall(trace)
    return str(errors[-1].get("ename", "")), str(errors[-1].get("evalue", "")), int(lines[-1]) if lines else None, trace
