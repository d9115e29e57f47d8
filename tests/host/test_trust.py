"""Trust is given by a person to a folder, and kept where the folder can't reach it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from treadle.host import trust
from treadle.host.api import NotTrusted
from treadle.store.project import Project


def test_a_new_project_is_restricted(project: Project) -> None:
    with pytest.raises(NotTrusted, match="restricted"):
        trust.require(project, "run")


def test_trust_is_remembered(project: Project) -> None:
    trust.trust(project)

    trust.require(project, "run")
    assert trust.is_trusted(Project(project.root))


def test_a_project_is_restricted_again_and_others_are_not(project: Project, home: Path) -> None:
    other = Project(home / "other")
    other.root.mkdir()
    trust.trust(project)
    trust.trust(other)

    trust.restrict(project)

    assert not trust.is_trusted(project)
    assert trust.is_trusted(other)


def test_trust_is_of_the_real_folder(project: Project, home: Path) -> None:
    link = home / "link"
    link.symlink_to(project.root)

    trust.trust(Project(link))

    assert trust.is_trusted(project)
    link.unlink()
    (home / "other").mkdir()
    link.symlink_to(home / "other")
    assert not trust.is_trusted(Project(link))


def test_trust_does_not_reach_folders_inside(project: Project) -> None:
    trust.trust(project)

    assert not trust.is_trusted(Project(project.components))


def test_trust_ends_with_the_folders_owner(project: Project) -> None:
    trust.trust(project)
    file = trust.trust_file()
    kept = json.loads(file.read_text())
    kept["folders"][str(project.root)] += 1
    file.write_text(json.dumps(kept))

    assert not trust.is_trusted(project)


def test_the_file_is_the_users_alone_and_outside_the_project(project: Project) -> None:
    trust.trust(project)

    assert stat.S_IMODE(trust.trust_file().stat().st_mode) == 0o600
    assert not trust.trust_file().is_relative_to(project.root)


def test_a_file_that_others_may_write_counts_for_nothing(project: Project) -> None:
    trust.trust(project)
    trust.trust_file().chmod(0o666)

    assert not trust.is_trusted(project)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"treadle-trust": 2, "folders": {}}', '{"folders": []}', "[" * 100_000]
)
def test_a_damaged_file_trusts_nothing_and_can_be_trusted_anew(project: Project, text: str) -> None:
    trust.trust(project)
    trust.trust_file().write_text(text)
    assert not trust.is_trusted(project)

    trust.trust(project)

    assert trust.is_trusted(project)


def test_trusting_one_folder_keeps_the_others(project: Project, home: Path) -> None:
    other = Project(home)
    trust.trust(other)

    trust.trust(project)

    assert trust.is_trusted(other)


def test_a_folder_that_is_gone_is_not_trusted(project: Project, home: Path) -> None:
    trust.trust(project)
    project.root.rename(home / "moved")

    assert not trust.is_trusted(project)
    assert not trust.is_trusted(Project(home / "moved"))


def test_without_a_config_folder_it_is_the_standard_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", "/home/somebody")

    assert trust.trust_file() == Path("/home/somebody/.config/treadle/trusted.json")
    assert os.environ["HOME"] == "/home/somebody"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("gate", [trust.require, trust.consented])
def test_what_another_user_put_into_a_folder_open_to_all_runs_for_nobody(project: Project, gate: trust.Gate) -> None:
    trust.trust(project)
    gate(project, "run")
    os.chown(project.root, 4711, -1)
    trust.trust(project)
    gate(project, "run")

    os.chown(project.components, 4712, -1)
    gate(project, "run")
    project.root.chmod(0o1777)

    with pytest.raises(NotTrusted, match="belongs to user 4712"):
        gate(project, "run")
