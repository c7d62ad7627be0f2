"""The mechanics and electronics of a receipt printer as a person can touch them, and the conditions they make."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.receipt_printer.frames import READY, Condition
from simulator.models.receipt_paper import Paper
from simulator.models.receipt_presenter import Presenter

NEAR_END_M = 5.0

C = Condition


@dataclass(slots=True)
class Mechanism:
    """`cutter_blocked` and `path_blocked` are scraps of paper; the errors they cause stay until the host recovers."""

    paper: Paper
    near_end_sensor: bool = True
    powered: bool = True
    cover_open: bool = False
    cutter_blocked: bool = False
    path_blocked: bool = False
    head_hot: bool = False
    broken: bool = False
    cutter_error: bool = False
    jam_error: bool = False
    silent: bool = False
    held: bool = False
    feed_button: bool = False
    low_voltage: bool = False
    presenter: Presenter | None = None

    @property
    def conditions(self) -> Condition:
        """What DLE EOT and the automatic status tell now."""
        paper_end = self.paper.left_m <= 0
        rows = (
            (self.cover_open, C.COVER_OPEN | C.OFFLINE),
            (paper_end, C.PAPER_END | C.STOPPED_NO_PAPER | C.OFFLINE),
            (self.near_end_sensor and self.paper.left_m < NEAR_END_M, C.NEAR_END),
            (self.cutter_error, C.CUTTER | C.ERROR | C.OFFLINE),
            (self.jam_error, C.MECHANICAL | C.ERROR | C.OFFLINE),
            (self.broken, C.UNRECOVERABLE | C.ERROR | C.OFFLINE),
            (self.head_hot, C.AUTO_RECOVERABLE | C.ERROR | C.OFFLINE),
            (self.low_voltage, C.VOLTAGE | C.ERROR | C.OFFLINE),
            (self.presenter is not None and self.presenter.ticket, C.TICKET_IN_EXIT),
            (self.feed_button, C.FEEDING | C.FEED_BUTTON | C.OFFLINE),
        )
        found = READY
        for is_so, conditions in rows:
            if is_so:
                found |= conditions
        return found

    @property
    def can_print(self) -> bool:
        """True when commands are carried out."""
        return self.powered and not self.held and Condition.OFFLINE not in self.conditions

    def recover(self) -> None:
        """DLE ENQ, DLE DC4 8, power-on, or a cover opened and closed: errors go when their cause is gone."""
        self.cutter_error = self.cutter_error and self.cutter_blocked
        self.jam_error = self.jam_error and self.path_blocked

    def words(self) -> str:
        """One line for people."""
        if not self.powered:
            return "switched off"
        causes = (
            (self.broken, "unrecoverable error"),
            (self.cutter_error, "cutter jammed" if self.cutter_blocked else "cutter error, waits for the host"),
            (self.jam_error, "paper jam" if self.path_blocked else "jam error, waits for the host"),
            (self.cover_open, "cover open"),
            (self.paper.left_m <= 0, "out of paper"),
            (self.head_hot, "print head too hot"),
            (self.low_voltage, "supply voltage too low"),
            (self.feed_button, "feed button held"),
            (self.held, "holds what it is sent"),
            (self.silent, "does not answer"),
            (self.paper.left_m < NEAR_END_M, "paper nearly used up"),
        )
        said = [words for is_so, words in causes if is_so]
        if self.presenter is not None and (exit_words := self.presenter.words()):
            said.append(exit_words)
        return ", ".join(said) or "ready"
