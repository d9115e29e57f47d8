"""Treadle: draw, run, watch and export machine-learning pipelines.

Component authors import their decorator and port types from here. Importing this costs nothing: no Qt,
no pandas, no pydantic.
"""

from treadle.sdk import (
    Array,
    Between,
    Code,
    Column,
    Directory,
    Figure,
    File,
    Html,
    Image,
    Json,
    Metrics,
    Model,
    Multiline,
    OneOf,
    Secret,
    Table,
    Text,
    component,
)

__version__ = "0.1.0"

__all__ = [
    "Array", "Between", "Code", "Column", "Directory", "Figure", "File", "Html", "Image", "Json", "Metrics",
    "Model", "Multiline", "OneOf", "Secret", "Table", "Text", "component",
]  # fmt: skip
