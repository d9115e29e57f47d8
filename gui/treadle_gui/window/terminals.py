"""The terminal emulator that a person uses, and how each is told what to run in it.

Those that know what the desktop prefers come first. A command is handed on word by word: nothing of it is read as a
shell would, but by the few emulators that take one line, for which it is quoted.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["TERMINALS", "Terminal", "find_terminal", "held_open"]


@dataclass(frozen=True, slots=True)
class Terminal:
    """An emulator by its program's name or path. `before` stands before the command, which is one word where
    `is_one_word`."""

    program: str
    before: tuple[str, ...]
    is_one_word: bool = False

    def running(self, command: Sequence[str]) -> list[str]:
        """The words that open it with `command` in it."""
        rest = [shlex.join(command)] if self.is_one_word else list(command)
        return [self.program, *self.before, *rest]


TERMINALS: Final = (
    Terminal("xdg-terminal-exec", ()),
    Terminal("x-terminal-emulator", ("-e",)),
    Terminal("gnome-terminal", ("--",)),
    Terminal("ptyxis", ("--",)),
    Terminal("kgx", ("--",)),
    Terminal("konsole", ("-e",)),
    Terminal("xfce4-terminal", ("-x",)),
    Terminal("mate-terminal", ("-x",)),
    Terminal("lxterminal", ("-e",), is_one_word=True),
    Terminal("tilix", ("-e",), is_one_word=True),
    Terminal("kitty", ()),
    Terminal("alacritty", ("-e",)),
    Terminal("foot", ()),
    Terminal("wezterm", ("start", "--")),
    Terminal("ghostty", ("-e",)),
    Terminal("xterm", ("-e",)),
)
_BY_NAME: Final = {terminal.program: terminal for terminal in TERMINALS}
_HOLD: Final = '"$@"; printf "\\n[it has ended: Enter closes this window]"; read -r _'


def find_terminal(environment: Mapping[str, str], which: Callable[[str], str | None] = shutil.which) -> Terminal | None:
    """The first that is installed, by its path; one that `$TERMINAL` names before all others. None where there is none.

    `which` finds a program as `shutil.which` does.
    """
    wanted = environment.get("TERMINAL", "").strip()
    named = (_BY_NAME.get(Path(wanted).name, Terminal(wanted, ("-e",))),) if wanted else ()
    for terminal in (*named, *TERMINALS):
        path = which(wanted if terminal in named else terminal.program)
        if path is not None:
            return Terminal(path, terminal.before, terminal.is_one_word)
    return None


def held_open(command: Sequence[str]) -> list[str]:
    """`command`, after which its window stays until a person has read it."""
    return ["/bin/sh", "-c", _HOLD, "sh", *command]
