"""An attempt of a script or a shell command, from its inputs as files to its result frame. Python ≥ 3.9."""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.

from __future__ import annotations

import shutil
from typing import Any, NamedTuple

from .. import arguments, failure
from ..slice_code import Places
from . import commands
from .exits import failed_exit
from .heard import Ear, hearing
from .inputs import lay_out_inputs
from .outputs import collect
from .places import OutputPlace, clear, output_places
from .process import leave_like, run_program
from .program_sdk import with_sdk

__all__ = ["Laid", "attempt", "lay_out"]


def attempt(request: dict[str, Any], codecs: Any, reports: Any, keeper: Any) -> dict[str, Any]:
    """The result frame of a program of any kind. What it reports goes to `reports` and `keeper` (`execute.reporting`).

    Does not return where a signal ended the program: this process ends by the same.
    """
    if request["node"] == "notebook":
        from . import notebook

        return notebook.attempt(request, codecs, reports, keeper)
    store = codecs.BlobWriter(request["artifacts"])
    try:
        return _carried_out(request, codecs, Ear(request, codecs, store, reports, keeper), store)
    except BaseException as error:  # noqa: BLE001 (this process's boundary)
        return failure.describe(error, Places(()))
    finally:
        clear(request["folder"])


class Laid(NamedTuple):
    """A program ready to be run: its command and variables, its places for outputs, what a person calls it."""

    command: list[str]
    variables: dict[str, str]
    places: list[OutputPlace]
    name: str


def lay_out(request: dict[str, Any], codecs: Any) -> Laid:
    """The program of `request`, its inputs laid out as files. Raises NotRunnable, BadInput, OSError."""
    values = {**request["params"], **arguments.fed_parameters(request, codecs)}
    places = output_places(request)
    paths = {f"in.{port}": path for port, path in lay_out_inputs(request, codecs).items()}
    paths.update({f"out.{place.port}": place.path for place in places})
    is_shell = request["node"] == "shell"
    command = commands.shell_command(values) if is_shell else commands.script_command(request, values, paths)
    variables = commands.environment(request, values, paths)
    return Laid(
        command, with_sdk(request["folder"], variables), places, "the command" if is_shell else str(values["path"])
    )


def _carried_out(request: dict[str, Any], codecs: Any, ear: Ear, store: Any) -> dict[str, Any]:
    laid = lay_out(request, codecs)
    first = laid.command[0]
    try:
        with hearing(ear) as found:
            ended = run_program(laid.command, request["cwd"], {**laid.variables, **found})
    except FileNotFoundError as error:
        raise commands.NotRunnable(_not_found(first, request["cwd"], laid.variables)) from error
    except PermissionError as error:
        raise commands.NotRunnable(f"{first} may not be executed: chmod +x it, or set its interpreter") from error
    if ended.code < 0 and not ended.asked:
        clear(request["folder"])
        leave_like(ended.code)
    if ended.code or ended.asked:
        return failed_exit(laid.name, ended.code, ended.said, request["cwd"])
    return {"kind": "succeeded", "outputs": collect(laid.places, request["models"], codecs, store)}


def _not_found(name: str, cwd: str, variables: dict[str, str]) -> str:
    if "/" in name and shutil.which(name) is not None:
        return f"{name} begins with #! and names a program that is not there"
    return f"there is no program {name} here: install it, or name another (looked in {cwd} and {variables.get('PATH')})"
