"""The command `treadle`: its verbs, gathered, and the one place where an error becomes a sentence.

A verb imports what it needs when it is called, so that `treadle --help` stays quick.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from treadle.cli import quick

if TYPE_CHECKING:
    import typer

__all__ = ["application", "main"]

_PARTS: Final = (
    "running_verbs", "looking_verbs", "control_verbs", "pipeline_verbs", "project_verbs", "secret_verbs",
)  # fmt: skip
"""In the order in which `treadle --help` lists them."""
_QUICK: Final = {"run": _PARTS[:1], "resume": _PARTS[:1], "retry": _PARTS[:1]}
"""Verbs that a node waits for: making all the others would take them a tenth of a second."""


def application(words: Sequence[str]) -> typer.Typer:
    """The command with the verb that `words` begin with, or all where that is none of the quick ones."""
    from treadle.cli.application import app

    there = [group.typer_instance for group in app.registered_groups]
    for part in _QUICK.get(words[0] if words else "", _PARTS):
        verbs = importlib.import_module(f"treadle.cli.{part}").verbs
        if verbs not in there:
            app.add_typer(verbs)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """The command's entry point. Ends with the verb's exit status; no error is told by a traceback alone."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or bool(os.environ.get("TREADLE_DEBUG"))
    try:
        if (file := quick.file_to_run(words)) is not None:
            sys.exit(quick.run(file))
        application(words)([word for word in words if word != "--debug"], prog_name="treadle")
    except BrokenPipeError:  # the reader of our output has gone, as in `treadle runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        from treadle.cli.errors import tell
        from treadle.cli.terminal import Terminal

        sys.exit(tell(Terminal(), error))
