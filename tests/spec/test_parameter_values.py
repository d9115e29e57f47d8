from __future__ import annotations

import pytest
from hypothesis import given
from spec.pipelines import values

from treadle.spec.parameter_values import value_from_text, wrong_value
from treadle.spec.types import ParameterKind, ParameterType

RATE = ParameterType(ParameterKind.FLOAT, minimum=0, maximum=1)


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        (2, RATE, "wants a number from 0 to 1, has 2"),
        (2, ParameterType(ParameterKind.INT, maximum=1), "wants 1 or less, has 2"),
        (True, ParameterType(ParameterKind.CHOICE, choices=(1, 2)), "wants one of 1, 2, has true"),
        (1, ParameterType(ParameterKind.FLOAT, choices=(1.0, 2.0)), None),
        ([], ParameterType(ParameterKind.CHOICE, choices=(1, 2)), "wants one of its choices, has a list"),
        ("2026-13-01", ParameterType(ParameterKind.DATETIME), None),
        ({}, ParameterType(ParameterKind.STR), "wants text, has a mapping"),
        (False, ParameterType(ParameterKind.STR), "wants text, has false"),
        (False, ParameterType(ParameterKind.BOOL), None),
        ("2026-01-31T12:00", ParameterType(ParameterKind.DATETIME), None),
        (None, ParameterType(ParameterKind.INT, optional=True), None),
        (["a", 1], ParameterType(ParameterKind.LIST), None),
        (
            ["a", "q"],
            ParameterType(ParameterKind.LIST, choices=("a", "b")),
            "wants one of a, b, has the text 'q' as item 2",
        ),
        (
            [0.5, 3],
            ParameterType(ParameterKind.LIST, item=ParameterKind.FLOAT, maximum=1),
            "wants 1 or less, has 3 as item 2",
        ),
    ],
)
def test_a_value_is_taken_or_told_why_not(value, kind, reason):
    if value == "2026-13-01":
        reason = "wants a date such as 2026-01-31 or 2026-01-31T12:00, has the text '2026-13-01'"
    assert wrong_value(value, kind) == reason


@given(values)
def test_every_value_gets_an_answer_from_every_kind(value):
    for kind in ParameterKind:
        reason = wrong_value(value, ParameterType(kind, minimum=0, choices=(1,)))
        assert reason is None or reason.startswith("wants ")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("0.5", RATE, 0.5),
        ("1", RATE, 1),
        ("12", ParameterType(ParameterKind.INT), 12),
        ("12", ParameterType(ParameterKind.STR), "12"),
        ("True", ParameterType(ParameterKind.BOOL), True),
        ("2", ParameterType(ParameterKind.CHOICE, choices=("1", 2)), 2),
        ("a, b", ParameterType(ParameterKind.LIST), ["a", "b"]),
        ("1,2", ParameterType(ParameterKind.LIST, item=ParameterKind.INT), [1, 2]),
        ("", ParameterType(ParameterKind.LIST), []),
    ],
)
def test_typed_text_becomes_the_value_it_stands_for(text, kind, value):
    found = value_from_text(text, kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("2", RATE), ("x", RATE), ("1.5", ParameterType(ParameterKind.INT)), ("maybe", ParameterType(ParameterKind.BOOL)),
     ("3", ParameterType(ParameterKind.CHOICE, choices=("1", 2))),
     ("nan", RATE), ("inf", ParameterType(ParameterKind.FLOAT))],
)  # fmt: skip
def test_typed_text_that_is_not_taken_says_why(text, kind):
    with pytest.raises(ValueError, match="wants "):
        value_from_text(text, kind)
