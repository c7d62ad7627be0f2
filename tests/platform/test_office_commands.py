"""Commands of the office: each done at most once, over restarts; close, open, notice; the others refused by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kiosk.clock import Clock
from kiosk.duties.office_commands import Commands
from kiosk.duties.office_orders import OfficeOrders
from kiosk.duties.outbox import Outbox
from kiosk.journal import Journal, JournalError
from kiosk.keys import MachineKey
from simulator.virtual_time import run_virtual

KIOSK = "WH-HC-0003"


class Life:
    """What of a terminal commands need, until the next restart."""

    def __init__(self, town, folder):
        self.clock = Clock(town.wall.at.timestamp())
        self.journal = Journal(folder / "journal.db", self.clock)
        self.outbox = Outbox(self.journal, MachineKey(b"k" * 32))
        self.orders = OfficeOrders()
        self.commands = Commands(self.journal, self.outbox, town.platform, self.clock, self.orders)
        self.followed = []

        async def count(params):
            self.followed.append(dict(params))
            return "counted"

        self.commands.add("count", count)

    async def begin(self):
        await self.journal.open()
        await self.commands.recall()


def ordered(town, command, name, **params):
    import json

    city = town.app.state.city
    with city.store.transaction() as cx:
        cx.execute(
            "INSERT INTO command(id, kiosk, name, params, state, issued_at, expires_at)"
            " VALUES (?, ?, ?, ?, 'WAITING', ?, ?)",
            (command, KIOSK, name, json.dumps(params), city.stamp(), city.stamp(600)),
        )


def ended(town, command):
    with town.app.state.city.store.transaction() as cx:
        return tuple(cx.execute("SELECT state, words FROM command WHERE id = ?", (command,)).fetchone())


async def followed(life, town):
    for command in await town.platform.devices.commands(0):
        await life.commands.follow(command)
    for row in await life.journal.rows():
        assert await life.outbox.deliver(row)


def test_commands_are_followed_once_and_survive_a_restart(town, tmp_path):
    async def walk():
        life = Life(town, tmp_path)
        await life.begin()
        ordered(town, "cmd_close", "close", zh="系统维护，14点恢复。", en="Maintenance until 14:00.")
        ordered(town, "cmd_count", "count", n="1")
        ordered(town, "cmd_other", "self-destruct")
        given = await town.platform.devices.commands(0)
        for command in (*given, *given):
            await life.commands.follow(command)
        assert life.followed == [{"n": "1"}]
        assert life.orders.closed_words("en") == "Maintenance until 14:00."
        await life.journal.close()
        life = Life(town, tmp_path)
        await life.begin()
        assert life.orders.closed_words("zh") == "系统维护，14点恢复。"
        await followed(life, town)
        assert life.followed == []
        assert ended(town, "cmd_count") == ("DONE", "counted")
        state, words = ended(town, "cmd_other")
        assert (state, words.startswith("not known here: self-destruct")) == ("REFUSED", True)
        ordered(town, "cmd_open", "open")
        ordered(town, "cmd_note", "notice", zh="今天打印机缺纸。", minutes="5")
        ordered(town, "cmd_poor", "notice", en="")
        await followed(life, town)
        assert (life.orders.closed, ended(town, "cmd_poor")[0]) == (False, "REFUSED")
        now = life.clock.platform_now().timestamp()
        assert life.orders.notice_words("en", now) == "今天打印机缺纸。"
        assert life.orders.notice_words("zh", now + 301) == ""
        await life.journal.close()

    run_virtual(walk())


def test_nothing_is_done_again_after_a_start_at_which_the_journal_could_not_be_read(town, tmp_path, monkeypatch):
    async def walk():
        life = Life(town, tmp_path)
        await life.begin()
        ordered(town, "cmd_count", "count")
        (command,) = await town.platform.devices.commands(0)
        await life.commands.follow(command)
        await life.journal.close()
        life = Life(town, tmp_path)
        recent = life.journal.recent

        async def unreadable(*_):
            raise JournalError("the disk")

        monkeypatch.setattr(life.journal, "recent", unreadable)
        await life.begin()
        with pytest.raises(JournalError):
            await life.commands.follow(command)
        monkeypatch.setattr(life.journal, "recent", recent)
        await life.commands.follow(command)
        assert life.followed == []
        await life.journal.close()

    run_virtual(walk())


@pytest.mark.promise("P8")
def test_what_was_done_while_the_disk_refused_is_told_as_it_was(town, tmp_path, monkeypatch):
    async def walk():
        life = Life(town, tmp_path)
        await life.begin()
        ordered(town, "cmd_count", "count")
        (command,) = await town.platform.devices.commands(0)
        write = life.journal.write
        begun = []

        async def once(work):
            if begun:
                raise JournalError("the disk")
            begun.append(True)
            return await write(work)

        monkeypatch.setattr(life.journal, "write", once)
        for _ in range(2):
            with pytest.raises(JournalError):
                await life.commands.follow(command)
        monkeypatch.setattr(life.journal, "write", write)
        await followed(life, town)
        assert len(life.followed) == 1
        assert ended(town, "cmd_count") == ("DONE", "counted")
        await life.journal.close()

    run_virtual(walk())


@pytest.mark.promise("P8")
def test_one_that_a_power_cut_interrupted_is_not_done_again(town, tmp_path):
    async def walk():
        life = Life(town, tmp_path)
        await life.begin()
        ordered(town, "cmd_count", "count")
        await life.journal.write(lambda w: w.entry("", "command.begun", {"command": "cmd_count", "name": "count"}))
        await life.journal.close()
        life = Life(town, tmp_path)
        await life.begin()
        await followed(life, town)
        assert (life.followed, ended(town, "cmd_count")[0]) == ([], "FAILED")
        await life.journal.close()

    run_virtual(walk())


def test_one_that_came_too_late_is_refused(town, tmp_path):
    async def walk():
        life = Life(town, tmp_path)
        await life.begin()
        ordered(town, "cmd_late", "count")
        [command] = await town.platform.devices.commands(0)
        late = life.clock.platform_now() + timedelta(seconds=601)
        life.clock.heard(late)
        await life.commands.follow(command)
        assert life.followed == []
        await life.journal.close()

    run_virtual(walk())
