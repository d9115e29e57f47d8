"""What plain words mean, and that what we write means the same to YAML 1.1 tools."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from spec.pipelines import scalars

from treadle.spec.file_format.scalars import NotAValue, resolve, scalar_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("2026-01-31", "2026-01-31"), ("1:30", "1:30"),
        ("1_000", "1_000"), ("01234", "01234"), ("00", "00"), ("1.2.3", "1.2.3"), ("-", "-"), ("30m", "30m"),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("0", 0), ("-7", -7), ("+7", 7), ("0x1F", 31), ("0o17", 15), ("1.10", 1.1), (".5", 0.5), ("1.", 1.0),
        ("1e3", 1000.0),
    ],
)  # fmt: skip
def test_a_plain_word_is_what_it_looks_like(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 400])
def test_no_number_beyond_what_a_plan_can_carry(text):
    with pytest.raises(NotAValue):
        resolve(text)


@pytest.mark.parametrize("text", ["plain", "two words", "data/churn.csv", "$params.x", "a.b", "x=1", "http://a.b/c"])
def test_harmless_text_needs_no_quotes(text):
    assert scalar_text(text) == text


@given(scalars)
def test_other_tools_read_the_same(value):
    """PyYAML follows YAML 1.1, where `NO` is false and 1e5 is text."""
    if isinstance(value, str) and "\x85" in value:
        return
    loaded = yaml.load(f"[{scalar_text(value)}]", Loader=yaml.CSafeLoader)
    assert loaded == [value]
    assert type(loaded[0]) is type(value)


def test_half_a_surrogate_pair_is_replaced_since_no_file_can_hold_it():
    assert scalar_text("a\ud800") == '"a\ufffd"'
