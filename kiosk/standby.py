"""What stands on the screen while nobody is here: what can be done, what cannot, or that it is out of service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.texts import texts
from drivers.absent import is_absent
from kiosk.offering.places import nearest
from kiosk.offering.service_lines import limits_told
from screens import pages
from screens.models import Closed, Standby
from screens.screen import Screen

if TYPE_CHECKING:
    from kiosk.terminal import Terminal


def standby_page(terminal: Terminal) -> Screen:
    """The page as things are now; an equal one as long as nothing changed."""
    place = terminal.place()
    say = texts(place.language).t
    troubles = terminal.capability.limits()
    starting = bool(troubles) and all(key.endswith(".starting") for key in troubles)
    if terminal.capability.closed_now or not (terminal.capability.available() or starting):
        reason = terminal.capability.closed_now or "reason.closed"
        limits = [say(key) for key in troubles]
        elsewhere = nearest(terminal.tools.settings, place.language, nearby=terminal.nearby())
        words = terminal.orders.closed_words(place.language) or (limits[0] if len(limits) == 1 else say(reason))
        return pages.closed(place, Closed(words, elsewhere, until=not terminal.orders.says_until))
    limits = [] if starting else list(limits_told(terminal.capability, place.language))
    if notice := terminal.orders.notice_words(place.language, terminal.tools.clock.platform_now().timestamp()):
        limits.insert(0, notice)
    settled = terminal.settled.lines(place.language, terminal.tools.clock.monotonic())
    card, fitted = not is_absent(terminal.tools.reader), terminal.capability.fitted
    whole = fitted is None or fitted.whole
    return pages.standby(place, Standby(terminal.capability.available(), tuple(limits), settled, card, whole))
