"""One look at what an attempt uses, as it is told: its process tree, and its part of the GPUs."""

from __future__ import annotations

from treadle.execute.gpu import GpuReader
from treadle.execute.protocol import AttemptId, Sample
from treadle.execute.sampling import TreeSampler

__all__ = ["sample_of"]


def sample_of(attempt: AttemptId, tree: TreeSampler, gpus: GpuReader | None) -> Sample:
    now = tree.sample()
    gpu = gpus.read(tree.known().keys()) if gpus is not None else None
    return Sample(
        attempt, now.cpu, now.memory, now.read_bytes, now.write_bytes, now.threads, now.processes,
        *(gpu or (None, None)),
    )  # fmt: skip
