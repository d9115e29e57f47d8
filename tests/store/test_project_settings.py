"""`treadle.toml`: read, or its mistakes told."""

from __future__ import annotations

from pathlib import Path

import pytest

from treadle.store.project_settings import ProjectSettings, read_settings


def test_a_project_says_how_large_its_pools_are(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == ProjectSettings()
    (tmp_path / "treadle.toml").write_text("[pools]\ndb = 2  # slots\nlicence = 1\n")
    assert read_settings(tmp_path) == ProjectSettings({"db": 2, "licence": 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[pools", "can't be read"),
        ("pools = 3", "wants names and slots"),
        ("[pools]\ndb = true", "wants a whole number"),
        ("[pools]\ndb = 0", "has to have a slot"),
        ('[pools]\n"/x" = 1', "can't name a pool"),
    ],
)
def test_a_mistake_is_told_and_says_nothing(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "treadle.toml").write_text(text)
    settings = read_settings(tmp_path)
    assert settings.pools == {}
    assert said in settings.problems[0].message


def test_an_unknown_key_is_a_warning_alone(tmp_path: Path) -> None:
    (tmp_path / "treadle.toml").write_text("[pool]\ndb = 2\n[pools]\ndb = 1\n")
    settings = read_settings(tmp_path)
    assert settings.pools == {"db": 1}
    assert [str(each.severity) for each in settings.problems] == ["warning"]
