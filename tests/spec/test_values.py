from __future__ import annotations

import pytest

from treadle.spec.values import (
    Reference,
    UnresolvedReference,
    literal,
    references,
    renamed,
    render,
    secret_name,
    with_parameters,
)

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
    assert str(caught.value) == f"refers to {text}, which nothing defines"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("$env.WHO", "set WHO where the run is started"),
        ("$secrets.key", "only a parameter of type Secret"),
        ("$parms.size", "$$ for a plain dollar sign"),
        ("$params.ghost", "$$ for a plain dollar sign"),
    ],
)
def test_what_nothing_defines_says_what_to_do(text, hint):
    assert hint in UnresolvedReference(text).hint


def test_a_value_may_be_a_secret_as_a_whole():
    assert secret_name("$secrets.door") == "door"
    assert [secret_name(each) for each in ("$params.door", "$$secrets.door", "$secrets", 3, ["$secrets.door"])] == [
        None
    ] * 5


def test_a_renamed_parameter_is_followed_wherever_it_stands():
    value = ["$params.size", {"a": "$params.size", "b": "$$params.size"}, "$params.sizes", 3]
    before, after = Reference("params", "size"), Reference("params", "share")
    assert renamed(value, before, after) == [
        "$params.share",
        {"a": "$params.share", "b": "$$params.size"},
        "$params.sizes",
        3,
    ]
    assert renamed(value, Reference("params", "other"), after) is value


def test_what_renders_as_itself_has_its_dollars_doubled_at_every_depth():
    value = ["$params.size", {"a": "$5"}, "plain", 3]
    assert literal(value) == ["$$params.size", {"a": "$$5"}, "plain", 3]
    assert render(literal(value), SCOPES) == value


def test_parameters_are_replaced_at_every_depth_and_may_be_references_themselves():
    value = {"a": ["$params.size", "$run.id"], "b": {"c": "$params.names"}, "d": "$params.other", "e": 1}
    given = {"size": 3, "names": "$params.outer"}
    assert with_parameters(value, given) == {
        "a": [3, "$run.id"], "b": {"c": "$params.outer"}, "d": "$params.other", "e": 1
    }  # fmt: skip
