from __future__ import annotations

import pytest

from treadle.spec.values import Reference, UnresolvedReference, references, render

SCOPES = {"params": {"size": 0.2, "names": ["a"]}, "run": {"id": "r1"}}


def test_references_are_found_wherever_they_stand():
    value = ["$params.size", {"a": "$run.id", "b": "$$5"}, "plain", 3, "$parms"]
    assert list(references(value)) == [Reference("params", "size"), Reference("run", "id"), "$parms"]
    assert str(Reference("run", "id")) == "$run.id"


def test_what_is_referred_to_takes_the_place_of_the_reference():
    value = {"size": "$params.size", "list": ["$params.names", "$$5", "text", 3], "none": None}
    assert render(value, SCOPES) == {"size": 0.2, "list": [["a"], "$5", "text", 3], "none": None}


@pytest.mark.parametrize("text", ["$params.ghost", "$secrets.token", "$parms.size", "$"])
def test_what_nothing_defines_is_named(text):
    with pytest.raises(UnresolvedReference) as caught:
        render([text], SCOPES)
    assert caught.value.text == text
    assert str(caught.value) == f"nothing defines {text}"
