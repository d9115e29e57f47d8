"""What the shell may offer where a verb wants a name: runs, nodes, components, targets. Nothing here fails aloud."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from treadle.store.project import Project

__all__ = ["components", "nodes_of_file", "nodes_of_run", "runs", "targets"]


def runs(context: typer.Context, incomplete: str) -> list[str]:
    """Newest first, then `last`."""
    return _beginning([*reversed(_project(context).run_ids()), "last"], incomplete)


def nodes_of_run(context: typer.Context, incomplete: str) -> list[str]:
    """Of the run that was typed before."""
    project = _project(context)
    known = project.run_ids()
    written = str(context.params.get("run") or "")
    found = [run for run in known if run.startswith(written)] if written != "last" else known
    return _beginning(_plan(project.run(found[-1]).plan).get("tasks", ()) if found else (), incomplete)


def nodes_of_file(context: typer.Context, incomplete: str) -> list[str]:
    """Of the pipeline that was typed before."""
    from treadle.spec.file_format import read

    # An option that waits for its value leaves what came before it unsorted.
    written = context.params.get("file") or next((word for word in context.args if not word.startswith("-")), "")
    try:
        pipeline = read(Path(written).read_text("utf-8")).pipeline
    except (OSError, UnicodeDecodeError):
        return []
    return _beginning(pipeline.nodes if pipeline else (), incomplete)


def components(context: typer.Context, incomplete: str) -> list[str]:
    from treadle.catalog.catalog import load_catalog

    return _beginning(load_catalog(_project(context).root).components, incomplete)


def targets(incomplete: str) -> list[str]:
    from treadle.cli.pipelines import TARGETS

    return _beginning(TARGETS, incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _project(context: typer.Context) -> Project:
    from treadle.store.project import find_project

    return find_project(Path(context.params.get("project") or Path.cwd()))


def _plan(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
