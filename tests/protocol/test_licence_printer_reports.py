"""What the printer answers, in the words that the terminal uses: supplies, faults, who mends them."""

from drivers.device import DeviceState, Supply
from drivers.licence_printer.frames import Attribute, Group, PrinterState, Resolution, Tag, attribute
from drivers.licence_printer.reports import read_printer

TRAY = "type=sheetFeedAutoRemovableTray;mediafeed=0;mediaxfeed=0;maxcapacity=250;level={};status=0;name={};"


def group(
    state: int, *reasons: str, levels: tuple[tuple[str, str], ...] = (), more: tuple[Attribute, ...] = ()
) -> Group:
    attributes = [
        attribute("printer-state", Tag.ENUM, state),
        attribute("printer-state-reasons", Tag.KEYWORD, *(reasons or ("none",))),
    ]
    if levels:
        trays = [TRAY.format(level, name).encode() for name, level in levels]
        attributes.append(attribute("printer-input-tray", Tag.OCTETS, *trays))
    return Group(Tag.PRINTER, (*attributes, *more))


def test_well() -> None:
    status = read_printer(group(PrinterState.IDLE)).status()
    assert status.usable
    assert (status.paper, status.toner, status.warnings) == (Supply.FULL, Supply.FULL, ())


def test_low_is_a_warning_not_a_fault() -> None:
    status = read_printer(group(PrinterState.IDLE, "media-low-report", "toner-low-warning")).status()
    assert status.usable
    assert (status.paper, status.toner) == (Supply.LOW, Supply.LOW)
    assert [w.cause for w in status.warnings] == ["media-low", "toner-low"]


def test_one_empty_tray_of_two_is_low_both_are_out() -> None:
    one = read_printer(group(PrinterState.IDLE, "media-empty-report", levels=(("a", "0"), ("b", "40"))))
    assert (one.sheets, one.status().paper, one.status().usable) == (40, Supply.LOW, True)
    both = read_printer(group(PrinterState.IDLE, "media-empty-report", levels=(("a", "0"), ("b", "0"))))
    assert (both.sheets, both.status().paper, both.status().usable) == (0, Supply.OUT, False)


def test_trays_that_do_not_count_and_those_that_are_none() -> None:
    assert read_printer(group(PrinterState.IDLE, levels=(("a", "-3"), ("b", "40")))).sheets is None
    assert read_printer(group(PrinterState.IDLE, levels=(("auto", "-2"), ("b", "40")))).sheets == 40
    assert read_printer(group(PrinterState.IDLE)).sheets is None


def test_worn_parts_are_the_vendors() -> None:
    status = read_printer(group(PrinterState.STOPPED, "fuser-over-temp-error")).status()
    assert status.fault is not None
    assert (status.fault.who, status.device) == ("vendor", DeviceState.HARDWARE_ERROR)


def test_a_stop_without_a_reason_we_know_still_stops() -> None:
    status = read_printer(group(PrinterState.STOPPED, "com.example-strange")).status()
    assert status.fault is not None
    assert (status.fault.cause, status.usable) == ("stopped", False)
    assert "com.example-strange" in status.fault.sentence


def test_a_printer_that_takes_no_jobs() -> None:
    closed = (attribute("printer-is-accepting-jobs", Tag.BOOLEAN, False),)
    fault = read_printer(group(PrinterState.IDLE, more=closed)).fault()
    assert fault is not None
    assert fault.cause == "not-accepting-jobs"


def test_square_raster_resolutions_only() -> None:
    offered = attribute(
        "pwg-raster-document-resolution-supported",
        Tag.RESOLUTION,
        Resolution(600, 600),
        Resolution(300, 600),
        Resolution(118, 118, 4),
        Resolution(300, 300),
    )
    assert read_printer(group(PrinterState.IDLE, more=(offered,))).raster_dpi == (300, 600)
