"""Who installs: root's side of the package with a dpkg that is watched; the publisher's desk."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.update_settings import UpdateSettings
from kiosk.cli.commands import app
from kiosk.updates.applying import Applier
from kiosk.updates.installer import CannotInstall
from kiosk.updates.manifest import read_manifest
from kiosk.updates.package import ANSWER, MANIFEST, ORDER, ByOrder
from tests.updates.release import CONTENT, KEY, PUBLIC, signed, tree

SETTINGS = UpdateSettings(url="http://127.0.0.1:1/kiosk", public_key=PUBLIC)
FAR = "2999-01-01T00:00:00+08:00"


@dataclass
class Dpkg:
    """dpkg as far as it is asked; a package is its bytes."""

    installed: str = "0.1.0"
    by: dict[bytes, str] = field(default_factory=lambda: {CONTENT: "0.2.0", b"old": "0.1.0"})
    said: list[str] = field(default_factory=list)
    fails: bool = False

    async def __call__(self, argv: Sequence[str], deadline_s: float) -> str:
        assert deadline_s > 0
        self.said.append(" ".join(argv[:1] + argv[-2:-1]) if isinstance(argv, list) else str(argv))
        if argv[0] == "dpkg-query":
            return f"ii {self.installed}"
        if argv[0] == "dpkg-deb":
            return self.by[Path(argv[2]).read_bytes()] + "\n"
        if "-i" in argv:
            if self.fails:
                raise CannotInstall("dpkg: no (status 1)")
            self.installed = self.by[Path(argv[-1]).read_bytes()]
        return ""


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Applier, Dpkg]:
    orders, dpkg = tmp_path / "updates", Dpkg()
    orders.mkdir()
    (orders / MANIFEST).write_bytes(signed(tree(expires=FAR)))
    (orders / "kiosk-0.2.0.deb").write_bytes(CONTENT)
    (tmp_path / "old.deb").write_bytes(b"old")
    applier = Applier(SETTINGS, orders, tmp_path / "own", dpkg)
    asyncio.run(applier.seed(tmp_path / "old.deb"))
    return applier, dpkg


def order(applier: Applier, act: str, version: str = "0.2.0", file: str = "kiosk-0.2.0.deb") -> str:
    (applier.orders / ORDER).write_text(json.dumps({"id": "1", "act": act, "version": version, "file": file}))
    why = asyncio.run(applier.apply())
    assert not (applier.orders / ORDER).exists()
    assert json.loads((applier.orders / ANSWER).read_text()) == {"id": "1", "why": why}
    return why


def test_root_installs_keeps_and_takes_back_what_was_signed(desk: tuple[Applier, Dpkg]) -> None:
    applier, dpkg = desk
    assert order(applier, "install") == ""
    assert dpkg.installed == "0.2.0"
    version, deadline, latest = (applier.own / "on-trial").read_text().split()
    assert version == "0.2.0"
    assert time.time() < int(deadline) < int(latest)
    assert order(applier, "take-back") == ""
    assert dpkg.installed == "0.1.0"
    assert not (applier.own / "on-trial").exists()
    assert order(applier, "install") == ""
    assert order(applier, "keep") == ""
    assert order(applier, "keep") == ""  # said again after a power cut
    assert (applier.own / "current.deb").read_bytes() == CONTENT
    assert not (applier.own / "on-trial").exists()
    assert asyncio.run(applier.apply()) == ""  # no order


def test_root_puts_the_end_of_a_trial_off_as_far_as_it_said_at_its_beginning(desk: tuple[Applier, Dpkg]) -> None:
    applier, _ = desk
    assert "not what is on trial" in order(applier, "prolong")
    assert order(applier, "install") == ""
    trial = applier.own / "on-trial"
    latest = int(time.time()) + 1000
    trial.write_text(f"0.2.0 5 {latest}\n")
    assert "not what is on trial" in order(applier, "prolong", version="9.9.9")
    assert order(applier, "prolong") == ""
    assert trial.read_text() == f"0.2.0 {latest} {latest}\n"
    trial.write_text("0.2.0 5 6\n")
    assert "as long as it may be" in order(applier, "prolong")
    assert trial.read_text() == "0.2.0 5 6\n"


def test_an_order_is_taken_before_it_is_followed(desk: tuple[Applier, Dpkg]) -> None:
    """What a power cut leaves is not followed at the next start; what comes meanwhile is not lost with it."""
    applier, dpkg = desk
    seen: list[bool] = []

    async def watched(argv: Sequence[str], deadline_s: float) -> str:
        seen.append((applier.orders / ORDER).exists())
        if "-i" in argv:
            (applier.orders / ORDER).write_text("the next one")
            raise ZeroDivisionError
        return await dpkg(argv, deadline_s)

    (applier.orders / ORDER).write_text(
        json.dumps({"id": "7", "act": "install", "version": "0.2.0", "file": "kiosk-0.2.0.deb"})
    )
    with pytest.raises(ZeroDivisionError):
        asyncio.run(replace(applier, runs=watched).apply())
    assert not any(seen)
    assert (applier.orders / ORDER).read_text() == "the next one"
    answer = json.loads((applier.orders / ANSWER).read_text())
    assert (answer["id"], "in the middle" in answer["why"]) == ("7", True), "nobody waits for half an hour"


def test_root_believes_nothing_that_the_terminal_wrote(desk: tuple[Applier, Dpkg], tmp_path: Path) -> None:
    applier, dpkg = desk
    file = applier.orders / "kiosk-0.2.0.deb"
    file.write_bytes(b"evil" * 325)
    assert "not the file that was signed" in order(applier, "install")
    assert "do not agree" in order(applier, "install", file="../../etc/shadow")
    assert "do not agree" in order(applier, "install", version="9.9.9")
    assert "no such act" in order(applier, "rm -rf /")
    file.unlink()
    file.symlink_to(tmp_path / "old.deb")
    assert order(applier, "install")  # links are not followed
    (applier.orders / MANIFEST).write_bytes(json.dumps({**tree(), "signature": "00" * 64}).encode())
    assert "signature" in order(applier, "install")
    (applier.orders / ORDER).write_text("{")
    assert asyncio.run(applier.apply()) == ""
    assert dpkg.installed == "0.1.0"


def test_root_takes_nothing_of_another_channel_or_that_has_expired(desk: tuple[Applier, Dpkg]) -> None:
    """Signed once, and laid down again by whoever has the terminal's user."""
    applier, dpkg = desk
    (applier.orders / MANIFEST).write_bytes(signed(tree(channel="beta", expires=FAR)))
    assert "channel beta" in order(applier, "install")
    past = {"not_before": "2026-01-01T00:00:00+08:00", "expires": "2026-02-01T00:00:00+08:00"}
    (applier.orders / MANIFEST).write_bytes(signed(tree(**past)))
    assert "expired" in order(applier, "install")
    assert dpkg.installed == "0.1.0"


def test_root_writes_through_no_link_of_the_terminal(desk: tuple[Applier, Dpkg], tmp_path: Path) -> None:
    applier, _ = desk
    theirs = tmp_path / "shadow"
    theirs.write_text("root:*:\n")
    (applier.orders / f"{ANSWER}.new").symlink_to(theirs)
    assert order(applier, "install") == ""
    assert theirs.read_text() == "root:*:\n"
    assert not (applier.orders / ANSWER).is_symlink()


def test_nothing_is_installed_without_a_way_back_or_backwards(desk: tuple[Applier, Dpkg]) -> None:
    applier, dpkg = desk
    (applier.own / "current.deb").unlink()
    assert "no way back" in order(applier, "install")
    assert "no way back" in order(applier, "take-back")
    dpkg.installed = "0.5.0"
    assert "older than 0.5.0" in order(applier, "install")
    with pytest.raises(CannotInstall, match=r"installed is 0\.5\.0"):
        asyncio.run(applier.seed(applier.orders.parent / "old.deb"))


def test_a_dpkg_that_fails_leaves_the_way_back_armed(desk: tuple[Applier, Dpkg]) -> None:
    applier, dpkg = desk
    dpkg.fails = True
    assert "dpkg: no" in order(applier, "install")
    assert (applier.own / "on-trial").exists()
    assert (applier.own / "current.deb").read_bytes() == b"old"


async def test_the_terminal_orders_and_hears_the_answer(desk: tuple[Applier, Dpkg]) -> None:
    applier, dpkg = desk

    async def again() -> None:
        raise AssertionError

    async def root() -> None:
        while dpkg.installed != "0.2.0":
            await applier.apply()
            await asyncio.sleep(0.01)

    ends = asyncio.create_task(root())
    ordering = ByOrder(applier.orders, again, 5.0)
    await ordering.install(applier.orders / "kiosk-0.2.0.deb", "0.2.0")
    await ends
    with pytest.raises(CannotInstall, match=r"weihai-kiosk-update\.path"):
        await ByOrder(applier.orders, again, 0.05).keep("0.2.0")


# The publisher's desk


def test_a_manifest_is_completed_and_signed(tmp_path: Path) -> None:
    manifest = tree(files=[{"method": "package", "name": "kiosk_0.2.0_amd64.deb"}])
    (tmp_path / "in.json").write_text(json.dumps(manifest))
    (tmp_path / "key").write_text(KEY.private_bytes_raw().hex())
    (tmp_path / "key").chmod(0o600)
    asked = ["updates", "sign", str(tmp_path / "in.json"), "--key", str(tmp_path / "key"), "--out", str(tmp_path)]
    missing = CliRunner().invoke(app, asked)
    assert (missing.exit_code, "kiosk_0.2.0_amd64.deb" in missing.output) == (1, True)
    (tmp_path / "kiosk_0.2.0_amd64.deb").write_bytes(CONTENT)
    assert CliRunner().invoke(app, asked).exit_code == 0
    made = read_manifest((tmp_path / "stable.json").read_bytes(), PUBLIC)
    assert made.file("package").size == len(CONTENT)  # type: ignore[union-attr]  # it was given above
    (tmp_path / "key").chmod(0o644)
    assert "chmod 600" in CliRunner().invoke(app, asked).output
