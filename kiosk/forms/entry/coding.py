"""A code that a form asks for, held to the camera or to a reader of its own."""

from __future__ import annotations

from config.catalogue import FormFieldSpec
from drivers.camera.codes import Format
from drivers.errors import DeviceError
from kiosk.visits.case import Case
from kiosk.visits.code_reading import read_code, wipe
from screens import pages
from screens.models import CodeField, Place
from screens.screen import Reply, Screen

LOOK_S = 60.0
CODES: tuple[Format, ...] = ("qr",)


async def enter_code(case: Case, spec: FormFieldSpec, value: str) -> str | None:
    """The text of the code; None when the citizen goes back or nothing can be read."""
    del value
    tools, visit = case.tools, case.visit
    camera = tools.code_camera or tools.camera
    trouble = ""

    def build(place: Place) -> Screen:
        return pages.code_field(place, CodeField(spec.label.get(place.language), trouble))

    try:
        while True:
            try:
                code = await visit.during(
                    build, read_code(camera, tools.code_reader, CODES, LOOK_S), seconds=visit.manners.card_s
                )
            except DeviceError:
                return None
            if isinstance(code, Reply):
                return None
            if code is not None and 0 < len(code.text) <= spec.max_length:
                return code.text
            trouble = case.say("entering.code-again")
    finally:
        wipe(camera, tools.code_reader)
