"""GPU readings, against a stand-in for NVIDIA's library."""

from __future__ import annotations

from types import SimpleNamespace

from treadle.execute.gpu import GpuReader


class Nvml:
    """Two devices: 0 runs pids 10 and 11 at 80 %, 1 runs pid 12 at 30 % and cannot tell how much memory it holds."""

    class NVMLError(Exception):
        pass

    def __init__(self, broken: int | None = None) -> None:
        self.broken = broken

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:
        return number

    def nvmlDeviceGetComputeRunningProcesses(self, device: int) -> list[SimpleNamespace]:
        if device == self.broken:
            raise self.NVMLError
        running = [[(10, 1000), (11, 200)], [(12, None)]][device]
        return [SimpleNamespace(pid=pid, usedGpuMemory=held) for pid, held in running]

    def nvmlDeviceGetUtilizationRates(self, device: int) -> SimpleNamespace:
        return SimpleNamespace(gpu=[80, 30][device])


def test_only_devices_and_memory_of_the_tree_count() -> None:
    assert GpuReader(Nvml()).read({10, 99}) == (80.0, 1000)
    assert GpuReader(Nvml()).read({10, 11, 12}) == (80.0, 1200)
    assert GpuReader(Nvml()).read({12}) == (30.0, 0)
    assert GpuReader(Nvml()).read({99}) is None


def test_a_device_that_does_not_answer_is_left_out() -> None:
    assert GpuReader(Nvml(broken=0)).read({10, 12}) == (30.0, 0)
