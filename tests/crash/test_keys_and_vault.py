"""What is sealed stays sealed (P6)."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kiosk.keys import MachineKey, SealBroken
from kiosk.visits.vault import Vault, VaultClosed


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    first = MachineKey.load(tmp_path / "state" / "machine.key")
    second = MachineKey.load(tmp_path / "state" / "machine.key")
    assert first.digest("id", "371002199003075015") == second.digest("id", "371002199003075015")
    assert stat.S_IMODE((tmp_path / "state" / "machine.key").stat().st_mode) == 0o600


def test_a_digest_tells_nothing_without_the_key() -> None:
    one, other = MachineKey(b"a" * 32), MachineKey(b"b" * 32)
    assert one.digest("id", "x") != other.digest("id", "x")
    assert one.digest("id", "x") != one.digest("card", "x")


@pytest.mark.parametrize("place", [0, 5, 12, 20, -1])
def test_a_flipped_bit_is_noticed(place: int) -> None:
    key = MachineKey(b"k" * 32)
    sealed = bytearray(key.seal(b"form data", "outbox:1"))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        key.unseal(bytes(sealed), "outbox:1")


def test_a_seal_belongs_to_its_purpose() -> None:
    key = MachineKey(b"k" * 32)
    with pytest.raises(SealBroken):
        key.unseal(key.seal(b"x", "outbox:1"), "outbox:2")


@pytest.mark.promise("P6")
def test_a_closed_vault_gives_nothing_back() -> None:
    vault = Vault()
    vault.put("name", "于振海")
    assert vault.get("name") == "于振海"
    kept = vars(vault)["_sealed"].copy()
    assert all("于振海".encode() not in sealed for sealed in kept.values())
    vault.close()
    assert vault.closed
    with pytest.raises(VaultClosed):
        vault.get("name")
    with pytest.raises(VaultClosed):
        vault.put("name", "x")
