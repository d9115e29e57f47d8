"""The cache gives what an equal task made, and otherwise says what is different."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from run.fakes import SLICE, plan_of, task

from treadle.run.cache import Asked, Inputs, LookUp, Miss, TaskCache
from treadle.run.cache_index import CacheIndex, Hit, Last, Result
from treadle.run.plan import PlanTask, TaskInput
from treadle.run.recipe import Recipe, differences
from treadle.run.surroundings import FileIdentities, PackageVersions
from treadle.spec.flow import AtEnd, Kind
from treadle.store.references import ArtifactRef

OUTPUT = {"value": ArtifactRef("b" * 64, "Any", "json", 3, {"rows": 1})}


class Kept:
    """A cache in a folder, as a run after the other uses it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.gone: set[str] = set()
        self.index = CacheIndex(root / "cache")

    def of(self, wanted: PlanTask, slice_=SLICE, run: str = "run-1") -> TaskCache:
        plan = replace(plan_of(wanted, run=run), slices={wanted.slice: slice_})
        files = FileIdentities(self.root / "cache" / "files.json")
        return TaskCache(plan, self.index, files, self.root, holds=self.holds)

    def holds(self, ref: ArtifactRef) -> bool:
        return ref.digest not in self.gone

    def look_up(self, wanted: PlanTask, inputs: Inputs = {}, slice_=SLICE) -> LookUp:  # noqa: B006
        return self.of(wanted, slice_).look_up(wanted, inputs)

    def keep(self, wanted: PlanTask, inputs: Inputs = {}, slice_=SLICE) -> None:  # noqa: B006
        cache = self.of(wanted, slice_)
        answer = cache.look_up(wanted, inputs)
        assert answer.recipe is not None
        cache.keep(wanted, answer.recipe, Result(OUTPUT))
        cache.close()

    def reason(self, wanted: PlanTask, inputs: Inputs = {}, slice_=SLICE) -> str:  # noqa: B006
        found = self.look_up(wanted, inputs, slice_).found
        assert isinstance(found, Miss)
        return found.reason


def glanced(cache: TaskCache, wanted: PlanTask, anew: bool = False) -> LookUp | None:
    return cache.glance([Asked(wanted, {}, anew)]).get(wanted.id)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def made(digest: str) -> ArtifactRef:
    return ArtifactRef(digest, "Any", "json", 1)


def test_what_was_kept_is_found_again(kept: Kept) -> None:
    assert kept.reason(task("fit")) == "never ran before"
    kept.keep(task("fit"))
    assert kept.look_up(task("fit")).found == Hit(Result(OUTPUT), "run-1")


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


def test_of_several_that_feed_a_port_only_those_that_gave_something_else_ran_again(kept: Kept) -> None:
    wanted = replace(task("compare"), inputs={"data": (TaskInput("tree", "value"), TaskInput("line", "value"))})
    kept.keep(wanted, {"data": (made("1"), made("2"))})
    assert kept.reason(wanted, {"data": (made("3"), made("2"))}) == "input data changed (tree ran again)"
    assert kept.reason(wanted, {"data": (made("3"), made("4"))}) == "input data changed (tree and line ran again)"


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
    cache.keep(wanted, answer.recipe, Result(OUTPUT))
    cache.flush()
    data.write_text("1")
    assert kept.reason(wanted) == "never ran before"


def test_an_entry_whose_artifact_is_gone_is_a_miss(kept: Kept) -> None:
    kept.keep(task("fit"))
    kept.gone.add("b" * 64)
    assert kept.reason(task("fit")) == "the result of its last run is no longer kept"


def test_what_its_code_kept_besides_stands_with_it_as_far_as_it_is_still_there(kept: Kept) -> None:
    key, page, copy = kept.look_up(task("fit")).key, made("1" * 64), made("2" * 64)
    kept.index.keep(key, Result(OUTPUT, {"preview": page, "notebook": copy}), "run-1")
    assert kept.look_up(task("fit")).found == Hit(Result(OUTPUT, {"preview": page, "notebook": copy}), "run-1")
    kept.index.flush()
    assert {"1" * 64, "2" * 64} < set(next(iter(kept.index.entries())).digests or ())
    kept.gone.add("2" * 64)
    assert kept.look_up(task("fit")).found == Hit(Result(OUTPUT, {"preview": page}), "run-1")


def test_an_entry_that_lacks_an_output_is_a_miss(kept: Kept) -> None:
    fit = kept.look_up(task("fit"))
    kept.index.keep(fit.key, Result({}), "run-1")
    assert kept.reason(task("fit")) == "the result of its last run is no longer kept"


def test_a_cleared_cache_says_so(kept: Kept) -> None:
    kept.keep(task("fit"))
    kept.index.remove([entry.key for entry in kept.index.entries()])
    assert kept.reason(task("fit")) == "the cache was cleared since its last run"


def test_a_damaged_index_is_begun_anew(kept: Kept) -> None:
    kept.keep(task("fit"))
    file = kept.root / "cache" / "index.sqlite"
    whole = file.read_bytes()
    for cut in (0, 5, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:cut])
        assert isinstance(kept.look_up(task("fit")).found, Hit | Miss)
        kept.keep(task("fit"))
        assert isinstance(kept.look_up(task("fit")).found, Hit)
        kept.index.close()


def test_no_bit_that_flipped_gives_another_result(kept: Kept) -> None:
    """I5."""
    kept.keep(task("fit"))
    file = kept.root / "cache" / "index.sqlite"
    whole = file.read_bytes()
    for position in range(0, len(whole), 97):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :])
        found = kept.look_up(task("fit")).found
        assert isinstance(found, Miss) or found == Hit(Result(OUTPUT), "run-1")
        kept.index.close()


def test_a_line_under_another_key_is_not_believed(kept: Kept) -> None:
    kept.keep(task("fit"))
    other = kept.look_up(task("fit", params={"x": 1})).key
    with contextlib.closing(sqlite3.connect(kept.root / "cache" / "index.sqlite")) as connection, connection:
        connection.execute("update kept set key = ?", (other,))
    assert isinstance(kept.look_up(task("fit", params={"x": 1})).found, Miss)


def test_what_was_added_is_found_before_it_is_written_and_by_others_after(kept: Kept) -> None:
    kept.index.keep("k" * 64, Result(OUTPUT), "run-1", made=5.0)
    kept.index.remember("p", "fit", Last("{}", "run-1"))
    other = CacheIndex(kept.root / "cache")
    assert kept.index.look_up("k" * 64) == Hit(Result(OUTPUT), "run-1")
    assert kept.index.last("p", "fit") == Last("{}", "run-1")
    assert other.look_up("k" * 64) is None
    kept.index.flush()
    assert other.look_up("k" * 64) == Hit(Result(OUTPUT), "run-1")
    assert other.last("p", "fit") == Last("{}", "run-1")


def test_two_engines_write_one_index(kept: Kept) -> None:
    other = CacheIndex(kept.root / "cache")
    for number in range(10):
        (kept.index if number % 2 else other).keep(f"{number}" * 64, Result(OUTPUT), "run-1")
        kept.index.flush()
        other.flush()
    assert len(kept.index.entries()) == len(other.entries()) == 10


def test_a_hit_is_used_now_and_so_is_not_old(kept: Kept) -> None:
    kept.index.keep("k" * 64, Result(OUTPUT), "run-1", made=5.0)
    kept.index.use("k" * 64, 9.0)
    kept.index.flush()
    assert [(entry.used, entry.digests) for entry in kept.index.entries()] == [(9.0, {"b" * 64})]


def test_a_full_disk_costs_only_the_memory(kept: Kept) -> None:
    blocked = kept.root / "blocked"
    blocked.write_text("no folder")
    index = CacheIndex(blocked / "cache")
    index.keep("k" * 64, Result(OUTPUT), "run-1")
    index.flush()
    assert index.look_up("k" * 64) is None


def test_a_glance_answers_what_takes_no_reading(kept: Kept) -> None:
    wanted, reader = task("fit"), task("load", params={"path": "x.csv"}, paths=("path",))
    assert glanced(kept.of(reader), reader) is None
    assert glanced(kept.of(wanted), wanted) == kept.look_up(wanted)
    kept.keep(wanted)
    assert glanced(kept.of(wanted), wanted) is None
    asked = glanced(kept.of(wanted), wanted, anew=True)
    assert asked is not None
    assert asked.found == Miss("it was asked to run anew")


def test_a_glance_waits_until_the_versions_are_known(kept: Kept) -> None:
    slice_ = replace(SLICE, imports=("pandas", "json"))
    cache = kept.of(task("fit"), slice_)
    assert glanced(cache, task("fit")) is None
    cache.prepare()
    assert glanced(cache, task("fit")) is not None


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


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, "cache switched off for this node"),
        ({"kind": Kind.SENSOR}, "it waits anew in each run"),
        ({"teardown_of": ("up",)}, "it cleans up in each run"),
        ({"at_end": AtEnd.FAILURE}, "it is for the end of each run"),
    ],
)
def test_what_is_never_taken_from_the_cache_says_why(kept: Kept, more: dict[str, Any], reason: str) -> None:
    assert kept.reason(replace(task("fit"), cache=False, **more)) == reason


def test_what_another_cleans_up_after_is_set_up_in_each_run(kept: Kept) -> None:
    up, down = replace(task("up"), cache=False), replace(task("down"), teardown_of=("up",))
    plan = replace(plan_of(up, down, run="run-1"), slices={up.slice: SLICE})
    cache = TaskCache(plan, kept.index, FileIdentities(kept.root / "files.json"), kept.root, holds=kept.holds)
    assert cache.look_up(up, {}).found == Miss("it sets up in each run")


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
        return TaskCache(plan_of(wanted), kept.index, files, kept.root, holds=kept.holds, now=lambda: now)

    recipe = cache().look_up(wanted, {}).recipe
    assert recipe is not None
    keeping = cache()
    keeping.keep(wanted, recipe, Result(OUTPUT))
    keeping.flush()
    now += 3600
    assert isinstance(cache().look_up(wanted, {}).found, Hit)
    now += 1
    assert cache().look_up(wanted, {}).found == Miss("its result is older than 1h")
