"""Programs of your own as nodes. Each node says which ports it has; the worker runs the program and keeps its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from treadle import Code, Multiline, component


@component(category="Code", icon="script-text-outline", tags=("python", "program", "file", "r", "bash"), kind="script")
def script(
    path: Path,
    arguments: list | None = None,
    parameters: dict | None = None,
    interpreter: str | None = None,
    files: list | None = None,
) -> None:
    """Run a script with arguments; what it writes to the paths it is given are the node's outputs.

    A Python file runs under the node's interpreter. Any other runs by its first line (`#!`), else by its suffix.

    Args:
        path: The script, from the node's working folder.
        arguments: Given to it one by one, as they are; `$in.data` and `$out.table` are the paths of its ports.
        parameters: Environment variables by name, secrets too. Each port's path is one as well, under its name.
        interpreter: The program that runs the script, where it is another than the usual.
        files: Files and folders it reads by itself: when they change, its cached result no longer counts.
    """
    raise RuntimeError("only a worker runs scripts")


@component(category="Code", icon="console", tags=("bash", "sh", "command", "program"), kind="shell")
def shell(
    command: Annotated[str, Code("sh"), Multiline()],
    parameters: dict | None = None,
    shell: str = "bash",
    files: list | None = None,
) -> None:
    """Run a shell command; what it writes to the paths it is given are the node's outputs.

    The paths of the ports and the parameters are variables: `wc -l < "$data" > "$lines"`. They are never pasted into
    the command, so that no value of theirs can be read as one.

    Args:
        command: It ends at the first part that fails.
        parameters: Variables by name, secrets too; a list or mapping is given as JSON.
        shell: Such as `bash`, `sh`, `zsh`, or a path.
        files: Files and folders it reads by itself: when they change, its cached result no longer counts.
    """
    raise RuntimeError("only a worker runs shell commands")


@component(category="Code", icon="notebook-outline", tags=("jupyter", "ipynb", "papermill"), kind="notebook")
def notebook(path: Path, parameters: dict | None = None, files: list | None = None) -> None:
    """Run a notebook cell by cell; the executed copy and a page of it are kept, also where it fails.

    It runs in its own folder, under the node's interpreter, which needs ipykernel. Its outputs are the variables that
    bear their names when it ends, or files that it writes to the paths in the environment variables of their names.

    Args:
        path: The notebook, from the node's working folder.
        parameters: Variables by name, set after the cell tagged `parameters`, else at the top. Each input's path is one
            as well, under its name. Secrets are environment variables.
        files: Files and folders it reads by itself: when they change, its cached result no longer counts.
    """
    raise RuntimeError("only a worker runs notebooks")
