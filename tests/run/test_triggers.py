"""The thirteen trigger rules, against what Airflow's own code says to 286 sets of upstream states each."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from convert.airflow_home import PYTHON

from treadle.run.triggers import Upstream, Verdict, judge
from treadle.spec.flow import Trigger

TESTS = Path(__file__).parents[1]
SAID: dict[str, dict[str, str]] = json.loads((TESTS / "golden/airflow_trigger_rules.json").read_text())
NAMES = {
    Verdict.RUN: "run",
    Verdict.WAIT: "wait",
    Verdict.SKIP: "skipped",
    Verdict.UPSTREAM_FAILED: "upstream_failed",
}


def table(rule: str) -> dict[str, str]:
    """What Airflow says, by upstream states: s succeeded, k skipped, f failed, u upstream_failed, w still to come; a
    capital letter is a set-up."""
    return {case.strip("."): verdict for verdict, cases in SAID[rule].items() for case in cases.split(" ")}


def ours(rule: str, case: str) -> str:
    letters = case.lower()
    ended = [letters.count(letter) for letter in "skfu"]
    setups = sum(letter.isupper() for letter in case)
    return NAMES[judge(Trigger(rule), Upstream(len(case), *ended, setups, case.count("S"), case.count("K")))]


def left_to_chance(rule: str, case: str) -> bool:
    """Where Airflow skips at once what would have failed had the failure come first."""
    letters = set(case.lower())
    return rule == "all_success" and {"k", "w"} <= letters and not letters & {"f", "u"}


def test_the_names_are_airflows() -> None:
    assert {trigger.value for trigger in Trigger} == SAID.keys()


@pytest.mark.parametrize("rule", SAID)
def test_a_rule_says_what_it_says_in_airflow(rule: str) -> None:
    said = {case: verdict for case, verdict in table(rule).items() if not left_to_chance(rule, case)}
    assert {case: ours(rule, case) for case in said} == said
    assert len(said) >= 262


def test_a_skip_waits_for_what_may_still_fail() -> None:
    early = {case: verdict for case, verdict in table("all_success").items() if left_to_chance("all_success", case)}
    assert set(early.values()) == {"skipped"}
    assert {ours("all_success", case) for case in early} == {"wait"}
    assert ours("all_success", "kf") == "upstream_failed"


@pytest.mark.airflow
@pytest.mark.skipif(not PYTHON.exists(), reason="no Airflow here: make airflow-env")
def test_the_table_is_what_airflow_says_today(tmp_path: Path) -> None:
    environment = {"AIRFLOW_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": str(PYTHON.parent)}
    script = str(TESTS / "run/airflow_rules.py")
    done = subprocess.run([str(PYTHON), script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == {rule: table(rule) for rule in SAID}
