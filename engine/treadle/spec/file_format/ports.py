"""`inputs:` and `outputs:` of a node that declares its ports: `{table: Table, plot: {type: Image, path: plot.png}}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, Tree
from treadle.spec.types import ANY, DATA_TYPES, PortType
from treadle.spec.values import Value

__all__ = ["ports_document", "read_ports"]

_KEYS: Final = ("type", "format", "path")
_NOTHING: Final[dict[str, PortDeclaration]] = {}


def read_ports(source: Source, tree: Tree | None, what: str) -> Mapping[str, PortDeclaration]:
    """The ports that `tree` declares. `what` is the key, for problems."""
    if tree is None:
        return _NOTHING
    return {name: _port(source, name, value) for name, value in source.keys(tree, what).items()}


def _port(source: Source, name: str, tree: Tree) -> PortDeclaration:
    if not isinstance(tree, MappingTree):
        return PortDeclaration(_type(source, name, tree))
    keys = source.keys(tree, f"port {name}")
    source.warn_unknown(tree, _KEYS, f"port {name}")
    return PortDeclaration(
        _type(source, name, keys.get("type")),
        source.text(keys.get("format"), "format") or "",
        source.text(keys.get("path"), "path") or "",
    )


def _type(source: Source, name: str, tree: Tree | None) -> PortType:
    text = source.text(tree, f"the type of port {name}")
    if text is None:
        return ANY
    try:
        return PortType.parse(text)
    except ValueError:
        hint = f"write one of {', '.join(DATA_TYPES)}, int, float, bool, str, or list[Table]"
        source.error("unknown-type", f"{text!r} is no type of a port", tree, hint)
        return ANY


def ports_document(ports: Mapping[str, PortDeclaration]) -> dict[str, Value]:
    """What the file says of `ports`."""
    return {name: _said(port) for name, port in ports.items()}


def _said(port: PortDeclaration) -> Value:
    if not port.form and not port.path:
        return str(port.type)
    said: dict[str, Value] = {"type": str(port.type), "format": port.form, "path": port.path}
    return {key: value for key, value in said.items() if value}
