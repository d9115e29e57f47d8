"""Verbs about pipelines and components: `gui`, `validate`, `params`, `components`, `export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treadle.cli import completing
from treadle.cli.application import PIPELINES, Json, PipelineFile, ProjectDir, project_of, terminal

__all__ = ["components", "export", "gui", "params", "validate", "verbs"]

verbs = typer.Typer()


@verbs.command(rich_help_panel=PIPELINES)
def gui(
    file: Annotated[Path | None, typer.Argument(help="A pipeline to open.", show_default=False)] = None,
) -> None:
    """Open the desktop app."""
    from treadle.cli.projects import open_app

    raise typer.Exit(open_app(terminal(), file))


@verbs.command(rich_help_panel=PIPELINES)
def validate(file: PipelineFile, as_json: Json = False) -> None:
    """Check a pipeline without running anything. Exits with 0, or 2 where it has an error."""
    from treadle.cli.pipelines import validate_file

    raise typer.Exit(validate_file(terminal(), file, as_json))


@verbs.command(rich_help_panel=PIPELINES)
def params(
    file: PipelineFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as a JSON Schema.")] = False,
) -> None:
    """List the parameters that a pipeline is given at run time."""
    from treadle.cli.parameters import list_parameters

    raise typer.Exit(list_parameters(terminal(), file, as_json))


@verbs.command(rich_help_panel=PIPELINES)
def components(
    name: Annotated[
        str | None,
        typer.Argument(help="One of them, to see all of it.", show_default=False, autocompletion=completing.components),
    ] = None,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """List the components that pipelines here can use."""
    from treadle.cli.components import list_components

    raise typer.Exit(list_components(terminal(), project_of(project), name, as_json))


@verbs.command(rich_help_panel=PIPELINES)
def export(
    file: PipelineFile,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="python|airflow|svg",
            help="What to make of it.",
            show_default=False,
            autocompletion=completing.targets,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write it.", show_default="stdout"),
    ] = None,
) -> None:
    """Turn a pipeline into a Python script, an Airflow DAG or a picture."""
    from treadle.cli.pipelines import export_file

    raise typer.Exit(export_file(terminal(), file, to, output))
