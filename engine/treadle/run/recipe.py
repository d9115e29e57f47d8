"""Recipe: all that a task's outputs depend on, as far as anybody can know it. Its hash is the cache key.

    key = hash(code, declared outputs, parameters, contents of files, digests of inputs, interpreter and packages)

Inputs count by content: where an upstream task ran again and gave the same bytes, the rebuild stops.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from treadle.spec.values import Value

__all__ = ["NEVER_RAN", "Recipe", "differences", "recipe_from_json", "recipe_from_text"]

NEVER_RAN: Final = "never ran before"
_FORMAT: Final = "treadle-recipe-1"
_encode: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True)
class Recipe:
    """`files`: the identity of what a path parameter names. `sources`: who fed a port, for the explanation only."""

    uses: str
    code: str
    outputs: tuple[str, ...]
    params: Mapping[str, Value] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    """What the node says of itself; it counts where it says something."""

    @property
    def key(self) -> str:
        """SHA-256 in hex. Who fed a port and what the component is called don't count."""
        return self._said[0]

    @property
    def text(self) -> str:
        """As JSON."""
        return self._said[1]

    @cached_property
    def _said(self) -> tuple[str, str]:
        counted, rest = self._counted(), _encode({"uses": self.uses, "sources": self.sources})
        key = hashlib.sha256(f'["{_FORMAT}",{counted}]'.encode()).hexdigest()
        return key, f"{counted[:-1]},{rest[1:]}"

    def _counted(self) -> str:
        counted: dict[str, Any] = {
            "code": self.code, "environment": self.environment, "files": self.files, "inputs": self.inputs,
            "outputs": self.outputs, "params": self.params,
        }  # fmt: skip
        if self.version:
            counted["version"] = self.version
        return _encode(counted)


def recipe_from_text(text: str) -> Recipe | None:
    """The inverse of `Recipe.text`; None for anything else."""
    try:
        return recipe_from_json(json.loads(text))
    except (ValueError, RecursionError):
        return None


def recipe_from_json(value: Any) -> Recipe | None:
    """As `recipe_from_text`, of what was read already."""
    match value:
        case {
            "uses": str(uses), "code": str(code), "outputs": list(outputs),
            "params": dict(params), "files": dict(files),
            "inputs": dict(inputs), "sources": dict(sources), "environment": dict(environment),
        }:  # fmt: skip
            version = str(value.get("version", ""))
            return Recipe(
                uses, code, tuple(outputs), params, files, _tuples(inputs), _tuples(sources), environment, version
            )
        case _:
            return None


def _tuples(lists: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {port: tuple(map(str, items)) for port, items in lists.items()}


def differences(before: Recipe, now: Recipe) -> str:
    """What changed, in words: `parameter test_size changed from 0.2 to 0.3; code of train.fit changed`."""
    return "; ".join(_differences(before, now))


def _differences(before: Recipe, now: Recipe) -> Iterator[str]:
    if before.code != now.code or before.outputs != now.outputs:
        same = before.uses == now.uses
        yield f"code of {now.uses} changed" if same else f"it is {now.uses} now and was {before.uses}"
    yield from _version(before.version, now.version)
    for name in _either(before.params, now.params):
        yield from _param(name, before.params, now.params)
    for name in _either(before.files, now.files):
        if before.files.get(name) != now.files.get(name) and before.params.get(name) == now.params.get(name):
            yield f"{_shown(now.params.get(name))} changed on disk"
    for port in _either(before.inputs, now.inputs):
        if before.inputs.get(port) != now.inputs.get(port):
            yield _input(port, before, now)
    for name in _either(before.environment, now.environment):
        was, is_ = before.environment.get(name), now.environment.get(name)
        if was != is_:
            yield f"{name} changed from {was or 'not used'} to {is_ or 'not used'}"


def _version(before: str, now: str) -> Iterator[str]:
    if before != now:
        yield f"the node's cache version changed from {before or 'none'} to {now or 'none'}"


def _param(name: str, before: Mapping[str, Value], now: Mapping[str, Value]) -> Iterator[str]:
    if name not in before:
        yield f"parameter {name} is new"
    elif name not in now:
        yield f"parameter {name} is gone"
    elif before[name] != now[name] or type(before[name]) is not type(now[name]):
        yield f"parameter {name} changed from {_shown(before[name])} to {_shown(now[name])}"


def _input(port: str, before: Recipe, now: Recipe) -> str:
    was, is_ = before.sources.get(port, ()), now.sources.get(port, ())
    if was != is_:
        return f"input {port} comes from {_listed(is_)} now, and came from {_listed(was)}"
    old, new = before.inputs.get(port, ()), now.inputs.get(port, ())
    if len(old) == len(new) == len(is_):  # of several, those that gave something else
        is_ = tuple(dict.fromkeys(name for name, a, b in zip(is_, old, new, strict=True) if a != b))
    return f"input {port} changed ({_listed(is_)} ran again)"


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names) or "nowhere"


def _either(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [*now, *(name for name in before if name not in now)]


def _shown(value: Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
