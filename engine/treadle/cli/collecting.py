"""`treadle gc`: what is old or too much goes, and what a kept run refers to stays."""

from __future__ import annotations

import dataclasses

import typer

from treadle.cli.asking import with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.execute.outcomes import size_text
from treadle.run.collecting import Rules
from treadle.spec.quantities import parse_duration, parse_size
from treadle.store.project import Project

__all__ = ["collect_garbage", "rules_of"]


def rules_of(older_than: str | None, keep_runs: int | None, max_size: str | None) -> Rules:
    """What was written as what may go. Raises BadParameter for a time or a size that is none."""
    try:
        age = None if older_than is None else parse_duration(older_than)
        size = None if max_size is None else parse_size(max_size)
    except ValueError as error:
        raise typer.BadParameter(f"{error}: write an age as 30d or 12h, a size as 10GiB") from error
    return Rules(age, keep_runs, size)


def collect_garbage(terminal: Terminal, project: Project, rules: Rules, *, dry_run: bool, as_json: bool) -> Exit:
    done = with_engine(project, lambda engine: engine.collect(rules, dry_run))
    if as_json:
        terminal.json(dataclasses.asdict(done))
        return Exit.OK
    for run in done.runs:
        terminal.say(f"{'would remove' if dry_run else 'removed'} run {run}", "dim")
    counts = f"{len(done.runs)} runs, {done.entries} cache entries, {done.artifacts} artifacts"
    verb = "would free" if dry_run else "freed"
    terminal.say(f"{verb} {size_text(done.freed)}: {counts}; {size_text(done.left)} stay")
    return Exit.OK
