"""Starting a fork server's process, and nothing else: so little that it can come before the engine is even loaded.

    start_server ─► StartedServer ─► a ServerProcess takes it over │ drop

A new server needs a tenth of a second to get ready; the command line has it do so while the engine is imported.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from typing import IO, Final

__all__ = ["StartedServer", "start_server"]

_LAUNCH: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch.py")  # noqa: PTH100, PTH118, PTH120
_SINGLE: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS",
    "LOKY_MAX_CPU_COUNT",
)  # fmt: skip
_BUFFER: Final = 4 * 1024 * 1024


class StartedServer:
    """A server that nobody speaks to yet. `mark` stands in the environment of all that it will ever start, `log` is
    what it prints itself."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, mark: str, log: IO[bytes]) -> None:
        self.process = process
        self.control = control
        self.mark = mark
        self.log = log
        self._taken = False

    def take(self) -> None:
        """It is somebody's to end now."""
        self._taken = True

    def drop(self) -> None:
        """Ends it where nobody took it: it has no attempt."""
        if not self._taken:
            self.control.close()
            self.process.kill()
            self.process.wait()
            self.log.close()


def start_server(python: str, preload: Sequence[str]) -> StartedServer:
    """A server under the interpreter `python` that imports `preload`. Raises OSError where it can't be started."""
    mark = os.urandom(16).hex()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        log = tempfile.TemporaryFile()  # noqa: SIM115 (its owner closes it)
        arguments = ["serve", str(theirs.fileno()), str(os.getpid()), ",".join(preload)]
        try:
            process = subprocess.Popen(
                [python, _LAUNCH, *arguments], pass_fds=[theirs.fileno()], env=_environment(mark, bool(preload)),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        except BaseException:
            log.close()
            raise
        return StartedServer(process, ours.dup(), mark, log)


def _environment(mark: str, is_full: bool) -> dict[str, str]:
    kept_back = ("PYTHONDONTWRITE", "TREADLE_SECRET_")  # a node is given the secrets that it names, no others
    environment = {name: value for name, value in os.environ.items() if not name.startswith(kept_back)}
    environment.update(dict.fromkeys(_SINGLE, "1"), TREADLE_FORK_SERVER=mark, LD_BIND_NOW="1")
    environment.setdefault("MPLBACKEND", "Agg")
    if is_full:  # fewer, larger pages: a fork of a server full of libraries costs half
        environment.update(PYTHONMALLOC="malloc", GLIBC_TUNABLES="glibc.malloc.hugetlb=1")
    return environment
