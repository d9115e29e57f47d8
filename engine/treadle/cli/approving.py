"""`treadle approve`: a person's decision, for whichever process goes on with the run."""

from __future__ import annotations

import asyncio
import getpass
import time
from typing import Final

from treadle.cli.history import with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.host.api import RunRefused
from treadle.host.facade import LocalEngine
from treadle.run.state import TaskState
from treadle.store.logs import plain
from treadle.store.project import Project

__all__ = ["answer_node"]

_PATIENCE: Final = 10.0  # seconds
_POLL: Final = 0.1


def answer_node(
    terminal: Terminal,
    project: Project,
    run: str,
    node: str,
    *,
    approved: bool,
    note: str,
    by: str | None,
    as_json: bool,
) -> Exit:
    """Leaves the decision, and waits until it is written in the run."""

    async def decide(engine: LocalEngine) -> TaskState:
        name = (await engine.summary(run)).run
        await engine.answer(name, node, approved=approved, note=note, by=by or getpass.getuser())
        deadline = time.monotonic() + _PATIENCE
        while True:
            found = (await engine.state(name)).tasks[node]
            if found.answer is not None or time.monotonic() > deadline:
                return found
            await asyncio.sleep(_POLL)

    try:
        found = with_engine(project, decide)
    except RunRefused as refused:
        terminal.problems(list(refused.problems))
        return Exit.FAILED
    if found.answer is None:
        terminal.error(f"{node} was answered {_PATIENCE:g} s ago, and the run has not taken it")
        return Exit.FAILED
    if as_json:
        terminal.json({"node": node, "approved": found.answer.approved, "by": found.answer.by})
    else:
        terminal.say(f"{node} {plain(found.message)}")
    return Exit.OK if found.answer.approved is approved else Exit.FAILED
