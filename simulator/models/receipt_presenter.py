"""A kiosk printer's presenter: the cut ticket waits in the exit until it is pulled, taken back, or pushed out.

GS e n as in Custom's KPM210 command manual, p. 76: 2 retract, 3 m present, 5 eject, 6 tell how the ejector is.
"""

from __future__ import annotations

from collections import deque

from drivers.receipt_printer.frames import Command
from simulator.models.receipt_paper import Paper, Receipt

KEPT = 50
RETRACT, PRESENT, EJECT, TELL, PRESENT_FOR = 2, 3, 5, 6, 32
NEAR_END, AT_ENTRY, IN_EXIT, ERROR, JAM = 0x01, 0x04, 0x08, 0x40, 0x80


class Presenter:
    """`retracting`: the printer's own menu allows it. `retracted`: what lies in the box inside, newest last."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.retracting = True
        self.jammed = False
        self.retracted: deque[Receipt] = deque(maxlen=KEPT)
        self.pushed_out = 0

    @property
    def ticket(self) -> bool:
        """True while the sensor in the exit sees paper."""
        return bool(self.paper.hanging)

    def cut(self) -> None:
        """A new ticket was cut: what was in the exit falls out at the front."""
        if len(self.paper.hanging) > 1:
            self.pushed_out += len(self.paper.hanging) - 1
            self.paper.hanging = self.paper.hanging[-1:]

    def act(self, command: Command, *, near_end: bool) -> bytes:
        """Carry out GS e; returns the ejector's status byte for n = 6."""
        n = command.args[0]
        if n == RETRACT and self.retracting and not self.jammed:
            self.retracted.extend(self.paper.hanging)
            self.paper.hanging = []
        elif n == EJECT and not self.jammed:
            self.pushed_out += len(self.paper.hanging)
            self.paper.hanging = []
        elif n == TELL:
            told = AT_ENTRY | (NEAR_END if near_end else 0) | (IN_EXIT if self.ticket else 0)
            return bytes((told | (ERROR | JAM if self.jammed else 0),))
        return b""

    def words(self) -> str:
        """One line for people; "" while the exit is empty."""
        if self.jammed:
            return "ticket jammed in the presenter"
        return "ticket in the exit" if self.ticket else ""
