"""From the command to the first node: `treadle run` beside the peers' own start-up."""

from __future__ import annotations

import os
from statistics import median

from no_op_nodes import OURS, PEERS
from rich.console import Console
from rich.table import Table


def main() -> None:
    rounds = int(os.environ.get("ROUNDS", "5"))
    peers = [peer for peer, how in PEERS.items() if how.command]
    firsts: dict[str, list[float]] = {peer: [] for peer in peers}
    for number in range(rounds):
        for peer in peers if number % 2 == 0 else reversed(peers):
            firsts[peer].append(PEERS[peer].measured("chain1").first)
    table = Table(title="from the command to the first node", title_justify="left")
    for heading in ("tool", "seconds (median)", "x of ours"):
        table.add_column(heading, justify="left" if heading == "tool" else "right")
    for peer, values in firsts.items():
        ratio = median(theirs / mine for theirs, mine in zip(values, firsts[OURS], strict=True))
        table.add_row(peer, f"{median(values):.2f}", f"{ratio:.2f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
