"""`treadle.toml`: what a project says for all its pipelines. It is to be committed, so it stands beside `.treadle/`.

    [pools]
    db = 2          # at most two slots of `db` are held at once, by all the runs of the project together

A file that can't be read says nothing: its problem is told, and stands in the way of a run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.rules.resources import bad_pools

__all__ = ["SETTINGS_FILE", "ProjectSettings", "read_settings"]

SETTINGS_FILE: Final = "treadle.toml"
_MOST: Final = 1 << 20
_KNOWN: Final = ("pools",)
_EXAMPLE: Final = "write `[pools]`, and below it `name = 2`"


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """`pools` are slots by pool."""

    pools: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_settings(root: Path) -> ProjectSettings:
    """What the project at `root` says; nothing where it has no such file. Never raises."""
    file = root / SETTINGS_FILE
    try:
        with file.open("rb") as opened:
            document = tomllib.loads(opened.read(_MOST).decode())
    except FileNotFoundError:
        return ProjectSettings()
    except (OSError, ValueError, RecursionError) as error:
        return ProjectSettings(problems=(_wrong(file, "bad-settings", f"can't be read: {error}", _EXAMPLE),))
    problems = [*_unknown(file, document), *_unfit(file, document.get("pools", {}))]
    pools = {} if any(each.severity is Severity.ERROR for each in problems) else document.get("pools", {})
    return ProjectSettings(pools, tuple(problems))


def _unknown(file: Path, document: Mapping[str, Any]) -> Iterator[Problem]:
    for name in document.keys() - set(_KNOWN):
        hint = f"it may have: {', '.join(_KNOWN)}"
        yield replace(_wrong(file, "unknown-key", f"{name!r} means nothing", hint), severity=Severity.WARNING)


def _unfit(file: Path, pools: object) -> Iterator[Problem]:
    if not isinstance(pools, dict):
        yield _wrong(file, "wrong-shape", "pools wants names and slots", _EXAMPLE)
        return
    for name, size in pools.items():
        if type(size) is not int:
            reason = f"pool {name} wants a whole number of slots, has {size!r}"
            yield _wrong(file, "wrong-value", reason, f"write {name} = 2")
    sizes = {name: size for name, size in pools.items() if type(size) is int}
    for _, reason, hint in bad_pools(sizes):
        yield _wrong(file, "wrong-value", reason, hint)


def _wrong(file: Path, code: str, reason: str, hint: str) -> Problem:
    return Problem(code, f"{SETTINGS_FILE}: {reason}", Where(str(file)), hint)
