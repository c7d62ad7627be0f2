"""Closing for service on the spot, with words for citizens, and opening again.

The office and the technician each hold a key of their own: the terminal serves only when neither has closed it, and
whoever opens is told who else keeps it closed (`kiosk.duties.office_orders`). It stays closed over restarts: the newest
`service.closed` or `service.opened` of the chain counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, get_args

from config.texts import LANGUAGES, texts
from kiosk.duties.office_orders import Closer, OfficeOrders
from kiosk.events import Language
from kiosk.journal import Journal, Write
from kiosk.technician.work.own_words import ORDER, own_words
from kiosk.technician.work.refusal import Refusal

Reason = Literal["repair", "supplies", "cleaning", "moving", "notice"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
"""Prepared messages: `closing.<reason>` in config/texts."""
OWN: Final = "own"
"""In place of a reason: words of one's own."""
MOST_WORDS: Final = 120


class LocalClosing:
    """The technician's key. `changed` is called when the terminal was closed or opened; `hotline` may be told."""

    def __init__(self, journal: Journal, orders: OfficeOrders, changed: Callable[[], None], hotline: str = "") -> None:
        self._hotline = hotline
        self._journal = journal
        self._orders = orders
        self._changed = changed

    async def recall(self) -> None:
        """After a start: whether it is closed. Raises `JournalError`."""
        last = await self._journal.last_of(("service.closed", "service.opened"))
        if last is not None and last[0] == "service.closed":
            self._orders.here, self._orders.here_words = True, _kept(last[1].get("words"))
            self._orders.here_own = last[1].get("reason") == OWN
            self._changed()

    async def close(self, who: str, reason: Reason = "notice", words: Mapping[Language, str] | None = None) -> None:
        """Close with the prepared message of `reason`, in place of it with `words` in the languages that have any.

        Raises `Refusal` (`kiosk.technician.work.own_words`), `JournalError`.
        Synced to disk before the page changes: a power cut does not open it again.
        """
        own = own_words(words, self._hotline) if words is not None else {}
        said: dict[str, str] = {str(language): each for language, each in (_prepared(reason) | own).items()}

        def work(write: Write) -> None:
            why = OWN if own else reason
            write.entry("", "service.closed", {"by": "technician", "who": who, "reason": why, "words": said})

        await self._journal.write(work)
        self._orders.here, self._orders.here_words, self._orders.here_own = True, said, bool(own)
        self._changed()

    async def open(self, who: str) -> Closer:
        """Take our own closing back; returns who still keeps it closed, "" when it serves. Raises `JournalError`."""
        if self._orders.here:
            await self._journal.write(lambda w: w.entry("", "service.opened", {"by": "technician", "who": who}))
            self._orders.here, self._orders.here_words = False, {}
            self._changed()
        return self._orders.closed_by


def still_closed(by: Closer) -> Refusal | None:
    """What a technician is told whose opening did not open it: the office has closed the terminal."""
    return Refusal("work.closed-by-office") if by else None


def _prepared(reason: Reason) -> dict[Language, str]:
    if reason not in REASONS:
        raise Refusal("work.not-understood", "reason")
    return {language: texts(language).t(f"closing.{reason}") for language in ORDER}


def _kept(words: object) -> dict[str, str]:
    """Words of an entry, cut to what a page can hold."""
    given = words if isinstance(words, dict) else {}
    return {str(language): str(each)[:MOST_WORDS] for language, each in given.items() if language in LANGUAGES}
