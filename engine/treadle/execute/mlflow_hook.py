"""Metrics that user code logs to MLflow, by hand or by autolog, are reported here too.

    slice imports mlflow ─► watch ─► import of mlflow.tracking.client ─► MlflowClient.log_metric, .log_batch wrapped

All of MLflow's ways to log a metric end in those two methods. MLflow itself is never imported by this module, and
whatever goes wrong in a report leaves the logging as it was. Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from importlib.machinery import PathFinder
from typing import Any, Callable  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["watch"]

_CLIENT = "mlflow.tracking.client"

Report = Callable[..., None]
"""`report(name, value, step)`."""


def watch(report: Report) -> None:
    """From the moment that MLflow's client is imported, `report` gets each metric logged through it."""
    sys.meta_path.insert(0, _Watcher(report))


class _Watcher:
    """Finds the client as Python would, and hooks into it once its module has run."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != _CLIENT:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_hook(module: Any) -> None:
                run(module)
                _hook(module.MlflowClient, self._report)

            spec.loader.exec_module = run_and_hook  # type: ignore[method-assign]
        return spec


def _hook(client: Any, report: Report) -> None:
    _after(
        client, "log_metric", lambda run_id, key, value, timestamp=None, step=None, *_, **__: report(key, value, step)
    )
    _after(client, "log_batch", lambda run_id, metrics=(), *_, **__: _report_all(metrics, report))


def _report_all(metrics: Any, report: Report) -> None:
    for metric in metrics:
        report(metric.key, metric.value, metric.step)


def _after(client: Any, method: str, tell: Callable[..., None]) -> None:
    original = getattr(client, method, None)
    if original is None:
        return

    @functools.wraps(original)
    def logged(self: Any, *arguments: Any, **named: Any) -> Any:
        answer = original(self, *arguments, **named)
        with contextlib.suppress(Exception):  # a report says nothing rather than fail the node
            tell(*arguments, **named)
        return answer

    setattr(client, method, logged)
