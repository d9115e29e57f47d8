"""By what a program reports: `treadle.report` for a Python that has no Treadle, and a command for all the others.

    "${TREADLE_REPORT:-true}" progress 0.3 "epoch 3"       does nothing where Treadle is not

Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH101, PTH103, PTH118, PTH120, PTH123

from __future__ import annotations

import os
import shlex
import shutil
import sys

from . import report_command

__all__ = ["with_sdk"]

_INIT = '''"""What of Treadle a program reports by; all of it where it is installed."""
import os as _os
from pkgutil import extend_path as _extend_path

__path__ = _extend_path(__path__, __name__)
for _folder in __path__[1:]:
    with open(_os.path.join(_folder, "__init__.py"), encoding="utf-8") as _file:
        exec(compile(_file.read(), _file.name, "exec"))
    break
'''


def with_sdk(folder: str, variables: dict[str, str]) -> dict[str, str]:
    """`variables`, by which a program of the attempt in `folder` finds `treadle.report` and the command."""
    sdk = os.path.join(folder, "inputs", ".sdk")
    package = os.path.join(sdk, "treadle")
    os.makedirs(package, exist_ok=True)
    with open(os.path.join(package, "__init__.py"), "w", encoding="utf-8") as file:
        file.write(_INIT)
    shutil.copyfile(_ours(), os.path.join(package, "report.py"))
    command = os.path.join(sdk, "treadle-report")
    with open(command, "w", encoding="utf-8") as file:
        words = [sys.executable, "-I", "-S", os.path.abspath(report_command.__file__)]
        file.write(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    os.chmod(command, 0o755)  # noqa: S103 (a program of the user's own)
    others = [variables["PYTHONPATH"]] if variables.get("PYTHONPATH") else []
    return {**variables, "PYTHONPATH": os.pathsep.join([*others, sdk]), "TREADLE_REPORT": command}


def _ours() -> str:
    """The file of `treadle.report`."""
    return os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "report.py")
