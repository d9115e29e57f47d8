"""The secrets that a run needs, looked up before it begins: one that is missing stops it then, not in its middle."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from treadle.run.plan import PlanTask
from treadle.spec.problems import Problem, Where
from treadle.store.secrets import HeldSecrets, SecretSource, how_to_set

__all__ = ["hold_secrets"]


def hold_secrets(tasks: Iterable[PlanTask], source: SecretSource) -> tuple[HeldSecrets, list[Problem]]:
    """The secrets of `tasks`, and a problem for each that `source` lacks. Each is asked for once."""
    wanted = [each for task in tasks for each in _with_bodies(task)]
    names = dict.fromkeys(name for task in wanted for name in (*task.secrets.values(), *task.secret_variables.values()))
    found = {name: text for name in names if (text := source.find(name)) is not None}
    return HeldSecrets(found, source), [problem for task in wanted for problem in _missing(task, found)]


def _with_bodies(task: PlanTask) -> Iterator[PlanTask]:
    """A mapped task's items ask for what its body does."""
    yield task
    for inner in task.map.body if task.map is not None else ():
        yield from _with_bodies(inner)


def _missing(task: PlanTask, found: Container[str]) -> Iterator[Problem]:
    """What `task` needs of secrets that are not among `found`."""
    uses = [(f"{task.id}.{parameter}", parameter, name) for parameter, name in task.secrets.items()]
    variables = ((f"variable {each} of {task.id}", "", name) for each, name in task.secret_variables.items())
    for subject, parameter, name in (*uses, *variables):
        if name not in found:
            message = f"{subject} needs the secret {name}, and there is none"
            yield Problem(
                "missing-secret", message, Where(node=task.node, parameter=parameter or None), how_to_set(name)
            )
