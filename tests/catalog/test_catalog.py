"""A project's catalog: what is found, what is refused, what is kept, and how long it takes."""

# ruff: noqa: E501 (a case is one line, whatever its length)

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from treadle.catalog.catalog import load_catalog, open_catalog
from treadle.catalog.pipelines import project_pipelines
from treadle.catalog.sources import MAX_SOURCE_BYTES
from treadle.catalog.watcher import fingerprint

ONE = "from treadle import component\nimport pandas as pd\n@component()\ndef one(data: pd.DataFrame) -> int:\n    return len(data)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / "components").mkdir(parents=True)
    return tmp_path / "project"


def write(project: Path, name: str, text: str) -> Path:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def codes(project: Path) -> list[str]:
    return [problem.code for problem in load_catalog(project).problems]


def test_built_ins_and_own_components_stand_together(project: Path) -> None:
    write(project, "components/own.py", ONE)
    catalog = load_catalog(project)
    own, builtin = catalog.get("own.one"), catalog.get("data.read_csv")
    assert own is not None
    assert builtin is not None
    assert (own.builtin, builtin.builtin) == (False, True)
    assert own.source.file == "components/own.py"
    assert own.imports == ("pandas",)
    assert catalog.input_kinds("own.one") == {"data": "pandas"}
    assert catalog.get("own.nothing") is None


def test_without_a_project_there_are_the_built_ins() -> None:
    catalog = load_catalog(None)
    assert len(catalog.components) >= 40
    assert catalog.problems == ()


def test_a_broken_file_costs_only_itself(project: Path) -> None:
    write(project, "components/broken.py", "def f(:\n")
    write(project, "components/own.py", ONE)
    catalog = load_catalog(project)
    assert [(each.code, str(each.where)) for each in catalog.problems] == [("syntax-error", "components/broken.py:1:7")]
    assert catalog.get("own.one") is not None


def test_a_built_ins_name_is_not_taken_silently(project: Path) -> None:
    write(project, "components/data.py", ONE)
    catalog = load_catalog(project)
    assert [each.code for each in catalog.problems] == ["shadows-builtin"]
    assert catalog.get("data.one") is None
    assert catalog.get("data.read_csv") is not None


def test_helpers_in_folders_and_beside_the_pipeline_are_inlined(project: Path) -> None:
    write(project, "components/own.py", f"from lib.deep import g\nfrom beside import h\n{ONE}    return g(h(data))\n")
    write(project, "components/lib/__init__.py", "")
    write(project, "components/lib/deep.py", "def g(x): return x\n")
    write(project, "beside.py", "def h(x): return x\n")
    text = load_catalog(project).slice("own.one").text
    assert "def g(" in text
    assert "def h(" in text


def test_a_component_that_cannot_be_cut_is_told_when_the_project_opens(project: Path) -> None:
    write(project, "components/own.py", f"from os import *\n{ONE}")
    assert codes(project) == ["star-import"]


def test_a_slice_is_cut_once(project: Path) -> None:
    write(project, "components/own.py", ONE)
    catalog = load_catalog(project)
    assert catalog.slice("own.one") is catalog.slice("own.one")
    with pytest.raises(KeyError):
        catalog.slice("own.nothing")


def test_a_link_out_of_the_project_is_not_followed(project: Path, tmp_path: Path) -> None:
    (project / "components" / "own.py").symlink_to(write(tmp_path, "secret.py", ONE))
    (project / "components" / "folder").symlink_to(tmp_path, target_is_directory=True)
    assert codes(project) == ["outside-project"]


def test_a_pipe_does_not_hold_the_reader(project: Path) -> None:
    os.mkfifo(project / "components" / "own.py")
    assert codes(project) == ["unreadable-file"]


def test_a_huge_file_is_not_read(project: Path) -> None:
    with (project / "components" / "own.py").open("wb") as file:
        file.truncate(50 * MAX_SOURCE_BYTES)
    began = time.perf_counter()
    assert codes(project) == ["file-too-large"]
    assert time.perf_counter() - began < 2


def test_a_file_that_is_no_text_is_told(project: Path) -> None:
    (project / "components" / "own.py").write_bytes(b"x = '\xff\xfe'\n")
    assert codes(project) == ["bad-encoding"]


def test_a_declared_encoding_is_honoured(project: Path) -> None:
    (project / "components" / "own.py").write_bytes(f"# -*- coding: latin-1 -*-\n# \xe9\n{ONE}".encode("latin-1"))
    assert codes(project) == []


def test_nothing_of_the_project_is_executed(project: Path) -> None:
    write(project, "components/own.py", f"import sys\nsys.executed_by_test = True\n{ONE}")
    load_catalog(project).slice("own.one")
    assert not hasattr(sys, "executed_by_test")


class TestCache:
    def test_a_second_reading_is_the_same(self, project: Path, tmp_path: Path) -> None:
        write(project, "components/own.py", ONE)
        write(project, "components/broken.py", "def f(:\n")
        first, second = load_catalog(project, tmp_path / "cache"), load_catalog(project, tmp_path / "cache")
        assert dict(first.components) == dict(second.components)
        assert first.problems == second.problems
        assert first.input_kinds("own.one") == second.input_kinds("own.one")
        assert first.slice("own.one") == second.slice("own.one")

    def test_it_is_used(self, project: Path, tmp_path: Path) -> None:
        write(project, "components/own.py", ONE)
        load_catalog(project, tmp_path / "cache")
        kept = tmp_path / "cache" / "project.own.json"
        record = json.loads(kept.read_text())
        record["reading"]["components"][0]["title"] = "From the cache"
        kept.write_text(json.dumps(record))
        component = load_catalog(project, tmp_path / "cache").get("own.one")
        assert component is not None
        assert component.title == "From the cache"

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "null", '{"key": 1}', '{"key": "", "modules": ["x"], "reading": {}}']
    )
    def test_a_corrupt_one_is_ignored(self, project: Path, tmp_path: Path, text: str) -> None:
        write(project, "components/own.py", ONE)
        load_catalog(project, tmp_path / "cache")
        (tmp_path / "cache" / "project.own.json").write_text(text)
        assert load_catalog(project, tmp_path / "cache").get("own.one") is not None

    def test_a_true_key_over_broken_content_is_ignored(self, project: Path, tmp_path: Path) -> None:
        write(project, "components/own.py", ONE)
        load_catalog(project, tmp_path / "cache")
        kept = tmp_path / "cache" / "project.own.json"
        record = json.loads(kept.read_text())
        record["reading"]["components"][0]["inputs"] = 7
        kept.write_text(json.dumps(record))
        assert load_catalog(project, tmp_path / "cache").get("own.one") is not None

    def test_a_changed_file_is_read_again(self, project: Path, tmp_path: Path) -> None:
        write(project, "components/own.py", ONE)
        load_catalog(project, tmp_path / "cache")
        write(project, "components/own.py", ONE.replace("def one", "def two"))
        assert load_catalog(project, tmp_path / "cache").get("own.two") is not None

    def test_a_changed_helper_is_seen(self, project: Path, tmp_path: Path) -> None:
        write(project, "components/own.py", f"from helper import g\n{ONE}    return g(data)\n")
        write(project, "helper.py", "import sklearn\ndef g(x): return sklearn\n")
        write(project, "components/helper2.py", "")
        load_catalog(project, tmp_path / "cache")
        write(project, "helper.py", "import duckdb\ndef g(x): return duckdb\n")
        component = load_catalog(project, tmp_path / "cache").get("own.one")
        assert component is not None
        assert component.imports == ("duckdb", "pandas")

    def test_a_folder_that_cannot_be_made_is_no_reason_to_fail(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "cache").write_text("a file")
        assert load_catalog(project, tmp_path / "cache").get("data.read_csv") is not None


def test_three_hundred_components_are_read_in_a_second(project: Path, tmp_path: Path) -> None:
    body = "".join(f"    data = data[data['c{line}'] > LIMIT + {line}]\n" for line in range(12))
    for module in range(30):
        functions = "".join(
            f"@component(category='X')\ndef f{number}(data: pd.DataFrame, n: Annotated[int, Between(0, 9)] = 1) -> pd.DataFrame:\n"
            f"    '''Do it.\n\n    Args:\n        data: The rows.\n        n: How many.\n    '''\n{body}    return helper(data)\n"
            for number in range(10)
        )
        head = "from typing import Annotated\nimport pandas as pd\nfrom treadle import Between, component\nLIMIT = 3\ndef helper(x): return x\n"
        write(project, f"components/module{module}.py", head + functions)
    began = time.process_time()
    assert len(load_catalog(project, tmp_path / "cache").components) >= 340
    cold = time.process_time() - began
    began = time.process_time()
    load_catalog(project, tmp_path / "cache")
    warm = time.process_time() - began
    print(f"cold {cold:.2f} s, warm {warm:.2f} s")
    assert cold < 1
    assert warm < cold / 2


def test_the_fingerprint_changes_with_component_and_pipeline_files_only(project: Path) -> None:
    write(project, "components/own.py", ONE)
    first = fingerprint(project)
    write(project, "data/x.csv", "a\n")
    write(project, ".hidden/flights.treadle.yaml", "treadle: 1\n")
    assert fingerprint(project) == first
    write(project, "flights.treadle.yaml", "treadle: 1\n")
    assert fingerprint(project) != first
    write(project, "components/own.py", ONE + "\n")
    second = fingerprint(project)
    assert second != first
    write(project, "components/lib/new.py", "")
    assert fingerprint(project) != second
    assert fingerprint(project / "nowhere") == ()


class TestGradual:
    """A catalog that reads a module when something of it is asked for."""

    def test_only_the_modules_asked_for_are_read(self, project: Path, tmp_path: Path) -> None:
        write(project, "components/own.py", ONE)
        write(project, "components/other.py", ONE)
        catalog = open_catalog(project, tmp_path / "cache")

        assert catalog.get("own.one") is not None
        assert catalog.input_kinds("own.one") == {"data": "pandas"}
        assert catalog.slice("own.one") == load_catalog(project).slice("own.one")
        assert "own.nothing" not in catalog.components
        assert "nowhere.one" not in catalog.components

        assert [kept.name for kept in (tmp_path / "cache").iterdir()] == ["project.own.json"]

    def test_gone_through_it_is_the_whole_catalog(self, project: Path, tmp_path: Path) -> None:
        write(project, "components/own.py", ONE)
        write(project, "components/broken.py", "def f(:\n")
        write(project, "components/data.py", ONE)
        gradual, whole = open_catalog(project, tmp_path / "cache"), load_catalog(project)

        assert dict(gradual.components) == dict(whole.components)
        assert list(gradual.components) == list(whole.components)
        assert len(gradual.components) == len(whole.components)
        assert [problem.code for problem in gradual.problems] == ["shadows-builtin", "syntax-error"]
        assert gradual.problems == whole.problems

    def test_what_is_called_by_its_name_alone_is_found(self, project: Path, tmp_path: Path) -> None:
        catalog = open_catalog(project, tmp_path / "cache")
        assert catalog.get("script") == load_catalog(project).get("script") is not None

    def test_it_offers_the_pipelines_that_have_ports(self, project: Path, tmp_path: Path) -> None:
        write(project, "components/own.py", ONE)
        inner = "treadle: 1\nname: inner\ninputs: {data: [a.data]}\nnodes:\n  a: {uses: own.one}\n"
        write(project, "inner.treadle.yaml", inner)
        pipelines = project_pipelines(project)
        gradual = open_catalog(project, tmp_path / "cache").with_pipelines(pipelines)
        whole = load_catalog(project).with_pipelines(pipelines)

        assert gradual.get("inner.treadle.yaml") == whole.get("inner.treadle.yaml") is not None
        assert list(gradual.components) == list(whole.components)
