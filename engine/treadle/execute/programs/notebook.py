"""An attempt of a notebook: cell by cell in a kernel of the node's environment.

However it ends, the executed copy and its HTML are kept as the artifacts `notebook` and `preview`. Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH111, PTH113, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import signal
import tempfile
from typing import Any, Callable, Iterator, Mapping, NamedTuple, NoReturn  # noqa: UP035 (runs under Python 3.9 too)

from .. import arguments, failure
from ..slice_code import Places
from . import commands, harvest, kernel, notebook_cells
from .executed_copy import KEPT, ExecutedCopy
from .heard import Ear, hearing
from .inputs import lay_out_inputs
from .outputs import collect
from .places import OutputPlace, clear, output_places
from .process import leave_like
from .program_sdk import with_sdk

__all__ = ["Prepared", "attempt", "prepare"]

_MESSAGE = 2000


class _Asked(BaseException):
    """Somebody sent SIGTERM."""


class CellFailed(Exception):
    """A cell raised. `frame` is what a person is told."""

    def __init__(self, frame: dict[str, Any]) -> None:
        super().__init__(frame["message"])
        self.frame = frame


class KernelDied(Exception):
    """The kernel ended before the notebook did."""

    def __init__(self, words: str, code: int | None) -> None:
        super().__init__(words)
        self.code = code


def attempt(request: dict[str, Any], codecs: Any, reports: Any, keeper: Any) -> dict[str, Any]:
    """The result frame. Does not return where a signal ended the kernel: this process ends by the same."""
    try:
        with _heeding_cancel():
            return _carried_out(request, codecs, reports, keeper)
    except CellFailed as error:
        return error.frame
    except KernelDied as error:
        clear(request["folder"])
        if error.code is not None and error.code < 0:
            leave_like(error.code)
        return failure.describe(error, Places(()))
    except _Asked:
        return failure.describe(RuntimeError("it was asked to end"), Places(()))
    except BaseException as error:  # noqa: BLE001 (this process's boundary)
        return failure.describe(error, Places(()))
    finally:
        clear(request["folder"])


@contextlib.contextmanager
def _heeding_cancel() -> Iterator[None]:
    def asked(*_: Any) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise _Asked

    before = signal.signal(signal.SIGTERM, asked)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Prepared(NamedTuple):
    """A notebook with its parameters in it, and all that its kernel is given. `request` has its own folder as `cwd`."""

    request: dict[str, Any]
    notebook: Any
    places: list[OutputPlace]
    variables: dict[str, str]


def prepare(request: dict[str, Any], codecs: Any) -> Prepared:
    """The notebook of `request`, its inputs laid out as files. Raises NotRunnable, BadInput, OSError."""
    values = {**request["params"], **arguments.fed_parameters(request, codecs)}
    path = os.path.join(request["cwd"], os.path.expanduser(str(values["path"])))
    if not os.path.isfile(path):
        raise commands.NotRunnable(f"there is no notebook {values['path']} in {request['cwd']}: change its path")
    kernel.check(commands.python_of(request))
    request = {**request, "cwd": os.path.dirname(path)}  # as in Jupyter
    places = output_places(request)
    inputs = lay_out_inputs(request, codecs)
    paths = {f"in.{port}": place for port, place in inputs.items()}
    paths.update({f"out.{place.port}": place.path for place in places})
    given = {**inputs, **_parameters(values.get("parameters") or {}, paths, request["secrets"])}
    variables = commands.environment(request, {}, paths)
    if variables.get("MPLBACKEND") == "Agg" and "MPLBACKEND" not in request["environment"]:
        del variables["MPLBACKEND"]  # ours for functions; a kernel shows figures by its own
    return Prepared(request, _read(path, given), places, with_sdk(request["folder"], variables))


def _carried_out(request: dict[str, Any], codecs: Any, reports: Any, keeper: Any) -> dict[str, Any]:
    name = str(request["params"].get("path", "the notebook"))
    prepared = prepare(request, codecs)
    request = prepared.request
    kept = ExecutedCopy(request, codecs, reports, prepared.notebook, os.path.basename(name))
    sockets = tempfile.mkdtemp(prefix="treadle-")
    try:
        client = kernel.client_of(prepared.notebook, commands.python_of(request), sockets)
        run = _Run(request, codecs, reports, name)
        ear = Ear(request, codecs, codecs.BlobWriter(request["artifacts"]), reports, keeper)
        with hearing(ear) as found:
            return run.carry_out(client, prepared.places, {**prepared.variables, **found}, kept.keep)
    finally:
        kept.keep()
        shutil.rmtree(sockets, ignore_errors=True)


def _parameters(given: Mapping[str, Any], paths: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
    """Values by variable; a secret is left out: what is injected stands in the copy."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in secrets:
            continue
        if not str(name).isidentifier():
            raise commands.NotRunnable(f"the parameter {name!r} can't be a variable of a notebook")
        is_port = isinstance(value, dict) and set(value) == {"$port"}
        values[str(name)] = commands.path_of(value, paths) if is_port else value
    return values


def _read(path: str, given: Mapping[str, Any]) -> Any:
    nbformat: Any = importlib.import_module("nbformat")
    try:
        with open(path, encoding="utf-8") as file:
            notebook = nbformat.read(file, as_version=4)
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError) as error:
        raise commands.NotRunnable(f"{path} is no notebook that can be read: {str(error)[:500]}") from error
    language = notebook.metadata.get("kernelspec", {}).get("language") or notebook.metadata.get(
        "language_info", {}
    ).get("name", "python")
    if language.lower() not in ("python", "python3", "ipython"):
        raise commands.NotRunnable(f"{path} is written in {language}; only notebooks in Python run here")
    notebook.cells = notebook_cells.inject(notebook.cells, given, nbformat.v4.new_code_cell())
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


class _Run:
    """Cell after cell, then the outputs."""

    def __init__(self, request: dict[str, Any], codecs: Any, reports: Any, name: str) -> None:
        self._request = request
        self._codecs = codecs
        self._reports = reports
        self._name = name
        self._at = "its start"

    def carry_out(
        self, client: Any, places: list[OutputPlace], variables: dict[str, str], keep: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """The result frame. `keep` keeps the copy. Raises CellFailed, KernelDied."""
        from nbclient.exceptions import DeadKernelError

        started = {"env": {**variables, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}, "cwd": self._request["cwd"]}
        try:
            with client.setup_kernel(**started):
                try:
                    self._cells(client)
                    return {"kind": "succeeded", "outputs": self._outputs(client, places, keep)}
                except _Asked:
                    keep()  # before the kernel is ended, which takes its time
                    client.shutdown_kernel = "immediate"
                    raise
        except (DeadKernelError, RuntimeError) as error:
            raise KernelDied(f"the kernel of {self._name} died in {self._at}", _exit_code(client)) from error

    def _cells(self, client: Any) -> None:
        cells = notebook_cells.code_cells(client.nb.cells)
        for position, (index, number, cell) in enumerate(cells):
            self._at = f"cell {number}" if number else "its parameters"
            print(f"── {self._at} of {cells[-1][1]}", flush=True)
            self._reports.progress(position / len(cells), f"{self._at} of {cells[-1][1]}")
            self._cell(client, index, number, cell)
        self._reports.progress(1.0, f"{len(cells)} cells")

    def _cell(self, client: Any, index: int, number: int, cell: Any) -> None:
        from nbclient.exceptions import CellExecutionError

        try:
            client.execute_cell(cell, index)
        except CellExecutionError as error:
            notebook_cells.mark(cell, notebook_cells.FAILED)
            raise CellFailed(self._failed(number, cell)) from error

    def _failed(self, number: int, cell: Any) -> dict[str, Any]:
        name, message, line, _ = notebook_cells.error_of(cell)
        where = f"{'cell ' + str(number) if number else 'its parameters'}{f', line {line}' if line else ''}"
        return {
            "kind": "failed", "error": name or "CellFailed", "message": f"{where}: {message}"[:_MESSAGE],
            "traceback": f"[Treadle: {self._name} failed in {where}]\n", "file": None, "line": None,
            "kinds": [name] if name else [],
        }  # fmt: skip

    def _outputs(self, client: Any, places: list[OutputPlace], keep: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What was written as files, the variables that bear the other outputs' names, and the copy where it is asked
        for."""
        request = self._request
        files = [place for place in places if place.written()]
        store = self._codecs.BlobWriter(request["artifacts"])
        found = collect(files, request["models"], self._codecs, store)
        copies = {place.port: keep()[place.port] for place in places if KEPT.get(place.port) == place.type}
        rest = [[place.port, place.type] for place in places if place.port not in {**found, **copies}]
        return {**copies, **found, **(self._variables(client, rest) if rest else {})}

    def _variables(self, client: Any, wanted: list[list[str]]) -> dict[str, Any]:
        nbformat: Any = importlib.import_module("nbformat")
        asked = os.path.join(self._request["folder"], "outputs", ".asked.json")
        os.makedirs(os.path.dirname(asked), exist_ok=True)  # noqa: PTH103
        with open(asked, "w", encoding="utf-8") as file:
            given = {"artifacts": self._request["artifacts"], "models": self._request["models"], "outputs": wanted}
            json.dump(given, file)
        code = (
            "import importlib.util as _u\n"
            f"_u = _u.spec_from_file_location('_treadle_harvest', {harvest.__file__!r})\n"
            "_m = __import__('importlib').util.module_from_spec(_u); _u.loader.exec_module(_m)\n"
            f"_m.keep(globals(), {asked!r})"
        )
        cells = client.nb.cells
        cells.append(nbformat.v4.new_code_cell(code))
        try:
            client.execute_cell(cells[-1], len(cells) - 1, store_history=False)
        finally:
            cells.pop()  # it is no part of the copy
        with open(f"{asked}.done", encoding="utf-8") as file:
            said = json.load(file)
        problems = [f"output {port}: {found['problem']}" for port, found in said.items() if "problem" in found]
        if problems:
            raise arguments.BadOutput("; ".join(problems))
        return {port: found["reference"] for port, found in said.items()}


def _exit_code(client: Any) -> int | None:
    """How the kernel left, as of subprocess; None where that isn't known."""
    process = getattr(getattr(client.km, "provisioner", None), "process", None)
    code = None if process is None else process.poll()
    return code if isinstance(code, int) else None
