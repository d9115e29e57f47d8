"""What a failure is called and how its message reads."""

from __future__ import annotations

import pytest

from treadle.execute.failure import describe
from treadle.execute.slice_code import Places


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("no column laat; there are: late"), "no column laat; there are: late"),
        (KeyError("laat"), "'laat'"),
        (KeyError("a", "b c"), "('a', 'b c')"),
        (ValueError("too 'few' rows"), "too 'few' rows"),
    ],
)
def test_a_sentence_in_a_key_error_reads_as_one_and_a_key_stays_a_key(error: Exception, message: str) -> None:
    assert describe(error, Places([]))["message"] == message
