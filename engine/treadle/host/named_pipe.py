r"""The transport of Windows: a named pipe, `\\.\pipe\treadle-…`, that its user alone may open.

The host makes it with a list of rights that names only its user, refuses the network, and fails where somebody has
the name already. A client looks at whose the pipe is before it says a word. The name is of the user and the folder:
two people who share a project have a host each. The system forgets a pipe when its host dies.
"""

# asyncio has no public way to serve a handle that it has not opened; docs/decisions/0005 says why we open them.
# ruff: noqa: SLF001

from __future__ import annotations

import _winapi
import asyncio
import hashlib
import sys
from asyncio import windows_utils
from pathlib import Path
from typing import Final, Protocol, cast

from treadle.host import win32
from treadle.host.listening import Connected, ForeignPeer, NoAddress
from treadle.store.project import Project

assert sys.platform == "win32"

__all__ = ["PipeListening", "addresses", "answers", "dial", "listen"]

_PATIENCE: Final = 5.0  # seconds for a host whose every end is taken for a moment
_GLANCE: Final = 0.01


class _Proactor(Protocol):
    def accept_pipe(self, pipe: windows_utils.PipeHandle) -> asyncio.Future[windows_utils.PipeHandle]: ...


class _PipeLoop(Protocol):
    """What of asyncio's loop on Windows serves handles that somebody else has opened."""

    _proactor: _Proactor

    def _make_duplex_pipe_transport(
        self, sock: windows_utils.PipeHandle, protocol: asyncio.StreamReaderProtocol
    ) -> asyncio.Transport: ...


def addresses(project: Project) -> tuple[Path, ...]:
    """The pipe's name."""
    return (Path(_name(project)),)


async def listen(project: Project, connected: Connected, limit: int) -> PipeListening:
    """Serves the project, whose host lock the caller holds. `limit` bounds a line in bytes. Raises NoAddress."""
    name = _name(project)
    try:
        return PipeListening(name, connected, limit)
    except OSError as error:
        raise NoAddress(f"no pipe for the engine: {name} can't be had, somebody may have it ({error})") from None


async def dial(project: Project, limit: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """A connection to the project's host, or None where none is listening. Raises ForeignPeer."""
    name = _name(project)
    handle = await _opened(name)
    if handle is None:
        return None
    pipe = windows_utils.PipeHandle(handle)
    owner = win32.owner_of(handle)
    if owner != win32.user_sid():
        pipe.close()
        raise ForeignPeer(f"the engine's pipe {name} is the user's {owner}, not yours")
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=limit, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport = _pipe_loop()._make_duplex_pipe_transport(pipe, protocol)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def answers(project: Project) -> bool:
    """Whether something listens at the project's pipe now. Waits for nothing, and takes no end of it."""
    try:
        _winapi.WaitNamedPipe(_name(project), 1)
    except OSError as error:
        return error.winerror != win32.MISSING
    return True


class PipeListening:
    """A `Listening` at a name: one end waits at any time, the others are clients'."""

    def __init__(self, name: str, connected: Connected, limit: int) -> None:
        """Raises OSError where the name can't be had."""
        self._name = name
        self._connected = connected
        self._limit = limit
        self._user = win32.user_sid()
        self._waiting = windows_utils.PipeHandle(win32.create_pipe(name, self._user, first=True))
        self._accepting = asyncio.ensure_future(self._accept())

    def can_be_found(self) -> bool:
        """A name of the system's can't be tidied away."""
        return True

    def close(self) -> None:
        self._accepting.cancel()
        self._waiting.close()

    async def _accept(self) -> None:
        while True:
            pipe = self._waiting
            try:
                await _pipe_loop()._proactor.accept_pipe(pipe)
                has_come = True
            except OSError:  # a client that was gone before it had come in
                pipe.close()
                has_come = False
            self._waiting = windows_utils.PipeHandle(win32.create_pipe(self._name, self._user, first=False))
            if has_come:
                self._serve(pipe)

    def _serve(self, pipe: windows_utils.PipeHandle) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=self._limit, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, self._connected, loop=loop)
        _pipe_loop()._make_duplex_pipe_transport(pipe, protocol)


async def _opened(name: str) -> int | None:
    """The client's end of the pipe, or None where there is no such. Raises ForeignPeer where it is not for us."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _PATIENCE
    while loop.time() < deadline:
        try:
            return win32.open_pipe(name)
        except OSError as error:
            if error.winerror == win32.DENIED:
                raise ForeignPeer(f"the engine's pipe {name} is another user's") from None
            if error.winerror != win32.BUSY:
                return None
        await asyncio.sleep(_GLANCE)
    return None


def _name(project: Project) -> str:
    owned = f"{win32.user_sid()}\0{project.root.resolve()}"
    return rf"\\.\pipe\treadle-{hashlib.sha256(owned.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _pipe_loop() -> _PipeLoop:
    return cast("_PipeLoop", asyncio.get_running_loop())
