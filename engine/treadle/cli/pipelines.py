"""`treadle validate` and `treadle export`: a pipeline looked at, nothing of it run."""

from __future__ import annotations

import importlib
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from treadle.catalog.catalog import Catalog, load_catalog
from treadle.catalog.pipelines import used_pipelines
from treadle.cli.terminal import Exit, Terminal
from treadle.cli.texts import text_of
from treadle.host.messages import encode
from treadle.spec.file_format import read
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, has_errors
from treadle.spec.validate import validate
from treadle.store.atomic import write_atomic
from treadle.store.project import find_project
from treadle.store.project_settings import read_settings

__all__ = ["TARGETS", "export_file", "validate_file"]

TARGETS: Final = ("python", "airflow", "svg")


def validate_file(terminal: Terminal, file: Path, as_json: bool) -> Exit:
    """Tells every problem of the pipeline and of the components it could use."""
    _, _, problems = _load(file)
    wrong = has_errors(problems)
    if as_json:
        terminal.json({"file": str(file), "valid": not wrong, "problems": [encode(problem) for problem in problems]})
    else:
        terminal.problems(problems)
        terminal.say(_verdict(file, problems))
    return Exit.INVALID if wrong else Exit.OK


def export_file(terminal: Terminal, file: Path, to: str, output: Path | None) -> Exit:
    """Writes the export, to stdout where there is no `output`. With an error, writes nothing."""
    if to not in TARGETS:
        terminal.error(f"can't export to {to!r}; choose from {', '.join(TARGETS)}")
        return Exit.INVALID
    pipeline, catalog, problems = _load(file)
    if pipeline is None or has_errors(problems):
        terminal.problems(problems)
        return Exit.INVALID
    exported: Any = importlib.import_module("treadle.convert.export").export(pipeline, catalog, to, catalog.pipelines)
    terminal.problems(exported.problems)
    if has_errors(list(exported.problems)):
        return Exit.INVALID
    if output is None:
        terminal.raw(exported.text)
    else:
        write_atomic(output, exported.text.encode())
        terminal.warn(f"wrote {output}", "dim")
        if to == "python":
            terminal.warn(f"  run it:   {_command(output, find_project(file).root)}", "dim")
    return Exit.OK


def _load(file: Path) -> tuple[Pipeline | None, Catalog, list[Problem]]:
    """The pipeline (None where it can't be read), its catalog, and all that is wrong with them. Raises OSError."""
    project = find_project(file)
    catalog = load_catalog(project.root)
    reading = read(text_of(file), str(file))
    settings = read_settings(project.root)
    problems = [*reading.problems, *catalog.problems, *settings.problems]
    if reading.pipeline is not None:
        files = used_pipelines(project.root, reading.pipeline).readings
        catalog = catalog.with_pipelines(files)
        pools = settings.pools
        problems += validate(reading.pipeline, catalog.components, reading.places, pools=pools, files=files)
    return reading.pipeline, catalog, problems


def _command(script: Path, root: Path) -> str:
    """What runs an exported script here; beside the project it has to be told where that is."""
    words = ["python", str(script)]
    if script.resolve().parent != root:
        words += ["--project", os.path.relpath(root)]
    return shlex.join(words)


def _verdict(file: Path, problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if not problems:
        return f"{file}: nothing wrong"
    return f"{file}: {errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
