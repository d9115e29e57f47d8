"""A fork server that is started before the engine is loaded is used by it, or ended."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from treadle.execute.local import LocalExecutor
from treadle.execute.server_start import start_server


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_early_server_is_taken_over_and_ended_with_the_executor(tmp_path: Path) -> None:
    early = start_server(sys.executable, ())

    async def use() -> None:
        executor = LocalExecutor(tmp_path / "artifacts", tmp_path, early=early)
        await executor.start(lambda _: None)
        early.drop()
        assert is_alive(early.process.pid)
        await executor.close()

    asyncio.run(use())
    assert not is_alive(early.process.pid)


def test_one_that_nobody_takes_is_dropped(tmp_path: Path) -> None:
    early = start_server(sys.executable, ())
    early.drop()
    assert not is_alive(early.process.pid)
