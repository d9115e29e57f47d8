"""Items: read from wherever they are, written down as they were, and told in a sentence where they can't be."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from treadle.execute.protocol import Output
from treadle.run.expansion import Item, expand, index_of, node_of, owner_of
from treadle.run.items import ItemStore, NoItems
from treadle.run.map_state import MapState
from treadle.run.map_words import progress_of
from treadle.run.plan import ROWS, PlanMap, PlanTask, TaskInput
from treadle.run.state import TaskStatus
from treadle.store.artifacts import ArtifactStore, to_fields
from treadle.store.codecs import BlobWriter, dump
from treadle.store.references import ArtifactRef


def task(**over: object) -> PlanTask:
    body = PlanTask("fit", "fit", "m.fit", "s", {}, {"seed": 1}, (Output("value", "int"),))
    given = {"outputs": {"value": TaskInput("fit", "value")}, **over}
    return PlanTask("fit", "fit", "m.fit", "s", {}, {}, (), map=PlanMap((body,), **given))  # type: ignore[arg-type]


class Kept:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.artifacts = ArtifactStore(root / "artifacts")
        self.items = ItemStore(self.artifacts, root)

    def put(self, value: object, type_name: str) -> ArtifactRef:
        return ArtifactRef(**dump(value, type_name, BlobWriter(str(self.root / "artifacts"))))

    def values(self, items: list[Item]) -> list[object]:
        """What artifacts the items are."""
        return [json.loads(self.artifacts.path(item.artifact).read_bytes()) for item in items if item.artifact]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_the_list_that_feeds_a_port_is_what_is_written_down(kept: Kept) -> None:
    fed = kept.put([[1], [2]], "list[Json]")
    source, items = kept.items.find(task(port="data", feeds={"fit": ("data",)}), {"data": (fed,)})
    assert source == fed
    assert kept.values(items) == [
        [1],
        [2],
    ]
    assert kept.items.read(source) == items


def test_several_outputs_that_feed_the_port_are_its_items_and_lists_among_them_are_flat(kept: Kept) -> None:
    one, many = kept.put([1], "Json"), kept.put([[2], [3]], "list[Json]")
    _, items = kept.items.find(task(port="data", feeds={"fit": ("data",)}), {"data": (one, many)})
    assert kept.values(items) == [
        [1],
        [2],
        [3],
    ]


def test_a_json_list_gives_values_to_a_parameter_and_artifacts_to_an_input(kept: Kept) -> None:
    fed = kept.put([5, "x"], "Json")
    over = task(port="seed", feeds={"fit": ("seed",)}, params={"fit": {"seed": "seed"}})
    source, items = kept.items.find(over, {"seed": (fed,)})
    assert items == [Item(values={"seed": 5}), Item(values={"seed": "x"})]
    assert kept.items.read(source) == items
    _, items = kept.items.find(task(port="data", feeds={"fit": ("data",)}), {"data": (fed,)})
    assert [item.artifact is not None for item in items] == [True, True]


def test_rows_give_the_columns_that_are_parameters(kept: Kept) -> None:
    table = kept.put(pa.table({"seed": [1, 2], "rate": [0.5, 1.0], "other": ["a", "b"]}), "Table")
    over = task(rows=("seed",), params={"fit": {"seed": "seed", "rate": "rate"}})
    _, items = kept.items.find(over, {ROWS: (table,)})
    assert [item.values for item in items] == [{"seed": 1, "rate": 0.5}, {"seed": 2, "rate": 1.0}]


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        ({"a": 1}, "Json", "wants a list to be mapped over, has dict"),
        ("text", "Text", "wants a list to be mapped over, has Text"),
    ],
)
def test_what_is_no_list_is_told(kept: Kept, value: object, kind: str, told: str) -> None:
    with pytest.raises(NoItems, match=told):
        kept.items.find(task(port="data", feeds={"fit": ("data",)}), {"data": (kept.put(value, kind),)})


def test_rows_that_can_not_be_had_are_told(kept: Kept) -> None:
    over = task(rows=("seed",), params={"fit": {"seed": "seed"}})
    with pytest.raises(NoItems, match="its rows come from Json, not from a table"):
        kept.items.find(over, {ROWS: (kept.put([1], "Json"),)})
    table = kept.put(pa.table({"z": [1]}), "Table")
    with pytest.raises(NoItems, match="the table has no column seed, which fit needs; it has z"):
        kept.items.find(over, {ROWS: (table,)})
    with pytest.raises(NoItems, match="no column of the table is called as a parameter of fit; it has z"):
        kept.items.find(task(rows=(), params={"fit": {"seed": "seed"}}), {ROWS: (table,)})


def test_no_file_outside_of_the_project_is_an_item(kept: Kept) -> None:
    for pattern in ("/etc/*", "../*"):
        with pytest.raises(NoItems, match="leads out of the project's folder"):
            kept.items.find(task(files=pattern, params={"fit": {"path": "path"}}), {})


def test_what_is_no_longer_kept_is_none_and_told(kept: Kept) -> None:
    gone = ArtifactRef("f" * 64, "list[Json]", "list", 1)
    assert kept.items.read(gone) is None
    with pytest.raises(NoItems, match="what fit is mapped over is no longer kept"):
        kept.items.find(task(port="data", feeds={"fit": ("data",)}), {"data": (gone,)})


def test_more_items_than_a_run_can_take_are_refused(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treadle.run.items._MOST", 2)
    with pytest.raises(NoItems, match="fit is mapped over 3 items; 2 are the most"):
        kept.items.find(task(values=({"seed": 1}, {"seed": 2}, {"seed": 3}), params={"fit": {"seed": "seed"}}), {})


def test_a_list_of_what_items_gave_is_one_artifact(kept: Kept) -> None:
    refs = [kept.put(number, "int") for number in (3, 1, 2)]
    made = kept.items.put_list("list[int]", refs)
    assert (made.type, made.codec, made.meta) == ("list[int]", "list", {"items": 3})
    assert kept.artifacts.members(made) == [to_fields(ref) for ref in refs]
    assert kept.artifacts.holds(made)


def test_an_item_takes_the_place_of_what_feeds_its_parameter() -> None:
    body = PlanTask("fit", "fit", "m.fit", "s", {"x": (TaskInput("a", "json"),)}, {}, ())
    over = PlanMap((body,), {}, port="x", feeds={"fit": ("x",)}, params={"fit": {"x": "x"}}, parallel=2)
    mapped = PlanTask("fit", "fit", "m.fit", "s", {}, {}, (), map=over)
    ref = ArtifactRef("a" * 64, "int", "json", 1)
    value, artifact = expand(mapped, [Item(values={"x": 7}), Item(artifact=ref)])
    assert (value.id, value.params, dict(value.inputs), value.pools) == ("fit[0]", {"x": 7}, {}, {"fit": 2})
    assert (artifact.id, dict(artifact.given)) == ("fit[1]", {"x": (ref,)})
    with pytest.raises(ValueError, match="a is not mapped"):
        list(expand(PlanTask("a", "a", "m.a", "s", {}, {}, ()), []))


def test_an_items_name_tells_whose_it_is() -> None:
    assert [owner_of(name) for name in ("fit", "fit[3]", "a[3]/b", "a[3]/b[0]")] == [None, "fit", "a", "a[3]/b"]
    assert [index_of(name) for name in ("fit[3]", "a[3]/b", "a[3]/b[10]")] == [3, 3, 10]
    assert [node_of(name) for name in ("fit", "a[3]/b[0]", "g/a[1]")] == ["fit", "a", "g/a"]


def test_how_far_a_map_is_in_words() -> None:
    state = MapState(10_000, ArtifactRef("a" * 64, "Json", "json", 1), ("",))
    assert progress_of(state) == "0 of 10,000 items"
    state.count("fit[0]", TaskStatus.PENDING, TaskStatus.FAILED)
    assert progress_of(state) == "1 of 10,000 items, 1 failed"
    one = MapState(1, state.source, ("",))
    one.count("fit[0]", TaskStatus.PENDING, TaskStatus.CACHED)
    assert progress_of(one) == "1 item"
    assert MapState(0, state.source, ("",)).fraction == 1.0
