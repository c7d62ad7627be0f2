"""A code that is held to the camera or the code reader: what fits is taken, what does not is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from config.code_kinds import Kind
from drivers.errors import NoMedia
from kiosk.steps.previewed import previewed
from kiosk.visits.case import Case
from kiosk.visits.code_reading import read_code
from kiosk.visits.code_router import Routed, answer, formats_for, route
from screens.screen import Language

LOOK_S = 12.0
AGAIN_S = 0.5


class HeldCode:
    """The camera at work behind a page. `closer`: something is there, and too small or unsharp to read."""

    def __init__(self, case: Case, role: Kind, fits: Callable[[Routed], bool]) -> None:
        self.closer = False
        self._case = case
        self._role = role
        self._fits = fits
        self._other: Routed | None = None

    def told(self, language: Language) -> str:
        """What was held up instead, and what to do about it; "" when nothing was."""
        return answer(self._other, self._role, language) if self._other else ""

    async def text(self) -> str:
        """The first code that fits. Raises an `ExceptionGroup` with a `DeviceError` when the camera fails."""
        return await previewed(self._case, self._case.tools.code_eye, self._read())

    async def _read(self) -> str:
        tools, expected = self._case.tools, formats_for(self._role)
        while True:
            try:
                code = await read_code(tools.code_eye, tools.code_reader, expected, LOOK_S)
            except NoMedia:
                self.closer, self._other = True, None
                self._case.visit.refresh()
                continue
            if code is None:
                continue
            found = route(code, self._role)
            if self._fits(found):
                return found.text or code.text
            self._other = found.without_text()
            self._case.visit.refresh()
            await asyncio.sleep(AGAIN_S)
