"""Where no display can be reached the app says so and ends; it does not abort."""

import os
import subprocess
import sys


def test_a_display_that_is_not_there_is_told_in_a_sentence():
    environment = {key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-m", "treadle_gui"],
        env=environment | {"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":7654"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert "no display can be reached (:7654)" in done.stderr
    assert "treadle run FILE" in done.stderr
    assert "Traceback" not in done.stderr
