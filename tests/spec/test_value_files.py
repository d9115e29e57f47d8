from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.spec.file_format.value_files import read_values


def test_json_and_yaml_are_read_alike():
    assert read_values('\ufeff{"a": [1, {"b": null}], "c": "1.10"}', "f") == ({"a": [1, {"b": None}], "c": "1.10"}, [])
    assert read_values("a:\n- 1\n- {b: ~}\nc: '1.10'  # a version\n", "f") == ({"a": [1, {"b": None}], "c": "1.10"}, [])
    assert read_values("", "f") == ({}, [])


@pytest.mark.parametrize(
    ("text", "code"), [("a: 1\na: 2", "duplicate-key"), ("[1]", "wrong-shape"), ("a: .inf", "wrong-value")]
)
def test_what_is_wrong_is_told_and_nothing_is_taken(text, code):
    values, problems = read_values(text, "f.yaml")
    assert (values, [each.code for each in problems]) == ({}, [code])
    assert problems[0].where.file == "f.yaml"


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_raise(text):
    read_values(text, "f")
