"""The executed copy of a notebook and its page, kept once, as far as it has got. Python ≥ 3.9."""

from __future__ import annotations

import json
from typing import Any

from ..masking import Mask
from .notebook_html import notebook_html

__all__ = ["KEPT", "ExecutedCopy"]

KEPT = {"preview": "Html", "notebook": "File"}
"""What is kept of each notebook, with its type; an output that is declared so is just that."""


class ExecutedCopy:
    """`notebook` is changed while its cells run; secrets are hidden in what is kept of it."""

    def __init__(self, request: dict[str, Any], codecs: Any, reports: Any, notebook: Any, name: str) -> None:
        self._codecs = codecs
        self._reports = reports
        self._notebook = notebook
        self._name = name
        self._store = codecs.BlobWriter(request["artifacts"])
        self._mask = Mask(list(request["secrets"].values()))
        self._references: dict[str, dict[str, Any]] = {}

    def keep(self) -> dict[str, dict[str, Any]]:
        """The references of page and copy, as they were when this was first asked for."""
        if not self._references:
            self._references = self._kept()
            for name, reference in self._references.items():
                self._reports.send({"kind": "artifact", "name": name, "reference": reference})
        return self._references

    def _kept(self) -> dict[str, dict[str, Any]]:
        shown = self._mask.hide(json.loads(json.dumps(self._notebook)))
        data = json.dumps(shown, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        digest, size = self._store.put_bytes(data)
        copy = {"digest": digest, "type": "File", "codec": "file", "size": size, "meta": {"name": self._name}}
        page = self._codecs.dump(notebook_html(shown, self._name), "Html", self._store)
        return {"preview": page, "notebook": copy}
