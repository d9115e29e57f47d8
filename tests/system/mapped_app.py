"""The real app, watched while it shows a real run of a large map: runs FILE, whose mapped node is `fit`, writes OUT.

mapped_app.py FILE OUT
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path

from gui.loop_watch import LoopWatch
from system.watched_app import run_watched, until, window

_PATIENCE = 80.0
_WARM = 1.0


def resident() -> float:
    """MiB of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


async def watch(out: Path) -> None:
    """The node is chosen and its items are in view, on a canvas that shows how many have ended."""
    await until(lambda: (shown := window()) is not None and shown.page is not None and shown.panes.palette.shown())
    shown = window()
    assert shown is not None
    page = shown.page
    assert page is not None
    page.bridge.trust()
    shown.resize(1400, 900)
    page.document.select({"fit"})
    shown.panes.bring_up("details")
    await asyncio.sleep(_WARM)
    measured, before = LoopWatch(), resident()
    measured.start()
    await shown.run_controls.run(page)
    session = page.bridge.session
    assert session is not None
    async with asyncio.timeout(_PATIENCE):
        while page.bridge.is_running:
            await asyncio.sleep(0.05)
    await asyncio.sleep(_WARM)  # what is shown of its end counts
    measured.stop()
    items = session.state.maps["fit"]
    said = {
        "held": measured.held, "work": measured.worst.work, "turns": len(measured.turns), "grew": resident() - before,
        "items": items.items, "done": items.done, "failed": items.failed, "events": session.last_seq,
    }  # fmt: skip
    out.write_text(json.dumps(said))
    print(measured.stacks)
    shown.close()


if __name__ == "__main__":
    sys.exit(run_watched(sys.argv[1], watch(Path(sys.argv[2]))))
