"""Verbs that ask something of a run, whichever process goes on with it: `cancel`, `pause`,
`continue`, `step`, `break`, `set`, `approve`."""

from __future__ import annotations

from typing import Annotated

import typer

from treadle.cli import completing
from treadle.cli.application import RUNS, Json, NodeName, ProjectDir, RunName, pairs, project_of, terminal

__all__ = ["approve", "cancel", "go_on", "pause", "set_break", "set_values", "step", "verbs"]

verbs = typer.Typer()


@verbs.command(rich_help_panel=RUNS)
def cancel(
    run: RunName,
    node: Annotated[
        str | None,
        typer.Argument(help="Only this node of it.", show_default="all of it", autocompletion=completing.nodes_of_run),
    ] = None,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Stop a run, or one node of it, whichever process holds it."""
    from treadle.cli.cancelling import cancel_node, cancel_run

    if node is not None:
        raise typer.Exit(cancel_node(terminal(), project_of(project), run, node, as_json))
    raise typer.Exit(cancel_run(terminal(), project_of(project), run, as_json))


@verbs.command(rich_help_panel=RUNS)
def pause(run: RunName, project: ProjectDir = None, as_json: Json = False) -> None:
    """Begin nothing new in a run; what runs goes on."""
    from treadle.cli.controlling import pause_run

    raise typer.Exit(pause_run(terminal(), project_of(project), run, as_json))


@verbs.command("continue", rich_help_panel=RUNS)
def go_on(run: RunName, project: ProjectDir = None, as_json: Json = False) -> None:
    """End a pause."""
    from treadle.cli.controlling import continue_run

    raise typer.Exit(continue_run(terminal(), project_of(project), run, as_json))


@verbs.command(rich_help_panel=RUNS)
def step(
    run: RunName,
    node: Annotated[
        str | None,
        typer.Argument(help="This one.", show_default="the next one", autocompletion=completing.nodes_of_run),
    ] = None,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Begin one node of a paused run, which stays paused."""
    from treadle.cli.controlling import step_run

    raise typer.Exit(step_run(terminal(), project_of(project), run, node, as_json))


@verbs.command("break", rich_help_panel=RUNS)
def set_break(
    run: RunName,
    node: NodeName,
    after: Annotated[bool, typer.Option("--after", help="After the node, not before it.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Take the breakpoint away.")] = False,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Set a breakpoint in a run that goes on: it pauses there."""
    from treadle.cli.controlling import set_breakpoint
    from treadle.run.interventions import Breakpoint, When

    here = Breakpoint(node, When.AFTER if after else When.BEFORE)
    raise typer.Exit(set_breakpoint(terminal(), project_of(project), run, here, not off, as_json))


@verbs.command("set", rich_help_panel=RUNS)
def set_values(
    run: RunName,
    node: NodeName,
    values: Annotated[list[str], typer.Argument(metavar="NAME=VALUE…", callback=pairs, help="What it is to run with.")],
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Give a node of a paused run, which has not begun, other values: for this run alone."""
    from treadle.cli.controlling import change_values

    given = dict(value.partition("=")[::2] for value in values)
    raise typer.Exit(change_values(terminal(), project_of(project), run, node, given, as_json))


@verbs.command(rich_help_panel=RUNS)
def approve(
    run: RunName,
    node: NodeName,
    reject: Annotated[bool, typer.Option("--reject", help="Say no.")] = False,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with the run.")] = "",
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who decides.", show_default="your user name")] = None,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Decide a node that waits for approval, whichever process holds its run. The first answer stands."""
    from treadle.cli.approving import Answer, answer_node

    answer = Answer(not reject, note, by)
    raise typer.Exit(answer_node(terminal(), project_of(project), run, node, answer, as_json))
