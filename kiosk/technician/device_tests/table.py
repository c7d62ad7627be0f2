"""Every test there is, in the order of the readiness report; which of them this terminal has."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from config.settings import Settings
from kiosk.technician.device_tests.cabinet import test_lights, test_sensors
from kiosk.technician.device_tests.cameras import camera_test, wiped
from kiosk.technician.device_tests.codes import code_test, forgotten
from kiosk.technician.device_tests.declared import DeviceTest
from kiosk.technician.device_tests.licences import called_off, test_licences
from kiosk.technician.device_tests.network import test_network, test_platform
from kiosk.technician.device_tests.pad import test_pad
from kiosk.technician.device_tests.panel import test_pixels, test_touch
from kiosk.technician.device_tests.power import test_power
from kiosk.technician.device_tests.reader import test_reader
from kiosk.technician.device_tests.receipts import PAPER_MM, emptied, test_receipts
from kiosk.technician.device_tests.sound import test_sound

TESTS: Final[tuple[DeviceTest, ...]] = (
    DeviceTest(
        "reader", "reader", test_reader, "id_card", "id_card", begins="present-card", deadline_s=90.0, hands=True
    ),
    DeviceTest(
        "face-camera", "face-camera", camera_test("camera"), "camera", "camera", begins="look-camera",
        deadline_s=40.0, leave=wiped("camera"),
    ),
    DeviceTest(
        "document-camera", "document-camera", camera_test("document_camera"), "document_camera", "camera",
        begins="look-document-camera", deadline_s=40.0, leave=wiped("document_camera"),
    ),
    DeviceTest(
        "code-camera", "code-camera", code_test("code_camera"), "code_camera", "camera", begins="hold-code",
        deadline_s=60.0, hands=True, leave=forgotten("code_camera"),
    ),
    DeviceTest(
        "code-reader", "code-reader", code_test("barcode"), "barcode", "barcode", begins="hold-code",
        deadline_s=60.0, hands=True, leave=forgotten("barcode"),
    ),
    DeviceTest(
        "receipt-printer", "receipt-printer", test_receipts, "receipt_printer", "receipt_printer",
        deadline_s=120.0, paper_mm=PAPER_MM, leave=emptied,
    ),
    DeviceTest(
        "licence-printer", "licence-printer", test_licences, "licence_printer", "licence_printer",
        deadline_s=240.0, pages=1, leave=called_off,
    ),
    DeviceTest("pad", "pad", test_pad, "payment_pad", "payment_pad", deadline_s=150.0),
    DeviceTest("lights", "cabinet", test_lights, "cabinet", "cabinet", deadline_s=100.0),
    DeviceTest("sensors", "cabinet", test_sensors, "cabinet", "cabinet", deadline_s=80.0),
    DeviceTest("platform", "platform", test_platform, deadline_s=30.0),
    DeviceTest("network", "platform", test_network, deadline_s=60.0),
    DeviceTest("power", "power", test_power, deadline_s=15.0),
    DeviceTest("touch", "screen", test_touch, begins="touch-crosses", deadline_s=150.0, hands=True, panel=True),
    DeviceTest("pixels", "screen", test_pixels, begins="look-pixels", deadline_s=140.0, hands=True, panel=True),
    DeviceTest("sound", "sound", test_sound, begins="listen", deadline_s=100.0, hands=True),
)  # fmt: skip
BY_ID: Final = MappingProxyType({test.id: test for test in TESTS})


def tests_of(settings: Settings) -> tuple[DeviceTest, ...]:
    """Those of devices that the profile names, and of what every terminal has."""
    fitted = {str(role) for role in settings.devices}
    return tuple(test for test in TESTS if not test.role or test.role in fitted)


def tests_for(section: str, settings: Settings) -> tuple[DeviceTest, ...]:
    """Those of one section of the readiness report."""
    return tuple(test for test in tests_of(settings) if test.section == section)


def find_tests(name: str, settings: Settings) -> tuple[DeviceTest, ...]:
    """By id, section or place in the profile; "all": every one of this terminal. Raises `LookupError`.

    One that is named stands also where its device is not fitted: it then says so.
    """
    word = name.replace("_", "-")
    if word == "all":
        return tests_of(settings)
    found = tuple(t for t in TESTS if word in (t.id, t.section, t.role.replace("_", "-")))
    if not found:
        raise LookupError(f"no test of {name!r}; there are all, {', '.join(BY_ID)}")
    return found
