"""The transport of Linux: a Unix socket in a folder that is the user's alone.

Both ends ask the kernel who is at the other (SO_PEERCRED) and refuse another user.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import socket
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from treadle.host.listening import Connected, ForeignPeer, NoAddress
from treadle.store.project import Project

assert sys.platform != "win32"

__all__ = [
    "addresses", "answers", "check_peer", "dial", "listen", "note_of_address", "peer_uid", "where_to_look",
]  # fmt: skip

_LONGEST_PATH: Final = 107  # of sockaddr_un on Linux, less its closing zero
_UCRED: Final = struct.Struct("3i")  # pid, uid, gid
_log = logging.getLogger("treadle.host")


def addresses(project: Project) -> tuple[Path, ...]:
    """Where the project's socket may be put, best first: a folder that ends with the session, else /tmp."""
    name = _socket_name(project)
    uid = os.getuid()
    runtime = [os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{uid}"]
    folders = [Path(base) / "treadle" for base in runtime if Path(base).is_absolute() and Path(base).is_dir()]
    folders.append(Path(f"/tmp/treadle-{uid}"))  # noqa: S108 (owner and mode are checked before use)
    return tuple(dict.fromkeys(folder / name for folder in folders if len(os.fsencode(folder / name)) <= _LONGEST_PATH))


def where_to_look(project: Project) -> tuple[Path, ...]:
    """Where the project's host may be listening: where it says it is, then the usual addresses.

    A host may have another environment than we (a scheduler's has no XDG_RUNTIME_DIR). Its note lies in the project,
    so it is believed no further than this: a socket of the right name, whose other end is checked, and speaks first.
    """
    try:
        noted = Path(note_of_address(project).read_text())
    except (OSError, UnicodeDecodeError):
        return addresses(project)
    believed = (noted,) if noted.is_absolute() and noted.name == _socket_name(project) else ()
    return tuple(dict.fromkeys((*believed, *addresses(project))))


def note_of_address(project: Project) -> Path:
    """The file in which a host writes where it listens."""
    return project.state / "host.address"


def _socket_name(project: Project) -> str:
    return hashlib.sha256(os.fsencode(project.root.resolve())).hexdigest()[:24] + ".sock"


async def listen(project: Project, connected: Connected, limit: int) -> SocketListening:
    """Serves the project at its best usable address, clearing a dead host's socket away.

    The caller holds the project's host lock, so nobody else is serving. `limit` bounds a line in bytes.
    Raises NoAddress.
    """

    async def checked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            check_peer(writer.get_extra_info("socket"))
        except ForeignPeer as error:
            _log.warning("refused: %s", error)
            writer.close()
            return
        await connected(reader, writer)

    refusals = []
    for address in addresses(project):
        try:
            _private_folder(address.parent)
            address.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(checked, path=address, limit=limit)
        except OSError as error:
            refusals.append(f"{address.parent}: {error.strerror or error}")
            continue
        address.chmod(0o600)
        note_of_address(project).write_text(str(address))
        return SocketListening(server, address)
    raise NoAddress("no folder for the engine's socket: " + "; ".join(refusals))


class SocketListening:
    """A `Listening` at a path."""

    def __init__(self, server: asyncio.Server, address: Path) -> None:
        self._server = server
        self._address = address

    def can_be_found(self) -> bool:
        """False where somebody has tidied /tmp."""
        return self._address.exists()

    def close(self) -> None:
        self._address.unlink(missing_ok=True)
        self._server.close()


async def dial(project: Project, limit: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """A connection to the project's host, or None where none is listening. Raises ForeignPeer."""
    for address in where_to_look(project):
        try:
            reader, writer = await asyncio.open_unix_connection(address, limit=limit)
        except OSError:
            continue
        try:
            check_peer(writer.get_extra_info("socket"))
        except ForeignPeer:
            writer.close()
            raise
        return reader, writer
    return None


def answers(project: Project) -> bool:
    """Whether something listens at one of the project's addresses now. Waits for nothing."""
    for address in where_to_look(project):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            try:
                probe.connect(str(address))
            except OSError:
                continue
            return True
    return False


def check_peer(connection: socket.socket, uid_of: Callable[[socket.socket], int] | None = None) -> None:
    """Raises ForeignPeer unless the other end is a process of this user."""
    uid = (uid_of or peer_uid)(connection)
    if uid != os.getuid():
        raise ForeignPeer(f"the other end of the engine's socket is user {uid}, not {os.getuid()}")


def peer_uid(connection: socket.socket) -> int:
    """The user of the process at the other end, as the kernel noted it when the two were connected (unix(7))."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    return int(_UCRED.unpack(credentials)[1])


def _private_folder(folder: Path) -> None:
    """Makes `folder`, or checks that it is a real folder, ours, and closed to others. Raises OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        raise NotADirectoryError(None, "is not a folder")
    if facts.st_uid != os.getuid():
        raise PermissionError(None, f"belongs to user {facts.st_uid}")
    if stat.S_IMODE(facts.st_mode) & 0o077:
        folder.chmod(0o700)
