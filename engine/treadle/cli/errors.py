"""Exceptions that reached the command's boundary, as a sentence and an exit status."""

from __future__ import annotations

from treadle.cli.terminal import Exit, Terminal
from treadle.host.api import EngineFailed, EngineLost, NotTrusted, RunBusy, RunRefused, UnknownRun, UnknownTask

__all__ = ["tell"]


def tell(terminal: Terminal, error: Exception) -> Exit:
    """Says on stderr what is wrong; the status is INVALID where the person asked for what can't be."""
    match error:
        case RunRefused(problems=problems):
            terminal.problems(problems)
            return Exit.INVALID
        case UnknownRun() | UnknownTask() | RunBusy() | NotTrusted():
            terminal.error(str(error))
            return Exit.INVALID
        case FileNotFoundError() | IsADirectoryError() | NotADirectoryError() | UnicodeDecodeError():
            terminal.error(_about_a_file(error))
            return Exit.INVALID
        case OSError():
            terminal.error(_about_a_file(error))
        case EngineLost() | EngineFailed():
            terminal.error(str(error))
        case _:
            terminal.error(f"unexpected {type(error).__name__}: {error}")
            terminal.warn("This is a bug in Treadle. `treadle --debug …` shows where; please report it.", "dim")
    return Exit.FAILED


def _about_a_file(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"the file is not text in UTF-8: byte {error.start} is {error.object[error.start]:#04x}"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)
