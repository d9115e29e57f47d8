"""Verbs that see a run through to its end: `run`, `resume`, `retry`."""

from __future__ import annotations

from typing import Annotated

import typer

from treadle.cli import completing
from treadle.cli.application import (
    RUNS,
    Json,
    NodeName,
    PipelineFile,
    ProjectDir,
    RunName,
    assignments,
    project_of,
    terminal,
)
from treadle.cli.quick import server_meanwhile

__all__ = ["resume", "retry", "run", "verbs"]

verbs = typer.Typer()


@verbs.command(rich_help_panel=RUNS)
def run(
    file: PipelineFile,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            "-p",
            metavar="NAME=VALUE|@FILE",
            callback=assignments,
            help="A pipeline parameter's value, or a YAML or JSON file of them. May be repeated.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="NODE", help="Only this node and all it needs.", autocompletion=completing.nodes_of_file),
    ] = None,
    start_from: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NODE",
            help="Only this node and all after it, anew, on what earlier runs made.",
            autocompletion=completing.nodes_of_file,
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="NODE", help="Only this node, on what earlier runs made.", autocompletion=completing.nodes_of_file
        ),
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only what failed in the last run, and what waited.")
    ] = False,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Take earlier results where nothing changed.")
    ] = True,
    parallel: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At most N nodes at once, whatever the pipeline says.")
    ] = None,
    breakpoints: Annotated[
        list[str] | None,
        typer.Option(
            "--break",
            metavar="NODE[:after]",
            help="Pause before this node, or after it. May be repeated.",
            autocompletion=completing.nodes_of_file,
        ),
    ] = None,
    paused: Annotated[bool, typer.Option("--pause-at-start", help="Pause before anything begins.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every event as a line of JSON.")] = False,
) -> None:
    """Run a pipeline to its end.

    Exits with 0 (succeeded), 1 (failed), 2 (the pipeline or the command is invalid) or 130 (cancelled). To type
    this command is to trust the project with this run.
    """
    with server_meanwhile() as early:
        from treadle.cli.running import Ways, run_file
        from treadle.run.selecting import Selection

        ways = Ways(Selection(to, start_from, only, failed), cache, parallel, tuple(breakpoints or ()), paused)
        code = run_file(terminal(), file, param or [], ways, as_json=as_json, early=early)
    raise typer.Exit(code)


@verbs.command(rich_help_panel=RUNS)
def resume(run: RunName, project: ProjectDir = None, as_json: Json = False) -> None:
    """Go on with a run that was interrupted, failed or cancelled; what succeeded stands."""
    from treadle.cli.running import resume_run

    raise typer.Exit(resume_run(terminal(), project_of(project), run, as_json=as_json))


@verbs.command(rich_help_panel=RUNS)
def retry(run: RunName, node: NodeName, project: ProjectDir = None, as_json: Json = False) -> None:
    """Try one node of a finished run again, in that run, and then what waits for it."""
    from treadle.cli.running import retry_node

    raise typer.Exit(retry_node(terminal(), project_of(project), run, node, as_json=as_json))
