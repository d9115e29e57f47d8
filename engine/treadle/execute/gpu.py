"""GPU use of a process tree, where NVIDIA's management library and its Python binding (`treadle[gpu]`) are present.

Utilisation belongs to a device, not to a process: what is told is the busiest device on which the tree holds memory.
"""

from __future__ import annotations

import importlib
from collections.abc import Set as AbstractSet
from typing import Any

__all__ = ["GpuReader", "open_gpus"]


class GpuReader:
    """Reads every device of an initialised `pynvml`-like module."""

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        self._devices = [nvml.nvmlDeviceGetHandleByIndex(number) for number in range(nvml.nvmlDeviceGetCount())]

    def read(self, pids: AbstractSet[int]) -> tuple[float, int] | None:
        """(percent, bytes) used by `pids`; None where they use no device."""
        percent, held, used = 0.0, 0, False
        for device in self._devices:
            try:
                running = self._nvml.nvmlDeviceGetComputeRunningProcesses(device)
                ours = [process for process in running if process.pid in pids]
                if ours:
                    percent = max(percent, float(self._nvml.nvmlDeviceGetUtilizationRates(device).gpu))
            except self._nvml.NVMLError:
                continue  # a device may not tell, as one split by MIG
            used = used or bool(ours)
            held += sum(int(process.usedGpuMemory or 0) for process in ours)
        return (percent, held) if used else None


def open_gpus() -> GpuReader | None:
    """A reader of this machine's GPUs, None where there are none or nothing to ask."""
    try:
        nvml = importlib.import_module("pynvml")
    except ImportError:
        return None
    try:
        nvml.nvmlInit()
        return GpuReader(nvml)
    except nvml.NVMLError:
        return None
