"""What was read of a module, kept as JSON until its text, or that of a module it imports, changes.

The cache is never trusted and never needed: whatever is missing, stale or broken in it is read again from source.
No code is kept in it, so what runs always comes from the files a person sees.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from treadle.catalog.reader import ModuleReading
from treadle.catalog.sources import SourceText
from treadle.spec.component import REQUIRED, Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.flow import Kind, Trigger
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.types import ParameterKind, ParameterType, PortType, Property, TextFormat

__all__ = ["ReadingCache"]

_FORMAT: Final = 4


class ReadingCache:
    """Readings of one folder's modules. `folder` None means that nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, source: SourceText, sources: Mapping[str, SourceText]) -> ModuleReading | None:
        """The reading of `source`, if it is still true."""
        if self._folder is None:
            return None
        try:
            record = json.loads(self._path(self._folder, source).read_bytes())
            if record["key"] != _key(source, sources, record["modules"]):
                return None
            return _decode(record["reading"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def put(
        self, source: SourceText, sources: Mapping[str, SourceText], modules: frozenset[str], reading: ModuleReading
    ) -> None:
        """Keeps a reading that depends on `modules`. A folder that can't be written is no reason to fail."""
        if self._folder is None:
            return
        names = sorted(modules)
        record = {"key": _key(source, sources, names), "modules": names, "reading": _encode(reading)}
        path = self._path(self._folder, source)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(record), encoding="utf-8")
            temporary.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()

    @staticmethod
    def _path(folder: Path, source: SourceText) -> Path:
        return folder / f"{'builtin' if source.builtin else 'project'}.{source.module}.json"


def _key(source: SourceText, sources: Mapping[str, SourceText], modules: list[str]) -> str:
    """Of everything that the reading follows from; a new module may take an import that was another package's."""
    digest = hashlib.sha256()
    for part in (_FORMAT, sys.version_info[:2], source.file, source.text, sorted(sources), modules):
        digest.update(repr(part).encode("utf-8", "surrogatepass"))
    for module in modules:
        digest.update(repr(sources[module].text).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _encode(reading: ModuleReading) -> dict[str, Any]:
    return {
        "components": [_encode_component(component) for component in reading.components],
        "problems": [asdict(problem) for problem in reading.problems],
        "kinds": {uses: dict(kinds) for uses, kinds in reading.kinds.items()},
    }


def _encode_component(component: Component) -> dict[str, Any]:
    plain = asdict(replace(component, parameters=()))
    plain["parameters"] = [
        {
            "name": parameter.name,
            "type": asdict(parameter.type),
            "help": parameter.help,
            **({} if parameter.default is REQUIRED else {"default": parameter.default}),
        }
        for parameter in component.parameters
    ]
    return plain


def _decode(record: dict[str, Any]) -> ModuleReading:
    return ModuleReading(
        tuple(_component(each) for each in record["components"]),
        tuple(_problem(each) for each in record["problems"]),
        {str(uses): dict(kinds) for uses, kinds in record["kinds"].items()},
    )


def _component(record: dict[str, Any]) -> Component:
    return Component(
        **{
            **record,
            "source": SourceRef(**record["source"]),
            "inputs": tuple(InputPort(**{**each, "type": PortType(**each["type"])}) for each in record["inputs"]),
            "outputs": tuple(OutputPort(**{**each, "type": PortType(**each["type"])}) for each in record["outputs"]),
            "parameters": tuple(_parameter(each) for each in record["parameters"]),
            "tags": tuple(record["tags"]),
            "imports": tuple(record["imports"]),
            "trigger": Trigger(record["trigger"]),
            "kind": Kind(record["kind"]),
        }
    )


def _parameter(record: dict[str, Any]) -> Parameter:
    return Parameter(record["name"], _type(record["type"]), record.get("default", REQUIRED), record["help"])


def _type(record: dict[str, Any]) -> ParameterType:
    inner = {name: _type(record[name]) if record[name] is not None else None for name in ("item", "rest")}
    return ParameterType(
        **{
            **record,
            **inner,
            "kind": ParameterKind(record["kind"]),
            "choices": tuple(record["choices"]),
            "format": TextFormat(record["format"]) if record["format"] is not None else None,
            "properties": tuple(Property(**{**each, "type": _type(each["type"])}) for each in record["properties"]),
        }
    )


def _problem(record: dict[str, Any]) -> Problem:
    return Problem(**{**record, "where": Where(**record["where"]), "severity": Severity(record["severity"])})
