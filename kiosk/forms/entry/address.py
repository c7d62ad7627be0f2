"""An address: district and town by touch (config/divisions.csv), then road and house in words; elsewhere words only."""

from __future__ import annotations

from dataclasses import replace

from config.catalogue import FormFieldSpec
from config.divisions import CITY, districts, division_name, divisions
from kiosk.forms.entry.writing import write
from kiosk.visits.case import Case
from screens import pages
from screens.models import Address, Place
from screens.screen import Screen


async def enter_address(case: Case, spec: FormFieldSpec, value: str) -> str | None:
    """The whole address as one text, Chinese as it stands on a letter. What is there already can be corrected."""
    if value:
        return await write(case, spec, value, mode="address")
    district = await _level(case, "district", {d.code: d.code for d in districts()}, "")
    if district is None:
        return None
    if district == "":
        return await write(case, spec, "", mode="address")
    towns = {d.code: d.code for d in divisions().values() if d.parent == district}
    town = await _level(case, "town", towns, district)
    if town is None:
        return await enter_address(case, spec, "")
    start = division_name(district) + (divisions()[town].name if town else "")
    if not start.startswith("威海"):
        start = division_name(CITY) + start
    tail = replaced(spec, len(start))
    written = await write(case, tail, "", mode="address", before=start)
    return start + written if written else None


def replaced(spec: FormFieldSpec, used: int) -> FormFieldSpec:
    """The same field with room for what is left beside `used` characters."""
    return spec.model_copy(update={"max_length": max(1, spec.max_length - used)})


async def _level(case: Case, level: str, codes: dict[str, str], above: str) -> str | None:
    """The code of one division; "" for one that is not listed; None is back."""
    model = Address("district" if level == "district" else "town", ())

    def build(place: Place) -> Screen:
        language = place.language
        options = tuple((code, divisions()[code].name if language == "zh" else _english(code)) for code in codes)
        before = division_name(above, language) if above else ""
        return pages.address(place, replace(model, options=options, before=before, other=level == "district"))

    while True:
        reply = await case.visit.ask(build, seconds=case.visit.manners.form_s)
        if reply.key == "back":
            return None
        if reply.key == "other" and level == "district":
            return ""
        if reply.key == "option" and reply.value in codes:
            return reply.value


def _english(code: str) -> str:
    division = divisions()[code]
    return division.name_en or division.name
