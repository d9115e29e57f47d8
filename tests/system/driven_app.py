"""The real app, started as its users start it, and a socket that tells a test where things are on the screen.

    python driven_app.py SOCKET [FILE]

The socket only answers questions: a test acts with a real mouse and keyboard. A line in is `[name, arguments…]`, a line
out the JSON answer or `{"error": …}`.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from concurrent.futures import Future

import probes
from PySide6.QtCore import QObject, Qt, Signal

from treadle_gui.app import main


class Answers(QObject):
    """Takes questions from the socket's thread to the app's."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def _answer(self, question: tuple[list, Future]) -> None:
        (name, *arguments), future = question
        try:
            future.set_result(getattr(probes, name)(*arguments))
        except Exception as error:  # noqa: BLE001 - the test wants to know
            future.set_result({"error": f"{type(error).__name__}: {error}"})

    def serve(self, path: str) -> None:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen()
            while True:
                connection, _ = server.accept()
                with connection, connection.makefile("rw", encoding="utf-8") as lines:
                    for line in lines:
                        future: Future = Future()
                        self.asked.emit((json.loads(line), future))
                        lines.write(json.dumps(future.result(30)) + "\n")
                        lines.flush()


if __name__ == "__main__":
    answers = Answers()
    threading.Thread(target=answers.serve, args=(sys.argv[1],), daemon=True).start()
    sys.exit(main(["treadle", *sys.argv[2:]]))
