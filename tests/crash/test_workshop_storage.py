"""The terminal is made on a bad disk, or with a bad profile: nothing stays open, and what can be served is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.load import SettingsError, load_settings
from kiosk.workshop import Workshop


class Nobody:
    """A display and replies that are never used."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def settings(folder: Path, **overrides: Any) -> Any:
    """The desk's profile on a folder of its own."""
    return load_settings("simulated", overrides={"state_dir": str(folder), **overrides})


def open_files(folder: Path) -> list[str]:
    """Files of `folder` that this process has open."""
    found = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            name = str(each.readlink())
        except OSError:
            continue
        if name.startswith(str(folder)):
            found.append(name)
    return found


@pytest.mark.parametrize("device", ["id_card", "payment_pad", "licence_printer", "camera", "cabinet"])
async def test_a_device_that_cannot_be_made_leaves_nothing_open(tmp_path: Path, device: str) -> None:
    wrong = settings(tmp_path, **{f"devices.{device}.driver": "nobodys"})
    nobody: Any = Nobody()
    with pytest.raises(SettingsError, match=device):
        async with Workshop.open(wrong, nobody, nobody):
            raise AssertionError("it was made")
    assert open_files(tmp_path) == []


@pytest.mark.promise("P7")
async def test_a_journal_that_cannot_be_opened_does_not_keep_the_terminal_down(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()
    nobody: Any = Nobody()
    async with Workshop.open(settings(tmp_path), nobody, nobody) as workshop:
        journal = workshop.tools.journal
        assert journal.trouble
        assert await journal.probe()
        needs = [s for s in workshop.tools.catalogue.services.values() if "pay" in s.steps]
        assert workshop.terminal.capability.of(needs[0]).reason == "reason.storage"
        (tmp_path / "journal.db").rmdir()
        await workshop.storage.look()
        assert journal.trouble == ""
        assert workshop.terminal.capability.of(needs[0]).reason != "reason.storage"
        assert workshop.settler.hold == ""
        assert (await journal.verify()).broken == ""
    assert open_files(tmp_path) == []
