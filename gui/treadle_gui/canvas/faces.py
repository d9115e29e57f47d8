"""What a node shows, as frozen values derived from the document and the run. No Qt: pure and quick to test.

A port row exists for each port of the component, for each promoted parameter that is connected, and for each name
that an edge uses although the component (missing, or changed since) has no such port: no edge is ever hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from treadle.execute.protocol import Crashed, Failed, TimedOut
from treadle.run.map_state import MapState
from treadle.run.map_words import progress_of
from treadle.run.state import TaskState, TaskStatus
from treadle.spec.borders import is_border
from treadle.spec.component import Component
from treadle.spec.connecting import input_type
from treadle.spec.node_component import called
from treadle.spec.pipeline import Node
from treadle.spec.problems import Problem, Severity
from treadle.spec.types import ANY, PortType
from treadle.spec.values import Value
from treadle_gui.canvas.flow_marks import FlowMark, flow_marks

__all__ = [
    "NO_RUN", "NodeFace", "PortFace", "RunFace", "duration_text", "node_face", "rounded_text", "rows_text", "run_face",
    "summary",
]  # fmt: skip

_SUMMARY_VALUES: Final = 2
_MISSING_ICON: Final = "help-rhombus-outline"


@dataclass(frozen=True, slots=True)
class PortFace:
    """A port row. `known` is False for a name that the component doesn't have.

    An output `may_stay_away` where the function may return None for it: the way is then not taken.
    """

    name: str
    type: PortType
    optional: bool = False
    connected: bool = False
    known: bool = True
    may_stay_away: bool = False
    help: str = ""

    @property
    def hollow(self) -> bool:
        """Drawn as an outline: nothing has to come through it."""
        return self.may_stay_away or (self.optional and not self.connected)


@dataclass(frozen=True, slots=True)
class NodeFace:
    """`problem` is the worst severity among `problems`, None for none; those are sentences."""

    id: str
    title: str
    icon: str
    category: str
    summary: str
    inputs: tuple[PortFace, ...]
    outputs: tuple[PortFace, ...]
    missing: bool = False
    problem: Severity | None = None
    problems: tuple[str, ...] = ()
    note: str = ""
    flow: tuple[FlowMark, ...] = ()

    @property
    def rows(self) -> int:
        return max(len(self.inputs), len(self.outputs))


class RunFace(NamedTuple):
    """What the last run says about a node. `state` is empty where no run is shown.

    A named tuple and no dataclass, as is the rule here: a thousand are made and compared in a frame.
    """

    state: str = ""
    word: str = ""
    fraction: float | None = None
    message: str = ""
    error: str = ""
    rows: tuple[tuple[str, int], ...] = ()
    """How many rows each output had, by port."""
    reason: str = ""
    """Why it ran, was skipped, or did not have to run."""
    attempt: str = ""
    """Which attempt this is or will be, where it is not the first."""
    made: frozenset[str] | None = None
    """The outputs that a node which succeeded gave; None for any other."""

    def rows_of(self, port: str) -> int | None:
        return next((count for name, count in self.rows if name == port), None)


NO_RUN: Final = RunFace()


def node_face(
    node: Node,
    component: Component | None,
    outputs_used: Iterable[str] = (),
    problems: Iterable[Problem] = (),
    cleaned_by: tuple[str, ...] = (),
) -> NodeFace:
    """The face of `node`. `outputs_used` are the outputs that edges start from, `cleaned_by` its teardowns."""
    used = frozenset(outputs_used)
    found = tuple(problems)
    worst = None if not found else min((problem.severity for problem in found), key=_rank)
    return NodeFace(
        id=node.id,
        title=called(node, component),
        icon=component.icon if component else _MISSING_ICON,
        category=component.category if component else "",
        summary=_summary(node, component) if component else f"no component {node.uses}",
        inputs=_inputs(node, component),
        outputs=_outputs(component, used),
        missing=component is None,
        problem=worst,
        problems=tuple(problem.message for problem in found),
        note=node.note or "",
        flow=flow_marks(node, component, cleaned_by),
    )


def _summary(node: Node, component: Component) -> str:
    """Of a pipeline also how much is inside; of its border, what can be done there."""
    if is_border(node.id):
        return "drop an edge here to add one"
    said = summary(node.params)
    if not node.is_pipeline:
        return said
    count = f"{component.nodes} node{'s' * (component.nodes != 1)}"
    return f"{count} · {said}" if said else count


def _rank(severity: Severity) -> int:
    return 0 if severity is Severity.ERROR else 1


def _inputs(node: Node, component: Component | None) -> tuple[PortFace, ...]:
    known = component.inputs if component else ()
    faces = [PortFace(p.name, p.type, p.optional, bool(node.inputs.get(p.name)), help=p.help) for p in known]
    names = {port.name for port in known}
    for name, sources in node.inputs.items():
        if sources and name not in names:
            kind = input_type(component, name) if component else None
            faces.append(PortFace(name, kind or ANY, optional=True, connected=True, known=kind is not None))
    return tuple(faces)


def _outputs(component: Component | None, used: frozenset[str]) -> tuple[PortFace, ...]:
    known = component.outputs if component else ()
    names = {port.name for port in known}
    faces = [PortFace(p.name, p.type, connected=p.name in used, may_stay_away=p.optional, help=p.help) for p in known]
    faces += [PortFace(name, ANY, connected=True, known=False) for name in sorted(used - names)]
    return tuple(faces)


def summary(params: Mapping[str, Value]) -> str:
    """The settings that differ from the component's defaults, in short: `test_size 0.3 · seed 7`."""
    parts = [f"{name} {_short(value)}" for name, value in params.items() if value is not None]
    shown = parts[:_SUMMARY_VALUES]
    if len(parts) > len(shown):
        shown.append(f"+{len(parts) - len(shown)}")
    return " · ".join(shown)


def _short(value: Value) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case str():
            line = value.strip().partition("\n")[0]
            return line.rsplit("/", 1)[-1] if "/" in line and " " not in line else line
        case list():
            return ", ".join(str(item) for item in value[:3]) + (" …" if len(value) > 3 else "")
        case dict():
            return f"{len(value)} entries"
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)


def run_face(task: TaskState | None, now: float, allowed: int | None = None, items: MapState | None = None) -> RunFace:
    """What `task` says at `now` (epoch seconds). `allowed` is how many attempts it has, None where unknown; `items` are
    those of a mapped one that has expanded."""
    if task is None:
        return NO_RUN
    status = task.status
    if items is not None and status is TaskStatus.RUNNING:
        words = progress_of(items)
        return RunFace(status.value, f"{items.done:,} of {items.items:,}", items.fraction, words)
    failed = f"{items.failed:,} of {items.items:,}" if items is not None and status.is_failure else ""
    gave = status is TaskStatus.SUCCEEDED or status is TaskStatus.CACHED
    return RunFace(
        status.value,
        failed or _word(task, now, allowed),
        task.fraction if status is TaskStatus.RUNNING else None,
        task.message or (progress_of(items) if items is not None else ""),
        _error(task) if task.outcome is not None or task.cause else "",
        _rows(task) if task.outputs else (),
        _why(task),
        _attempt(task, now, allowed),
        frozenset(task.outputs) if gave else None,
    )


def _why(task: TaskState) -> str:
    if task.status is TaskStatus.SKIPPED:
        return task.reason
    if task.status is TaskStatus.CACHED:
        return "" if task.cached_from is None else f"taken from run {task.cached_from}"
    return f"ran because: {task.reason}" if task.number and task.reason else ""


def _rows(task: TaskState) -> tuple[tuple[str, int], ...]:
    return tuple(
        (port, count)
        for port, ref in task.outputs.items()
        if isinstance(count := ref.meta.get("rows"), int) and not isinstance(count, bool)
    )


def _word(task: TaskState, now: float, allowed: int | None) -> str:
    """The right end of the sub line: a percentage or time while it runs, then how long it took or why it did not."""
    seconds = task.duration(now)
    match task.status:
        case TaskStatus.RUNNING:
            if task.fraction is not None:
                return f"{task.fraction:.0%}".replace("%", " %")
            return duration_text(seconds or 0.0)
        case TaskStatus.SUCCEEDED:
            return duration_text(seconds or 0.0)
        case TaskStatus.FAILED:
            return _error(task).partition(":")[0] or "failed"
        case TaskStatus.DEFERRED if task.is_asked:
            return "waiting for approval"
        case TaskStatus.RETRYING:
            place = f"{task.number - task.spent + 1}/{allowed}" if allowed is not None else "again"
            return f"{place} in {_until(task, now)}"
        case status:
            return status.value.replace("_", " ")


def _attempt(task: TaskState, now: float, allowed: int | None) -> str:
    """Which attempt it is; empty for the first."""
    number = task.number - task.spent
    if number <= 1 and task.status is not TaskStatus.RETRYING:
        return ""
    of = f" of {allowed}" if allowed is not None else ""
    if task.status is TaskStatus.RETRYING:
        return f"Attempt {number + 1}{of} starts in {_until(task, now)}"
    return f"Attempt {number}{of}"


def _until(task: TaskState, now: float) -> str:
    left = max(0.0, (task.retry_at or now) - now)
    return f"{left:.0f} s" if left < 60 else duration_text(left)


def _error(task: TaskState) -> str:
    """The failure in one sentence, empty where there is none."""
    match task.outcome:
        case Failed(error=error, message=message):
            return f"{error}: {message}" if message else error
        case Crashed(reason=reason):
            return reason
        case TimedOut(limit=limit):
            return f"timed out after {duration_text(limit)}"
        case _:
            return f"{task.cause} did not succeed" if task.cause else ""


def duration_text(seconds: float) -> str:
    """As a person says it: `0.42 s`, `12.3 s`, `3:05`, `1:02:03`."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def rows_text(rows: int) -> str:
    """`336,776`."""
    return f"{rows:,}"


def rounded_text(rows: int) -> str:
    """`337k`: in at most four letters, up to a billion."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if rows >= size:
            share = rows / size
            return f"{share:.1f}{unit}" if share < 9.95 else f"{share:.0f}{unit}"
    return str(rows)
