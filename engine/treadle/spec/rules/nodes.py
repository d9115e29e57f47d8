"""Rules about nodes themselves: their names and what they use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from treadle.spec.problems import Problem
from treadle.spec.rules.situation import Situation

__all__ = ["node_names", "unknown_components"]

_NAME: Final = re.compile(r"[^\W\d][\w-]{0,99}")


def node_names(situation: Situation) -> Iterator[Problem]:
    """A name has to do as a task's id, in an edge (`node.port`) and in an export."""
    seen: dict[str, str] = {}
    for name in situation.pipeline.nodes:
        if not _NAME.fullmatch(name):
            hint = "begin with a letter; use letters, digits, _ and -; 100 characters at most"
            yield situation.at("bad-node-name", f"{name[:100]!r} can't name a node", name, hint=hint)
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            # Folders of attempts would be one and the same on a disk that ignores case.
            message = f"{name} and {other} differ only in upper and lower case"
            yield situation.at("duplicate-name", message, name, hint="rename one of them")


def unknown_components(situation: Situation) -> Iterator[Problem]:
    for node in situation.pipeline.nodes.values():
        if node.uses in situation.components or node.is_pipeline:
            continue
        otherwise = "check the name, or add the component to the project's components/ folder"
        hint = situation.did_you_mean(node.uses, situation.components, otherwise)
        message = f"{node.id} uses {node.uses}, which is no known component"
        yield situation.at("unknown-component", message, node.id, hint=hint)
