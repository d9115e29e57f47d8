from __future__ import annotations

import pytest

from treadle.spec.parameter_words import bounds_words, type_words
from treadle.spec.types import ParameterKind, ParameterType, TextFormat

Kind, Type = ParameterKind, ParameterType


@pytest.mark.parametrize(
    ("type_", "words", "bounds"),
    [
        (Type(Kind.FLOAT, minimum=0, maximum=1), "float", "0 to 1"),
        (Type(Kind.FLOAT, minimum=0, multiple_of=0.5), "float", "0 or more, a multiple of 0.5"),
        (Type(Kind.INT, maximum=3, optional=True), "int?", "3 or less"),
        (Type(Kind.INT, above=1, below=9), "int", "more than 1, less than 9"),
        (Type(Kind.STR, format=TextFormat.EMAIL, pattern="x", fewest=1), "email", "1 character or more, with x"),
        (Type(Kind.LIST, item=Type(Kind.INT, minimum=1), most=3, unique=True), "list[int]",
         "3 items or fewer, none twice, each 1 or more"),
        (Type(Kind.LIST), "list", ""),
        (Type(Kind.DICT, rest=Type(Kind.INT)), "dict[int]", ""),
        (Type(Kind.DICT, closed=True, most=2), "dict", "2 names or fewer, no other names"),
        (Type(Kind.CHOICE, choices=("a", 1)), "choice", "a | 1"),
    ],
)  # fmt: skip
def test_types_in_words(type_, words, bounds):
    assert (type_words(type_), bounds_words(type_)) == (words, bounds)
