"""A receipt printer's conditions -> the terminal's words: XFS4IoT state, paper supply, the fault and who mends it."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.device import DeviceState, Fault, Media, Status, Supply
from drivers.errors import Fixer
from drivers.receipt_printer.frames import Condition


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One condition as a fault. `waits` = it goes away without hands."""

    condition: Condition
    cause: str
    state: DeviceState
    who: Fixer
    sentence: str
    waits: bool = False


C = Condition
FAULTS: tuple[FaultRow, ...] = (
    FaultRow(
        C.UNRECOVERABLE,
        "unrecoverable",
        DeviceState.HARDWARE_ERROR,
        "vendor",
        "unrecoverable error: switch the printer off and on; if it stays, have it replaced",
    ),
    FaultRow(
        C.CUTTER,
        "cutter",
        DeviceState.USER_ERROR,
        "technician",
        "the cutter is jammed: open the cover, take out the scrap of paper, close the cover",
    ),
    FaultRow(
        C.MECHANICAL,
        "paper-jam",
        DeviceState.USER_ERROR,
        "technician",
        "paper jam: open the cover, take out the jammed paper, close the cover",
    ),
    FaultRow(
        C.COVER_OPEN,
        "cover-open",
        DeviceState.USER_ERROR,
        "technician",
        "the cover is open: close it until it clicks",
    ),
    FaultRow(
        C.PAPER_END | C.STOPPED_NO_PAPER,
        "paper-out",
        DeviceState.USER_ERROR,
        "technician",
        "out of paper: put in a new roll and close the cover",
    ),
    FaultRow(
        C.VOLTAGE,
        "voltage",
        DeviceState.HARDWARE_ERROR,
        "technician",
        "the supply voltage is wrong: check the power supply and its plug",
    ),
    FaultRow(
        C.AUTO_RECOVERABLE,
        "head-hot",
        DeviceState.BUSY,
        "technician",
        "the print head is too hot: it goes on by itself when it has cooled",
        waits=True,
    ),
    FaultRow(
        C.ERROR,
        "error",
        DeviceState.HARDWARE_ERROR,
        "technician",
        "the printer reports an error without saying which: look at its lamps",
    ),
    FaultRow(
        C.FEEDING | C.FEED_BUTTON,
        "feeding",
        DeviceState.BUSY,
        "technician",
        "paper is being fed by the button",
        waits=True,
    ),
    FaultRow(
        C.OFFLINE | C.WAITING_RECOVERY,
        "offline",
        DeviceState.OFFLINE,
        "technician",
        "the printer is offline without saying why: look at its lamps",
    ),
)
"""In order of weight: the first row that applies is the fault."""
RECOVERABLE = C.CUTTER | C.MECHANICAL
NEAR_END = Fault("paper-low", "the paper roll is nearly used up: have a new one ready")
COUNTED_LOW = Fault("paper-low", "by the metres printed the roll is nearly used up: have a new one ready", code="count")
LINE_NOISE = Fault("line-error", "the printer received damaged bytes: check its cable and the speed in the profile")


def fault_row(conditions: Condition) -> FaultRow | None:
    """The weightiest fault in `conditions`."""
    return next((row for row in FAULTS if row.condition & conditions), None)


def status_of(conditions: Condition, model: str = "", *, presenter: bool = False, counted_low: bool = False) -> Status:
    """The status that `conditions` mean. Near end is a warning, never a reason to withhold.

    `presenter`: the printer sees its exit. `counted_low`: the metres printed say that the roll is nearly used up.
    """
    row = fault_row(conditions)
    paper = _paper(conditions)
    warnings = [NEAR_END] if C.NEAR_END in conditions and not conditions & C.PAPER_END else []
    if counted_low and paper is Supply.FULL:
        paper, warnings = Supply.LOW, [COUNTED_LOW]
    if C.LINE_ERROR in conditions:
        warnings.append(LINE_NOISE)
    return Status(
        device=row.state if row else DeviceState.ONLINE,
        fault=Fault(row.cause, row.sentence, row.who, again=row.waits) if row else None,
        media=_media(conditions) if presenter else Media.NOT_SUPPORTED,
        paper=paper,
        warnings=tuple(warnings),
        model=model,
    )


def _media(conditions: Condition) -> Media:
    if C.TICKET_IN_EXIT not in conditions:
        return Media.NOT_PRESENT
    return Media.JAMMED if C.MECHANICAL in conditions else Media.PRESENT


def _paper(conditions: Condition) -> Supply:
    if conditions & C.MECHANICAL:
        return Supply.JAMMED
    if conditions & (C.PAPER_END | C.STOPPED_NO_PAPER):
        return Supply.OUT
    return Supply.LOW if conditions & C.NEAR_END else Supply.FULL
