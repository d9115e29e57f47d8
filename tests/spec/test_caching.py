"""`cache:` in a pipeline file, read and written."""

from __future__ import annotations

import pytest

from treadle.spec.file_format import read, write
from treadle.spec.pipeline import Policy

TEXT = "treadle: 1\nname: p\nnodes:\n  a:\n    uses: m.f\n    cache: {}\n"


def policy(said: str) -> Policy:
    pipeline = read(TEXT.replace("{}", said)).pipeline
    assert pipeline is not None
    assert read(write(pipeline)).pipeline == pipeline
    return pipeline.nodes["a"].policy


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("true", Policy(cache=True)),
        ("false", Policy(cache=False)),
        ("{version: 2, expires: 7d}", Policy(cache=True, cache_version="2", cache_expires=7 * 86400.0)),
        ("{version: 2026-11}", Policy(cache=True, cache_version="2026-11")),
        ("{version: 1.5}", Policy(cache=True, cache_version="1.5")),
        ("{expires: 90}", Policy(cache=True, cache_expires=90.0)),
    ],
)
def test_a_nodes_cache_is_switched_versioned_and_expires(said: str, meant: Policy) -> None:
    assert policy(said) == meant


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{version: [1]}", "version wants a text or a number"),
        ("{expires: soon}", "expires wants a time"),
        ("{expires: true}", "expires wants a time"),
        ("sometimes", "cache wants true or false"),
    ],
)
def test_what_is_no_cache_policy_is_told_with_its_line(said: str, message: str) -> None:
    reading = read(TEXT.replace("{}", said), "p.treadle.yaml")
    assert reading.pipeline is None
    assert (reading.problems[0].where.line, message in reading.problems[0].message) == (6, True)
