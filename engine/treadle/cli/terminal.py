"""Where the command line prints.

Text from files is never taken for markup, and its control characters are shown, not sent.
Answers go to stdout, everything about the asking (errors, warnings) to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from treadle.spec.problems import Problem, Severity
from treadle.store.logs import plain

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Exit", "Terminal", "ago", "seconds"]


class Exit(IntEnum):
    """What a command's exit status says."""

    OK = 0
    FAILED = 1
    INVALID = 2
    CANCELLED = 130


class Terminal:
    """stdout and stderr of one command."""

    def __init__(self) -> None:
        self.out = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
        self.err = Console(markup=False, highlight=False, emoji=False, soft_wrap=True, stderr=True)

    def say(self, text: str, style: str = "") -> None:
        self.out.print(_plain_text(text, style))

    def warn(self, text: str, style: str = "") -> None:
        """As `say`, on stderr."""
        self.err.print(_plain_text(text, style))

    def error(self, text: str) -> None:
        self.err.print(Text("error: ", "bold red"), _plain_text(text), sep="")

    def problems(self, problems: Iterable[Problem]) -> None:
        """Each as `file:line:column node.port: error: message`, with what to do below it."""
        for problem in problems:
            style = "bold red" if problem.severity is Severity.ERROR else "yellow"
            where = f"{problem.where}: " if str(problem.where) else ""
            head = Text.assemble((plain(where), "bold"), (f"{problem.severity}: ", style), plain(problem.message))
            self.err.print(head, Text(f" [{problem.code}]", "dim"), sep="")
            if problem.hint:
                self.err.print(Text(f"    {plain(problem.hint)}", "dim"))

    def json(self, value: object) -> None:
        """One line of JSON on stdout, at once."""
        sys.stdout.write(json.dumps(value, separators=(", ", ": ")) + "\n")
        sys.stdout.flush()

    def raw(self, text: str) -> None:
        """Text that was asked for as it is, on stdout."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
        """Columns aligned by spaces; to a pipe it is not cut to a width."""
        from rich.table import Table  # a run, which has none, need not wait for it

        table = Table(*columns, box=None, pad_edge=False, header_style="dim")
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else Text(plain(cell)) for cell in row))
        self.out.print(table, soft_wrap=False) if self.out.is_terminal else self._wide(table)

    def _wide(self, table: Table) -> None:
        wide = Console(markup=False, highlight=False, emoji=False, width=10_000)
        with wide.capture() as printed:
            wide.print(table, crop=False, no_wrap=True)
        self.raw("".join(line.rstrip() + "\n" for line in printed.get().splitlines()))


def _plain_text(text: str, style: str = "") -> Text:
    return Text("\n".join(plain(line) for line in text.splitlines()), style)


def seconds(duration: float | None) -> str:
    """`0.4 s`, `1 m 05 s`, `2 h 03 m`; empty for None."""
    if duration is None:
        return ""
    if duration < 60:
        return f"{duration:.1f} s"
    whole = int(duration)
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} m"


def ago(then: float, now: float) -> str:
    """`12 s ago`, `5 m ago`, `3 h ago`, `2 d ago`."""
    past = max(0, int(now - then))
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if past >= size:
            return f"{past // size} {unit} ago"
    return f"{past} s ago"
