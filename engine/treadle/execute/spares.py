"""Spares: children of the fork server that were forked ahead and wait at a doorbell to be an attempt.

    fork server ── [command, channel] ──► spare ─► the attempt itself, or by exec one in another interpreter

Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import json
import os
import socket

from . import process_tree, worker

__all__ = ["ATTEMPT", "SERVER", "SPARE", "Spare", "await_call"]

SERVER, SPARE, ATTEMPT = "treadle-forks", "treadle-spare", "treadle-node"
"""What `ps` calls them; a child that was forked this instant still bears the server's name."""
_MESSAGE = 64 * 1024


class Spare:
    """A child that waits: ringing its bell with a channel makes it an attempt."""

    def __init__(self, pid: int, bell: socket.socket, source: int) -> None:
        self.pid = pid
        self.bell = bell
        self.source = source

    def ring(self, exec_: list[str] | None, channel: int) -> bool:
        """False where it has died while it waited."""
        try:
            socket.send_fds(self.bell, [json.dumps(exec_).encode()], [channel])
        except OSError:
            return False
        self.bell.close()
        return True

    def drop(self) -> None:
        self.bell.close()
        os.close(self.source)


def await_call(bell: socket.socket) -> int:
    """The channel of the attempt that this process is to be; in an interpreter of its own it never returns."""
    data, descriptors, _, _ = socket.recv_fds(bell, _MESSAGE, 1)
    if not descriptors:
        os._exit(0)  # the server has gone
    bell.close()
    channel = descriptors[0]
    process_tree.be_named(ATTEMPT)
    command = json.loads(data)
    if command:
        os.set_inheritable(channel, True)
        os.execve(command[0], [*command, str(channel)], worker.environment(os.environ))  # noqa: S606
    os.set_inheritable(channel, False)
    return channel
