"""Endpoint: one end of an edge, as pipeline files write it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Endpoint"]


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """A node's port, written `node.port`."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"
