"""Finding a service by what a citizen says or types: on this machine, without a network, never starting anything."""

from kiosk.finding.entries import Entry, all_entries, catalogue_entries, listed_entries
from kiosk.finding.finder import Choice, Finder, Hit, Question, Ranked

__all__ = [
    "Choice",
    "Entry",
    "Finder",
    "Hit",
    "Question",
    "Ranked",
    "all_entries",
    "catalogue_entries",
    "listed_entries",
]
