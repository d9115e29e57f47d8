"""Writes a project's pools into `treadle.toml`: only the lines that differ; comments, order and the rest stay.

What was written is read back before it takes the old file's place, so a file that says its pools in a way that is not
understood here is left as it is.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from treadle.spec.rules.resources import bad_pools
from treadle.store.atomic import write_atomic
from treadle.store.project_settings import SETTINGS_FILE

__all__ = ["NotWritable", "write_pools"]

_HEADER: Final = re.compile(r"\s*\[\s*pools\s*\]\s*(#.*)?\Z")
_TABLE: Final = re.compile(r"\s*\[")
_POOL: Final = re.compile(
    r"""(?P<head>\s*(?P<name>[\w-]+|"[^"\\]+"|'[^']+')\s*=\s*)(?P<slots>\d+)(?P<tail>\s*(#.*)?)\Z"""
)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


class NotWritable(ValueError):
    """These pools can't be written there; the message says why."""


def write_pools(root: Path, pools: Mapping[str, int]) -> None:
    """Makes these the pools of the project at `root`. Raises NotWritable, OSError."""
    for _, reason, hint in bad_pools(pools):
        raise NotWritable(f"{reason}: {hint}")
    file = root / SETTINGS_FILE
    try:
        before = file.read_text("utf-8") if file.exists() else ""
        tomllib.loads(before)
        after = _with_pools(before, pools)
        understood = tomllib.loads(after).get("pools", {}) == pools
    except ValueError as error:
        raise NotWritable(f"{SETTINGS_FILE} can't be read: {error}. Correct it by hand") from error
    if not understood:
        raise NotWritable(f"{SETTINGS_FILE} says its pools in another way than one a line: change it by hand")
    if after != before:
        write_atomic(file, after.encode())


def _with_pools(text: str, pools: Mapping[str, int]) -> str:
    lines = text.removesuffix("\n").split("\n") if text else []
    begin = next((number + 1 for number, line in enumerate(lines) if _HEADER.match(line)), None)
    if begin is None:
        if not pools:
            return text
        lines += [*([""] if lines else []), "[pools]"]
        begin = len(lines)
    end = next((number for number in range(begin, len(lines)) if _TABLE.match(lines[number])), len(lines))
    section = _section(lines[begin:end], pools)
    return "\n".join([*lines[:begin], *section, *lines[end:]]) + "\n"


def _section(lines: list[str], pools: Mapping[str, int]) -> list[str]:
    """The lines below `[pools]`; new pools follow the last one that says something."""
    kept: list[str] = []
    missing = dict(pools)
    for line in lines:
        found = _POOL.match(line)
        if found is None:
            kept.append(line)
            continue
        name = found["name"].strip("\"'")
        if name in missing:
            kept.append(f"{found['head']}{missing.pop(name)}{found['tail']}")
    last = max((number + 1 for number, line in enumerate(kept) if line.strip()), default=0)
    added = [
        f"{name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)} = {slots}"
        for name, slots in missing.items()
    ]
    return [*kept[:last], *added, *kept[last:]]
