"""Problem: one finding of validation, reading or conversion, told to a person.

A user's mistakes are values of this type, never exceptions. A problem names its place and says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NOWHERE", "Problem", "Severity", "Where", "has_errors"]


class Severity(StrEnum):
    """An error stops a run or an export; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Where:
    """The place a problem is about. Lines and columns count from 1."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    node: str | None = None
    port: str | None = None
    parameter: str | None = None

    def __str__(self) -> str:
        """As editors understand it: `churn.treadle.yaml:12:5 split.train`."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        inner = self.port or self.parameter
        subject = ".".join(part for part in (self.node, inner) if part)
        return " ".join(part for part in (place, subject) if part)


NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: `code` is stable and kebab-case, `message` is a sentence, `hint` says what to do."""

    code: str
    message: str
    where: Where = NOWHERE
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        head = f"{self.where}: " if str(self.where) else ""
        tail = f" ({self.hint})" if self.hint else ""
        return f"{head}{self.severity}: {self.message}{tail} [{self.code}]"


def has_errors(problems: list[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)
