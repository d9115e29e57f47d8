"""What is copied stays on the clipboard until the very end of the process, and that end is a quiet one."""

import os
import subprocess
import sys

COPY_AND_END = """
from PySide6.QtWidgets import QApplication
from treadle.spec.pipeline import Node, Pipeline
from treadle_gui.document.document import Document
from treadle_gui.window.clipboard import copy_selection, fragment_on_clipboard

app = QApplication([])
document = Document(Pipeline(nodes={"a": Node("a", "data.read_csv")}))
document.select(["a"])
copy_selection(document)
fragment = fragment_on_clipboard()
assert fragment is not None and list(fragment.nodes) == ["a"]
"""


def test_a_process_that_copied_nodes_ends_without_a_crash():
    done = subprocess.run(
        [sys.executable, "-c", COPY_AND_END],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
