"""What scripts, shell commands and notebooks report while they run, and what they go on from: real programs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from execute.attempts import Attempt, Bench, until
from execute.test_notebooks import run as run_notebook
from execute.test_programs import failure, script, sh, value_of

from treadle import report
from treadle.execute.protocol import ArtifactKept, Cancelled, CheckpointKept, Metric, Progress, Succeeded
from treadle.spec.flow import Kind

COUNT = """
from treadle.report import artifact, checkpoint, last_checkpoint
done = last_checkpoint() or {"step": 0}
for step in range(done["step"], 5):
    if step == FAILS:
        raise RuntimeError("power cut")
    checkpoint({"step": step + 1, "weights": (1, 2)})
artifact("began", done["step"])
"""
CLIMB = """
report="${TREADLE_REPORT:-true}"
state=$("$report" last-checkpoint)
if [ -n "$state" ]; then mv "$state" steps; else echo 0 > steps; fi
began=$(cat steps)
while [ "$(cat steps)" -lt 5 ]; do
    if [ "$(cat steps)" = "$fails" ]; then exit 3; fi
    echo $(($(cat steps) + 1)) > steps
    "$report" checkpoint steps
done
printf %s "$began" > "$out"
"""


def bare_python(here: Bench, folder: Path) -> str:
    """A virtual environment without anything."""
    here.run(f"import venv\ndef node():\n venv.create({str(folder)!r}, symlinks=True)")
    return str(folder)


def artifacts(here: Bench, attempt: Attempt) -> dict[str, Any]:
    return {message.name: here.value(message.artifact) for message in attempt.of(ArtifactKept)}


def test_a_script_reports_progress_and_metrics_and_log_lines(here: Bench) -> None:
    text = (
        "from treadle.report import log, metric, progress\nprogress(0.5, 'half')\n"
        "for step in range(300): metric('loss', 1 / (step + 1), step)\nlog('watch out', 'warning')\n"
    )
    attempt = script(here, "telling.py", text)
    assert Progress(attempt.id, 0.5, "half") in attempt.messages
    assert [metric.step for metric in attempt.of(Metric)] == list(range(300))
    assert attempt.log == "WARNING watch out\n"


def test_any_program_reports_and_nonsense_is_passed_over(here: Bench) -> None:
    lines = ['{"progress": 2}', "nonsense", "[1]", '{"metric": "m", "value": "x"}', '{"metric": "m", "value": 3}', ""]
    attempt = sh(here, 'printf "%s" "$lines" > "$TREADLE_REPORTS"', parameters={"lines": "\n".join(lines)})
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    assert [metric.value for metric in attempt.of(Metric)] == [3.0]
    assert [report.fraction for report in attempt.of(Progress)] == [1.0]


def test_reports_need_no_treadle_in_the_scripts_environment(here: Bench, tmp_path: Path) -> None:
    text = "from treadle.report import progress\nimport treadle\nprogress(0.25)\nprint(treadle.__file__)"
    attempt = script(here, "bare.py", text, python=bare_python(here, tmp_path / "venv"), environment={"PYTHONPATH": ""})
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    assert [report.fraction for report in attempt.of(Progress)] == [0.25]
    assert str(attempt.folder) in attempt.log


def test_a_script_keeps_artifacts_of_any_kind(here: Bench) -> None:
    text = """
import pandas as pd, pathlib, matplotlib.figure
from treadle.report import artifact
pathlib.Path("notes.md").write_text("# by hand")
artifact("table", pd.DataFrame({"x": [1, 2]}))
artifact("number", 3)
artifact("file", pathlib.Path("notes.md"))
artifact("curve", matplotlib.figure.Figure())
artifact("odd", {1, 2})
"""
    attempt = script(here, "keeping.py", text)
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    codecs = {message.name: message.artifact.codec for message in attempt.of(ArtifactKept)}
    assert codecs == {"table": "arrow", "number": "json", "file": "file", "curve": "png", "odd": "pickle"}
    assert artifacts(here, attempt)["file"].read_text() == "# by hand"


def test_a_script_goes_on_from_its_last_checkpoint(here: Bench) -> None:
    first = script(here, "count.py", COUNT.replace("FAILS", "3"))
    assert failure(first).error == "RuntimeError"
    saved = first.of(CheckpointKept)
    assert [here.value(each.artifact)["step"] for each in saved] == [1, 2, 3]
    second = script(here, "count.py", COUNT.replace("FAILS", "9"), checkpoint=saved[-1].artifact)
    assert artifacts(here, second) == {"began": 3}
    assert len(second.of(CheckpointKept)) == 2


def test_a_script_keeps_and_goes_on_where_treadle_is_not_installed(here: Bench, tmp_path: Path) -> None:
    plain: dict[str, Any] = {"python": bare_python(here, tmp_path / "venv"), "environment": {"PYTHONPATH": ""}}
    saved = script(here, "count.py", COUNT.replace("FAILS", "2"), **plain).of(CheckpointKept)[-1].artifact
    assert artifacts(here, script(here, "count.py", COUNT.replace("FAILS", "9"), checkpoint=saved, **plain)) == {
        "began": 2
    }


def test_a_script_that_imports_all_of_treadle_still_can(here: Bench) -> None:
    """What is laid out for it stands before an installed Treadle on its path, and hides nothing of it."""
    engine = str(Path(__file__).parents[2] / "engine")
    text = "import sys\nsys.path.append(PATH)\nfrom treadle import component, report, sdk\nprint(report.__file__)"
    attempt = script(here, "both.py", text.replace("PATH", repr(engine)), environment={"PYTHONPATH": ""})
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    assert str(attempt.folder) in attempt.log


def test_a_notebook_keeps_artifacts_and_goes_on_from_its_last_checkpoint(here: Bench) -> None:
    first = run_notebook(here, COUNT.replace("FAILS", "3"))
    assert "power cut" in failure(first).message
    saved = first.of(CheckpointKept)[-1].artifact
    second = run_notebook(here, COUNT.replace("FAILS", "9"), checkpoint=saved)
    kept = {message.name: message.artifact for message in second.of(ArtifactKept)}
    assert sorted(kept) == ["began", "notebook", "preview"]
    assert here.value(kept["began"]) == 3


def test_a_command_goes_on_from_its_last_checkpoint(here: Bench) -> None:
    first = sh(here, CLIMB, "out:int", parameters={"fails": "3"})
    assert "exit code 3" in failure(first).message
    saved = first.of(CheckpointKept)
    assert [each.artifact.codec for each in saved] == ["file"] * 3
    second = sh(here, CLIMB, "out:int", parameters={"fails": "9"}, checkpoint=saved[-1].artifact)
    assert here.value(value_of(second, "out")) == 3, second.log


def test_the_command_says_all_that_the_sdk_says(here: Bench) -> None:
    command = """
    "$TREADLE_REPORT" progress 0.5 "half done"; "$TREADLE_REPORT" metric loss 0.25 --step 3
    "$TREADLE_REPORT" log "slow now" --level warning
    echo '{"a": 1}' > found.json; mkdir -p folder; echo x > folder/x; echo 'not,"csv' > broken.parquet
    "$TREADLE_REPORT" artifact found found.json; "$TREADLE_REPORT" artifact folder folder
    "$TREADLE_REPORT" artifact broken broken.parquet
    "$TREADLE_REPORT" checkpoint folder; echo y > folder/x
    cat "$("$TREADLE_REPORT" last-checkpoint)/x"
    """
    attempt = sh(here, command)
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    assert Progress(attempt.id, 0.5, "half done") in attempt.messages
    assert Metric(attempt.id, "loss", 0.25, 3) in attempt.messages
    assert attempt.log == "WARNING slow now\nx\n"
    codecs = {message.name: message.artifact.codec for message in attempt.of(ArtifactKept)}
    assert codecs == {"found": "json", "folder": "directory", "broken": "file"}


def test_what_the_command_cannot_keep_it_says_and_fails(here: Bench) -> None:
    found = failure(sh(here, '"$TREADLE_REPORT" artifact x nowhere.png'))
    assert "exit code 1" in found.message
    assert f"{here.root}/nowhere.png, which does not exist" in found.message
    assert "argument fraction" in failure(sh(here, '"$TREADLE_REPORT" progress much')).message


def test_where_treadle_is_not_the_command_says_nothing(here: Bench) -> None:
    text = CLIMB.replace("${TREADLE_REPORT:-true}", "true")
    assert here.value(value_of(sh(here, text, "out:int", parameters={"fails": "9"}), "out")) == 0


def test_a_program_that_nobody_hears_any_more_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its worker has died, and left the pipe there."""
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setenv("TREADLE_REPORTS", str(tmp_path / "pipe"))
    report.progress(0.5)
    assert report.ask({"last_checkpoint": True}) == {}
    assert report.last_checkpoint() is None


def test_lines_of_json_keep_values_and_files_too(here: Bench) -> None:
    lines = [
        {"artifact": "found", "value": [1, 2]}, {"artifact": "note", "path": "note.txt"}, {"log": "by hand"},
        {"checkpoint": True, "value": {"epoch": 3}}, {"artifact": "gone", "path": "gone"}, {"artifact": "none"},
        {"artifact": "x", "reference": "../../output.log"},
    ]  # fmt: skip
    command = 'echo noted > note.txt; printf "%s\\n" "$lines" > "$TREADLE_REPORTS"'
    attempt = sh(here, command, parameters={"lines": "\n".join(map(json.dumps, lines))})
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    assert artifacts(here, attempt) == {"found": [1, 2], "note": "noted\n"}
    assert [here.value(each.artifact) for each in attempt.of(CheckpointKept)] == [{"epoch": 3}]
    assert "INFO by hand\n" in attempt.log
    assert f"[Treadle: not kept: {here.root}/gone, which does not exist]\n" in attempt.log


def test_a_reference_to_what_is_not_in_the_store_ends_nothing(here: Bench) -> None:
    forged = {"digest": "0" * 64, "type": "Any", "codec": "json", "size": 1, "meta": {}}
    text = f"""
import json, os
folder = os.path.dirname(os.environ["TREADLE_REPORTS"])
for number, said in enumerate([{forged!r}, {{"digest": 3}}]):
    open(os.path.join(folder, f"forged{{number}}"), "w").write(json.dumps(said))
    from treadle.report import NotKept, ask
    try:
        ask({{"checkpoint": True, "reference": f"forged{{number}}"}})
    except NotKept as error:
        print(error)
"""
    attempt = script(here, "forging.py", text)
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    assert not attempt.of(CheckpointKept)
    assert attempt.log.splitlines() == [
        "there is no artifact 000000000000 in the store", "what was kept is not described as an artifact",
    ]  # fmt: skip


def test_a_checkpoint_in_the_face_of_a_cancel_is_kept(here: Bench) -> None:
    text = (
        "import signal, sys, time\nfrom treadle.report import checkpoint\n"
        "signal.signal(15, lambda *_: (checkpoint('saved'), sys.exit(0)))\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    (here.root / "leaving.py").write_text(text)
    attempt = here.begin("", kind=Kind.SCRIPT, params={"path": "leaving.py"})
    until(lambda: "ready" in attempt.log)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert [here.value(each.artifact) for each in attempt.of(CheckpointKept)] == ["saved"]


def test_a_checkpoint_that_is_gone_is_none(here: Bench) -> None:
    saved = script(here, "count.py", COUNT.replace("FAILS", "1")).of(CheckpointKept)[-1].artifact
    here.store.path(saved).unlink()
    state = sh(here, 'printf "[%s]" "$("$TREADLE_REPORT" last-checkpoint)"', checkpoint=saved)
    assert state.log == "[]"
    assert artifacts(here, script(here, "count.py", COUNT.replace("FAILS", "9"), checkpoint=saved)) == {"began": 0}


def test_what_a_script_cannot_keep_raises_there(here: Bench) -> None:
    found = failure(script(here, "odd.py", "from treadle.report import artifact\nartifact('f', lambda: 1)"))
    assert found.error == "Unsuitable"
    assert "cannot be pickled" in found.message


@pytest.mark.parametrize("verb", ["checkpoint", "artifact"])
def test_what_is_kept_may_be_as_long_as_it_likes(here: Bench, verb: str) -> None:
    """A line on the pipe may not: what describes the value goes by a file."""
    text = "import numpy as np, pandas as pd\nfrom treadle.report import artifact, checkpoint\n{}"
    frame = "pd.DataFrame(np.zeros((2, 3000)), columns=[f'a column with a long name {i}' for i in range(3000)])"
    call = f"checkpoint({frame})" if verb == "checkpoint" else f"artifact('wide', {frame})"
    attempt = script(here, "wide.py", text.format(call))
    assert isinstance(attempt.outcome, Succeeded), attempt.log
    kept = attempt.of(CheckpointKept if verb == "checkpoint" else ArtifactKept)
    assert here.value(kept[0].artifact, "pandas").shape == (2, 3000)
