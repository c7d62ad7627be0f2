"""What IPP Everywhere asks of a printer beyond IPP/2.0 (PWG 5100.14, 5.2): media, supplies, raster, times, icons.

A laser for A4 only, black only. Times of day count from the day the printer left the factory: nobody sets its clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from drivers.licence_printer.frames import Attribute, Collection, Resolution, Tag, Value, attribute
from simulator.models.printer_engine import OUTPUT_SHEETS, Engine

A4_HUNDREDTHS_MM = (21000, 29700)
MARGIN = 423
FIRST_DAY = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))
RASTER_DPI = (300, 600)
RASTER_TYPES = ("black_1", "sgray_8")
ICON = "/icon.png"

_KEYWORDS: dict[str, tuple[str, ...]] = {
    "feed-orientation-supported": ("long-edge-first",),
    "feed-orientation-default": ("long-edge-first",),
    "ipp-features-supported": ("ipp-everywhere",),
    "job-creation-attributes-supported": (
        "copies", "document-format", "document-name", "finishings", "ipp-attribute-fidelity", "job-hold-until",
        "job-name", "job-priority", "job-sheets", "media", "multiple-document-handling", "number-up",
        "orientation-requested", "output-bin", "print-quality", "print-scaling", "printer-resolution", "sides",
    ),
    "media-source-supported": ("tray-1",),
    "media-type-supported": ("stationery",),
    "multiple-operation-time-out-action": ("abort-job",),
    "overrides-supported": ("document-number", "pages"),
    "print-color-mode-default": ("monochrome",),
    "print-color-mode-supported": ("monochrome",),
    "print-content-optimize-default": ("auto",),
    "print-content-optimize-supported": ("auto",),
    "print-rendering-intent-default": ("auto",),
    "print-rendering-intent-supported": ("auto",),
    "printer-get-attributes-supported": ("document-format",),
    "pwg-raster-document-sheet-back": ("normal",),
    "pwg-raster-document-type-supported": RASTER_TYPES,
}  # fmt: skip


def everywhere_attributes(engine: Engine, uri: str, now: float) -> list[Attribute]:
    """The attributes, in alphabetical order; `uri` is the printer's, `now` the time of asking."""
    web = "http" + uri.removeprefix("ipp").partition("/ipp/")[0]
    margins = [
        attribute(f"media-{side}-margin-supported", Tag.INTEGER, MARGIN) for side in ("bottom", "left", "right", "top")
    ]
    ready = attribute("media-col-ready", Tag.COLLECTION, _sheet()) if engine.sheets > 0 else _no("media-col-ready")
    changed = FIRST_DAY + timedelta(seconds=engine.up_time(engine.changed_at))
    found = [
        *(attribute(name, Tag.KEYWORD, *words) for name, words in _KEYWORDS.items()),
        *margins,
        attribute("job-account-id-supported", Tag.BOOLEAN, False),
        attribute("job-accounting-user-id-supported", Tag.BOOLEAN, False),
        attribute("job-ids-supported", Tag.BOOLEAN, True),
        attribute("media-col-database", Tag.COLLECTION, _sheet()),
        attribute("media-col-default", Tag.COLLECTION, _sheet()),
        ready,
        attribute("media-size-supported", Tag.COLLECTION, _size()),
        attribute("page-ranges-supported", Tag.BOOLEAN, True),
        attribute("preferred-attributes-supported", Tag.BOOLEAN, False),
        attribute("printer-config-change-date-time", Tag.DATE_TIME, FIRST_DAY),
        attribute("printer-config-change-time", Tag.INTEGER, 1),
        attribute("printer-current-time", Tag.DATE_TIME, FIRST_DAY + timedelta(seconds=engine.up_time(now))),
        attribute("printer-geo-location", Tag.URI, "geo:37.5133,122.1204"),
        attribute("printer-icons", Tag.URI, web + ICON),
        attribute("printer-organization", Tag.TEXT, "Weihai"),
        attribute("printer-organizational-unit", Tag.TEXT, "the simulated terminal"),
        attribute("printer-output-tray", Tag.OCTETS, _output(engine)),
        attribute("printer-state-change-date-time", Tag.DATE_TIME, changed),
        attribute("printer-supply", Tag.OCTETS, _toner(engine)),
        attribute("printer-supply-description", Tag.TEXT, "black toner"),
        attribute("printer-supply-info-uri", Tag.URI, web + "/"),
        attribute(
            "pwg-raster-document-resolution-supported", Tag.RESOLUTION, *(Resolution(dpi, dpi) for dpi in RASTER_DPI)
        ),
    ]
    return sorted(found, key=lambda each: each.name)


def _size() -> Collection:
    width, height = A4_HUNDREDTHS_MM
    return Collection((attribute("x-dimension", Tag.INTEGER, width), attribute("y-dimension", Tag.INTEGER, height)))


def _sheet() -> Collection:
    margins = (attribute(f"media-{side}-margin", Tag.INTEGER, MARGIN) for side in ("bottom", "left", "right", "top"))
    return Collection(
        (
            attribute("media-size", Tag.COLLECTION, _size()),
            attribute("media-size-name", Tag.KEYWORD, "iso_a4_210x297mm"),
            *margins,
            attribute("media-source", Tag.KEYWORD, "tray-1"),
            attribute("media-type", Tag.KEYWORD, "stationery"),
        )
    )


def _toner(engine: Engine) -> bytes:
    """printer-supply (PWG 5100.13, 5.6.32): level in percent."""
    fields = "type=toner;maxcapacity=100;unit=percent;class=supplyThatIsConsumed;colorantname=black;"
    return f"index=1;{fields}level={round(engine.toner)};".encode()


def _output(engine: Engine) -> bytes:
    """printer-output-tray (PWG 5100.13, 5.6.22)."""
    room = OUTPUT_SHEETS - engine.output
    fields = f"type=removableBin;maxcapacity={OUTPUT_SHEETS};remaining={room};status=0;name=face-down;"
    return (fields + "stackingorder=firstToLast;pagedelivery=faceDown;").encode()


def _no(name: str) -> Attribute:
    return Attribute(name, (Value(Tag.NO_VALUE, None),))
