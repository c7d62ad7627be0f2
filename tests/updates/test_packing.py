"""The installed package packed again: what dpkg itself makes of it, in a system of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from kiosk.updates.applying import Applier
from kiosk.updates.installer import CannotInstall, run
from tests.updates.test_installers import SETTINGS

pytestmark = pytest.mark.oracle
CONTROL = """Package: weihai-kiosk
Version: 0.1.0
Architecture: all
Maintainer: nobody <nobody@weihai.invalid>
Description: a small one
 of two lines
"""


@pytest.fixture
def applier(tmp_path: Path) -> Applier:
    """A small package, installed by dpkg into a folder."""
    stage, root, own = tmp_path / "stage", tmp_path / "root", tmp_path / "own"
    for name, text in {
        "DEBIAN/control": CONTROL,
        "DEBIAN/conffiles": "/etc/weihai-kiosk/site.toml\n",
        "etc/weihai-kiosk/site.toml": "# a hall\n",
        "opt/weihai-kiosk/kiosk": "#!/bin/sh\n",
        "usr/share/doc/weihai-kiosk/copyright": "ours\n",
    }.items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).write_text(text)
    (stage / "opt/weihai-kiosk/kiosk").chmod(0o755)
    (stage / "opt/weihai-kiosk/link").symlink_to("/usr/bin/python3.11")
    sums = subprocess.run(["md5sum", "opt/weihai-kiosk/kiosk"], cwd=stage, check=True, capture_output=True).stdout
    (stage / "DEBIAN/md5sums").write_bytes(sums)
    built = ["dpkg-deb", "--root-owner-group", "-b", str(stage), str(tmp_path / "first.deb")]
    subprocess.run(built, check=True, capture_output=True)
    own.mkdir()
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    inside = [f"--root={root}", "--force-not-root", "--force-bad-path", f"--log={tmp_path}/log"]
    subprocess.run(["dpkg", *inside, "-i", str(tmp_path / "first.deb")], check=True, capture_output=True)

    async def runs(argv: Sequence[str], deadline_s: float) -> str:
        there = [f"--root={root}"] if argv[0] in ("dpkg", "dpkg-query") else []
        return await run([argv[0], *there, *argv[1:]], deadline_s)

    return Applier(SETTINGS, tmp_path, own, runs, top=root)


def told(deb: Path) -> str:
    """Names, modes, owners and sizes of its files, and its control fields."""
    files = subprocess.run(["dpkg-deb", "-c", str(deb)], check=True, capture_output=True, text=True).stdout
    fields = subprocess.run(["dpkg-deb", "-f", str(deb)], check=True, capture_output=True, text=True).stdout
    return "\n".join(sorted(files.splitlines())) + fields


async def test_it_is_the_package_that_was_installed_and_is_kept_once(applier: Applier, tmp_path: Path) -> None:
    assert await applier.seed() == "0.1.0 is the way back"
    again = applier.own / "current.deb"
    assert told(again) == told(tmp_path / "first.deb")
    assert subprocess.run(["dpkg-deb", "-I", str(again), "conffiles"], check=True, capture_output=True).stdout
    stamp = again.stat().st_mtime_ns
    assert await applier.seed() == "0.1.0 is the way back already"
    assert again.stat().st_mtime_ns == stamp
    assert [each.name for each in applier.own.iterdir()] == ["current.deb"]


async def test_settings_may_have_changed_and_documents_be_left_out_and_nothing_else(applier: Applier) -> None:
    (applier.top / "etc/weihai-kiosk/site.toml").unlink()
    (applier.top / "usr/share/doc/weihai-kiosk/copyright").unlink()
    assert await applier.seed() == "0.1.0 is the way back"
    (applier.own / "current.deb").unlink()
    (applier.top / "opt/weihai-kiosk/kiosk").write_text("#!/bin/bad\n")
    with pytest.raises(CannotInstall, match="opt/weihai-kiosk/kiosk is not as it was installed"):
        await applier.seed()
    assert list(applier.own.iterdir()) == []


async def test_what_was_before_a_trial_stays_the_way_back(applier: Applier) -> None:
    (applier.own / "on-trial").write_text("0.1.0 1 2\n")
    assert "stays the way back" in await applier.seed()
    assert not (applier.own / "current.deb").exists()
