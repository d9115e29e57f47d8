"""An engine to be killed: starts attempts that never end, prints their pids when they run. `driver.py FOLDER`"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from execute.attempts import Bench

NODE = """
import os, signal, time
def node(pids):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open(pids, "a") as file:
                file.write(f"{os.getpid()}\\n")
            time.sleep(600)
        os._exit(0)
    os.wait()
    with open(pids, "a") as file:
        file.write(f"{os.getpid()}\\n")
    time.sleep(600)
"""

if __name__ == "__main__":
    root = Path(sys.argv[1])
    bench = Bench(root)
    for _ in range(3):
        bench.begin(NODE, params={"pids": str(root / "pids")})
    bench.begin(NODE, params={"pids": str(root / "pids")}, imports=("pandas",))
    while True:
        time.sleep(1)
