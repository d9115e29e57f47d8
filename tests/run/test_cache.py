"""The cache gives what an equal task made, and otherwise says what is different."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from run.fakes import SLICE, plan_of, task

from treadle.run.cache import CacheIndex, Hit, Inputs, LookUp, Miss, TaskCache
from treadle.run.plan import PlanTask, TaskInput
from treadle.run.recipe import Recipe, differences
from treadle.run.surroundings import FileIdentities, PackageVersions
from treadle.store.references import ArtifactRef

OUTPUT = {"value": ArtifactRef("b" * 64, "Any", "json", 3, {"rows": 1})}


class Kept:
    """A cache in a folder, as a run after the other uses it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.gone: set[str] = set()
        self.index = CacheIndex(root / "cache", lambda ref: ref.digest not in self.gone)

    def of(self, wanted: PlanTask, slice_=SLICE, run: str = "run-1") -> TaskCache:
        plan = replace(plan_of(wanted, run=run), slices={wanted.slice: slice_})
        return TaskCache(plan, self.index, FileIdentities(self.root / "cache" / "files.json"), self.root)

    def look_up(self, wanted: PlanTask, inputs: Inputs = {}, slice_=SLICE) -> LookUp:  # noqa: B006
        return self.of(wanted, slice_).look_up(wanted, inputs)

    def keep(self, wanted: PlanTask, inputs: Inputs = {}, slice_=SLICE) -> None:  # noqa: B006
        cache = self.of(wanted, slice_)
        answer = cache.look_up(wanted, inputs)
        assert answer.recipe is not None
        cache.keep(wanted, answer.recipe, OUTPUT)
        cache.save()

    def reason(self, wanted: PlanTask, inputs: Inputs = {}, slice_=SLICE) -> str:  # noqa: B006
        found = self.look_up(wanted, inputs, slice_).found
        assert isinstance(found, Miss)
        return found.reason


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def made(digest: str) -> ArtifactRef:
    return ArtifactRef(digest, "Any", "json", 1)


def test_what_was_kept_is_found_again(kept: Kept) -> None:
    assert kept.reason(task("fit")) == "never ran before"
    kept.keep(task("fit"))
    assert kept.look_up(task("fit")).found == Hit(OUTPUT, "run-1")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"params": {"test_size": 0.3}}, "parameter test_size changed from 0.2 to 0.3"),
        ({"params": {"test_size": 0.2, "seed": 1}}, "parameter seed is new"),
        ({"params": {}}, "parameter test_size is gone"),
        ({"params": {"test_size": "0.2"}}, "parameter test_size changed from 0.2 to 0.2"),
        ({"uses": "m.g", "slice": "e" * 64}, "it is m.g now and was m.f"),
    ],
)
def test_a_miss_says_what_changed(kept: Kept, changed: Mapping[str, object], reason: str) -> None:
    wanted = task("split", params={"test_size": 0.2})
    kept.keep(wanted)
    other = replace(wanted, **changed)
    slice_ = replace(SLICE, digest=other.slice)
    assert kept.reason(other, slice_=slice_) == reason


def test_changed_code_is_a_miss(kept: Kept) -> None:
    kept.keep(task("split"))
    assert kept.reason(task("split"), slice_=replace(SLICE, digest="e" * 64)) == "code of m.f changed"


def test_changed_input_data_is_a_miss_and_says_whose(kept: Kept) -> None:
    wanted = task("split", ("load",))
    kept.keep(wanted, {"data": (made("1"),)})
    assert kept.reason(wanted, {"data": (made("2"),)}) == "input data changed (load ran again)"
    rewired = replace(wanted, inputs={"data": (TaskInput("clean", "value"),)})
    assert kept.reason(rewired, {"data": (made("2"),)}) == "input data comes from clean now, and came from load"
    assert isinstance(kept.look_up(rewired, {"data": (made("1"),)}).found, Hit)


def test_an_edited_file_is_a_miss_and_the_same_contents_are_not(kept: Kept) -> None:
    data = kept.root / "churn.csv"
    wanted = task("load", params={"path": "churn.csv"}, paths=("path",))
    data.write_text("a\n1\n")
    kept.keep(wanted)
    data.write_text("a\n2\n")
    assert kept.reason(wanted) == "churn.csv changed on disk"
    data.write_text("a\n1\n")
    assert isinstance(kept.look_up(wanted).found, Hit)
    data.unlink()
    assert kept.reason(wanted) == "churn.csv changed on disk"


def test_a_folder_counts_by_what_is_in_it(kept: Kept) -> None:
    folder = kept.root / "images"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "1.png").write_bytes(b"1")
    wanted = task("load", params={"path": "images"}, paths=("path",))
    kept.keep(wanted)
    assert isinstance(kept.look_up(wanted).found, Hit)
    (folder / "deep" / "2.png").write_bytes(b"2")
    assert kept.reason(wanted) == "images changed on disk"


def test_a_file_that_changed_while_the_task_ran_is_not_kept(kept: Kept) -> None:
    data = kept.root / "churn.csv"
    data.write_text("1")
    wanted = task("load", params={"path": "churn.csv"}, paths=("path",))
    cache = kept.of(wanted)
    answer = cache.look_up(wanted, {})
    data.write_text("22")
    assert answer.recipe is not None
    cache.keep(wanted, answer.recipe, OUTPUT)
    data.write_text("1")
    assert kept.reason(wanted) == "never ran before"


def test_an_entry_whose_artifact_is_gone_is_a_miss(kept: Kept) -> None:
    kept.keep(task("fit"))
    kept.gone.add("b" * 64)
    assert kept.reason(task("fit")) == "the result of its last run is no longer kept"


def test_an_entry_that_lacks_an_output_is_a_miss(kept: Kept) -> None:
    fit = kept.look_up(task("fit"))
    kept.index.keep(fit.key, {}, "run-1")
    assert kept.reason(task("fit")) == "the result of its last run is no longer kept"


def test_a_cleared_cache_says_so(kept: Kept) -> None:
    kept.keep(task("fit"))
    for entry in (kept.root / "cache" / "keys").rglob("*.json"):
        entry.unlink()
    assert kept.reason(task("fit")) == "the cache was cleared since its last run"


def test_damaged_entries_are_misses(kept: Kept) -> None:
    kept.keep(task("fit"))
    for entry in (kept.root / "cache").rglob("*.json"):
        whole = entry.read_bytes()
        for cut in range(0, len(whole), 7):
            entry.write_bytes(whole[:cut])
            assert isinstance(kept.look_up(task("fit")).found, Hit | Miss)
        entry.write_text(json.dumps({"key": 1, "outputs": {"value": {}}}))
        assert isinstance(kept.look_up(task("fit")).found, Hit | Miss)


def test_an_entry_under_another_key_is_not_believed(kept: Kept) -> None:
    kept.keep(task("fit"))
    mine = next((kept.root / "cache" / "keys").rglob("*.json"))
    other = kept.look_up(task("fit", params={"x": 1})).key
    target = kept.root / "cache" / "keys" / other[:2] / f"{other}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(mine.read_bytes())
    assert isinstance(kept.look_up(task("fit", params={"x": 1})).found, Miss)


def test_the_explanation_is_about_the_last_run_also_when_that_came_from_the_cache(kept: Kept) -> None:
    first, second = task("fit", params={"x": 1}), task("fit", params={"x": 2})
    kept.keep(first)
    kept.keep(second)
    assert isinstance(kept.look_up(first).found, Hit)
    assert kept.reason(task("fit", params={"x": 3})) == "parameter x changed from 1 to 3"


def test_packages_count_with_their_versions(kept: Kept) -> None:
    versions = PackageVersions().of(["pandas", "json", "sklearn", "no_such_package"])
    assert set(versions) == {"Python", "pandas", "sklearn", "no_such_package"}
    assert versions["no_such_package"] == "not installed"
    assert versions["sklearn"][0].isdigit()
    before = Recipe("m.f", "c", (), environment={"pandas": "2.2", "Python": "3.11"})
    now = replace(before, environment={"Python": "3.11", "polars": "1.0"})
    assert differences(before, now) == "polars changed from not used to 1.0; pandas changed from 2.2 to not used"


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("one")
    os.utime(data, (1_000_000_000, 1_000_000_000))
    files = FileIdentities(tmp_path / "memory.json")
    first = files.identify(data)
    files.save()
    data.write_text("two")
    os.utime(data, (1_000_000_000, 1_000_000_000))
    assert FileIdentities(tmp_path / "memory.json").identify(data) == first
    os.utime(data, (1_000_000_001, 1_000_000_001))
    assert FileIdentities(tmp_path / "memory.json").identify(data) != first


def test_a_file_changed_a_moment_ago_is_never_taken_from_memory(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("one")
    files = FileIdentities(tmp_path / "memory.json")
    stamp = data.stat().st_mtime_ns
    first = files.identify(data)
    data.write_text("two")
    os.utime(data, ns=(stamp, stamp))
    assert files.identify(data) != first


def test_what_is_no_file_has_no_identity(tmp_path: Path) -> None:
    (tmp_path / "memory.json").write_text("[")
    files = FileIdentities(tmp_path / "memory.json")
    os.mkfifo(tmp_path / "pipe")
    assert files.identify(tmp_path / "pipe") == files.identify(tmp_path / "none") == files.identify(Path("\0")) == ""


def test_what_gives_no_output_runs_each_time(kept: Kept) -> None:
    writer = replace(task("save"), outputs=())
    assert kept.look_up(writer).recipe is None
    assert kept.reason(writer) == "it gives no output: it runs for what it does"


def test_another_version_is_a_miss_and_without_one_the_key_is_as_it_was(kept: Kept) -> None:
    kept.keep(task("fit"))
    versioned = task("fit", cache_version="2")
    assert kept.reason(versioned) == "the node's cache version changed from none to 2"
    kept.keep(versioned)
    assert isinstance(kept.look_up(versioned).found, Hit)
    assert isinstance(kept.look_up(task("fit")).found, Hit)
    assert Recipe("m.f", "c", (), version="").key == Recipe("m.f", "c", ()).key


def test_a_result_counts_until_it_expires(kept: Kept) -> None:
    now = 1_000_000.0
    wanted = task("fit", cache_expires=3600.0)

    def cache() -> TaskCache:
        files = FileIdentities(kept.root / "cache" / "files.json")
        return TaskCache(plan_of(wanted), kept.index, files, kept.root, now=lambda: now)

    recipe = cache().look_up(wanted, {}).recipe
    assert recipe is not None
    cache().keep(wanted, recipe, OUTPUT)
    now += 3600
    assert isinstance(cache().look_up(wanted, {}).found, Hit)
    now += 1
    assert cache().look_up(wanted, {}).found == Miss("its result is older than 1h")
