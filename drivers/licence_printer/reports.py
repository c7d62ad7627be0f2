"""What the printer answers, as the driver needs it: one report on the printer, one on a job."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.device import DeviceState, Fault, Status, Supply
from drivers.licence_printer.frames import (
    Group,
    JobState,
    Operation,
    PrinterState,
    Reason,
    Tag,
    blocking_reasons,
    is_warning,
    needs_vendor,
    parse_reason,
    sentence_for,
)
from drivers.told import printable

_PAPER_OUT = frozenset({"media-empty", "media-needed", "input-tray-missing"})
_JAMMED = frozenset({"media-jam"})
_TONER_OUT = frozenset({"toner-empty", "marker-supply-empty", "marker-supply-missing"})
_TONER_LOW = frozenset({"toner-low", "marker-supply-low"})
_NO_DOCUMENT = frozenset({"job-incoming", "job-data-insufficient"})


@dataclass(frozen=True, slots=True)
class JobRef:
    """What identifies a job for good: its id, and which printer, in which run, gave it. `up_time` in seconds."""

    job_id: int
    printer_uuid: str
    up_time: int


@dataclass(frozen=True, slots=True)
class PrinterReport:
    """Get-Printer-Attributes. `up_time` is None when not reported; `sheets` is None when no tray counts."""

    state: int
    reasons: tuple[str, ...]
    accepting: bool
    up_time: int | None
    uuid: str
    model: str = ""
    serial: str = ""
    firmware: str = ""
    operations: frozenset[int] = frozenset()
    formats: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    media_ready: tuple[str, ...] | None = None
    sheets: int | None = None
    unscaled: bool = False
    raster_dpi: tuple[int, ...] = ()
    raster_types: tuple[str, ...] = ()

    @property
    def stopped(self) -> bool:
        """True when printer-state is stopped."""
        return self.state == PrinterState.STOPPED

    @property
    def blocking(self) -> tuple[str, ...]:
        """Reasons for which nothing prints now."""
        return blocking_reasons(self.reasons)

    def can(self, operation: Operation) -> bool:
        """True when the printer lists `operation`."""
        return operation in self.operations

    def fault(self) -> Fault | None:
        """Why nothing can be printed now, or None."""
        blocking = self.blocking or (("media-empty",) if self.sheets == 0 else ())
        if blocking:
            keyword = blocking[0]
            return Fault(keyword, sentence_for(keyword), "vendor" if needs_vendor(keyword) else "technician")
        if self.stopped:
            words = ", ".join(r for r in self.reasons if r != "none") or "no reason given"
            return Fault("stopped", f"the licence printer has stopped ({words}): look at its panel", "technician")
        if not self.accepting:
            sentence = "the licence printer takes no jobs: release it at its panel"
            return Fault("not-accepting-jobs", sentence, "technician")
        return None

    def status(self) -> Status:
        """The report in XFS4IoT's words."""
        fault = self.fault()
        reasons = [parse_reason(r) for r in self.reasons]
        keywords = {r.keyword for r in reasons}
        warned = tuple(
            Fault(r.keyword, sentence_for(r.keyword))
            for r in reasons
            if _announces(r) and r.keyword not in self.blocking
        )
        if fault is not None:
            device = DeviceState.HARDWARE_ERROR if fault.who == "vendor" else DeviceState.USER_ERROR
        else:
            device = DeviceState.BUSY if self.state == PrinterState.PROCESSING else DeviceState.ONLINE
        stopping = {fault.cause} if fault else set()
        return Status(
            device=device,
            fault=fault,
            paper=_supply(keywords, stopping | set(self.blocking), _PAPER_OUT, frozenset({"media-low"}), _JAMMED),
            toner=_supply(keywords, stopping | set(self.blocking), _TONER_OUT, _TONER_LOW, frozenset()),
            warnings=warned,
            model=self.model,
            serial=self.serial,
            firmware=self.firmware,
        )


def _announces(reason: Reason) -> bool:
    return is_warning(reason.keyword) or (reason.severity != "error" and reason.keyword != "none")


def _supply(
    keywords: set[str], stopping: set[str], out: frozenset[str], low: frozenset[str], jammed: frozenset[str]
) -> Supply:
    """A reason that stops nothing is about one of several trays or cartridges: the supply is then low."""
    if stopping & jammed:
        return Supply.JAMMED
    if stopping & out:
        return Supply.OUT
    return Supply.LOW if keywords & (low | out) else Supply.FULL


@dataclass(frozen=True, slots=True)
class JobReport:
    """Get-Job-Attributes. Counts are None when not reported."""

    job_id: int
    name: str
    state: int
    reasons: tuple[str, ...] = ()
    impressions: int | None = None
    sheets: int | None = None
    documents: int | None = None

    @property
    def waits_for_document(self) -> bool:
        """True when the printer says itself that this job has no document yet."""
        waiting = self.state in (JobState.PENDING, JobState.HELD)
        return waiting and (self.documents == 0 or (self.documents is None and bool(_NO_DOCUMENT & set(self.reasons))))

    @property
    def printed(self) -> int | None:
        """Pages that came out, as far as the printer counts them."""
        counts = [c for c in (self.impressions, self.sheets) if c is not None]
        return max(counts) if counts else None


def read_printer(group: Group) -> PrinterReport:
    """The report in a printer-attributes group. Absent attributes get the value that RFC 8011 implies."""
    ready = group.get("media-ready")
    device_id = _pairs(group.word("printer-device-id"))
    return PrinterReport(
        state=group.number("printer-state") or 0,
        reasons=tuple(r for r in group.words("printer-state-reasons") if r != "none"),
        accepting=group.flag("printer-is-accepting-jobs") is not False,
        up_time=group.number("printer-up-time"),
        uuid=group.word("printer-uuid"),
        model=group.word("printer-make-and-model"),
        serial=printable(group.word("printer-serial-number") or device_id.get("SN", device_id.get("SERN", ""))),
        firmware=_firmware(group),
        operations=frozenset(o for o in group.all("operations-supported") if isinstance(o, int)),
        formats=group.words("document-format-supported"),
        media=group.words("media-supported"),
        media_ready=None if ready is None else group.words("media-ready"),
        sheets=_sheets(group),
        unscaled="none" in group.words("print-scaling-supported"),
        raster_dpi=tuple(
            sorted(
                cross
                for r in group.all("pwg-raster-document-resolution-supported")
                if (cross := getattr(r, "cross", 0)) and cross == getattr(r, "feed", -1) and getattr(r, "units", 0) == 3
            )
        ),
        raster_types=group.words("pwg-raster-document-type-supported"),
    )


def _firmware(group: Group) -> str:
    """The version of each program in it, with its name where there are several (PWG 5100.13, printer-firmware-*)."""
    names, versions = group.words("printer-firmware-name"), group.words("printer-firmware-string-version")
    if len(versions) == 1 or len(names) != len(versions):
        return printable(" ".join(versions[:4]))
    return printable(", ".join(f"{name} {version}" for name, version in zip(names[:4], versions[:4], strict=True)))


def _sheets(group: Group) -> int | None:
    """Sheets in all trays that feed by themselves (printer-input-tray, PWG 5100.13); None when one does not count."""
    total = 0
    counted = False
    for tray in group.all("printer-input-tray"):
        fields = _pairs(tray.decode("ascii", "replace")) if isinstance(tray, bytes) else {}
        if fields.get("type") == "sheetFeedManual" or fields.get("name") == "auto":
            continue  # a slot for hands, and "any tray", which is none
        level = fields.get("level", "")
        if not level.isdecimal() or len(level) > 6:
            return None
        total += int(level)
        counted = True
    return total if counted else None


def _pairs(text: str) -> dict[str, str]:
    """`a=1;b=2;` or `A:1;B:2;` as a mapping."""
    found = {}
    for part in text[:2048].split(";"):
        for mark in ("=", ":"):
            key, sign, value = part.partition(mark)
            if sign:
                found[key.strip()] = value.strip()
                break
    return found


def read_job(group: Group) -> JobReport:
    """The report in a job-attributes group."""
    return JobReport(
        job_id=group.number("job-id") or 0,
        name=group.word("job-name"),
        state=group.number("job-state") or 0,
        reasons=tuple(r for r in group.words("job-state-reasons") if r != "none"),
        impressions=group.number("job-impressions-completed"),
        sheets=group.number("job-media-sheets-completed"),
        documents=group.number("number-of-documents"),
    )


def read_jobs(groups: tuple[Group, ...]) -> tuple[JobReport, ...]:
    """One report for each job-attributes group."""
    return tuple(read_job(g) for g in groups if g.tag == Tag.JOB)
