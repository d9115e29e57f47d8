"""Notebooks as attempts: real kernels, cell by cell, and the copy that is kept however they end."""

from __future__ import annotations

import json
import re
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from execute.attempts import Attempt, Bench, alive, bench, until
from execute.test_programs import failure, table, value_of

from treadle.execute.programs import kernel
from treadle.execute.protocol import ArtifactKept, Cancelled, Crashed, Failed, Progress, Succeeded, TimedOut
from treadle.spec.flow import Kind


def write(path: Path, *cells: str | tuple[str, str], language: str = "python") -> None:
    """Code cells; one written `(tag, text)` bears a tag, and tag `markdown` makes it one."""
    made: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        tag, text = cell if isinstance(cell, tuple) else ("", cell)
        common = {"id": f"c{number}", "source": text, "metadata": {"tags": [tag] if tag else []}}
        code = {"cell_type": "code", "outputs": [], "execution_count": None}
        made.append({**common, **({"cell_type": "markdown"} if tag == "markdown" else code)})
    kernelspec = {"name": "x", "language": language, "display_name": "X"}
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernelspec}, "cells": made})
    )


def begin(here: Bench, *cells: str | tuple[str, str], outputs: tuple[str, ...] = (), **rest: Any) -> Attempt:
    write(here.root / "notebooks" / "book.ipynb", *cells)
    params = {"path": "notebooks/book.ipynb", "parameters": rest.pop("parameters", None)}
    return here.begin("", *outputs, kind=Kind.NOTEBOOK, params=params, **rest)


def run(here: Bench, *cells: str | tuple[str, str], **rest: Any) -> Attempt:
    attempt = begin(here, *cells, **rest)
    attempt.result(60)
    return attempt


def kept(here: Bench, attempt: Attempt) -> tuple[dict[str, Any], str]:
    """The executed copy and its page."""
    artifacts = {each.name: each.artifact for each in attempt.of(ArtifactKept)}
    notebook = json.loads(here.store.path(artifacts["notebook"]).read_bytes())
    return notebook, here.store.path(artifacts["preview"]).read_text()


def test_cells_run_in_order_with_parameters_and_variables_are_outputs(here: Bench) -> None:
    attempt = run(
        here, ("markdown", "# Title"), ("parameters", "threshold = 0.1\nname = 'x'"),
        "import pandas as pd\ndata = pd.read_csv(data)\nprint('threshold', threshold, name)",
        "scores = data.assign(s=threshold)\nbest = 3", "open(__import__('os').environ['note'], 'w').write('by hand')",
        parameters={"threshold": 0.3}, outputs=("scores:Table::csv", "best:int::txt", "note:Text::txt"),
        inputs={"data": table(here)}, input_kinds={"data": "csv"},
    )  # fmt: skip
    assert here.value(value_of(attempt, "scores"), "pandas")["s"].tolist() == [0.3, 0.3]
    assert here.value(value_of(attempt, "best")) == 3
    assert here.value(value_of(attempt, "note")) == "by hand"
    assert "threshold 0.3 x\n" in attempt.log
    notebook, page = kept(here, attempt)
    injected = next(each for each in notebook["cells"] if "injected-parameters" in each["metadata"]["tags"])
    assert "threshold = 0.3" in injected["source"]
    assert [cell["cell_type"] for cell in notebook["cells"]] == ["markdown", *["code"] * 5]
    assert "<h1>Title</h1>" in page
    assert [report.fraction for report in attempt.of(Progress)] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_without_a_tagged_cell_parameters_come_first(here: Bench) -> None:
    attempt = run(here, "print(x)", parameters={"x": [1, None, "a'b"]})
    assert '[1, None, "a\'b"]\n' in attempt.log
    assert "injected-parameters" in kept(here, attempt)[0]["cells"][0]["metadata"]["tags"]


def test_it_runs_in_its_own_folder_and_prints_live(here: Bench) -> None:
    attempt = begin(here, "import os, time\nprint(os.getcwd(), flush=True)\ntime.sleep(30)")
    until(lambda: f"{here.root}/notebooks\n" in attempt.log, 30)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")


def test_a_failing_cell_is_named_and_marked_in_the_copy(here: Bench) -> None:
    attempt = run(
        here, ("markdown", "text"), "a = 1", "b = a\n\ndef f():\n    raise ValueError('no <b>good</b>')\nf()", "c = 3"
    )
    found = failure(attempt)
    assert found.error == "ValueError"
    assert found.message == "cell 2, line 4: no <b>good</b>"
    assert found.kinds == ("ValueError",)
    notebook, page = kept(here, attempt)
    assert [("treadle-failed" in cell["metadata"]["tags"]) for cell in notebook["cells"]] == [False, False, True, False]
    assert notebook["cells"][2]["outputs"][0]["ename"] == "ValueError"
    assert "it failed here" in page
    assert "<b>good" not in page


def test_a_figure_shows_in_the_page(here: Bench) -> None:
    attempt = run(here, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert '<img src="data:image/png;base64,' in kept(here, attempt)[1]


def test_the_copy_is_an_output_where_it_is_declared_as_one(here: Bench) -> None:
    attempt = run(here, "print('seen')\nnotebook = 3", outputs=("preview:Html::html", "notebook:File"))
    assert "seen" in here.value(value_of(attempt, "preview"))
    assert json.loads(here.store.path(value_of(attempt, "notebook")).read_bytes())["nbformat"] == 4
    number = run(here, "notebook = 3", outputs=("notebook:int::txt",))
    assert here.value(value_of(number, "notebook")) == 3


def test_a_syntax_error_names_its_line(here: Bench) -> None:
    assert failure(run(here, "x = 1\ny = (")).message.startswith("cell 1, line 2: ")


def test_a_missing_variable_and_one_of_another_type_are_named(here: Bench) -> None:
    found = failure(run(here, "model = 3\ntable = 'x'", outputs=("scores:Table::csv", "table:Table::csv")))
    assert "output scores: there is no variable of that name" in found.message
    assert "output table: the variable is str, not a pandas" in found.message


def test_cancel_and_time_keep_the_copy_and_leave_no_kernel(here: Bench) -> None:
    attempt = begin(here, "import os\nprint('pid', os.getpid())", "import time\ntime.sleep(60)")
    until(lambda: "── cell 2" in attempt.log, 30)
    pid = re.search(r"pid (\d+)", attempt.log)
    assert pid is not None
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert not alive(int(pid[1]))
    assert "pid" in kept(here, attempt)[0]["cells"][0]["outputs"][0]["text"]
    assert run(here, "import time\ntime.sleep(60)", timeout=2.0).outcome == TimedOut(2.0)


def test_a_kernel_that_dies_is_told(here: Bench) -> None:
    crashed = run(here, "x = 1", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert isinstance(crashed.outcome, Crashed)
    assert crashed.outcome.signal == "SIGSEGV"
    assert len(kept(here, crashed)[0]["cells"]) == 2
    left = failure(run(here, "x = 1", "import os\nos._exit(0)"))
    assert left.error == "KernelDied"
    assert "died in cell 2" in left.message


def test_a_secret_is_a_variable_and_hidden_in_all_that_is_kept(here: Bench) -> None:
    attempt = run(
        here, "import os\nprint('token', os.environ['TOKEN'])\nos.environ['TOKEN']",
        parameters={"TOKEN": "$secrets.warehouse"}, secrets={"TOKEN": "hunter2-and-more"},
    )  # fmt: skip
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    notebook, page = kept(here, attempt)
    assert "hunter2" not in json.dumps(notebook) + page + attempt.log
    assert "token ***" in page


@pytest.mark.parametrize(
    ("text", "words"),
    [("not json", "is no notebook that can be read"), ("{}", "is no notebook"), (None, "there is no notebook")],
)
def test_what_is_no_notebook_is_said(here: Bench, text: str | None, words: str) -> None:
    path = here.root / "notebooks" / "odd.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if text is not None:
        path.write_text(text)
    found = failure(here.run("", kind=Kind.NOTEBOOK, params={"path": "notebooks/odd.ipynb"}))
    assert found.error == "NotRunnable"
    assert words in found.message


def test_another_language_and_a_bad_name_are_refused(here: Bench) -> None:
    write(here.root / "notebooks" / "r.ipynb", "x <- 1", language="R")
    found = failure(here.run("", kind=Kind.NOTEBOOK, params={"path": "notebooks/r.ipynb"}))
    assert "written in R" in found.message
    assert "'a b' can't be a variable" in failure(run(here, "1", parameters={"a b": 1})).message


def test_an_environment_without_treadle_runs_it_and_one_without_ipykernel_says_so(here: Bench, tmp_path: Path) -> None:
    for name in ("with", "without"):
        here.run(f"import venv\ndef node():\n venv.create({str(tmp_path / name)!r}, symlinks=True)")
    site = next((tmp_path / "with").glob("lib/python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))  # its own .pth files are not followed from there
    cells = [
        "import importlib.util, sys\nfound = importlib.util.find_spec('treadle.spec') is not None\nwhere = sys.prefix"
    ]
    plain = {"environment": {"PYTHONPATH": ""}}
    attempt = run(here, *cells, outputs=("found:bool::txt", "where:str::txt"), python=str(tmp_path / "with"), **plain)
    assert here.value(value_of(attempt, "found")) is False
    assert here.value(value_of(attempt, "where")) == str(tmp_path / "with")
    found = failure(run(here, *cells, python=str(tmp_path / "without"), **plain))
    assert "has no ipykernel" in found.message
    assert f"{tmp_path}/without/bin/python -m pip install ipykernel" in found.message


def test_a_base_installation_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(kernel.NotRunnable, match=r"pip install 'treadle\[notebook\]'"):
        kernel.check("/usr/bin/python3")


def test_no_process_is_left(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        run(here, "import subprocess\nsubprocess.Popen(['sleep', '60'], start_new_session=True)")
        until(lambda: not here.processes())


def test_a_kernel_that_holds_too_much_is_ended_with_the_number(here: Bench) -> None:
    attempt = run(
        here, "import time\nx = bytearray(600 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\ntime.sleep(60)",
        memory=200 << 20,
    )  # fmt: skip
    assert isinstance(attempt.outcome, Crashed | Failed)
    assert "memory" in f"{attempt.outcome}".lower()
    until(lambda: not here.processes())
