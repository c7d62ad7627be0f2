"""The real RAUC with two real slots, through our updater: installed into the other one, kept, taken back, refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.updates import rauc
from kiosk.updates.around import Around, Readiness
from kiosk.updates.installer import CannotInstall
from kiosk.updates.rauc import Rauc
from kiosk.updates.state import State, StateFile
from kiosk.updates.updater import Updater
from tests.updates.a_machine import SETTINGS, Restart
from tests.updates.rauc_system import RaucSystem, bundle, keypair, why_no_verity, why_not
from tests.updates.release import NOW, signed, tree

OLD, NEW = "0.1.0", "0.2.0"
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.processes,
    pytest.mark.xdist_group("loop-devices"),
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keypair(tmp_path_factory.mktemp("rauc") / "keys")


@pytest.fixture
def system(tmp_path: Path, keys: Path) -> Iterator[RaucSystem]:
    made = RaucSystem(tmp_path / "system", keys)
    yield made
    made.close()


async def restart() -> None:
    raise Restart


async def life(system: RaucSystem, folder: Path, file: bytes, well: frozenset[str], started: list[str]) -> State:
    """The terminal from a start of the machine to the next, or to the end of the update. Raises `Restart`."""
    running = system.boot()
    started.append(running)
    seconds = 0.0

    async def quiet() -> str:
        return ""

    async def note(kind: str, body: Mapping[str, object]) -> None:
        assert kind.startswith("update.")

    around = Around(
        "WH-HC-0003",
        running,
        lambda: NOW + timedelta(seconds=len(started) * 60 + seconds),
        lambda: seconds,
        quiet,
        lambda had: Readiness("" if running in well else "it shows nothing"),
        tuple,
        note,
        lambda url: signed(tree(NEW, content=file)),
    )
    updater = Updater(SETTINGS, StateFile(folder), around, Rauc(str(system.command), restart))
    for _ in range(200):
        done = updater.state.phase in ("good", "rolled-back", "failed")
        if not await updater.step():
            seconds += 60
        if done or updater.state.phase in ("good", "rolled-back", "failed"):
            break
    return updater.state


def lives(system: RaucSystem, folder: Path, made: Path, well: frozenset[str]) -> tuple[State, list[str]]:
    """Over every start of the machine; (where the update stands then, the versions that were started)."""
    place, file = folder / "updates", made.read_bytes()
    place.mkdir(parents=True)
    (place / made.name).write_bytes(file)
    started: list[str] = []
    while len(started) < 8:
        try:
            return asyncio.run(life(system, folder, file, well, started)), started
        except Restart:
            continue
    raise AssertionError(started)


def test_a_good_version_is_in_the_other_slot_and_stays(system: RaucSystem, tmp_path: Path, keys: Path) -> None:
    state, started = lives(system, tmp_path, bundle(tmp_path, NEW, keys), frozenset({OLD, NEW}))
    assert (state.phase, started) == ("good", [OLD, NEW])
    assert (system.booted, system.version("A"), system.version("B")) == ("B", OLD, NEW)
    for _ in range(3):  # every start is counted, and settled by the terminal
        assert asyncio.run(life(system, tmp_path, b"", frozenset(), [])).phase == "good"
        assert system.booted == "B"
    slots = asyncio.run(Rauc(str(system.command)).status())
    assert (slots.booted, slots.primary, slots.booted_good, slots.other_good) == ("B", "B", True, True)
    system.boot()  # and nobody settles it
    assert system.boot() == OLD, "the next start is the other system's: why the terminal does"


def test_a_version_that_is_not_well_goes_back_into_the_first_slot(
    system: RaucSystem, tmp_path: Path, keys: Path
) -> None:
    state, started = lives(system, tmp_path, bundle(tmp_path, NEW, keys), frozenset({OLD}))
    assert (state.phase, state.bad, started) == ("rolled-back", (NEW,), [OLD, NEW, OLD])
    assert system.booted == "A"
    for _ in range(2):
        assert asyncio.run(life(system, tmp_path, b"", frozenset(), [])).phase == "rolled-back"
        assert system.booted == "A"


def test_one_that_never_starts_is_left_by_the_boot_loader_and_known_at_once(
    system: RaucSystem, tmp_path: Path, keys: Path
) -> None:
    made = bundle(tmp_path, NEW, keys)

    class Dead(RaucSystem):
        def boot(self) -> str:
            version = super().boot()
            return super().boot() if version == NEW else version  # it hangs, and somebody presses reset

    system.__class__ = Dead
    state, started = lives(system, tmp_path, made, frozenset({OLD, NEW}))
    assert (state.phase, state.bad, started) == ("rolled-back", (NEW,), [OLD, OLD])


def test_a_bundle_of_another_key_or_for_another_machine_is_refused(
    system: RaucSystem, tmp_path: Path, keys: Path
) -> None:
    theirs = bundle(tmp_path / "theirs", NEW, keypair(tmp_path / "theirs" / "keys"))
    state, started = lives(system, tmp_path / "one", theirs, frozenset({OLD, NEW}))
    assert (state.phase, started) == ("failed", [OLD])
    assert "signature" in state.said
    other = bundle(tmp_path / "other", NEW, keys, compatible="coffee-machine")
    state, started = lives(system, tmp_path / "two", other, frozenset({OLD, NEW}))
    assert (state.phase, started) == ("failed", [OLD])
    assert "compatible" in state.said.lower()
    assert (system.version("B"), system.booted) == (OLD, "A")


async def test_it_is_found_where_it_is_and_says_what_is_missing(system: RaucSystem, tmp_path: Path) -> None:
    system.boot()
    assert await rauc.is_there(str(system.command))
    with pytest.raises(CannotInstall, match="rauc"):
        await Rauc(str(system.command), restart).install(tmp_path / "nothing.raucb", NEW)
    system.close()
    assert not await rauc.is_there(str(system.command))


@pytest.mark.skipif(bool(why_no_verity()), reason=why_no_verity())
def test_a_bundle_of_the_format_verity_is_installed(tmp_path: Path, keys: Path) -> None:
    """The format that docs/updates.md advises."""
    system = RaucSystem(tmp_path / "system", keys, "verity")
    try:
        state, started = lives(system, tmp_path, bundle(tmp_path, NEW, keys, "verity"), frozenset({OLD, NEW}))
        assert (state.phase, started) == ("good", [OLD, NEW])
    finally:
        system.close()
