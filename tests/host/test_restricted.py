"""Before trust a project is only read: an audit hook sees nothing of it executed, spawned or unpickled."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from host.sample import CHAIN, collect, request

from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.store.project import Project

PROBE = """
import asyncio, json, sys
from pathlib import Path

root = sys.argv[1]
seen = []
SPAWNS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.system", "pty.spawn"}

def watch(event, arguments):
    if event in SPAWNS or event == "pickle.find_class":
        seen.append(event)
    elif event == "exec" and arguments[0].co_filename.startswith(root):
        seen.append(f"exec {arguments[0].co_filename}")
    elif event == "import" and str(arguments[1] or "").startswith(root):
        seen.append(f"import {arguments[1]}")

from treadle.catalog.catalog import load_catalog
from treadle.host.api import NotTrusted, RunRequest
from treadle.host.facade import LocalEngine
from treadle.spec.file_format import read
from treadle.spec.validate import validate
from treadle.store.project import Project

sys.addaudithook(watch)

async def look():
    project = Project(Path(root))
    text = (project.root / "chain.treadle.yaml").read_text()
    catalog = load_catalog(project.root)
    assert "demo.shout" in catalog.components
    assert not validate(read(text).pipeline, catalog.components)
    engine = LocalEngine(project)
    refused = 0
    for ask in (lambda: engine.start(RunRequest(text)), lambda: engine.resume("last")):
        try:
            await ask()
        except NotTrusted:
            refused += 1
    runs = await engine.runs()
    made = (await engine.state("last")).tasks["second"].outputs["value"]
    shown = await engine.preview(made.digest)
    events = [each async for each in engine.subscribe("last")]
    await engine.close()
    facts = {"seen": seen, "refused": refused, "runs": len(runs), "shown": shown.value, "events": len(events)}
    print(json.dumps(facts))

asyncio.run(look())
"""


def look_at(project: Project) -> dict:
    command = [sys.executable, "-c", PROBE, str(project.root)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def make_a_run(project: Project) -> None:
    async def go() -> None:
        engine = LocalEngine(project, gate=consented)
        await collect(engine.subscribe(await engine.start(request(CHAIN))))
        await engine.close()

    asyncio.run(go())


def test_an_untrusted_project_is_looked_at_without_running_anything_of_it(project: Project) -> None:
    """I7, I12."""
    make_a_run(project)
    (project.components / "trap.py").write_text("from pathlib import Path\nPath('sprung').touch()\nraise SystemExit\n")

    seen = look_at(project)

    assert seen["seen"] == []
    assert (seen["refused"], seen["runs"], seen["shown"]) == (2, 1, "HELLO")
    assert seen["events"] > 0
    assert not (project.root / "sprung").exists()
    assert not Path("sprung").exists()
