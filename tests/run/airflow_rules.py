"""Run by Airflow's own interpreter: what its trigger rules say to every small set of upstream states, as JSON.

    {rule: {"sfw": verdict, …}}   s succeeded, k skipped, f failed, u upstream_failed, w still to come;
                                  a capital letter is a set-up

A verdict is `run`, `wait`, `skipped` or `upstream_failed`. The task and its run are stand-ins; the rule's code is not.
"""

from __future__ import annotations

import json
from itertools import combinations_with_replacement
from types import SimpleNamespace

from airflow.task.trigger_rule import TriggerRule
from airflow.ti_deps.dep_context import DepContext
from airflow.ti_deps.deps.trigger_rule_dep import TriggerRuleDep

STATES = {"s": "success", "k": "skipped", "f": "failed", "u": "upstream_failed", "w": None}


class Upstream(SimpleNamespace):
    map_index = -1

    def get_needs_expansion(self) -> bool:
        return False


def said(rule: TriggerRule, letters: str) -> str:
    upstream = [
        Upstream(task_id=f"t{number}", state=STATES[letter.lower()], is_setup=letter.isupper())
        for number, letter in enumerate(letters)
    ]
    for each in upstream:
        each.task = each
    task = SimpleNamespace(
        upstream_list=upstream,
        upstream_task_ids={each.task_id for each in upstream},
        trigger_rule=rule,
        is_teardown=False,
        get_upstreams_only_setups=list,
        get_closest_mapped_task_group=lambda: None,
    )
    given: list[str] = []
    instance = SimpleNamespace(
        task=task, map_index=-1, run_id="r", dag_id="d", get_dagrun=lambda session: None,
        set_state=lambda state, session: given.append(str(state)) or True,
    )  # fmt: skip
    context = DepContext(flag_upstream_failed=True, finished_tis=[each for each in upstream if each.state])
    statuses = list(TriggerRuleDep()._get_dep_statuses(instance, context, session=None))
    if given:
        return given[-1]
    return "run" if all(status.passed for status in statuses) else "wait"


def table() -> dict[str, dict[str, str]]:
    letters = "skfuwSKFUW"
    cases = ["".join(each) for size in range(4) for each in combinations_with_replacement(letters, size)]
    return {rule.value: {case: said(rule, case) for case in cases} for rule in TriggerRule}


if __name__ == "__main__":
    print(json.dumps(table()))
