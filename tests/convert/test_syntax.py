import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.convert.names import identifier, identifiers
from treadle.convert.syntax import assign, constant, expression, module_text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def _plain(value):
    """What a value without references means: `$$` is a dollar sign."""
    if isinstance(value, str):
        return value[1:] if value.startswith("$$") else value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _refuse(reference):
    raise AssertionError(reference)


@given(values.filter(lambda value: "$params." not in str(value)))
def test_a_value_becomes_the_expression_that_evaluates_to_it(value):
    tree = ast.fix_missing_locations(ast.Expression(expression(value, _refuse)))
    assert eval(compile(tree, "test", "eval")) == _plain(value)


@given(st.text())
def test_hostile_text_stays_a_literal_in_the_written_module(text):
    written = module_text([assign("value", constant(text))])
    scope: dict[str, object] = {}
    exec(compile(written, "test", "exec"), scope)
    assert scope["value"] == text


@given(st.lists(st.text(), unique=True, max_size=12))
def test_identifiers_are_valid_and_distinct(texts):
    chosen = identifiers(texts, {"main"})
    assert set(chosen) == set(texts)
    assert len(set(chosen.values())) == len(texts)
    assert all(name.isidentifier() and name != "main" for name in chosen.values())


@pytest.mark.parametrize(
    ("text", "name"), [("train-2b", "train_2b"), ("3d", "_3d"), ("class", "class_"), ("print", "print_"), ("", "_")]
)
def test_identifier_is_the_nearest_one(text, name):
    assert identifier(text) == name
