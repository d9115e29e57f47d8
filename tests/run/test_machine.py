"""How busy the machine is, as the kernel's own files say."""

from __future__ import annotations

from pathlib import Path

from treadle.run.events import MachineSampled
from treadle.run.machine import ProcMachine


def write(proc: Path, ticks: str) -> None:
    (proc / "stat").write_text(f"cpu  {ticks} 0 0\ncpu0 1 2 3\n")
    (proc / "meminfo").write_text(
        "MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\nHugePages_Total: 0\n"
    )


def test_a_sample_is_what_happened_since_the_last(tmp_path: Path) -> None:
    machine = ProcMachine(tmp_path)
    write(tmp_path, "100 0 0 100 0 0 0 0")
    assert machine.sample() is None
    write(tmp_path, "130 0 0 160 10 0 0 0")
    assert machine.sample() == MachineSampled(30.0, 600 * 1024, 1000 * 1024)


def test_no_time_between_two_samples_gives_none(tmp_path: Path) -> None:
    machine = ProcMachine(tmp_path)
    write(tmp_path, "100 0 0 100 0 0 0 0")
    machine.sample()
    assert machine.sample() is None


def test_where_the_kernel_does_not_tell_there_are_no_samples(tmp_path: Path) -> None:
    assert ProcMachine(tmp_path / "none").sample() is None
    write(tmp_path, "not numbers at all here 0 0 0")
    assert ProcMachine(tmp_path).sample() is None
    (tmp_path / "meminfo").write_text("")
    assert ProcMachine(tmp_path).sample() is None


def test_this_machine_has_cores_and_memory() -> None:
    capacity = ProcMachine().capacity()
    assert capacity.attempts >= 1
    assert capacity.memory > 1 << 27


def test_the_drivers_devices_are_counted(tmp_path: Path) -> None:
    assert ProcMachine(tmp_path).capacity().gpu == 0
    for device in ("0000:65:00.0", "0000:b3:00.0"):
        (tmp_path / "driver" / "nvidia" / "gpus" / device).mkdir(parents=True)
    assert ProcMachine(tmp_path).capacity().gpu == 2
