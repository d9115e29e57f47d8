"""A project's pools are written into `treadle.toml`, of which everything else stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.store.pools_writing import NotWritable, write_pools
from treadle.store.project_settings import read_settings

TEXT = """# ours
[pools]
# connections
db = 2  # slots
"licence" = 1

[later]
x = 1
"""


def test_only_the_lines_that_differ_are_written(tmp_path: Path) -> None:
    file = tmp_path / "treadle.toml"
    file.write_text(TEXT)
    write_pools(tmp_path, {"db": 3, "api": 4})
    assert file.read_text() == TEXT.replace("db = 2", "db = 3").replace('"licence" = 1\n', "api = 4\n")
    assert read_settings(tmp_path).pools == {"db": 3, "api": 4}
    write_pools(tmp_path, {})
    assert read_settings(tmp_path).pools == {}
    assert "# connections" in file.read_text()


def test_a_project_without_the_file_gets_one_and_one_without_pools_a_part(tmp_path: Path) -> None:
    write_pools(tmp_path, {})
    assert not (tmp_path / "treadle.toml").exists()
    write_pools(tmp_path, {"db": 2})
    assert (tmp_path / "treadle.toml").read_text() == "[pools]\ndb = 2\n"
    (tmp_path / "treadle.toml").write_text("[other]\nx = 1\n")
    write_pools(tmp_path, {"größe": 1})
    assert (tmp_path / "treadle.toml").read_text() == '[other]\nx = 1\n\n[pools]\n"größe" = 1\n'
    assert read_settings(tmp_path).pools == {"größe": 1}


@pytest.mark.parametrize(
    ("text", "pools", "words"),
    [
        ("pools = {db = 2}\n", {"db": 3}, "in another way|can't be read"),
        ("[pools\n", {"db": 1}, "can't be read"),
        ("[pools.deep]\ndb = 1\n", {"db": 1}, "in another way|can't be read"),
        ("", {"db": 0}, "a slot at least"),
        ("", {"no name": 1}, "can't name a pool"),
    ],
)
def test_what_can_not_be_written_leaves_the_file_as_it_is(
    tmp_path: Path, text: str, pools: dict[str, int], words: str
) -> None:
    file = tmp_path / "treadle.toml"
    file.write_text(text)
    with pytest.raises(NotWritable, match=words):
        write_pools(tmp_path, pools)
    assert file.read_text() == text


NAMES = st.sampled_from(["db", "api", "a-b", "größe", "x1"])
POOLS = st.dictionaries(NAMES, st.integers(1, 99))


@given(before=POOLS, after=POOLS)
def test_what_is_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, before, after) -> None:
    root = tmp_path_factory.mktemp("project")
    write_pools(root, before)
    write_pools(root, after)
    assert read_settings(root).pools == after
    assert read_settings(root).problems == ()
