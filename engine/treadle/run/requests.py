"""What an attempt is asked: a task, the artifacts it reads and the place it works in, as one AttemptRequest.

The run loop and `treadle debug` ask alike, so that what is debugged is what ran.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from treadle.execute.interpreters import is_version
from treadle.execute.protocol import AttemptId, AttemptRequest
from treadle.run.cache import Inputs
from treadle.run.plan import PlanTask
from treadle.run.roster import Roster
from treadle.run.state import TaskState
from treadle.store.project import RunFolder
from treadle.store.references import ArtifactRef
from treadle.store.secrets import SecretSource, how_to_set

__all__ = ["MissingSecret", "Workplace", "inputs_of", "request_for", "with_devices"]


_VISIBLE: Final = "CUDA_VISIBLE_DEVICES"


class MissingSecret(Exception):
    """A secret that the task is to get has no value; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a run's attempts work. `environment` is added to the workers' own."""

    folder: RunFolder
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def inputs_of(task: PlanTask, tasks: Mapping[str, TaskState]) -> Inputs:
    """What there is for each port to read now; a port with nothing is left out. What an item was given stands first."""
    found = {
        port: tuple(
            tasks[source.task].outputs[source.port] for source in sources if source.port in tasks[source.task].outputs
        )
        for port, sources in task.inputs.items()
    }
    return {**{port: references for port, references in found.items() if references}, **task.given}


def request_for(
    roster: Roster,
    attempt: AttemptId,
    inputs: Inputs,
    place: Workplace,
    secrets: SecretSource,
    checkpoint: ArtifactRef | None = None,
    together: int | None = None,
) -> AttemptRequest:
    """`together` as in `Launch`. Raises MissingSecret."""
    task = roster.tasks[attempt.task]
    return AttemptRequest(
        attempt=attempt,
        slice=roster.plan.slices[task.slice],
        inputs=inputs,
        params=task.params,
        outputs=task.outputs,
        returns_tuple=task.returns_tuple,
        folder=place.folder.attempt_path(task.id, attempt.number),
        cwd=str(place.cwd / task.environment.folder if task.environment.folder else place.cwd),
        many=task.many,
        input_kinds=task.input_kinds,
        resources=task.resources,
        timeout=task.timeout,
        environment={**place.environment, **task.environment.variables},
        secrets=_found(task.secrets, secrets),
        secret_variables=_found(task.secret_variables, secrets),
        checkpoint=checkpoint,
        isolation=task.isolation,
        kind=task.kind,
        python=_placed(task.environment.python, place.cwd),
        requirements=task.environment.requirements,
        together=together,
    )


def with_devices(request: AttemptRequest, devices: tuple[str, ...] | None) -> AttemptRequest:
    """It sees just these GPUs; with None, those that the engine sees. What the node itself says of them stands."""
    if devices is None or _VISIBLE in request.environment:
        return request
    return msgspec.structs.replace(request, environment={**request.environment, _VISIBLE: ",".join(devices)})


def _found(wanted: Mapping[str, str], source: SecretSource) -> Mapping[str, str]:
    """The texts of the secrets that `wanted` names, by what they are for."""
    if not wanted:
        return wanted
    found = {use: source.find(name) for use, name in wanted.items()}
    missing = [name for use, name in wanted.items() if found[use] is None]
    if missing:
        raise MissingSecret("; ".join(f"there is no secret {name}: {how_to_set(name)}" for name in missing))
    return {use: secret for use, secret in found.items() if secret is not None}


def _placed(python: str | None, project: Path) -> str | None:
    """A path is from the project's folder; a version stays what it is."""
    return python if python is None or is_version(python) else str(project / Path(python).expanduser())
