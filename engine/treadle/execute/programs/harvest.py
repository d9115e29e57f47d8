"""Runs inside a notebook's kernel, in whichever environment that is: puts variables in the store as outputs.

    harvest.keep(globals(), "asked.json")      → writes asked.json.done

Standard library only at the top, Python ≥ 3.9, no Treadle needed.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH118, PTH120, PTH123

from __future__ import annotations

import importlib
import json
import os
import sys
import types
from typing import Any

__all__ = ["keep"]

_STORE = "_treadle_store"


def keep(names: dict[str, Any], asked: str) -> None:
    """Writes beside `asked`, for each output it asks for, a reference, or the reason why there is none."""
    with open(asked, encoding="utf-8") as file:
        wanted = json.load(file)
    codecs = _codecs()
    store = codecs.BlobWriter(wanted["artifacts"])
    said = {port: _kept(names, port, kind, codecs, store, wanted["models"]) for port, kind in wanted["outputs"]}
    with open(f"{asked}.done", "w", encoding="utf-8") as file:
        json.dump(said, file)


def _kept(names: dict[str, Any], port: str, kind: str, codecs: Any, store: Any, models: str) -> dict[str, Any]:
    if port not in names:
        return {"problem": "there is no variable of that name when the notebook ends, and no file was written"}
    try:
        return {"reference": codecs.dump(names[port], kind, store, models)}
    except ImportError as error:
        return {"problem": f"writing a {kind} needs {error.name}, which is not installed in the node's environment"}
    except Exception as error:  # noqa: BLE001 (a user's object may raise anything)
        words = str(error)
        return {"problem": f"the variable is {words[9:]}" if words.startswith("returned ") else words}


def _codecs() -> Any:
    package = types.ModuleType(_STORE)
    here = os.path.dirname(os.path.abspath(__file__))
    package.__path__ = [os.path.join(os.path.dirname(os.path.dirname(here)), "store")]
    sys.modules.setdefault(_STORE, package)
    return importlib.import_module(f"{_STORE}.codecs")
