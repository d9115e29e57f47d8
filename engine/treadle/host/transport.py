"""How bytes get from a client to a project's host, and to nobody else's: a Unix socket, on Windows a named pipe.

    listen(project, connected, limit) ─► Listening     unix_socket.py   a 0700 folder; the kernel names the peer's user
    dial(project, limit) ─► reader, writer             named_pipe.py    only its user may open it; the owner is checked
    answers(project), addresses(project)

What comes to `connected`, and out of `dial`, is a process of this user. There is no TCP port.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from treadle.host.named_pipe import addresses, answers, dial, listen
else:
    from treadle.host.unix_socket import addresses, answers, dial, listen

__all__ = ["addresses", "answers", "dial", "listen"]
