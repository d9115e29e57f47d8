"""`treadle pools` and `treadle trust`: what holds for a project as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from treadle.cli.terminal import Exit, Terminal
from treadle.host.trust import is_trusted, restrict, trust
from treadle.store.pools_writing import NotWritable, write_pools
from treadle.store.project import Project
from treadle.store.project_settings import SETTINGS_FILE, read_settings

__all__ = ["decide_trust", "show_pools", "sizes_of"]


def sizes_of(words: Sequence[str]) -> dict[str, int]:
    """`db=2` as a pool and its slots; 0 takes it away. Raises BadParameter."""
    sizes = {}
    for word in words:
        name, sign, slots = word.partition("=")
        if not name or not sign or not (slots.isascii() and slots.isdecimal()):
            raise typer.BadParameter(f"a pool and its slots are wanted, as db=2 (db=0 removes it), not {word!r}")
        sizes[name] = int(slots)
    return sizes


def show_pools(terminal: Terminal, project: Project, sizes: dict[str, int], as_json: bool) -> Exit:
    """The project's pools, once `sizes` are set."""
    settings = read_settings(project.root)
    for problem in settings.problems:
        terminal.warn(problem.message)
    pools = {name: slots for name, slots in {**settings.pools, **sizes}.items() if slots}
    if sizes:
        try:
            write_pools(project.root, pools)
        except NotWritable as error:
            terminal.error(str(error))
            return Exit.INVALID
    if as_json:
        terminal.json({"file": str(project.root / SETTINGS_FILE), "pools": pools})
    elif pools:
        terminal.table(("pool", "slots"), [(name, str(slots)) for name, slots in pools.items()])
    else:
        terminal.warn(f"no pools in {project.root / SETTINGS_FILE}; `treadle pools db=2` makes one")
    return Exit.OK


def decide_trust(terminal: Terminal, project: Project, on: bool | None, as_json: bool) -> Exit:
    """Whether the project is trusted, once it is decided (`on`)."""
    if on is not None:
        (trust if on else restrict)(project)
    trusted = is_trusted(project)
    if as_json:
        terminal.json({"project": str(project.root), "trusted": trusted})
    else:
        terminal.say(f"{project.root} is {'trusted' if trusted else 'restricted'}")
    return Exit.OK
