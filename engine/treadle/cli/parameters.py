"""Pipeline parameters on the command line: what there are (`treadle params`), and what is given for them (`-p`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from treadle.cli.terminal import Exit, Terminal
from treadle.cli.texts import text_of
from treadle.spec.file_format import read
from treadle.spec.file_format.value_files import read_values
from treadle.spec.json_schema import schema_of
from treadle.spec.parameter_words import bounds_words, type_words
from treadle.spec.pipeline import PipelineParameter
from treadle.spec.problems import Problem, has_errors
from treadle.spec.types import Property
from treadle.spec.values import Value

__all__ = ["given_values", "list_parameters"]


def list_parameters(terminal: Terminal, file: Path, as_json: bool) -> Exit:
    """The parameters that `file` declares: as a table, or as a JSON Schema. Raises OSError."""
    reading = read(text_of(file), str(file))
    terminal.problems(reading.problems)
    if reading.pipeline is None:
        return Exit.INVALID
    parameters = reading.pipeline.params.values()
    if as_json:
        terminal.json(schema_of(reading.pipeline.name, parameters))
    elif parameters:
        rows = [row for each in parameters for row in _rows(each)]
        terminal.table(("name", "type", "default", "bounds", ""), rows)
    else:
        terminal.warn(f"{file} declares no parameters")
    return Exit.OK


def _rows(each: PipelineParameter) -> list[tuple[str, ...]]:
    """Its own row, then one for each name that its mapping, or that of its items, has."""
    within, step = (each.type, each.name) if each.type.item is None else (each.type.item, f"{each.name}[]")
    return [_row(each.name, each), *(_row(f"{step}.{inner.name}", inner) for inner in within.properties)]


def _row(name: str, each: PipelineParameter | Property) -> tuple[str, ...]:
    return name, type_words(each.type), _default(each.default, each.required), bounds_words(each.type), each.help


def _default(default: Value, required: bool) -> str:
    return "required" if required and default is None else "" if default is None else json.dumps(default)


def given_values(words: Sequence[str]) -> tuple[dict[str, Value], list[Problem]]:
    """What `name=value` and `@file` say, the later over the earlier, and what is wrong with files. Raises OSError."""
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for word in words:
        if word.startswith("@"):
            found, wrong = read_values(text_of(Path(word[1:])), word[1:])
            values |= found
            problems += wrong
        else:
            name, _, text = word.partition("=")
            values[name] = text
    return ({}, problems) if has_errors(problems) else (values, problems)
