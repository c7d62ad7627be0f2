"""`kiosk out-of-service`: the page while the terminal is given up: where else to go, whom to call. Nothing to touch.

It needs no device, no platform, no journal, and settings only for what it shows: they may be what is wrong.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from config.dimming import ScreenSettings
from kiosk.events import LEVELS, events, log_line
from kiosk.first_light import merged_layers
from kiosk.watchdog import Part, Watchdog
from screens.dimming import Dimming
from screens.models import Closed, Place
from screens.stage import Stage

if TYPE_CHECKING:
    from config.settings import WindowSettings
    from screens.screen import Language, Screen

log = logging.getLogger(__name__)

TURN_S: Final = 12.0
"""Each language stays that long: nobody can choose here."""
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en", "ko")
UNKNOWN_PHONE: Final = "12345"
"""The city's line: for a terminal that does not know where it stands."""


def page_of(tree: Mapping[str, Any], language: Language) -> Screen:
    """The page from settings that nobody has checked; what they do not say is left out."""
    from config.texts import texts
    from screens import pages

    where = _table(tree, "terminal")
    counter = _table(_table(tree, "site"), "counter")
    hand = "zh" if language == "zh" else "en"
    hall, phone, number = where.get(f"hall_{hand}"), where.get("help_phone"), where.get("number")
    place = Place(
        language,
        hall[:60] if isinstance(hall, str) and hall else texts(language).t("app.name"),
        number if isinstance(number, int) and 1 <= number <= 99 else 1,
        phone[:20] if isinstance(phone, str) and phone else UNKNOWN_PHONE,
        simulated=tree.get("simulated") is True,
    )
    name = counter.get(f"name_{hand}")
    elsewhere = name[:60] if isinstance(name, str) else ""
    return pages.closed(place, Closed(texts(language).t("reason.closed"), elsewhere))


def window_of(tree: Mapping[str, Any]) -> WindowSettings:
    """The window of the settings; a usual panel over the whole display where they cannot be used."""
    from pydantic import ValidationError

    from config.settings import WindowSettings

    try:
        window = WindowSettings.model_validate({**_table(tree, "window"), "mirror": ""})
    except ValidationError as error:
        log.warning("[window] of the settings cannot be used: %d fault(s)", error.error_count())
        return WindowSettings(fullscreen=True)
    return window


def show_until_ended(arguments: Sequence[str]) -> int:
    """Show the page, each language in turn, until SIGTERM. Returns the exit status."""
    tree = merged_layers(arguments) or {}
    event = events()["program.given-up"]
    log.log(LEVELS[event.severity], "%s", log_line(event))
    stage = Stage(window_of(tree), clock=time.monotonic, on_reply=lambda _: None, dimming=Dimming(ScreenSettings()))
    ended = threading.Event()
    watchdog = Watchdog.of_environment(
        Part("program.screen-stuck", lambda: stage.heartbeat, lambda: threading.main_thread().ident)
    )

    def turn_over() -> None:
        shown = 0
        while not ended.wait(TURN_S):
            shown += 1
            stage.show(page_of(tree, LANGUAGES[shown % len(LANGUAGES)]))

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stage.close())
    stage.painted = watchdog.is_ready
    stage.show(page_of(tree, LANGUAGES[0]))
    threading.Thread(target=turn_over, name="languages", daemon=True).start()
    watchdog.begin()
    stage.run()
    ended.set()
    watchdog.stop()
    return 0


def _table(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def main(arguments: Sequence[str]) -> int:
    """`kiosk out-of-service` with `--profile` and `--machine` as for `kiosk run`."""
    from kiosk.journald import log_to_journal_or_stderr

    log_to_journal_or_stderr(logging.WARNING)
    return show_until_ended(arguments)
