from __future__ import annotations

import pytest
from hypothesis import given
from spec.pipelines import types, values

from treadle.spec.parameter_text import typed, value_from_text, with_defaults
from treadle.spec.parameter_values import WrongValue, faults, wrong_value
from treadle.spec.text_formats import bad_pattern, has_format, has_pattern
from treadle.spec.types import ParameterKind, ParameterType, Property, TextFormat

Kind, Type = ParameterKind, ParameterType
RATE = Type(Kind.FLOAT, minimum=0, maximum=1)
GRID = Type(
    Kind.LIST,
    item=Type(
        Kind.DICT,
        properties=(
            Property("depth", Type(Kind.INT, minimum=1), required=True),
            Property("rate", RATE, default=0.5),
            Property("odd name", Type(Kind.BOOL, optional=True)),
        ),
        closed=True,
    ),
)


def reason_for(value, kind):
    fault = wrong_value(value, kind)
    return None if fault is None else fault.about("x")


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        (2, RATE, "x wants a number from 0 to 1, has 2"),
        (2, Type(Kind.INT, maximum=1), "x wants 1 or less, has 2"),
        (0, Type(Kind.INT, minimum=1), "x wants 1 or more, has 0"),
        (0, Type(Kind.FLOAT, above=0), "x wants more than 0, has 0"),
        (1.5, Type(Kind.FLOAT, below=1.5), "x wants less than 1.5, has 1.5"),
        (0.3, Type(Kind.FLOAT, multiple_of=0.1), None),
        (0.25, Type(Kind.FLOAT, multiple_of=0.1), "x wants a multiple of 0.1, has 0.25"),
        (True, Type(Kind.CHOICE, choices=(1, 2)), "x wants one of 1, 2, has true"),
        (1, Type(Kind.FLOAT, choices=(1.0, 2.0)), None),
        ([], Type(Kind.CHOICE, choices=(1, 2)), "x wants one of its choices, has a list"),
        ("2026-13-01", Type(Kind.DATETIME),
         "x wants a date such as 2026-01-31 or 2026-01-31T12:00, has the text '2026-13-01'"),
        ("2026-01-31T12:00", Type(Kind.DATETIME), None),
        ({}, Type(Kind.STR), "x wants text, has a mapping"),
        (False, Type(Kind.STR), "x wants text, has false"),
        (False, Type(Kind.BOOL), None),
        (None, Type(Kind.INT, optional=True), None),
        (None, Type(Kind.INT), "x wants a whole number, has nothing"),
        ("hunter2", Type(Kind.SECRET), "x wants the name of a secret, as $secrets.warehouse, has the text 'hunter2'"),
        ("$params.anything", RATE, None),
        ("a", Type(Kind.STR, fewest=2), "x wants 2 characters or more, has 1"),
        ("abc", Type(Kind.STR, most=1), "x wants 1 character or fewer, has 3"),
        ("$$5", Type(Kind.STR, most=2), None),
        ("abc", Type(Kind.STR, pattern="^b"), "x wants text in which ^b is found, has the text 'abc'"),
        ("a", Type(Kind.STR, pattern="^b", choices=("a",)), "x wants text in which ^b is found, has the text 'a'"),
        ("abc", Type(Kind.STR, pattern="b"), None),
        ("abc", Type(Kind.STR, pattern="("), None),
        ("x", Type(Kind.STR, format=TextFormat.DATE), "x wants a date such as 2026-01-31, has the text 'x'"),
        (3, Type(Kind.STR, format=TextFormat.DATE), "x wants a date such as 2026-01-31, has the number 3"),
        ("2026-01-31", Type(Kind.STR, format=TextFormat.DATE), None),
        (["a", 1], Type(Kind.LIST), None),
        ([], Type(Kind.LIST, fewest=1), "x wants 1 item or more, has 0"),
        ([1, 2], Type(Kind.LIST, unique=True), None),
        ([1, True], Type(Kind.LIST, unique=True), None),
        ([{"a": [1]}, {"a": [1.0]}], Type(Kind.LIST, unique=True),
         "x[1] wants what is not there yet, has the same as item 0"),
        (["a", "q"], Type(Kind.LIST, item=Type(Kind.CHOICE, choices=("a", "b"))),
         "x[1] wants one of a, b, has the text 'q'"),
        ([0.5, 3], Type(Kind.LIST, item=Type(Kind.FLOAT, maximum=1)), "x[1] wants 1 or less, has 3"),
        ([{"depth": 1}, {"depth": 2, "rate": 0.1}], GRID, None),
        ([{"depth": 1}, {}, {}], GRID, "x[1].depth wants a whole number, has nothing"),
        ([{"depth": 1}, {"depth": 2}, {"depth": "x"}], GRID, "x[2].depth wants a whole number, has the text 'x'"),
        ([{"depth": 1, "odd name": 3}], GRID, "x[0]['odd name'] wants true or false, has the number 3"),
        ([{"depth": 1, "depht": 3}], GRID, "x[0] wants only depth, rate, odd name, has depht"),
        ({"a": 1}, Type(Kind.DICT, closed=True), "x wants only nothing, has a"),
        ({"a": 1, "b": "c"}, Type(Kind.DICT, rest=Type(Kind.INT)), "x.b wants a whole number, has the text 'c'"),
        ({"a": 1}, Type(Kind.DICT, most=0), "x wants 0 names or fewer, has 1"),
        ({"a": 1}, Type(Kind.DICT), None),
    ],
)  # fmt: skip
def test_a_value_is_taken_or_told_why_not(value, kind, reason):
    assert reason_for(value, kind) == reason


def test_all_that_is_wrong_is_told_from_the_outside_in():
    told = [fault.about("grid") for fault in faults([{"rate": 7}, 5], GRID)]
    assert told == [
        "grid[0].depth wants a whole number, has nothing",
        "grid[0].rate wants a number from 0 to 1, has 7",
        "grid[1] wants a mapping of names to values, has the number 5",
    ]


@given(values, types())
def test_every_value_gets_an_answer_from_every_type(value, kind):
    assert all(fault.reason.startswith("wants ") for fault in faults(value, kind))


@pytest.mark.parametrize(
    ("text", "wanted", "taken"),
    [
        ("09:30:00", TextFormat.TIME, True),
        ("9 o'clock", TextFormat.TIME, False),
        ("ada@example.org", TextFormat.EMAIL, True),
        ("ada@", TextFormat.EMAIL, False),
        ("https://example.org/a?b=c", TextFormat.URI, True),
        ("s3://bucket/key", TextFormat.URI, True),
        ("no address", TextFormat.URI, False),
        ("http://[", TextFormat.URI, False),
        ("123e4567-e89b-12d3-a456-426614174000", TextFormat.UUID, True),
        ("123e4567e89b12d3a456426614174000", TextFormat.UUID, False),
    ],
)
def test_formats_are_checked(text, wanted, taken):
    assert has_format(text, wanted) is taken


def test_a_hostile_pattern_takes_no_time():
    assert not has_pattern("a" * 5000 + "b", "^(a+)+$")
    assert has_pattern("\ud800", "")
    assert bad_pattern("(a") == "missing ): (a"
    assert bad_pattern("\ud800") == "it has half a character"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("0.5", RATE, 0.5),
        ("1", RATE, 1),
        ("12", Type(Kind.INT), 12),
        ("12", Type(Kind.STR), "12"),
        ("True", Type(Kind.BOOL), True),
        ("2", Type(Kind.CHOICE, choices=("1", 2)), 2),
        ("a, b", Type(Kind.LIST), ["a", "b"]),
        ("1,2", Type(Kind.LIST, item=Type(Kind.INT)), [1, 2]),
        ("", Type(Kind.LIST), []),
        ('["a, b", 1]', Type(Kind.LIST), ["a, b", 1]),
        ('{"a": [1]}', Type(Kind.DICT), {"a": [1]}),
        ("null", Type(Kind.INT, optional=True), None),
        ("null", Type(Kind.STR, optional=True), "null"),
    ],
)
def test_typed_text_becomes_the_value_it_stands_for(text, kind, value):
    found = value_from_text(text, kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("2", RATE), ("x", RATE), ("1.5", Type(Kind.INT)), ("maybe", Type(Kind.BOOL)),
     ("3", Type(Kind.CHOICE, choices=("1", 2))), ("{", Type(Kind.DICT)), ('{"a": NaN}', Type(Kind.DICT)),
     ("nan", RATE), ("inf", Type(Kind.FLOAT)), ("null", Type(Kind.INT))],
)  # fmt: skip
def test_typed_text_that_is_not_taken_says_why(text, kind):
    with pytest.raises(WrongValue, match="wants "):
        value_from_text(text, kind)


def test_a_value_of_another_type_is_refused_at_its_place():
    with pytest.raises(WrongValue) as refused:
        typed([{"depth": 0}], GRID)
    assert refused.value.fault.about("params.grid") == "params.grid[0].depth wants 1 or more, has 0"
    assert typed('[{"depth": 4}]', GRID) == [{"depth": 4, "rate": 0.5}]
    assert typed([{"depth": 4}], GRID) == [{"depth": 4, "rate": 0.5}]


def test_properties_that_are_left_out_have_their_defaults():
    assert with_defaults([{"depth": 1}, {"rate": 0.1, "other": [1]}], GRID) == [
        {"rate": 0.5, "depth": 1},
        {"rate": 0.1, "other": [1]},
    ]
    assert with_defaults("text", GRID) == "text"
