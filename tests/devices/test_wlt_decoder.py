"""The portrait decoder's child process against a library of ours with the entry points that vendors' libraries have.

The library reads from byte 20 of the blob how to behave. Real vendors' libraries are licensed and not to be had; what
is held up here is the calls, the checks and the ends: crash, hang, wrong size, files, noise on the standard output.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from drivers.errors import DeviceError
from drivers.id_card.driver import CardRead, IdCardReader
from drivers.id_card.frames import WLT_HEADER, PhotoError
from drivers.id_card.portrait import decode_standin, portrait_decoder
from drivers.id_card.wlt import FOLDER, MEMORY, WltDecoder
from drivers.id_card.wlt_call import CALLS, WltCall, wlt_call
from drivers.id_card.wlt_picture import BMP_BYTES, PICTURE_BYTES, upright
from simulator.models.chip_card import chip_card

SOURCE = Path(__file__).parent / "wlt_vendor.c"
GOOD, CRASH, HANG, SHORT, LONG, THIRD, FLAT, BMP, REFUSE, FILES, PRINT, CHILD, EXIT, EATER, TINY = range(15)


def blob(behaviour: int, text: bytes = b"") -> bytes:
    """A WLT by its head; the rest is ours: a behaviour, and at byte 100 a text for it."""
    head = WLT_HEADER.ljust(20, b"\0") + bytes((behaviour,))
    return (head.ljust(100, b"\0") + text).ljust(1024, b"\0")


def expected() -> Any:
    """What the library paints, top row first."""
    picture = numpy.zeros((126, 102, 3), numpy.uint8)
    picture[..., 0] = numpy.arange(102)[None, :]
    picture[..., 1] = numpy.arange(126)[:, None]
    picture[..., 2] = 77
    return picture


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, compiled."""
    made = tmp_path_factory.mktemp("vendor") / "libwlt2bmp.so"
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    assert compiler, "a C compiler is needed; install the test packages"
    command = [compiler, "-shared", "-fPIC", "-O1", "-w", "-o", str(made), str(SOURCE)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return made


@pytest.fixture(autouse=True)
def nothing_left_in_memory() -> Iterator[None]:
    yield
    assert not list(MEMORY.glob(f"{FOLDER}-{os.getpid()}-*"))


def decoder(library: Path, query: str = "") -> WltDecoder:
    """As a profile would name it."""
    made = portrait_decoder(f"ctypes:{library}{query}")
    assert isinstance(made, WltDecoder)
    return made


def test_a_raw_picture_comes_upright(library: Path) -> None:
    decode = decoder(library)
    picture = decode(blob(GOOD))
    assert picture is not None
    assert numpy.array_equal(picture, expected())
    assert (picture.dtype, decode.trouble, decode.installed) == (numpy.uint8, "", True)


@pytest.mark.parametrize(
    ("query", "behaviour"),
    [
        ("?third=708", THIRD),
        ("", BMP),
        ("?call=get-bmp", GOOD),
        ("?call=cvr&sam=05.03-1&base=/opt/base.dat&license=/opt/l.dat&format=3", GOOD),
        ("?symbol=missing|named&arguments=blob,picture,blob-size,text:hello&success=0", GOOD),
        ("", PRINT),
        ("", CHILD),
    ],
)
def test_every_way_to_call_it(library: Path, query: str, behaviour: int) -> None:
    decode = decoder(library, query)
    picture = decode(blob(behaviour))
    assert decode.trouble == ""
    assert numpy.array_equal(picture, expected())


def test_red_first_and_rows_downwards(library: Path) -> None:
    picture = decoder(library, "?order=rgb&rows=down")(blob(GOOD))
    assert picture is not None
    assert numpy.array_equal(picture, expected()[::-1, :, ::-1])


@pytest.mark.parametrize(
    ("query", "behaviour", "why"),
    [
        ("", CRASH, r"crashed \(SIGSEGV\)"),
        ("", SHORT, "wrote 30000 bytes"),
        ("", THIRD, "wrote 0 bytes"),
        ("", TINY, "wrote 100 bytes"),
        ("", LONG, "wrote 38956 bytes"),
        ("", FLAT, "one single colour"),
        ("?success=1", REFUSE, "answered -5; 1 is success"),
        ("?symbol=last_rows_only", GOOD, "rows of the picture unwritten"),
        ("", EXIT, "said nothing"),
        ("", EATER, "crashed"),
        ("?call=get-bmp&third=1", GOOD, "no picture file"),
        ("?call=get-bmp", SHORT, "5000 bytes"),
        ("?call=get-bmp", TINY, "no picture file"),
        ("?call=get-bmp", CRASH, "crashed"),
        ("?call=cvr&sam=other&base=/opt/base.dat&license=x&format=3", GOOD, "wrote 0 bytes"),
        ("?call=cvr&sam=05.03-1&base=/opt/base.dat&license=x&format=3", SHORT, "says 5 bytes and wrote 38862"),
        ("?symbol=nowhere", GOOD, "has no nowhere"),
        ("?call=hx-get-bmp", GOOD, "has no HX_GetBmp"),
    ],
)
def test_what_goes_wrong_is_none_and_named(
    library: Path, query: str, behaviour: int, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    decode = decoder(library, query)
    with caplog.at_level(logging.WARNING):
        picture = decode(blob(behaviour))
    assert picture is None
    assert re.search(why, decode.trouble)
    assert "no portrait" in caplog.text
    assert len(decode.trouble) < 600


def test_it_is_as_good_as_new_after_each_end(library: Path) -> None:
    decode = decoder(library, "?deadline=0.5")
    for behaviour in (CRASH, HANG, EXIT, TINY):
        assert decode(blob(behaviour)) is None
        assert decode.trouble
        patient = decoder(library)
        assert patient(blob(GOOD)) is not None
    assert children(library) == []


def children(library: Path) -> list[int]:
    """Processes of ours that still run the decoder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"drivers.id_card.wlt_worker" in line and str(library).encode() in line:
                found.append(int(entry.name))
    return found


def test_a_hang_ends_at_the_deadline(library: Path) -> None:
    decode = decoder(library, "?deadline=1")
    started = time.monotonic()
    assert decode(blob(HANG)) is None
    assert 1.0 <= time.monotonic() - started < 3.0
    assert "took more than 1 s" in decode.trouble
    assert children(library) == []


def test_a_library_that_takes_memory_can_write_no_file(library: Path, tmp_path: Path) -> None:
    left = tmp_path / "portrait.bmp"
    assert decoder(library)(blob(FILES, str(left).encode())) is not None
    assert not left.exists() or left.stat().st_size == 0


def test_threads_take_turns_within_the_deadline_and_closing_ends_what_is_at_work(library: Path) -> None:
    decode = decoder(library, "?deadline=5")
    results: list[object] = []
    hanging = threading.Thread(target=lambda: results.append(decode(blob(HANG))))
    hanging.start()
    until = time.monotonic() + 3
    while not children(library) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.2)
    started = time.monotonic()
    decode.close()
    hanging.join(2)
    assert not hanging.is_alive()
    assert time.monotonic() - started < 2
    assert results == [None]
    workers = [threading.Thread(target=lambda: results.append(decode(blob(GOOD)))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert len(results) == 5
    assert all(result is not None for result in results[1:])
    decode.close()


def test_only_wlt_goes_to_the_library_and_only_the_stand_in_to_its_codec(
    library: Path, caplog: pytest.LogCaptureFixture
) -> None:
    standin = chip_card("citizen-00").photo
    runs: list[object] = []

    class Watched(WltDecoder):
        def _run(self, *args: Any) -> Any:
            runs.append(args)
            return super()._run(*args)

    decode = Watched(wlt_call(f"ctypes:{library}"))
    with caplog.at_level(logging.WARNING):
        for other in (standin, b"", b"WL", bytes(1024), b"WL" + bytes(1022), blob(GOOD) + b"\0"):
            assert decode(other) is None
        assert runs == []
        assert "the simulator's stand-in" in caplog.text
        assert decode(blob(GOOD)[:800]) is not None
        assert len(runs) == 1
        assert decode_standin(blob(GOOD)) is None
        assert "a real card" in caplog.text
    assert decode_standin(standin) is not None


def test_a_missing_library_is_known_at_once_and_warns_the_technician(library: Path, tmp_path: Path) -> None:
    decode = decoder(tmp_path / "libmissing.so")
    assert "is missing" in decode.trouble
    assert decode(blob(GOOD)) is None
    assert "cannot be used" in decode.trouble
    reader = IdCardReader("id_card", "memory://x", {"portrait": f"ctypes:{tmp_path}/libmissing.so"})
    assert not reader.has_portraits
    assert [(w.cause, w.who) for w in reader._warnings()] == [("no-portrait", "vendor")]
    good = IdCardReader("id_card", "memory://x", {"portrait": f"ctypes:{library}"})
    assert good.has_portraits
    assert good._warnings() == ()
    assert not IdCardReader("id_card", "memory://x").has_portraits
    not_elf = tmp_path / "libtext.so"
    not_elf.write_text("no library")
    broken = decoder(not_elf)
    assert broken.trouble == ""
    assert broken(blob(GOOD)) is None
    assert "invalid ELF header" in broken.trouble or "too short" in broken.trouble


async def test_the_driver_hands_it_out_through_a_thread(library: Path) -> None:
    import asyncio
    from dataclasses import fields

    reader = IdCardReader("id_card", "memory://x", {"portrait": f"ctypes:{library}"})
    values: dict[str, Any] = {field.name: "" for field in fields(CardRead)}
    card = CardRead(**{**values, "photo": blob(GOOD)})
    picture = await asyncio.to_thread(reader.portrait, card)
    assert numpy.array_equal(picture, expected())
    assert reader.has_portraits
    await reader.close()
    with pytest.raises(DeviceError):
        await reader.find()


def test_no_memory_file_system_no_portrait_from_a_library_that_takes_paths(library: Path, tmp_path: Path) -> None:
    decode = WltDecoder(wlt_call(f"ctypes:{library}?call=get-bmp"), memory=tmp_path)
    assert decode(blob(GOOD)) is None
    assert "must not touch a disk" in decode.trouble
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_terminal_left_is_swept(library: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = MEMORY / f"{FOLDER}-{dead.pid}-abc"
    left.mkdir()
    (left / "portrait.wlt").write_bytes(b"x")
    assert decoder(library, "?call=get-bmp")(blob(GOOD)) is not None
    assert not left.exists()


def test_a_process_that_cannot_start_and_one_that_talks_nonsense(library: Path) -> None:
    call = wlt_call(f"ctypes:{library}")
    nowhere = WltDecoder(call, worker=["/nonexistent/python"])
    assert nowhere(blob(GOOD)) is None
    assert "cannot be started" in nowhere.trouble
    for script, why in (
        ("head -c 900000 /dev/zero", "nonsense"),
        ("head -c 900000 /dev/zero | tr '\\0' P", "nonsense"),
        ("printf P", "said nothing"),
        ("cat >/dev/null; printf 'P\\000\\003abc'", "nonsense"),
        ("true", "said nothing"),
        ("exit 3", "crashed"),
    ):
        decode = WltDecoder(call, worker=["/bin/sh", "-c", script])
        assert decode(blob(GOOD)) is None
        assert why in decode.trouble


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("ctypes:lib.so", "write ctypes:/path"),
        ("ctypes:/l.so?call=magic", "'magic' is unknown"),
        ("ctypes:/l.so?fourth=1", "unknown fourth"),
        ("ctypes:/l.so?third=x", "'x' is none of"),
        ("ctypes:/l.so?third=4294967296", "does not fit"),
        ("ctypes:/l.so?call=cvr&sam=1", "needs base, license, format"),
        ("ctypes:/l.so?symbol=a b", "no symbol"),
        ("ctypes:/l.so?arguments=picture", "neither blob"),
        ("ctypes:/l.so?arguments=blob,1", "neither picture"),
        ("ctypes:/l.so?order=grb", "use one of bgr"),
        ("ctypes:/l.so?rows=left", "use one of up"),
        ("ctypes:/l.so?deadline=60", "0.5 to 5"),
        ("ctypes:/l.so?deadline=soon", "0.5 to 5"),
        ("ctypes:/l.so?success=yes", "is none of"),
        ("wlt", "unknown decoder"),
    ],
)
def test_options_say_what_to_write(option: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        portrait_decoder(option)


def test_calls_travel_to_the_process_as_they_are() -> None:
    for name, known in CALLS.items():
        query = "&".join((f"call={name}", *(f"{key}={default or '7'}" for key, default in known.holes)))
        call = wlt_call(f"ctypes:/opt/vendor/lib.so?{query}")
        assert WltCall.of_json(call.json()) == call
        assert "{" not in "".join(call.decode + call.before)


def test_pictures_of_another_shape_are_none() -> None:
    good = bytes(range(256)) * 152
    assert len(upright(good[:PICTURE_BYTES])) == PICTURE_BYTES
    head = bytearray(b"BM" + bytes(52))
    head[10], head[14], head[18], head[22], head[26], head[28] = 54, 40, 102, 126, 1, 24
    bmp = bytes(head) + good[: BMP_BYTES - 54]
    assert len(upright(bmp)) == PICTURE_BYTES
    down = bytearray(bmp)
    down[22:26] = (-126).to_bytes(4, "little", signed=True)
    assert upright(bytes(down))[:306] == bmp[54:360]
    for at in (10, 14, 18, 22, 26, 28, 30):
        odd = bytearray(bmp)
        odd[at] ^= 1
        with pytest.raises(PhotoError, match="24 bits is a portrait"):
            upright(bytes(odd))
    for data in (b"", good[: PICTURE_BYTES - 1], bmp[:-1], bytes(BMP_BYTES)):
        with pytest.raises(PhotoError, match="bytes"):
            upright(data)
    with pytest.raises(PhotoError, match="single colour"):
        upright(b"\1\2\3" * (PICTURE_BYTES // 3))
