"""Runs a Python script as `python script.py …` would; where it raises, pdb begins at the line.

    post_mortem.py SCRIPT ARGUMENT …

Runs under the node's interpreter: standard library only, Python ≥ 3.9.
"""

# ruff: noqa: PTH100, PTH120

from __future__ import annotations

import os
import pdb  # noqa: T100 (it is what was asked for)
import runpy
import sys
import traceback


def main(arguments: list[str]) -> int:
    """The exit status: 0 where the script ends well."""
    sys.argv[:] = arguments
    sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit:
        raise
    except BaseException:  # noqa: BLE001 (whatever the script raises is looked at)
        traceback.print_exc()
        trace = sys.exc_info()[2]
        while trace is not None and trace.tb_frame.f_code.co_filename != os.path.abspath(arguments[0]):
            trace = trace.tb_next
        pdb.post_mortem(trace or sys.exc_info()[2])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
