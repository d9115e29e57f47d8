"""What the kernel tells of memory that ran out, and what is said of a process that got SIGKILL."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from treadle.execute.kernel_memory import KernelMemory
from treadle.execute.outcomes import crash


def counting(file: Path, count: int) -> None:
    file.write_text(f"nr_free_pages 1\noom_kill {count}\noom_kill_disable 9\n")


def test_a_count_that_rose_meanwhile_is_evidence(tmp_path: Path) -> None:
    counting(file := tmp_path / "vmstat", 3)
    memory = KernelMemory([str(file), str(tmp_path / "none")])
    memory.look(10.0)
    assert memory.ran_out_since(5.0) is False
    counting(file, 4)
    memory.look(20.0)
    assert memory.ran_out_since(15.0) is True
    assert memory.ran_out_since(20.5) is False
    memory.look(30.0)
    assert memory.ran_out_since(20.5) is False


@pytest.mark.parametrize("text", ["", "oom_kill many\n", "other 3\n"])
def test_where_the_kernel_does_not_tell_nothing_is_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "vmstat").write_text(text)
    memory = KernelMemory([str(tmp_path / "vmstat")])
    memory.look(1.0)
    assert memory.ran_out_since(0.0) is None


@pytest.mark.parametrize(
    ("ran_out", "said"),
    [
        (True, "the kernel was ending processes because memory had run out (it held 1.0 MiB)"),
        (False, "by a person or another program, for the kernel ended none for want of memory (it held 1.0 MiB)"),
        (None, "by a person, another program, or the kernel where memory had run out (it held 1.0 MiB)"),
    ],
)
def test_sigkill_is_told_with_what_is_known(ran_out: bool | None, said: str) -> None:
    assert crash(signal.SIGKILL, 1 << 20, ran_out).reason == f"the process was ended by SIGKILL: {said}"
