"""The installed package packed again from its files: dpkg keeps no file of what it installed, and updates need one."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from kiosk.updates.installer import INSTALL_S, CannotInstall

CONTROL: Final = ("preinst", "postinst", "prerm", "postrm", "md5sums", "triggers", "shlibs")
FIELDS: Final = (
    "Package", "Version", "Architecture", "Maintainer", "Installed-Size", "Section", "Priority", "Pre-Depends",
    "Depends", "Recommends", "Suggests", "Conflicts", "Breaks", "Replaces", "Provides", "Description",
)  # fmt: skip
LISTS: Final = "var/lib/dpkg/info"
"""What `dpkg-query -L` prints is a megabyte, and stands here."""
SPARE: Final = 512 << 20
"""Room that must be left on the disk."""
Run = Callable[[Sequence[str], float], Awaitable[str]]


async def pack_again(package: str, target: Path, runs: Run, top: Path) -> str:
    """Write the installed `package` as a .deb to `target`; its version. `runs` runs a program (`installer.run`);
    dpkg's system is at `top`.

    Files are linked, not copied, where `target` lies on their file system. Raises `CannotInstall` when a file is not as
    it was installed (a file of settings may differ), or the disk is too full; `OSError`.
    """
    fields = await _fields(package, runs)
    if changed := _changed(await runs(["dpkg", "--verify", package], INSTALL_S)):
        raise CannotInstall(f"{changed} is not as it was installed: install the package again first")
    space = os.statvfs(target.parent)
    if space.f_bavail * space.f_frsize < SPARE + 1024 * int(fields.get("Installed-Size", "0")):
        raise CannotInstall(f"{target.parent}: too little room to keep a way back")
    listed = (top / LISTS / f"{package}.list").read_text("utf-8").splitlines()
    stage = _stage(target.parent)
    try:
        for name in listed:
            _put(top / name.lstrip("/"), stage / name.lstrip("/"))
        await _control(package, fields, stage, runs)
        fresh = target.with_name(target.name + ".new")
        await runs(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", str(stage), str(fresh)], INSTALL_S)
        with fresh.open("rb") as made:
            os.fsync(made.fileno())
        fresh.replace(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return fields["Version"]


def _stage(folder: Path) -> Path:
    stage = Path(tempfile.mkdtemp(prefix="seed-", dir=folder))
    stage.chmod(0o755)
    return stage


async def _fields(package: str, runs: Run) -> dict[str, str]:
    """The package's control fields as dpkg has them; those that are its status are none of them."""
    asked = "".join(f"{name}\\x1f${{{name}}}\\x1e" for name in FIELDS)
    said = await runs(
        ["dpkg-query", "-W", "-f", asked.replace("\\x1f", "\x1f").replace("\\x1e", "\x1e"), package], 60.0
    )
    parted = (part.partition("\x1f") for part in said.split("\x1e"))
    return {name: value.strip() for name, _, value in parted if value.strip()}


def _changed(verified: str) -> str:
    """The first file that `dpkg --verify` finds changed or missing, "" none. One marked `c` is of settings; a system
    that leaves documentation out has none."""
    for line in verified.splitlines():
        name = line.split()[-1] if line.split() else ""
        left_out = line.startswith("missing") and name.startswith(("/usr/share/doc/", "/usr/share/lintian/"))
        if name.startswith("/") and " c " not in line and not left_out:
            return name
    return ""


def _put(source: Path, target: Path) -> None:
    """As it is on disk; what a system leaves out (its documentation) is left out."""
    try:
        mode = source.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(mode):
        target.symlink_to(source.readlink())
    elif stat.S_ISDIR(mode):
        target.mkdir(exist_ok=True)
        target.chmod(stat.S_IMODE(mode))
    else:
        try:
            os.link(source, target)
        except OSError:  # another file system
            shutil.copy2(source, target)


async def _control(package: str, fields: dict[str, str], stage: Path, runs: Run) -> None:
    folder = stage / "DEBIAN"
    folder.mkdir(mode=0o755)
    (folder / "control").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()), encoding="utf-8")
    for name in CONTROL:
        try:
            source = (await runs(["dpkg-query", "--control-path", package, name], 60.0)).strip()
        except CannotInstall:
            continue
        if source:
            shutil.copy2(source, folder / name)
    # dpkg hides its own file of these. One that somebody deleted is none of the new package's.
    told = await runs(["dpkg-query", "-W", "-f", "${Conffiles}", package], 60.0)
    settings = [line.split()[0] for line in told.splitlines() if line.strip() and "obsolete" not in line.split()]
    if kept := [name for name in settings if (stage / name.lstrip("/")).exists()]:
        (folder / "conffiles").write_text("".join(f"{name}\n" for name in kept), encoding="utf-8")
