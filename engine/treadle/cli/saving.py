"""`treadle save`: what a node gave, or kept besides, as a file of one's own. Nothing is unpickled, models neither."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from treadle.cli.asking import with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.execute.programs.inputs import lay_out_copy
from treadle.host.facade import LocalEngine
from treadle.run.naming import find_task
from treadle.run.state import TaskState
from treadle.store import codecs
from treadle.store.artifacts import to_fields
from treadle.store.project import Project
from treadle.store.references import ArtifactRef

__all__ = ["Wanted", "save_result"]

_TABLES: Final = ("csv", "tsv", "parquet", "jsonl", "arrow")


class Wanted(NamedTuple):
    """`name` may be left out where the node gave one thing. Without `to` it goes where the command was typed."""

    run: str
    node: str
    name: str | None
    to: Path | None
    replaces: bool


def save_result(terminal: Terminal, project: Project, wanted: Wanted, as_json: bool) -> Exit:
    """Raises UnknownRun, UnknownTask, OSError."""
    node, task = with_engine(project, lambda engine: _find(engine, wanted.run, wanted.node))
    found = _named(task, wanted.name)
    if isinstance(found, str):
        terminal.error(f"{node} {found}")
        return Exit.INVALID
    try:
        path = _saved(project, *found, wanted)
    except FileNotFoundError as error:
        terminal.error(f"{found[0]} of {node} is no longer kept: {error}")
        return Exit.FAILED
    except (ValueError, FileExistsError) as error:
        terminal.error(str(error))
        return Exit.INVALID
    if as_json:
        terminal.json({"node": node, "name": found[0], "type": found[1].type, "path": str(path)})
    else:
        terminal.say(str(path))
    return Exit.OK


async def _find(engine: LocalEngine, run: str, node: str) -> tuple[str, TaskState]:
    run = (await engine.summary(run)).run
    tasks = (await engine.state(run)).tasks
    node = find_task(run, tasks, node)
    return node, tasks[node]


def _named(task: TaskState, name: str | None) -> tuple[str, ArtifactRef] | str:
    """What is meant, or why that can't be told."""
    there = {**task.kept, **task.outputs}
    if not there:
        return f"gave nothing: {task.status.replace('_', ' ')}"
    lone = next((next(iter(those)) for those in (task.outputs, there) if len(those) == 1), None)
    meant = name or lone
    if meant is None or meant not in there:
        return f"gave {'several things' if meant is None else f'no {meant!r}'}; name one of: {', '.join(there)}"
    return meant, there[meant]


def _saved(project: Project, name: str, ref: ArtifactRef, wanted: Wanted) -> Path:
    """Converted where another form of a table is named; under its own name where none is."""
    to = wanted.to
    if to is not None and not to.absolute().parent.is_dir():
        raise ValueError(f"there is no folder {to.absolute().parent} to save it in")
    suffix = to.suffix.lstrip(".").lower() if to is not None else ""
    form = suffix if ref.codec == "arrow" and suffix in _TABLES else ""
    with tempfile.TemporaryDirectory(prefix=".treadle-", dir=to.parent if to is not None else Path.cwd()) as folder:
        made = Path(lay_out_copy(to_fields(ref), str(project.artifacts), folder, codecs, form=form, name=name))
        target = to or Path.cwd() / made.name
        if target.exists() and not wanted.replaces:
            raise FileExistsError(f"{target} is there already: say -o FILE, or add --force")
        if target.is_dir():
            shutil.rmtree(target)
        return Path(shutil.move(made, target))
