"""The keyring behind `$secrets`: what is kept is found, and a backend that is not safe is not used."""

from __future__ import annotations

import keyring
import pytest
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as NoBackend
from store.file_keyring import LockedKeyring, PlaintextKeyring, SafeKeyring

from treadle.store.keyring import Keyring, NoKeyring, is_secret_name, open_keyring
from treadle.store.secrets import EnvironmentSecrets, FirstOf, HeldSecrets, KeyringSecrets, own_secrets


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    before = keyring.get_keyring()
    yield tmp_path / "keyring.json"
    keyring.set_keyring(before)


def test_what_is_kept_is_found_listed_and_forgotten():
    mine = Keyring(SafeKeyring())
    assert (mine.find("door"), mine.names()) == (None, ())
    mine.set("vault", "one")
    mine.set("door", "two\nlines")
    mine.set("door", "three")
    assert (mine.find("door"), mine.names()) == ("three", ("door", "vault"))
    assert mine.delete("door")
    assert not mine.delete("door")
    assert (mine.find("door"), mine.names()) == (None, ("vault",))


def test_one_that_was_deleted_elsewhere_is_not_listed(file):
    backend = SafeKeyring()
    mine = Keyring(backend)
    mine.set("vault", "one")
    mine.set("door", "two")
    backend.delete_password("treadle", "vault")
    assert mine.names() == ("door",)
    backend.set_password("treadle", "(names)", "no json")
    assert mine.names() == ()


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        (NoBackend(), "this machine has no keyring service that answers: set TREADLE_SECRET_"),
        (PlaintextKeyring(), "PlaintextKeyring does not keep secrets safe, so it is not used"),
    ],
)
def test_without_a_safe_keyring_it_says_what_to_do_instead(backend, why):
    keyring.set_keyring(backend)
    with pytest.raises(NoKeyring, match=why):
        open_keyring()
    assert KeyringSecrets().find("door") is None


def test_of_a_chain_only_what_is_safe_is_used(monkeypatch):
    monkeypatch.setattr(ChainerBackend, "backends", [PlaintextKeyring(), SafeKeyring()])
    keyring.set_keyring(ChainerBackend())
    assert isinstance(open_keyring()._backend, SafeKeyring)
    monkeypatch.setattr(ChainerBackend, "backends", [PlaintextKeyring()])
    with pytest.raises(NoKeyring):
        open_keyring()


def test_a_locked_keyring_is_as_none_to_a_run_and_told_to_a_person():
    keyring.set_keyring(LockedKeyring())
    with pytest.raises(NoKeyring, match=r"does not answer \(RuntimeError: prompt dismissed\)"):
        open_keyring().find("door")
    secrets = KeyringSecrets()
    assert [secrets.find("door"), secrets.find("door")] == [None, None]


def test_the_environment_counts_more_than_the_keyring(monkeypatch):
    keyring.set_keyring(SafeKeyring())
    open_keyring().set("door", "kept")
    assert own_secrets().find("door") == "kept"
    monkeypatch.setenv("TREADLE_SECRET_DOOR", "given")
    assert own_secrets().find("door") == "given"
    assert own_secrets().find("vault") is None


def test_what_is_held_is_not_asked_for_again():
    others = FirstOf(EnvironmentSecrets({"TREADLE_SECRET_DOOR": "new", "TREADLE_SECRET_VAULT": "v"}))
    held = HeldSecrets({"door": "old"}, others)
    assert (held.find("door"), held.find("vault"), held.find("x")) == ("old", "v", None)


@pytest.mark.parametrize(
    ("name", "fits"), [("door", True), ("_1", True), ("1a", False), ("a b", False), ("(names)", False)]
)
def test_a_secret_has_a_name_that_can_be_referred_to(name, fits):
    assert is_secret_name(name) is fits
