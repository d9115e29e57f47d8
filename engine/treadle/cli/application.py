"""The application that every verb of `treadle` belongs to, and the arguments that verbs have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treadle.cli import completing

if TYPE_CHECKING:
    from treadle.cli.terminal import Terminal
    from treadle.store.project import Project

__all__ = [
    "PIPELINES", "PROJECTS", "RUNS", "Json", "NodeName", "PipelineFile", "ProjectDir", "RunName", "app", "assignments",
    "pairs", "project_of", "terminal",
]  # fmt: skip

app = typer.Typer(
    name="treadle",
    help="Draw, run, watch and export machine-learning pipelines.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RUNS = "Runs"
PIPELINES = "Pipelines"
PROJECTS = "Projects"

PipelineFile = Annotated[Path, typer.Argument(help="A pipeline, *.treadle.yaml.", show_default=False)]
RunName = Annotated[
    str, typer.Argument(help="A run's id, its beginning, or [b]last[/b].", autocompletion=completing.runs)
]
NodeName = Annotated[
    str, typer.Argument(help="A node of it.", show_default=False, autocompletion=completing.nodes_of_run)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ProjectDir = Annotated[
    Path | None,
    typer.Option("--project", "-C", help="The project's folder.", show_default="the current one", exists=True),
]


def _version(wanted: bool) -> None:
    if wanted:
        from treadle import __version__

        typer.echo(f"treadle {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an unexpected error came from.", envvar="TREADLE_DEBUG")
    ] = False,
) -> None:
    """Draw, run, watch and export machine-learning pipelines."""


def assignments(written: list[str] | None) -> list[str]:
    """What was written as `name=value` or `@file`; typer's callback of an option or argument of those."""
    for text in written or []:
        if "=" not in text and not text.startswith("@"):
            raise typer.BadParameter(f"{text!r} is neither name=value nor @file")
    return written or []


def pairs(written: list[str]) -> list[str]:
    """What was written as `name=value`; typer's callback of an argument of those."""
    for text in written:
        if "=" not in text:
            raise typer.BadParameter(f"{text!r} is not name=value")
    return written


def terminal() -> Terminal:
    """Where the verb writes."""
    from treadle.cli.terminal import Terminal

    return Terminal()


def project_of(folder: Path | None) -> Project:
    """The project that `folder` is in; the current one's where it is None."""
    from treadle.store.project import find_project

    return find_project(folder or Path.cwd())
