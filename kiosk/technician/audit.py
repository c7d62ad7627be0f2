"""What technicians did, in the chain: who (keyed digest), which act, how it ended. Never a name, a number, a PIN."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from kiosk.journal import Journal, JournalError

log = logging.getLogger(__name__)

ENTRY: Final = "technician"
"""Kind of the entry of an act: session, who, role, act, phase, outcome, figures."""
SESSION: Final = "technician.session"
"""Kind of the entry of a session's beginning and end."""
MOST_FIGURES: Final = 24
MOST_TEXT: Final = 80
_NAME: Final = re.compile(r"^[a-z][a-z0-9_.-]{0,39}$")
Figure: TypeAlias = str | int | float | bool
Figures: TypeAlias = Mapping[str, Figure]
Phase = Literal["begin", "end", "done"]


class BadFigures(ValueError):
    """What was to be recorded of an act is no short list of references and numbers."""


def checked(figures: Figures) -> dict[str, Figure]:
    """`figures` as they are recorded. Raises `BadFigures`: nothing is cut in silence."""
    if len(figures) > MOST_FIGURES:
        raise BadFigures(f"{len(figures)} figures of one act; at most {MOST_FIGURES}")
    for name, value in figures.items():
        if not _NAME.match(name):
            raise BadFigures(f"figure {name[:40]!r}: expected lower case letters, digits, . _ -")
        if isinstance(value, str) and len(value) > MOST_TEXT:
            raise BadFigures(f"figure {name}: {len(value)} characters; at most {MOST_TEXT}, a reference or a word")
    return dict(figures)


class Audit:
    """The record of one session. While the disk refuses, entries wait in memory and are written late."""

    def __init__(self, journal: Journal, session: str, who: str, role: str) -> None:
        self._journal = journal
        self._who = {"session": session, "who": who, "role": role}
        self.lost = 0
        """Entries that could not even be kept: the disk refuses for too long."""

    async def act(self, act: str, phase: Phase, outcome: str = "", figures: Figures | None = None) -> None:
        """One act began, ended, or (short ones) was done. Raises `BadFigures`."""
        body = {**self._who, "act": act, "phase": phase, "outcome": outcome, "figures": checked(figures or {})}
        await self._note(ENTRY, body)

    async def session(self, what: str, **more: Figure) -> None:
        """The session was opened or closed."""
        await self._note(SESSION, {**self._who, "what": what, **checked(more)})

    async def _note(self, kind: str, body: Mapping[str, object]) -> None:
        try:
            await self._journal.note("", kind, body)
        except JournalError as error:
            # The technician may be here to mend this very disk: the door does not shut on them.
            self.lost += 1
            log.warning("technician: an entry of the audit is lost: %s", error)


async def acts(journal: Journal, limit: int = 200) -> list[dict[str, object]]:
    """The newest acts, oldest first. Raises `JournalError`."""
    return [dict(body) for body in await journal.recent_of_staff(ENTRY, limit)]
