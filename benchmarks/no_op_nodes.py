"""No-op nodes per second, beside the peers: medians, and medians of the ratios within each round."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from measure import Measured, measure
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ROOT = HERE.parent
SHAPES = ("chain50", "fan200", "layered500")
SLOW_SHAPE = "chain5"
"""For tools that take a tenth of a second and more a node; not all of them can say the other shapes."""
OURS = "treadle"
TABULAR = "treadle + pandas, sklearn"
REUSED = "treadle, reuse"


@dataclass(frozen=True)
class Peer:
    """A script in `peers/`, run by the Python of the environment `place` (None for our own)."""

    place: str | None
    script: str
    environment: dict[str, str] = field(default_factory=dict)
    isolated: bool = False
    """Whether each node is to have a process of its own, which its marks then have to show."""

    @property
    def command(self) -> list[str] | None:
        """None where its environment is missing."""
        python = Path(sys.executable) if self.place is None else ROOT / self.place / "bin" / "python"
        return [str(python), str(HERE / "peers" / self.script)] if python.exists() else None

    def measured(self, shape: str) -> Measured:
        command = self.command
        assert command is not None
        return measure(command, shape, self.environment, prepare=self.script == "treadle_run.py")


PEERS = {
    OURS: Peer(None, "treadle_run.py", isolated=True),
    TABULAR: Peer(None, "treadle_run.py", {"BENCH_IMPORTS": "tabular"}, isolated=True),
    REUSED: Peer(None, "treadle_run.py", {"BENCH_ISOLATION": "reuse"}),
    "concurrent.futures": Peer(None, "pool.py"),
    "dask": Peer(".bench/dask", "dask_cluster.py"),
    "luigi": Peer(".bench/luigi", "luigi_tasks.py", isolated=True),
    "prefect": Peer(".bench/prefect", "prefect_flow.py"),
    "dagster in process": Peer(".bench/dagster", "dagster_job.py"),
}
SLOW_PEERS = {
    OURS: PEERS[OURS],
    "metaflow": Peer(".bench/metaflow", "metaflow_flow.py", isolated=True),
    "dagster multiprocess": Peer(".bench/dagster", "dagster_multi.py", isolated=True),
    "airflow dags test": Peer(".cache/airflow", "airflow_dag.py"),
    "kfp.local": Peer(".bench/kfp", "kfp_local.py", isolated=True),
}


def run_rounds(peers: dict[str, Peer], shape: str, rounds: int, console: Console) -> dict[str, list[Measured | None]]:
    """By peer what each round gave: None where it did not run every node once, in order and in isolation."""
    results: dict[str, list[Measured | None]] = {peer: [] for peer in peers}
    for number in range(rounds):
        for name in list(peers) if number % 2 == 0 else reversed(peers):
            measured = peers[name].measured(shape)
            if not measured.complete or (peers[name].isolated and not measured.isolated):
                console.print(
                    f"{name} on {shape} did not run every node as it should:\n{measured.output}", markup=False
                )
            results[name].append(measured if measured.complete else None)
    return results


def table_of(shape: str, results: dict[str, list[Measured | None]]) -> Table:
    table = Table(title=f"{shape}: no-op nodes", title_justify="left")
    for heading in ("tool", "nodes/s", "ms/node", "x of ours", "CPU ms/node", "first node s", "own process each"):
        table.add_column(heading, justify="left" if heading == "tool" else "right")
    for peer, rounds in results.items():
        runs = [run for run in rounds if run is not None]
        if not runs:
            table.add_row(peer, *["failed"] * 6)
            continue
        per_node = median(run.per_node for run in runs)
        ratio = ratio_of([(theirs, ours) for theirs, ours in zip(rounds, results[OURS], strict=True)])
        table.add_row(
            peer, f"{1000 / per_node:,.0f}", f"{per_node:.2f}", ratio,
            f"{median(run.cpu / run.nodes for run in runs) * 1e3:.1f}", f"{median(run.first for run in runs):.2f}",
            "yes" if all(run.isolated for run in runs) else "no",
        )  # fmt: skip
    return table


def ratio_of(rounds: list[tuple[Measured | None, Measured | None]]) -> str:
    """The median of the ratios within each round."""
    ratios = [theirs.per_node / ours.per_node for theirs, ours in rounds if theirs is not None and ours is not None]
    return f"{median(ratios):.2f}" if ratios else "-"


def main() -> None:
    console = Console(width=110)
    rounds = int(os.environ.get("ROUNDS", "5"))
    wanted = os.environ.get("PEERS")
    fast, slow = chosen(PEERS, wanted), chosen(SLOW_PEERS, wanted)
    for shape in SHAPES:
        console.print(f"{rounds} rounds, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
        console.print(table_of(shape, run_rounds(fast, shape, rounds, console)))
    if len(slow) > 1:
        console.print(table_of(SLOW_SHAPE, run_rounds(slow, SLOW_SHAPE, rounds, console)))


def chosen(peers: dict[str, Peer], wanted: str | None) -> dict[str, Peer]:
    """Those that are installed and, where some are `wanted`, named in it; ours always."""
    return {
        name: peer
        for name, peer in peers.items()
        if peer.command and (not wanted or name.startswith(OURS) or any(word in name for word in wanted.split()))
    }


if __name__ == "__main__":
    main()
