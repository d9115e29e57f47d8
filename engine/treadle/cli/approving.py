"""`treadle approve`: a person's decision, for whichever process goes on with the run."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import Final

from treadle.cli.asking import until, with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.host.api import RunRefused
from treadle.host.facade import LocalEngine
from treadle.run.state import TaskState
from treadle.store.logs import plain
from treadle.store.project import Project

__all__ = ["Answer", "answer_node"]

_PATIENCE: Final = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """`by` is who decides; None for who is logged in."""

    approved: bool
    note: str = ""
    by: str | None = None


def answer_node(terminal: Terminal, project: Project, run: str, node: str, answer: Answer, as_json: bool) -> Exit:
    """Leaves the decision, and waits until it is written in the run."""

    async def decide(engine: LocalEngine) -> TaskState:
        name = (await engine.summary(run)).run
        by = answer.by or getpass.getuser()
        await engine.answer(name, node, approved=answer.approved, note=answer.note, by=by)
        now = await until(lambda: engine.state(name), lambda now: now.tasks[node].answer is not None, _PATIENCE)
        return now.tasks[node]

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
    return Exit.OK if found.answer.approved is answer.approved else Exit.FAILED
