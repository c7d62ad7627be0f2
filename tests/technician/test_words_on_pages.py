"""Whatever a test says, asks, measures or finds fits on its page, in three languages, standing and lying."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.device_tests import device_tests
from config.panel import LANDSCAPE, PORTRAIT, Orientation
from kiosk.diagnostics.sections import NAMES
from kiosk.events import events
from kiosk.technician.device_tests.declared import Figure
from kiosk.technician.device_tests.table import TESTS
from kiosk.technician.showing_person import _gauge, fact
from screens.compose import compose, look_for, plan
from screens.models import Place
from screens.models.technician import TestDone, TestQuestion, TestRunning
from screens.pages.technician_tests import tech_done, tech_question, tech_running
from screens.screen import Language, Screen
from screens.type import Typeface

MOST = {
    "face-camera": {"luma": 100, "burnt": 100, "fps": 15.2, "latency-ms": 1200, "pixels": "1920 x 1440", "focus": 120},
    "network": {
        "hop-names": 4999.9, "hop-address": 0.4, "hop-gateway": 1499.9, "hop-connect": 3999.9, "hop-tls": 5999.9,
        "hop-health": 4999.9, "certificate-days": 365,
    },
    "sensors": {
        "door": "door-closed", "tilt": "tilt-off", "presence": "presence-notpresent", "fan": "fan-on",
        "key": "key-off", "headset": "headset-notpresent", "celsius": 31.5,
    },
    "reader": {"read-ms": 3999, "retries": 4, "sam": "05.03-20200101-0001234567-1234567890"},
    "licence-printer": {"pages": 1, "page-s": 89.9, "paper": "supply-full", "toner": "supply-low"},
}  # fmt: skip
"""The fullest that each of these measures."""
TURNS = 1
CARD = ("kind: resident", "name: 张*三", "sex: 男", "number: 371***********0017", "address: 山东省威海市环翠区***",
        "issuer: ******", "valid_from: **********", "valid_to: 长期", "photo: 1024 bytes")  # fmt: skip


def pages(place: Place) -> Iterator[tuple[str, Screen]]:
    language: Language = place.language
    names = {test.id: test.name(language) for test in TESTS}
    longest = max(names.values(), key=len)
    words = device_tests()
    for key, said in words.say.items():
        filled = said.told(language, at=5, of=5)
        yield (
            f"say {key}",
            tech_running(place, TestRunning(longest, filled, qr="TEST-0A1B2C3D" if key == "hold-code" else "")),
        )
    for key, asked in words.ask.items():
        yield f"ask {key}", tech_question(place, TestQuestion(longest, asked.told(language)))
    for test, values in MOST.items():
        found = [Figure(id_, value) for id_, value in values.items()]
        gauges = tuple(gauge for each in found if (gauge := _gauge(each, language)))
        rows = tuple(fact(each, language) for each in found if each.shares is None)
        preview = test == "face-camera"
        yield f"running {test}", tech_running(place, TestRunning(names[test], "", rows, gauges, preview=preview))
        told = tuple(fact(each, language) for each in found)
        yield f"done {test}", tech_done(place, TestDone(names[test], "pass", longest, "", told, "reader"))
    yield "done card", tech_done(place, TestDone(names["reader"], "pass", longest, "", tuple(
        fact(Figure("sam", line), language) for line in CARD), "reader"))  # fmt: skip
    device = max((name[language] for name in NAMES.values()), key=len)
    for event in events().values():
        if event.id.startswith(("test.", "screen.", "sound.", "network.", "device.camera", "device.id-card")):
            sentence = event.sentence(language, device, "11/11, 34/11, 56/11, 78/11, 100/11, 123/11 ... mm")
            done = TestDone(longest, "fail", sentence, event.remedy(language), (), "reader")
            yield f"event {event.id}", tech_done(place, done)


@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
@pytest.mark.parametrize("language", ["zh", "en", "ko"])
def test_all_words_fit(language: Language, orientation: Orientation) -> None:
    panel = PORTRAIT if orientation == "portrait" else LANDSCAPE
    place = Place(language, "威海市环翠区政务服务中心", 3, "0631-12345", True)
    typeface = Typeface()
    cut = {}
    for name, screen in pages(place):
        look = look_for(screen, typeface, panel)
        planned = plan(screen, look)
        # Turned over it would not be seen at one glance.
        sheets = [compose(screen, look, planned, turn=turn) for turn in range(len(planned.turns))]
        if len(sheets) > TURNS or any(sheet.overflows for sheet in sheets):
            cut[name] = len(sheets)
    assert cut == {}
    assert typeface.missing == set()
