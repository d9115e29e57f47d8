"""A pipeline parameter's declaration: `test_size: {type: float, default: 0.2, minimum: 0, maximum: 1}`, both ways."""

from __future__ import annotations

from treadle.spec.file_format.dumping import Document, entry_text
from treadle.spec.file_format.parameter_types import keys_of, read_help, read_type, read_value
from treadle.spec.file_format.parsing import parse
from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, SequenceTree, Tree
from treadle.spec.file_format.type_writing import called, type_document
from treadle.spec.pipeline import PipelineParameter
from treadle.spec.problems import Problem, has_errors
from treadle.spec.types import ParameterKind, ParameterType

__all__ = ["declaration", "declaration_text", "read_declaration", "read_parameter"]


def read_parameter(source: Source, name: str, tree: Tree) -> PipelineParameter:
    """The parameter that `tree` declares."""
    if not isinstance(tree, MappingTree):
        hint = "write its declaration, as `{type: int, default: 5}`"
        source.error("wrong-shape", f"parameter {name} has no declaration", tree, hint)
        return PipelineParameter(name, ParameterType(ParameterKind.STR))
    what = f"parameter {name}"
    keys = keys_of(source, what, tree)
    declared = read_type(source, what, tree, keys)
    default, required = keys.get("default"), keys.get("required")
    return PipelineParameter(
        name=name,
        type=declared,
        default=None if default is None else read_value(source, declared, default),
        # A list names properties that an object has to have.
        required=False if isinstance(required, SequenceTree) else source.flag(required, "required") or False,
        help=read_help(source, keys),
        examples=tuple(read_value(source, declared, each) for each in source.items(keys.get("examples"))),
    )


def read_declaration(name: str, text: str) -> tuple[PipelineParameter, list[Problem]]:
    """The parameter that `text`, a declaration alone, declares, and what is wrong with the text. Never raises."""
    tree, problems = parse(text, None)
    source = Source(None, list(problems))
    if tree is None and not problems:
        source.error("wrong-shape", "nothing is declared", None, "begin with its type, as `type: int`")
    if tree is None or has_errors(source.problems):
        return PipelineParameter(name, ParameterType(ParameterKind.STR)), source.problems
    return read_parameter(source, name, tree), source.problems


def declaration_text(parameter: PipelineParameter) -> str:
    """What a file says of `parameter`, alone, each line ended; the inverse of `read_declaration`."""
    return "".join(f"{line}\n" for key, value in declaration(parameter).items() for line in entry_text(key, value, 0))


def declaration(parameter: PipelineParameter, like: Tree | None = None) -> Document:
    """What the file says of `parameter`; what is as by default is left out. `like` is what it said before."""
    said = type_document(parameter.type, like)
    about: Document = {
        "default": parameter.default,
        "required": parameter.required or said.get("required"),
        called(like, "help", "description"): parameter.help or None,
        "examples": list(parameter.examples) or None,
    }
    order = {"type": said["type"], "default": parameter.default, "required": about["required"]}
    return {key: value for key, value in (order | said | about).items() if value is not None}
