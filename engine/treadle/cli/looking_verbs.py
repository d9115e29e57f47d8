"""Verbs that look at runs: `runs`, `show`, `save`, `why`, `logs`, `debug`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treadle.cli import completing
from treadle.cli.application import RUNS, Json, NodeName, ProjectDir, RunName, project_of, terminal

__all__ = ["debug", "logs", "runs", "save", "show", "verbs", "why"]

verbs = typer.Typer()


@verbs.command(rich_help_panel=RUNS)
def runs(
    project: ProjectDir = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the project's runs."""
    from treadle.cli.history import list_runs

    raise typer.Exit(list_runs(terminal(), project_of(project), limit, as_json))


@verbs.command(rich_help_panel=RUNS)
def show(
    run: RunName,
    node: Annotated[
        str | None,
        typer.Argument(help="Only this node of it.", show_default="all of it", autocompletion=completing.nodes_of_run),
    ] = None,
    project: ProjectDir = None,
    items: Annotated[bool, typer.Option("--items", help="List each item of the mapped nodes.")] = False,
    as_json: Json = False,
) -> None:
    """Show a run: its tasks, how they ended, and why they ran; or one node with all that it was given."""
    if node is not None:
        from treadle.cli.node_history import show_node

        raise typer.Exit(show_node(terminal(), project_of(project), run, node, as_json))
    from treadle.cli.history import show_run

    raise typer.Exit(show_run(terminal(), project_of(project), run, as_json, items))


@verbs.command(rich_help_panel=RUNS)
def save(
    run: RunName,
    node: NodeName,
    name: Annotated[
        str | None, typer.Argument(help="An output, or what its code kept.", show_default="its one output")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Where to; .csv, .parquet and the like convert a table.", show_default="here"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Write what a node gave, or kept besides, to a file of your own."""
    from treadle.cli.saving import Wanted, save_result

    raise typer.Exit(save_result(terminal(), project_of(project), Wanted(run, node, name, to, force), as_json))


@verbs.command(rich_help_panel=RUNS)
def why(run: RunName, node: NodeName, project: ProjectDir = None, as_json: Json = False) -> None:
    """Say why a node ran: what of its code, parameters, inputs and environment changed, and how."""
    from treadle.cli.reasons import show_why

    raise typer.Exit(show_why(terminal(), project_of(project), run, node, as_json))


@verbs.command(rich_help_panel=RUNS)
def debug(
    run: RunName,
    node: NodeName,
    attempt: Annotated[
        int | None, typer.Option("--attempt", "-n", min=1, help="Which one.", show_default="the last")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for a debugger to attach (debugpy).")] = False,
    shell: Annotated[bool, typer.Option("--shell", help="Open a shell in its place instead.")] = False,
    project: ProjectDir = None,
) -> None:
    """Make one attempt of a node again, here, with its exact inputs; where it fails, pdb begins at the line.

    To type this command is to trust the project with this attempt.
    """
    from treadle.cli.debugging import debug_node

    raise typer.Exit(debug_node(terminal(), project_of(project), run, node, attempt, wait=wait, shell=shell))


@verbs.command(rich_help_panel=RUNS)
def logs(
    run: RunName,
    node: NodeName,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on printing until it ends.")] = False,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Print what a node's last attempt printed."""
    from treadle.cli.logs import show_log

    raise typer.Exit(show_log(terminal(), project_of(project), run, node, follow=follow, as_json=as_json))
