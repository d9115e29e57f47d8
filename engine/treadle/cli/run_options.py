"""What `treadle run` can be told besides its file: its options, as typer reads them."""

from __future__ import annotations

from typing import Annotated

import typer

from treadle.cli import completing
from treadle.cli.application import assignments

__all__ = [
    "Breakpoints", "Cache", "Events", "Failed", "Only", "Parallel", "Parameters", "Paused", "StartFrom", "To",
]  # fmt: skip

Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        "-p",
        metavar="NAME=VALUE|@FILE",
        callback=assignments,
        help="A pipeline parameter's value, or a YAML or JSON file of them. May be repeated.",
    ),
]
To = Annotated[
    str | None,
    typer.Option(metavar="NODE", help="Only this node and all it needs.", autocompletion=completing.nodes_of_file),
]
StartFrom = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="NODE",
        help="Only this node and all after it, anew, on what earlier runs made.",
        autocompletion=completing.nodes_of_file,
    ),
]
Only = Annotated[
    str | None,
    typer.Option(
        metavar="NODE", help="Only this node, on what earlier runs made.", autocompletion=completing.nodes_of_file
    ),
]
Failed = Annotated[bool, typer.Option("--failed", help="Only what failed in the last run, and what waited.")]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Take earlier results where nothing changed.")]
Parallel = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="At most N nodes at once, whatever the pipeline says.")
]
Breakpoints = Annotated[
    list[str] | None,
    typer.Option(
        "--break",
        metavar="NODE[:after]",
        help="Pause before this node, or after it. May be repeated.",
        autocompletion=completing.nodes_of_file,
    ),
]
Paused = Annotated[bool, typer.Option("--pause-at-start", help="Pause before anything begins.")]
Events = Annotated[bool, typer.Option("--json", help="Print every event as a line of JSON.")]
