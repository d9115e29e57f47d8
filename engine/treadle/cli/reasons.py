"""`treadle why`: what made a node run, in full: the code's diff, old and new values, where inputs came from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Final

from treadle.cli.asking import with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.run.why import Change, InputChange, Origin, Why
from treadle.spec.values import Value
from treadle.store.project import Project

__all__ = ["show_why"]

_DIFF_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}
_SHORT: Final = 12


def show_why(terminal: Terminal, project: Project, run: str, node: str, as_json: bool) -> Exit:
    why = with_engine(project, lambda engine: engine.why(run, node))
    if as_json:
        terminal.json(dataclasses.asdict(why))
        return Exit.OK
    terminal.say(f"{why.task}  {why.status.replace('_', ' ')}", "bold")
    terminal.say(why.reason)
    if not why.compared:
        return Exit.OK
    terminal.say(f"compared with run {why.before or 'unknown'}", "dim")
    _show_code(terminal, why)
    for changed in why.pipelines:
        terminal.say(f"pipeline {changed.now}", "bold")
        _show_diff(terminal, changed.diff)
    _show_changes(terminal, "parameters", why.parameters)
    _show_inputs(terminal, why.inputs)
    _show_changes(terminal, "files", why.files)
    _show_changes(terminal, "environment", why.environment)
    return Exit.OK


def _show_code(terminal: Terminal, why: Why) -> None:
    if why.code is None:
        return
    moved = "" if why.code.before == why.code.now else f" ({why.code.before} before, {why.code.now} now)"
    terminal.say(f"code{moved}", "bold")
    _show_diff(terminal, why.code.diff)
    if not why.code.diff:
        terminal.say("  the text of that run is no longer kept", "dim")


def _show_diff(terminal: Terminal, diff: str) -> None:
    for line in diff.splitlines():
        terminal.say(f"  {line}", _DIFF_STYLES.get(line[:1], ""))


def _show_changes(terminal: Terminal, title: str, changes: Iterable[Change]) -> None:
    for number, change in enumerate(changes):
        if number == 0:
            terminal.say(title, "bold")
        was = _shown(change.before) if change.was_there else "not there"
        now = _shown(change.now) if change.is_there else "not there"
        terminal.say(f"  {change.name}: {was} → {now}")


def _show_inputs(terminal: Terminal, inputs: Iterable[InputChange]) -> None:
    for number, fed in enumerate(inputs):
        if number == 0:
            terminal.say("inputs", "bold")
        if fed.changed:
            terminal.say(f"  {fed.port}: {_origins(fed.before)} → {_origins(fed.now)}")
        else:
            terminal.say(f"  {fed.port}: unchanged, {_origins(fed.now)}", "dim")


def _origins(origins: tuple[Origin, ...]) -> str:
    return ", ".join(map(_origin, origins)) or "nothing"


def _origin(origin: Origin) -> str:
    run = f" of run {origin.run}" if origin.run else ""
    return f"{origin.digest[:_SHORT]} from {origin.task or 'unknown'}{run}"


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
