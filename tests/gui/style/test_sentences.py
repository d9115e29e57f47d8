"""Problems read as sentences, and names stay as they are written."""

from __future__ import annotations

import pytest

from treadle.spec.problems import Problem, Where
from treadle_gui.style.sentences import capital, sentences


def test_message_and_hint_are_two_sentences_without_the_place_that_is_seen_anyway() -> None:
    where = Where(node="fit", parameter="target")
    found = Problem("no-column", "fit.target: split.train has no column laat", where, "did you mean late?")
    assert sentences(found) == "split.train has no column laat. Did you mean late?"


def test_a_message_without_a_hint_stands_alone() -> None:
    assert (
        sentences(Problem("x", "fit: There is no such component.", Where(node="fit"))) == "There is no such component"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("choose another", "Choose another"),
        ("test_size is free", "test_size is free"),
        ("split.train", "split.train"),
        ("", ""),
    ],
)
def test_only_words_get_a_capital(text: str, shown: str) -> None:
    assert capital(text) == shown
