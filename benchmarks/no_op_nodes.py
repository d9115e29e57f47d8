"""No-op nodes per second, beside the peers: medians, and medians of the ratios within each round."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import median

from measure import Measured, measure
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent / ".bench"
SHAPES = ("chain50", "fan200", "layered500")
OURS = "treadle"
PEERS = {
    "treadle": (sys.executable, "treadle_run.py", {}),
    "treadle + pandas, sklearn": (sys.executable, "treadle_run.py", {"BENCH_IMPORTS": "tabular"}),
    "treadle, reuse": (sys.executable, "treadle_run.py", {"BENCH_ISOLATION": "reuse"}),
    "concurrent.futures": (sys.executable, "pool.py", {}),
    "dask": ("dask", "dask_cluster.py", {}),
    "luigi": ("luigi", "luigi_tasks.py", {}),
    "prefect": ("prefect", "prefect_flow.py", {}),
    "dagster in process": ("dagster", "dagster_job.py", {}),
}


def command_of(peer: str) -> list[str] | None:
    """The command that runs `peer`, or None where its environment is missing."""
    place, script, _ = PEERS[peer]
    python = place if place == sys.executable else str(ENVIRONMENTS / place / "bin" / "python")
    return [python, str(HERE / "peers" / script)] if Path(python).exists() else None


def run_rounds(peers: list[str], shape: str, rounds: int, console: Console) -> dict[str, list[Measured]]:
    results: dict[str, list[Measured]] = {peer: [] for peer in peers}
    for number in range(rounds):
        for peer in peers if number % 2 == 0 else reversed(peers):
            command = command_of(peer)
            assert command is not None
            measured = measure(command, shape, PEERS[peer][2])
            if not measured.complete:
                console.print(f"{peer} on {shape} did not run every node in order:\n{measured.output}", markup=False)
                continue
            results[peer].append(measured)
    return results


def table_of(shape: str, results: dict[str, list[Measured]]) -> Table:
    table = Table(title=f"{shape}: no-op nodes", title_justify="left")
    for heading in ("tool", "nodes/s", "ms/node", "x of ours", "CPU s", "first node s", "own process each"):
        table.add_column(heading, justify="left" if heading == "tool" else "right")
    ours = results.get(OURS) or []
    for peer, runs in results.items():
        if not runs:
            table.add_row(peer, *["failed"] * 6)
            continue
        per_node = median(run.per_node for run in runs)
        ratios = [theirs.per_node / mine.per_node for theirs, mine in zip(runs, ours, strict=False)]
        table.add_row(
            peer, f"{1000 / per_node:,.0f}", f"{per_node:.2f}", f"{median(ratios):.2f}" if ratios else "-",
            f"{median(run.cpu for run in runs):.2f}", f"{median(run.first for run in runs):.2f}",
            "yes" if runs[0].isolated else "no",
        )  # fmt: skip
    return table


def main() -> None:
    console = Console(width=110)
    rounds = int(os.environ.get("ROUNDS", "3"))
    wanted = os.environ.get("PEERS")
    chosen = [peer for peer in PEERS if not wanted or peer.startswith(OURS) or any(w in peer for w in wanted.split())]
    peers = [peer for peer in chosen if command_of(peer)]
    console.print(f"{rounds} rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for shape in SHAPES:
        console.print(table_of(shape, run_rounds(peers, shape, rounds, console)))


if __name__ == "__main__":
    main()
