"""Verbs that see a run through to its end: `run`, `resume`, `retry`."""

from __future__ import annotations

import typer

from treadle.cli import run_options as options
from treadle.cli.application import RUNS, Json, NodeName, PipelineFile, ProjectDir, RunName, project_of, terminal
from treadle.cli.quick import server_meanwhile

__all__ = ["resume", "retry", "run", "verbs"]

verbs = typer.Typer()


@verbs.command(rich_help_panel=RUNS)
def run(
    file: PipelineFile,
    param: options.Parameters = None,
    to: options.To = None,
    start_from: options.StartFrom = None,
    only: options.Only = None,
    failed: options.Failed = False,
    cache: options.Cache = True,
    parallel: options.Parallel = None,
    breakpoints: options.Breakpoints = None,
    paused: options.Paused = False,
    as_json: options.Events = False,
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
