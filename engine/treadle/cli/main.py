"""The command `treadle`: its verbs, their options, and the one place where an error becomes a sentence.

A verb imports what it needs when it is called, so that `treadle --help` stays quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treadle.cli import completing

if TYPE_CHECKING:
    from treadle.cli.terminal import Terminal
    from treadle.store.project import Project

__all__ = ["app", "main"]

app = typer.Typer(
    name="treadle",
    help="Draw, run, watch and export machine-learning pipelines.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_RUNS = "Runs"
_PIPELINES = "Pipelines"
_PROJECT = "Projects"


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
    typer.Option("--project", "-C", help="The project's folder.", show_default="the current one"),
]


def _version(wanted: bool) -> None:
    if wanted:
        from treadle import __version__

        typer.echo(f"treadle {__version__}")
        raise typer.Exit


def _assignments(written: list[str] | None) -> list[str]:
    for text in written or []:
        if "=" not in text:
            raise typer.BadParameter(f"{text!r} is not name=value")
    return written or []


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an unexpected error came from.", envvar="TREADLE_DEBUG")
    ] = False,
) -> None:
    """Draw, run, watch and export machine-learning pipelines."""


def _terminal() -> Terminal:
    from treadle.cli.terminal import Terminal

    return Terminal()


def _project(folder: Path | None) -> Project:
    from treadle.store.project import find_project

    return find_project(folder or Path.cwd())


@app.command(rich_help_panel=_PIPELINES)
def gui(
    file: Annotated[Path | None, typer.Argument(help="A pipeline to open.", show_default=False)] = None,
) -> None:
    """Open the desktop app."""
    from treadle.cli.projects import open_app

    raise typer.Exit(open_app(_terminal(), file))


@app.command(rich_help_panel=_RUNS)
def run(
    file: PipelineFile,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            "-p",
            metavar="NAME=VALUE",
            callback=_assignments,
            help="A pipeline parameter's value. May be repeated.",
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
    as_json: Annotated[bool, typer.Option("--json", help="Print every event as a line of JSON.")] = False,
) -> None:
    """Run a pipeline to its end.

    Exits with 0 (succeeded), 1 (failed), 2 (the pipeline or the command is invalid) or 130 (cancelled). To type
    this command is to trust the project with this run.
    """
    from treadle.cli.running import run_file
    from treadle.run.selecting import Selection

    selection = Selection(to, start_from, only, failed)
    raise typer.Exit(run_file(_terminal(), file, param or [], selection, use_cache=cache, as_json=as_json))


@app.command(rich_help_panel=_RUNS)
def resume(run: RunName, project: ProjectDir = None, as_json: Json = False) -> None:
    """Go on with a run that was interrupted, failed or cancelled; what succeeded stands."""
    from treadle.cli.running import resume_run

    raise typer.Exit(resume_run(_terminal(), _project(project), run, as_json=as_json))


@app.command(rich_help_panel=_RUNS)
def retry(run: RunName, node: NodeName, project: ProjectDir = None, as_json: Json = False) -> None:
    """Try one node of a finished run again, in that run, and then what waits for it."""
    from treadle.cli.running import retry_node

    raise typer.Exit(retry_node(_terminal(), _project(project), run, node, as_json=as_json))


@app.command(rich_help_panel=_RUNS)
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
    if node is not None:
        from treadle.cli.history import cancel_node

        raise typer.Exit(cancel_node(_terminal(), _project(project), run, node, as_json))
    from treadle.cli.history import cancel_run

    raise typer.Exit(cancel_run(_terminal(), _project(project), run, as_json))


@app.command(rich_help_panel=_RUNS)
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
    from treadle.cli.approving import answer_node

    raise typer.Exit(
        answer_node(_terminal(), _project(project), run, node, approved=not reject, note=note, by=by, as_json=as_json)
    )


@app.command(rich_help_panel=_RUNS)
def runs(
    project: ProjectDir = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the project's runs."""
    from treadle.cli.history import list_runs

    raise typer.Exit(list_runs(_terminal(), _project(project), limit, as_json))


@app.command(rich_help_panel=_RUNS)
def show(run: RunName, project: ProjectDir = None, as_json: Json = False) -> None:
    """Show a run: its tasks, how they ended, and why they ran."""
    from treadle.cli.history import show_run

    raise typer.Exit(show_run(_terminal(), _project(project), run, as_json))


@app.command(rich_help_panel=_RUNS)
def why(run: RunName, node: NodeName, project: ProjectDir = None, as_json: Json = False) -> None:
    """Say why a node ran: what of its code, parameters, inputs and environment changed, and how."""
    from treadle.cli.reasons import show_why

    raise typer.Exit(show_why(_terminal(), _project(project), run, node, as_json))


@app.command(rich_help_panel=_RUNS)
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

    raise typer.Exit(debug_node(_terminal(), _project(project), run, node, attempt, wait=wait, shell=shell))


@app.command(rich_help_panel=_RUNS)
def logs(
    run: RunName,
    node: NodeName,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on printing until it ends.")] = False,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Print what a node's last attempt printed."""
    from treadle.cli.logs import show_log

    raise typer.Exit(show_log(_terminal(), _project(project), run, node, follow=follow, as_json=as_json))


@app.command(rich_help_panel=_PIPELINES)
def validate(file: PipelineFile, as_json: Json = False) -> None:
    """Check a pipeline without running anything. Exits with 0, or 2 where it has an error."""
    from treadle.cli.pipelines import validate_file

    raise typer.Exit(validate_file(_terminal(), file, as_json))


@app.command(rich_help_panel=_PIPELINES)
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

    raise typer.Exit(list_components(_terminal(), _project(project), name, as_json))


@app.command(rich_help_panel=_PIPELINES)
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

    raise typer.Exit(export_file(_terminal(), file, to, output))


@app.command(rich_help_panel=_PROJECT)
def new(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or not there.")]) -> None:
    """Make a project with an example pipeline and a component."""
    from treadle.cli.projects import new_project

    raise typer.Exit(new_project(_terminal(), folder))


@app.command(rich_help_panel=_PROJECT)
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
    from treadle.cli.collecting import collect_garbage

    raise typer.Exit(
        collect_garbage(
            _terminal(),
            _project(project),
            older_than=older_than,
            keep_runs=keep_runs,
            max_size=max_size,
            dry_run=dry_run,
            as_json=as_json,
        )
    )


@app.command(rich_help_panel=_PROJECT)
def doctor(project: ProjectDir = None, as_json: Json = False) -> None:
    """Check that everything Treadle needs is there, and say what to do where it is not."""
    from treadle.cli.doctor import examine

    raise typer.Exit(examine(_terminal(), _project(project), as_json))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command's entry point. Ends with the verb's exit status; no error is told by a traceback alone."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or bool(os.environ.get("TREADLE_DEBUG"))
    try:
        app([word for word in words if word != "--debug"], prog_name="treadle")
    except BrokenPipeError:  # the reader of our output has gone, as in `treadle runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        from treadle.cli.errors import tell

        sys.exit(tell(_terminal(), error))
