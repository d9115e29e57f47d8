"""A pipeline's parameters on the command line: listed, exported as a JSON Schema, and given."""

from __future__ import annotations

import json

from treadle.store.project import Project

TEXT = """treadle: 1
name: search
params:
  grid:
    type: array
    description: What is tried.
    minItems: 1
    items:
      type: object
      required: [depth]
      properties:
        depth: {type: integer, minimum: 1}
        rate: {type: number, exclusiveMinimum: 0, default: 0.5}
      additionalProperties: false
  since: {type: string, format: date, default: 2026-01-31}
  kinds: {type: 'list[str]', choices: [tree, line], default: [tree]}
  who: {type: str, required: true}
nodes:
  a: {uses: demo.make, with: {text: $params.who}}
"""


def wide(project: Project) -> str:
    (project.root / "search.treadle.yaml").write_text(TEXT)
    return "search.treadle.yaml"


def test_parameters_are_listed_with_their_types(treadle, project: Project) -> None:
    lines = [line.split("  ") for line in treadle("params", wide(project)).stdout.splitlines()[1:]]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert cells == [
        ["grid", "list[dict]", "1 item or more, each no other names", "What is tried."],
        ["grid[].depth", "int", "required", "1 or more"],
        ["grid[].rate", "float", "0.5", "more than 0"],
        ["since", "date", '"2026-01-31"'],
        ["kinds", "list[str]", '["tree"]', "each tree | line"],
        ["who", "str", "required"],
    ]


def test_they_are_a_json_schema_for_programs(treadle, project: Project) -> None:
    schema = json.loads(treadle("params", wide(project), "--json").stdout)
    assert (schema["title"], schema["required"], schema["additionalProperties"]) == ("search", ["who"], False)
    assert schema["properties"]["grid"]["items"]["required"] == ["depth"]
    assert schema["properties"]["since"] == {"type": "string", "format": "date", "default": "2026-01-31"}


def test_a_value_is_refused_by_its_path_before_anything_runs(treadle, project: Project) -> None:
    file = wide(project)
    given = ("-p", "who=me", "-p", 'grid=[{"depth": 1}, {"depth": "x"}]')
    done = treadle("run", file, *given, "--json")
    assert done.returncode == 2
    refused = json.loads(done.stdout)["problems"]
    assert [each["message"] for each in refused] == ["params.grid[1].depth wants a whole number, has the text 'x'"]
    assert not list((project.root / ".treadle").glob("runs/*/events.jsonl"))


def test_values_come_from_a_file_and_later_words_count(treadle, project: Project) -> None:
    file = wide(project)
    (project.root / "given.yaml").write_text("# tried on Friday\ngrid:\n- {depth: 3}\nwho: 'file'\nsince: 2026-02-01\n")
    (project.root / "given.json").write_text('{"grid": [{"depth": 4, "rate": 1}]}')
    done = treadle("run", file, "-p", "@given.yaml", "-p", "who=me", "-p", "@given.json", "--json")
    assert done.returncode == 0, done.stderr
    begun = json.loads(done.stdout.splitlines()[0])
    assert begun["params"] == {
        "grid": [{"depth": 4, "rate": 1}], "since": "2026-02-01", "kinds": ["tree"], "who": "me",
    }  # fmt: skip


def test_a_node_is_shown_with_the_values_it_was_given(treadle, project: Project) -> None:
    file = wide(project)
    assert treadle("run", file, "-p", "who=me", "-p", 'grid=[{"depth": 3}]').returncode == 0
    assert "  text = me\n" in treadle("show", "last", "a").stdout
    shown = json.loads(treadle("show", "last", "a", "--json").stdout)
    assert (shown["node"], shown["status"], shown["params"]["text"]) == ("a", "succeeded", "me")
    assert treadle("show", "last", "nobody").returncode == 2


def test_a_file_that_can_not_be_read_is_told_with_its_line(treadle, project: Project) -> None:
    file = wide(project)
    (project.root / "given.yaml").write_text("grid: 1\ngrid: 2\n")
    done = treadle("run", file, "-p", "@given.yaml")
    assert done.returncode == 2
    assert "given.yaml:2" in done.stderr
    assert treadle("run", file, "-p", "@nowhere.yaml").returncode == 2
    assert treadle("run", file, "-p", "nothing").returncode == 2


def test_a_pipeline_without_parameters_says_so(treadle, project: Project) -> None:
    (project.root / "none.treadle.yaml").write_text("treadle: 1\nnodes: {}\n")
    done = treadle("params", "none.treadle.yaml")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no parameters" in done.stderr
