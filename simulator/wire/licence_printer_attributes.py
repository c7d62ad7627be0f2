"""What the simulated printer says of itself and of its jobs: the attribute tables (RFC 8011, 5.2-5.4; PWG 5100.12)."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.licence_printer.frames import (
    Attribute,
    Group,
    Range,
    Resolution,
    Tag,
    Value,
    attribute,
)
from simulator.models.printer_engine import TRAY_SHEETS, Engine, Job
from simulator.wire.licence_printer_everywhere import everywhere_attributes
from simulator.wire.licence_printer_packed import COMPRESSIONS

A4 = "iso_a4_210x297mm"

JOB_DESCRIPTION = frozenset(
    {
        "job-id",
        "job-uri",
        "job-printer-uri",
        "job-name",
        "job-originating-user-name",
        "job-state",
        "job-state-reasons",
        "job-state-message",
        "number-of-documents",
        "time-at-creation",
        "time-at-processing",
        "time-at-completed",
        "job-printer-up-time",
        "number-of-intervening-jobs",
        "job-impressions",
        "job-media-sheets",
        "job-k-octets",
        "job-impressions-completed",
        "job-media-sheets-completed",
    }
)

# name -> (tag, supported values or an inclusive range)
JOB_TEMPLATE: dict[str, tuple[Tag, tuple[object, ...] | Range]] = {
    "copies": (Tag.INTEGER, Range(1, 99)),
    "finishings": (Tag.ENUM, (3,)),
    "job-hold-until": (Tag.KEYWORD, ("no-hold", "indefinite")),
    "job-priority": (Tag.INTEGER, Range(1, 100)),
    "job-sheets": (Tag.KEYWORD, ("none",)),
    "media": (Tag.KEYWORD, (A4,)),
    "multiple-document-handling": (Tag.KEYWORD, ("single-document",)),
    "number-up": (Tag.INTEGER, (1,)),
    "orientation-requested": (Tag.ENUM, (3,)),
    "output-bin": (Tag.KEYWORD, ("face-down",)),
    "print-quality": (Tag.ENUM, (4, 5)),
    "print-scaling": (Tag.KEYWORD, ("none", "fit")),
    "printer-resolution": (Tag.RESOLUTION, (Resolution(600, 600), Resolution(300, 300))),
    "sides": (Tag.KEYWORD, ("one-sided", "two-sided-long-edge")),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this printer is. `without` are operations that it lacks; `count_pages` False leaves its counters out."""

    uri: str
    uuid: str
    model: str
    serial: str
    formats: tuple[str, ...]
    without: frozenset[int] = frozenset()
    count_pages: bool = True
    count_sheets: bool = True
    firmware: str = "1.0"


def unsupported(identity: Identity, template: Group) -> tuple[Attribute, ...]:
    """The job template attributes that this printer does not have, or not with these values."""
    del identity
    found = []
    for each in template.attributes:
        known = JOB_TEMPLATE.get(each.name)
        if known is None:
            found.append(Attribute(each.name, (Value(Tag.UNSUPPORTED, None),)))
            continue
        bad = tuple(v for v in each.values if not _within(v.data, known[1]))
        if bad:
            found.append(Attribute(each.name, bad))
    return tuple(found)


def _within(data: object, supported: tuple[object, ...] | Range) -> bool:
    if isinstance(supported, Range):
        return isinstance(data, int) and supported.lower <= data <= supported.upper
    return data in supported


def printer_attributes(engine: Engine, identity: Identity, operations: tuple[int, ...], now: float) -> list[Attribute]:
    """Everything that Get-Printer-Attributes can return."""
    reasons = (*engine.stops(), *engine.warnings()) or ("none",)
    level = engine.sheets if identity.count_sheets else -3
    tray = f"type=sheetFeedAutoRemovableTray;mediafeed=0;mediaxfeed=0;maxcapacity={TRAY_SHEETS};level={level};"
    ready = attribute("media-ready", Tag.KEYWORD, A4) if engine.sheets > 0 else _none("media-ready")
    pages_per_minute = max(1, round(60 / engine.page_s)) if engine.page_s else 60
    device_id = f"MFG:Weihai;MDL:{identity.model};SN:{identity.serial};CMD:PDF,PWGRaster;"
    return [
        attribute("printer-uri-supported", Tag.URI, identity.uri),
        attribute("uri-authentication-supported", Tag.KEYWORD, "requesting-user-name"),
        attribute("uri-security-supported", Tag.KEYWORD, "none"),
        attribute("printer-name", Tag.NAME, identity.model),
        attribute("printer-location", Tag.TEXT, "the simulated terminal"),
        attribute("printer-info", Tag.TEXT, identity.model),
        attribute("printer-make-and-model", Tag.TEXT, identity.model),
        attribute("printer-more-info", Tag.URI, "http" + identity.uri.removeprefix("ipp")),
        attribute("printer-uuid", Tag.URI, identity.uuid),
        attribute("printer-device-id", Tag.TEXT, device_id),
        attribute("printer-firmware-name", Tag.NAME, "main"),
        attribute("printer-firmware-string-version", Tag.TEXT, identity.firmware),
        attribute("printer-state", Tag.ENUM, int(engine.state())),
        attribute("printer-state-reasons", Tag.KEYWORD, *reasons),
        attribute("printer-state-message", Tag.TEXT, ", ".join(reasons)),
        attribute("printer-state-change-time", Tag.INTEGER, engine.up_time(engine.changed_at)),
        attribute("printer-is-accepting-jobs", Tag.BOOLEAN, True),
        attribute("printer-up-time", Tag.INTEGER, engine.up_time(now)),
        attribute("queued-job-count", Tag.INTEGER, sum(1 for _ in engine.waiting())),
        attribute("printer-input-tray", Tag.OCTETS, f"{tray}status=0;name=tray-1;".encode()),
        attribute("marker-levels", Tag.INTEGER, round(engine.toner)),
        attribute("marker-names", Tag.NAME, "black toner"),
        attribute("marker-types", Tag.KEYWORD, "toner-cartridge"),
        attribute("operations-supported", Tag.ENUM, *operations),
        attribute("ipp-versions-supported", Tag.KEYWORD, "1.1", "2.0"),
        attribute("charset-configured", Tag.CHARSET, "utf-8"),
        attribute("charset-supported", Tag.CHARSET, "utf-8", "us-ascii"),
        attribute("natural-language-configured", Tag.LANGUAGE, "en"),
        attribute("generated-natural-language-supported", Tag.LANGUAGE, "en"),
        attribute("document-format-default", Tag.MIME, identity.formats[0]),
        attribute("document-format-supported", Tag.MIME, *identity.formats),
        attribute("compression-supported", Tag.KEYWORD, *COMPRESSIONS),
        attribute("pdl-override-supported", Tag.KEYWORD, "attempted"),
        attribute("multiple-document-jobs-supported", Tag.BOOLEAN, False),
        attribute("multiple-operation-time-out", Tag.INTEGER, 120),
        attribute("color-supported", Tag.BOOLEAN, False),
        attribute("pages-per-minute", Tag.INTEGER, pages_per_minute),
        attribute("identify-actions-supported", Tag.KEYWORD, "display"),
        attribute("identify-actions-default", Tag.KEYWORD, "display"),
        attribute("which-jobs-supported", Tag.KEYWORD, "completed", "not-completed", "all"),
        ready,
        *everywhere_attributes(engine, identity.uri, now),
        *_template_attributes(),
    ]


def _template_attributes() -> list[Attribute]:
    """NAME-default and NAME-supported for every job template attribute."""
    found = []
    for name, (tag, supported) in JOB_TEMPLATE.items():
        if isinstance(supported, Range):
            first: object = 50 if name == "job-priority" else supported.lower
            listed = (
                attribute(f"{name}-supported", Tag.INTEGER, supported.upper)
                if name == "job-priority"  # an integer: the number of levels (RFC 8011, 5.2.1)
                else attribute(f"{name}-supported", Tag.RANGE, supported)
            )
        else:
            first = supported[0]
            listed = Attribute(f"{name}-supported", tuple(Value(tag, v) for v in supported))  # type: ignore[arg-type]  # the table's values are wire data
        found += [Attribute(f"{name}-default", (Value(tag, first),)), listed]  # type: ignore[arg-type]  # as above
    return found


def job_attributes(engine: Engine, identity: Identity, job: Job, now: float) -> list[Attribute]:
    """Everything that Get-Job-Attributes can return."""
    before = [j for j in engine.waiting() if j.id < job.id]
    sheets = job.pages * job.copies
    found = [
        attribute("job-id", Tag.INTEGER, job.id),
        attribute("job-uri", Tag.URI, f"{identity.uri}/{job.id}"),
        attribute("job-printer-uri", Tag.URI, identity.uri),
        attribute("job-name", Tag.NAME, job.name),
        attribute("job-originating-user-name", Tag.NAME, job.user),
        attribute("job-state", Tag.ENUM, int(job.state)),
        attribute("job-state-reasons", Tag.KEYWORD, *(job.reasons or ["none"])),
        attribute("job-state-message", Tag.TEXT, job.message or ", ".join(job.reasons)),
        attribute("number-of-documents", Tag.INTEGER, job.documents),
        attribute("time-at-creation", Tag.INTEGER, job.created),
        _time("time-at-processing", job.processing_at),
        _time("time-at-completed", job.completed_at),
        attribute("job-printer-up-time", Tag.INTEGER, engine.up_time(now)),
        attribute("number-of-intervening-jobs", Tag.INTEGER, 0 if job.over else len(before)),
        attribute("job-k-octets", Tag.INTEGER, (len(job.document) + 1023) // 1024),
        attribute("job-impressions", Tag.INTEGER, sheets),
        attribute("job-media-sheets", Tag.INTEGER, sheets),
    ]
    if identity.count_pages:
        found += [
            attribute("job-impressions-completed", Tag.INTEGER, job.impressions),
            attribute("job-media-sheets-completed", Tag.INTEGER, job.impressions),
        ]
    return [*found, *(a for a in job.template.values() if isinstance(a, Attribute))]


def _time(name: str, at: int | None) -> Attribute:
    return _none(name) if at is None else attribute(name, Tag.INTEGER, at)


def _none(name: str) -> Attribute:
    return Attribute(name, (Value(Tag.NO_VALUE, None),))
