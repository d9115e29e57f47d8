"""Verbs about a project: `new`, `pools`, `trust`, `gc`, `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treadle.cli.application import PROJECTS, Json, ProjectDir, project_of, terminal

__all__ = ["doctor", "gc", "new", "pools", "trust", "verbs"]

verbs = typer.Typer()


@verbs.command(rich_help_panel=PROJECTS)
def new(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or not there.")]) -> None:
    """Make a project with an example pipeline and a component."""
    from treadle.cli.projects import new_project

    raise typer.Exit(new_project(terminal(), folder))


@verbs.command(rich_help_panel=PROJECTS)
def pools(
    sizes: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=SLOTS", help="Sets a pool's slots; 0 takes it away.")
    ] = None,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """List the project's pools, which all its pipelines share, or say how large they are."""
    from treadle.cli.project_settings import show_pools, sizes_of

    raise typer.Exit(show_pools(terminal(), project_of(project), sizes_of(sizes or ()), as_json))


@verbs.command(rich_help_panel=PROJECTS)
def trust(
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Trust its code, or restrict it again.", show_default=False)
    ] = None,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Say whether the app may run the project's code, or decide it. `treadle run` needs no trust."""
    from treadle.cli.project_settings import decide_trust

    raise typer.Exit(decide_trust(terminal(), project_of(project), on, as_json))


@verbs.command(rich_help_panel=PROJECTS)
def gc(
    older_than: Annotated[
        str | None, typer.Option(metavar="AGE", help="Runs and cached results unused for so long go: 30d, 12h.")
    ] = None,
    keep_runs: Annotated[int | None, typer.Option(metavar="N", min=0, help="The newest N runs stay.")] = None,
    max_size: Annotated[
        str | None, typer.Option(metavar="SIZE", help="The oldest go until this is enough: 10GiB.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Remove old runs, cached results and artifacts. What a run that stays refers to is never touched.

    Without an age, a number or a size only artifacts go that nothing refers to.
    """
    from treadle.cli.collecting import collect_garbage, rules_of

    rules = rules_of(older_than, keep_runs, max_size)
    raise typer.Exit(collect_garbage(terminal(), project_of(project), rules, dry_run=dry_run, as_json=as_json))


@verbs.command(rich_help_panel=PROJECTS)
def doctor(project: ProjectDir = None, as_json: Json = False) -> None:
    """Check that everything Treadle needs is there, and say what to do where it is not."""
    from treadle.cli.doctor import examine

    raise typer.Exit(examine(terminal(), project_of(project), as_json))
