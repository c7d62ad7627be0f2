"""NUT's protocol: words and quotes, the client against a server that spoils everything, and against the real upsd."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.ups.frames import MAX_LINE, NutError, line_of, reading_of, words_of
from kiosk.health.nut import NutAddress, UpsUnheard, ask
from simulator.device import UnknownVerb
from simulator.models.ups import UpsSim, make
from simulator.wire.nut import NutEnd

UPSD = Path("/lib/nut/upsd")
DUMMY = Path("/lib/nut/dummy-ups")


# Golden lines of RFC 9271, 4.2 and of upsd 2.8
@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'VAR su700 ups.status "OL CHRG"\n', ["VAR", "su700", "ups.status", "OL CHRG"]),
        (b'UPS su700 "Description unavailable"\n', ["UPS", "su700", "Description unavailable"]),
        (b"BEGIN LIST UPS\n", ["BEGIN", "LIST", "UPS"]),
        (b'VAR a b "x \\"y\\" \\\\ z"\n', ["VAR", "a", "b", 'x "y" \\ z']),
        (b'VAR a b ""\n', ["VAR", "a", "b", ""]),
        (b"ERR DATA-STALE\r\n", ["ERR", "DATA-STALE"]),
        (b"\n", []),
    ],
)
def test_lines_as_the_standard_writes_them(line: bytes, words: list[str]) -> None:
    assert words_of(line) == words


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20), min_size=1, max_size=8))
def test_what_is_written_is_read_again(words: list[str]) -> None:
    assert words_of(line_of(words)) == words


@given(st.binary(max_size=200))
def test_no_line_is_a_program_error(line: bytes) -> None:
    with suppress(NutError):
        assert all(isinstance(word, str) for word in words_of(line))


def test_caps() -> None:
    with pytest.raises(NutError, match="more than"):
        words_of(b"x" * (MAX_LINE + 1))
    with pytest.raises(NutError, match="more than"):
        line_of(["x" * MAX_LINE])
    with pytest.raises(NutError, match="line end"):
        line_of(["a\nb"])


def test_what_variables_say() -> None:
    told = reading_of({"ups.status": "OB DISCHRG LB", "battery.charge": "12", "battery.runtime": "90"})
    assert (told.on_battery, told.low, told.charge, told.runtime_s) == (True, True, 12.0, 90.0)
    assert not reading_of({"ups.status": "OL LB"}).low  # charging after a long cut: mains are there
    assert reading_of({"ups.status": "OL", "battery.charge": "nan"}).charge is None
    assert reading_of({"ups.status": "OL", "battery.charge": "-3"}).charge is None
    with pytest.raises(NutError, match=r"ups\.status"):
        reading_of({"battery.charge": "12"})


@pytest.mark.parametrize("text", ["ups", "ups@", "ups@h:x", "@"])
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="name@host"):
        NutAddress.of(text)


async def plugged() -> tuple[UpsSim, NutAddress]:
    ups = make("tcp://127.0.0.1:0")
    await ups.plug()
    return ups, NutAddress.of(ups.link)


async def test_the_simulated_ups_by_its_own_port() -> None:
    ups, address = await plugged()
    try:
        well = await ask(address)
        assert (well.on_battery, well.low, well.charge, well.model) == (False, False, 100.0, "Simulated Battery 600")
        ups.do("mains_off")
        ups.do("battery", charge=30, runtime_s=120)
        told = await ask(NutAddress("", address.host, address.port))  # the first UPS, whatever its name
        assert (told.on_battery, told.low) == (True, False)
        assert told.charge == pytest.approx(30, abs=1)
        assert told.runtime_s == pytest.approx(120, abs=3)
        ups.do("battery_low")
        assert (await ask(address)).low
        ups.do("replace_battery")
        assert (await ask(address)).worn
        ups.do("mains_on")
        assert not (await ask(address)).on_battery
        with pytest.raises(ValueError, match="do mains_off first"):
            ups.do("battery_low")
        with pytest.raises(UnknownVerb):
            ups.do("explode")
    finally:
        await ups.unplug()


@pytest.mark.parametrize(
    ("verb", "why"),
    [("silent", "no answer"), ("stale", "DATA-STALE"), ("garbled", "does not end"), ("endless", "more than")],
)
async def test_a_spoiled_line_is_a_sentence_within_the_deadline(verb: str, why: str) -> None:
    ups, address = await plugged()
    try:
        ups.do(verb)
        began = time.monotonic()
        with pytest.raises(UpsUnheard, match=why):
            await ask(address, 0.4)
        assert time.monotonic() - began < 2
        ups.do("clear_faults")
        assert (await ask(address)).status
    finally:
        await ups.unplug()
    with pytest.raises(UpsUnheard, match="nut-server"):
        await ask(address)


async def test_another_name_is_refused() -> None:
    ups, address = await plugged()
    try:
        with pytest.raises(UpsUnheard, match="UNKNOWN-UPS"):
            await ask(NutAddress("other", address.host, address.port))
    finally:
        await ups.unplug()


def test_the_battery_drains_and_is_charged_by_the_clock() -> None:
    now = [0.0]
    ups = UpsSim("tcp://127.0.0.1:0", lambda: now[0], 600)
    assert ups.charge == 100
    ups.do("mains_off")
    now[0] = 300
    assert ups.charge == pytest.approx(50)
    now[0] = 500
    assert ups.is_low
    assert "LB" in ups.variables()["ups.status"]
    ups.do("mains_on")
    now[0] += 3600
    assert ups.charge == pytest.approx(100 / 6 + 50)
    assert "CHRG" in ups.variables()["ups.status"]


def test_the_end_knows_what_upsd_knows() -> None:
    end = NutEnd("ups", lambda: {"ups.status": "OL", "x.y": 'a "b"'})
    assert end.answer(b"GET VAR ups x.y\n") == b'VAR ups x.y "a \\"b\\""\n'
    assert end.answer(b"GET VAR ups q\n") == b"ERR VAR-NOT-SUPPORTED\n"
    assert end.answer(b"NETVER\n") == b"1.3\n"
    assert end.answer(b"PLEASE\n") == b"ERR UNKNOWN-COMMAND\n"
    assert end.answer(b'GET "\n') == b"ERR INVALID-ARGUMENT\n"


@pytest.mark.oracle
@pytest.mark.processes
async def test_the_real_upsd_with_its_own_driver(tmp_path: Path) -> None:
    """The battery of NUT's dummy driver is told by its file; `upsc` reads the simulated end as it reads upsd's."""
    assert UPSD.exists(), "nut-server is missing: make setup installs it"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "ups.conf").write_text(f"[ups]\n driver = dummy-ups\n mode = dummy-loop\n port = {tmp_path}/dev.seq\n")
    (tmp_path / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {port}\nMAXAGE 25\n")
    (tmp_path / "upsd.users").write_text("")
    (tmp_path / "dev.seq").write_text("ups.status: OB DISCHRG LB\nbattery.charge: 17\nbattery.runtime: 95\nTIMER 600\n")
    environment = {"NUT_CONFPATH": str(tmp_path), "NUT_STATEPATH": str(tmp_path), "NUT_ALTPIDPATH": str(tmp_path)}
    whoami = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    log = (tmp_path / "log").open("w")
    driver = subprocess.Popen(
        [DUMMY, "-a", "ups", "-D", "-u", whoami], env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    server = None
    try:
        for _ in range(50):
            if list(tmp_path.glob("dummy-ups-ups*")):
                break
            await asyncio.sleep(0.1)
        server = subprocess.Popen([UPSD, "-D", "-u", whoami], env=environment, stdout=log, stderr=subprocess.STDOUT)
        told = None
        for _ in range(100):
            try:
                told = await ask(NutAddress("ups", "127.0.0.1", port))
                if told.charge is not None:  # the driver has read its file
                    break
            except UpsUnheard:
                pass
            await asyncio.sleep(0.1)
        assert told is not None, (tmp_path / "log").read_text()
        assert (told.on_battery, told.low, told.charge, told.runtime_s) == (True, True, 17.0, 95.0)
    finally:
        for process in filter(None, (server, driver)):
            process.terminate()
            process.wait(10)
        log.close()
    ups, address = await plugged()
    try:
        said = await asyncio.to_thread(
            subprocess.run,
            ["upsc", f"ups@127.0.0.1:{address.port}"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        assert "ups.status: OL" in said.stdout
        assert "battery.charge: 100" in said.stdout
    finally:
        await ups.unplug()
