"""Ports that a node declares itself, as nodes of the kinds `script`, `shell` and `notebook` do.

What passes such a port is a file: the program is told its path. `form` is how a value is written in it (`csv`,
`parquet`, `json`, a suffix without its dot); `""` means the type's own, see `FORMS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from treadle.spec.types import ANY, PortType

__all__ = ["FORMS", "PortDeclaration", "default_form", "forms_of"]

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "Table": ("csv", "tsv", "parquet", "arrow", "jsonl"),
    "Array": ("npy", "csv"),
    "Model": ("joblib",),
    "Metrics": ("json",),
    "Json": ("json",),
    "Figure": ("png",),
    "Image": ("png",),
    "Html": ("html",),
    "Directory": ("",),
    "bool": ("txt", "json"),
    "int": ("txt", "json"),
    "float": ("txt", "json"),
    "str": ("txt", "json"),
    "datetime": ("txt", "json"),
}
"""How a value of each type may stand in a file, the usual way first. Types that are not named take any suffix."""

_FREE: Final[Mapping[str, str]] = {"Text": "txt", "File": "", "Any": ""}


@dataclass(frozen=True, slots=True)
class PortDeclaration:
    """A declared port. `path`, of an output, is where the program writes it by itself, from its working folder."""

    type: PortType = ANY
    form: str = ""
    path: str = ""


def forms_of(type_: PortType) -> tuple[str, ...] | None:
    """The forms that a value of `type_` may have; None where any suffix will do."""
    return FORMS.get(type_.name)


def default_form(type_name: str) -> str:
    """The form of a port that says none; `type_name` without `list[…]`."""
    return FORMS[type_name][0] if type_name in FORMS else _FREE.get(type_name, "")
