"""`kiosk technician`: enrolling, locking and striking off, from a prompt and never from the command line."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from door_hall import DoorHall, entries
from typer.testing import CliRunner, Result

from kiosk.cli.technician import technician_app
from kiosk.keys import MachineKey
from kiosk.technician.enrolling import Enrolling
from kiosk.technician.roster import MOST_BYTES, Roster, RosterError, card_digest, pin_right, weak
from simulator.people import CITIZENS
from simulator.virtual_time import run_virtual

CARD = "ab" * 16
PIN = "195738"


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A machine layer with a state folder of its own."""
    path = tmp_path / "machine.toml"
    path.write_text(f'state_dir = "{tmp_path / "state"}"\n', encoding="utf-8")
    return path


def technician(layer: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(technician_app, [*words, "--machine", str(layer)], input=typed)


def added(layer: Path, who: str = "wang", card: str = CARD, pin: str = PIN, role: str = "field") -> Result:
    words = ("add", who, "--name", "王师傅", "--role", role, "--card", card)
    return technician(layer, *words, typed=f"{pin}\n{pin}\n")


@pytest.mark.filterwarnings("ignore:.*:getpass.GetPassWarning")
def test_enrol_list_lock_unlock_remove_each_on_record(layer: Path, tmp_path: Path) -> None:
    assert technician(layer, "list").output.startswith(f"{tmp_path}/state/technicians.toml: nobody")
    told = added(layer)
    assert (told.exit_code, PIN in told.output) == (0, False)
    assert "may come in" in technician(layer, "list").output
    file = tmp_path / "state" / "technicians.toml"
    assert (file.stat().st_mode & 0o777, PIN in file.read_text()) == (0o600, False)
    assert technician(layer, "lock", "wang").exit_code == 0
    assert "locked" in technician(layer, "list").output
    assert technician(layer, "unlock", "wang").exit_code == 0
    assert technician(layer, "remove", "wang").exit_code == 0
    assert technician(layer, "remove", "wang").exit_code == 2
    told_ = entries(tmp_path / "state", "technician.roster")
    assert [body["act"] for body in told_] == ["add", "lock", "unlock", "remove"]
    assert len({body["who"] for body in told_}) == 1
    assert "wang" not in repr(told_)
    assert "王" not in repr(told_)


@pytest.mark.filterwarnings("ignore:.*:getpass.GetPassWarning")
def test_what_is_wrong_is_said_and_nothing_is_written(layer: Path, tmp_path: Path) -> None:
    for pin in ("123456", "888888", "654321", "12345", "1234567", "121212", "402693", "12345a"):
        assert weak(pin)
        assert added(layer, pin=pin).exit_code == 2
    assert not weak(PIN)
    assert "should match pattern" in added(layer, who="Wang!").output
    assert "expected 32" in added(layer, card="123").output
    assert "expected field or supervisor" in added(layer, role="root").output
    assert "lay" not in technician(layer, "add", "li", "--name", "Li", "--seen").stdout
    assert added(layer).exit_code == 0
    assert "is there already" in added(layer).output
    assert "belongs to a technician already" in added(layer, who="li").output
    roster = Roster(tmp_path / "state" / "technicians.toml", MachineKey(b"k" * 32))
    assert [each.id for each in roster.technicians()] == ["wang"]


def test_a_file_that_is_no_roster_lets_nobody_in(tmp_path: Path) -> None:
    file = tmp_path / "technicians.toml"
    roster = Roster(file, MachineKey(b"k" * 32))
    number = CITIZENS["citizen-01"].number
    entry = (
        '[[technician]]\nid = "a1"\nname = "A"\nrole = "field"\ncard = "' + CARD + '"\n'
        f'pin = {{ salt = "{"0" * 32}", hash = "{"1" * 64}" }}\n'
    )
    for text, why in (
        ("version = 2\n", "version"),
        ("not toml", "technicians.toml"),
        (entry + entry, "the same id"),
        (entry + entry.replace("a1", "a2"), "the same card"),
        (entry.replace("field", "root"), "role"),
        (entry.replace('salt = "0', 'n = 4, salt = "0'), "n:"),
        (entry + 'shell = "/bin/sh"\n', "shell"),
        ("#" * (MOST_BYTES + 1), "larger than"),
    ):
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        with pytest.raises(RosterError, match=why) as caught:
            roster.find(number)
        assert CARD not in str(caught.value)
    file.write_text(entry, encoding="utf-8")
    file.chmod(0o600)
    assert roster.find(number) is None
    file.chmod(0o640)
    with pytest.raises(RosterError, match="chmod 600"):
        roster.find(number)


def test_the_card_that_was_just_laid_down_is_enrolled_and_comes_in(tmp_path: Path) -> None:
    async def steps() -> None:
        async with DoorHall(tmp_path) as hall:
            await hall.at_door()
            await hall.lay("citizen-01")
            await asyncio.sleep(4)
            settings = hall.tools.settings
            enrolling = Enrolling(settings)
            enrolling._journal = _of(hall)  # type: ignore[method-assign]  # the hall's clock, not the machine's
            card = await enrolling.card_seen()
            assert card == card_digest(hall.tools.key, CITIZENS["citizen-01"].number)
            made = enrolling.made("song", "宋", "supervisor", card, PIN)
            await enrolling.change("add", made)
            known = hall.entry.gate.roster.find(CITIZENS["citizen-01"].number)
            assert known is not None
            assert pin_right(hall.tools.key, known, PIN)
            assert not pin_right(hall.tools.key, known, "195739")
            assert not pin_right(MachineKey(b"k" * 32), known, PIN)  # the file is worth nothing elsewhere
            assert await enrolling.failures() == {"song": 0}

    run_virtual(steps())


def _of(hall: DoorHall):  # type: ignore[no-untyped-def]  # stands in for a private method
    class Open:
        """The hall's journal, which stays open."""

        def __getattr__(self, name: str) -> object:
            return getattr(hall.journal, name)

        async def close(self) -> None:
            return None

    async def journal() -> tuple[Open, object]:
        return Open(), hall.tools.clock

    return journal


def heard(terminal: int, until: float) -> bytes:
    """What comes next; b"" at its end. Fails when nothing comes before `until` (monotonic)."""
    ready, _, _ = select.select([terminal], [], [], max(0.0, until - time.monotonic()))
    assert ready, "nothing came from the command"
    try:
        return os.read(terminal, 1024)
    except OSError:
        return b""  # the other end is gone: all was read


@pytest.mark.processes
def test_a_pin_is_typed_at_a_terminal_without_being_shown(layer: Path) -> None:
    parent, child = pty.openpty()
    words = ["add", "wang", "--name", "Wang", "--card", CARD, "--machine", str(layer)]
    code = "from kiosk.cli.technician import technician_app; technician_app()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *words], stdin=child, stdout=child, stderr=child, start_new_session=True
    ) as process:
        os.close(child)
        said, until = b"", time.monotonic() + 30
        try:
            for prompt in (b"PIN: ", b"confirmation: "):  # the blank comes once nothing is echoed any more
                while prompt not in said:
                    chunk = heard(parent, until)
                    assert chunk, said.decode()
                    said += chunk
                os.write(parent, f"{PIN}\n".encode())
            while chunk := heard(parent, until):
                said += chunk
            assert process.wait(30) == 0, said.decode()
        finally:
            process.kill()
    os.close(parent)
    assert PIN.encode() not in said
    assert b"enrolled as field" in said
