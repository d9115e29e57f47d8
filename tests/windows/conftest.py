"""What runs on Windows only: `make windows-test` brings it there, or to Wine."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    collect_ignore_glob = ["test_*.py"]
