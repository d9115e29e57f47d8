"""`treadle secret` and what becomes of a secret in a whole run, on real processes with a keyring in their place."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli.conftest import COMMAND

from treadle.store.project import Project

SECRET = "korrekt-pferd-batterie"
TESTS = Path(__file__).parents[1]
COMPONENTS = """
import os
import sys
import time

from treadle import Secret, component
from treadle.report import artifact, log, metric, progress


@component()
def tell(password: Secret) -> str:
    print("whole", password)
    for at in range(0, len(password), 5):
        sys.stdout.write(password[at : at + 5])
        sys.stdout.flush()
        time.sleep(0.02)
    print()
    print(password, file=sys.stderr)
    os.write(1, password.encode())
    log(f"logged {password}")
    progress(0.5, f"with {password}")
    return "done"


@component()
def fail(password: Secret, after: str) -> None:
    raise ValueError(f"refused {password}")
"""
TEXT = """treadle: 1
nodes:
  tell: {uses: vault.tell, with: {password: $secrets.door}}
  fail: {uses: vault.fail, in: {after: tell.value}, with: {password: $secrets.door}}
"""


@pytest.fixture
def ringing(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The commands' environment has a keyring that its library recommends."""
    path = os.pathsep.join([str(TESTS), environment.get("PYTHONPATH", "")])
    environment |= {
        "PYTHON_KEYRING_BACKEND": "store.file_keyring.SafeKeyring",
        "TEST_KEYRING": str(tmp_path / "keyring.json"),
        "PYTHONPATH": path,
    }
    return environment


def say(environment: dict[str, str], given: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], input=given, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_secrets_are_kept_listed_by_name_and_forgotten(ringing: dict[str, str]) -> None:
    assert say(ringing, SECRET + "\n", "secret", "set", "door").returncode == 0
    listed = say(ringing | {"TREADLE_SECRET_OTHER": "x"}, "", "secret", "list", "--json")
    assert json.loads(listed.stdout) == {"environment": ["other"], "keyring": ["door"], "error": ""}
    assert say(ringing, "", "secret", "list").stdout.split() == ["secret", "from", "door", "keyring"]
    assert say(ringing, "", "secret", "delete", "door").returncode == 0
    assert say(ringing, "", "secret", "delete", "door").returncode == 1
    assert json.loads(say(ringing, "", "secret", "list", "--json").stdout)["keyring"] == []


def test_what_is_no_name_or_no_value_is_refused(ringing: dict[str, str]) -> None:
    assert "no name" in say(ringing, "x", "secret", "set", "a b").stderr
    assert "nothing was given" in say(ringing, "", "secret", "set", "door").stderr


def test_without_a_keyring_it_says_what_to_do(environment: dict[str, str]) -> None:
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    done = say(environment, "x", "secret", "set", "door")
    assert done.returncode == 1
    assert "set TREADLE_SECRET_… variables in the engine's environment instead" in done.stderr
    listed = say(environment, "", "secret", "list")
    assert listed.returncode == 0
    assert "no keyring service" in listed.stderr


ON_A_BUS = """
printf 'lock\\n' | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
keeper=$!
trap 'kill $keeper' EXIT
for _ in $(seq 100); do [ -S "$XDG_RUNTIME_DIR/keyring/control" ] && break; sleep 0.05; done
printf %s "$SAID" | "$PYTHON" -m treadle.cli secret set door || exit 1
"$PYTHON" -m treadle.cli secret list --json
"$PYTHON" -m treadle.cli run vault.treadle.yaml --json
"$PYTHON" -m treadle.cli secret delete door
"$PYTHON" -m treadle.cli secret list --json
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(shutil.which, ("dbus-run-session", "gnome-keyring-daemon"))), reason="no keyring service"
)
def test_a_real_secret_service_keeps_them(environment: dict[str, str], project: Project, tmp_path: Path) -> None:
    (project.components / "vault.py").write_text(COMPONENTS)
    (project.root / "vault.treadle.yaml").write_text(TEXT)
    (tmp_path / "bus").mkdir(mode=0o700)
    environment |= {
        "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "bus"), "XDG_DATA_HOME": str(tmp_path / "data"),
        "PYTHON": sys.executable, "SAID": SECRET,
    }  # fmt: skip
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", ON_A_BUS], cwd=project.root, env=environment, capture_output=True,
        text=True, timeout=90, check=False,
    )  # fmt: skip
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert (said[0]["keyring"], said[0]["error"]) == (["door"], ""), done.stderr
    assert said[-1]["keyring"] == []
    assert "refused ***" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_at_a_terminal_it_is_not_shown(ringing: dict[str, str]) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [*COMMAND, "secret", "set", "door"], ringing)
    shown = b""
    while b"door: " not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, SECRET.encode() + b"\n")
    while True:
        try:
            shown += os.read(terminal, 1000)
        except OSError:  # it has ended
            break
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert SECRET.encode() not in shown
    assert json.loads(Path(ringing["TEST_KEYRING"]).read_text())["treadle/door"] == SECRET


def test_a_secret_is_in_no_file_event_export_or_answer(ringing: dict[str, str], treadle, project: Project) -> None:
    (project.components / "vault.py").write_text(COMPONENTS)
    (project.root / "vault.treadle.yaml").write_text(TEXT)
    refused = treadle("run", "vault.treadle.yaml")
    assert refused.returncode == 2
    assert "tell.password needs the secret door" in refused.stderr
    assert "treadle secret set door" in refused.stderr

    say(ringing, SECRET, "secret", "set", "door")
    ran = treadle("run", "vault.treadle.yaml", "--json")
    assert ran.returncode == 1
    assert "refused ***" in ran.stdout
    said = [
        ran,
        treadle("run", "vault.treadle.yaml"),
        *(treadle(*words) for words in (
            ("show", "last", "--json"), ("show", "last"), ("logs", "last", "tell"), ("logs", "last", "fail"),
            ("why", "last", "fail"), ("resume", "last"), ("retry", "last", "fail"), ("runs", "--json"),
            *(("export", "vault.treadle.yaml", "--to", target) for target in ("python", "airflow", "svg")),
        )),
    ]  # fmt: skip
    assert all(SECRET not in done.stdout + done.stderr for done in said)
    log = next((project.state / "runs").glob("*/attempts/tell*/**/output.log")).read_text()
    assert "whole ***" in log
    assert "logged ***" in log
    forms = [form for part in (SECRET, SECRET[:12], SECRET[-12:]) for form in (part.encode(), part.encode("utf-16-le"))]
    files = [path for path in project.root.rglob("*") if path.is_file()]
    assert {"events.jsonl", "plan.json", "output.log"} <= {path.name for path in files}
    assert [path for path in files if any(form in path.read_bytes() for form in forms)] == []
