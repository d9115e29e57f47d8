"""Python identifiers for nodes and components, chosen so that no two collide."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

__all__ = ["identifier", "identifiers"]

_RESERVED = frozenset(dir(builtins)) | frozenset(keyword.kwlist)


def identifier(text: str) -> str:
    """The nearest Python identifier: `"train-2b"` → `train_2b`, `"3d"` → `_3d`, `"class"` → `class_`."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII) or "_"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if name in _RESERVED else name


def identifiers(texts: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A distinct identifier for each text, none of them in `taken`: `clean`, else `clean_result`, else numbered."""
    used = set(taken)
    chosen: dict[str, str] = {}
    for text in texts:
        base = name = identifier(text)
        if name in used:
            base = name = f"{base}_result"
        number = 2
        while name in used:
            name = f"{base}_{number}"
            number += 1
        used.add(name)
        chosen[text] = name
    return chosen
