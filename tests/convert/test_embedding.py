import ast

import pandas as pd
from convert.pieces import HALVES, MAKE, SUMMARISE, pieces

from treadle.convert.embedded_artifacts import read_artifact, write_artifact
from treadle.convert.embedding import embed, merge
from treadle.convert.syntax import module_text

ALL = ("demo.make", "demo.halve", "demo.summarise")


def _slices(*uses):
    catalog = pieces()
    return {name: catalog.slice(name) for name in uses}


def _execute(embedded):
    scope: dict = {}
    exec(compile(module_text([*embedded.imports, *embedded.body]), "test", "exec"), scope)
    return {uses: eval(ast.unparse(function), scope) for uses, function in embedded.functions.items()}


def test_slices_whose_names_agree_stand_side_by_side_with_imports_once():
    embedded = merge(_slices("demo.make", "demo.halve"))
    assert module_text(embedded.imports).count("import pandas as pd") == 1
    functions = _execute(embedded)
    assert list(functions["demo.halve"](functions["demo.make"](4)).high["x"]) == [20, 30]


def test_a_slice_that_means_something_else_by_a_name_is_kept_apart():
    functions = _execute(merge(_slices(*ALL)))
    table = functions["demo.make"](3)
    assert functions["demo.summarise"]([table]) == {"sum": 30.0}
    assert "SCALE" in MAKE
    assert "SCALE" in SUMMARISE


def test_embedding_gives_each_component_a_function_of_its_own():
    embedded = embed(_slices(*ALL))
    assert len(embedded.body) == 3
    functions = _execute(embedded)
    assert functions["demo.summarise"](list(functions["demo.halve"](functions["demo.make"](4)))) == {"sum": 60.0}
    assert "Halves" in HALVES


def test_artifacts_read_back_as_they_were_written(tmp_path):
    table = pd.DataFrame({"x": [1, 2], "y": pd.Categorical(["a", "b"])})
    for port, value in {"metrics": {"a": 0.5}, "text": "<b>ä</b>", "none": None, "model": {1: complex(1, 2)}}.items():
        assert read_artifact(write_artifact(value, tmp_path, port)) == value
    path = write_artifact(table, tmp_path, "table")
    pd.testing.assert_frame_equal(read_artifact(path, "pandas"), table)
    assert read_artifact([path, path], "polars")[1]["x"].to_list() == [1, 2]
    assert read_artifact(path, "pyarrow").num_rows == 2
