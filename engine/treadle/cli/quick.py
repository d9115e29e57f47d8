"""`treadle run FILE`, and nothing more: what is typed most, without the machinery that reads options.

Importing that machinery takes a fifth of the time to the first node, and a word that is no option needs none of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from treadle.execute.server_start import StartedServer, start_server

__all__ = ["file_to_run", "run", "server_meanwhile"]


def file_to_run(words: Sequence[str]) -> Path | None:
    """The pipeline, where `words` are `run` and a file; None where they say anything else."""
    match words:
        case ["run", file] if not file.startswith("-") and "_TREADLE_COMPLETE" not in os.environ:
            return Path(file)
        case _:
            return None


def run(file: Path) -> int:
    """As the verb with no option; returns its exit status."""
    with server_meanwhile() as early:
        from treadle.cli.running import Ways, run_file
        from treadle.cli.terminal import Terminal
        from treadle.run.selecting import Selection

        return run_file(Terminal(), file, [], Ways(Selection()), as_json=False, early=early)


@contextmanager
def server_meanwhile() -> Iterator[StartedServer | None]:
    """A fork server that gets ready while the engine is imported; None where there is none to be had."""
    try:
        started = start_server(sys.executable, ()) if sys.platform == "linux" else None
    except OSError:
        started = None  # the engine tries again, and says what is wrong
    try:
        yield started
    finally:
        if started is not None:
            started.drop()
