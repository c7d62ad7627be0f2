"""Where else a citizen can go, as a sentence: a terminal nearby that has what is needed, the counter with its hours.

Places are the site's settings (`[site]`), and what the platform says is near where they name no terminal; no text
knows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from config.settings import Counter, Neighbour, Settings
from config.texts import texts
from kiosk.platform.devices import Place
from screens.screen import Language


def nearest(settings: Settings, language: Language, needs: Iterable[str] = (), nearby: Sequence[Place] = ()) -> str:
    """The nearest other terminal that has all of `needs` (families, equipment), and the counter; whom to ask if neither
    is known. `nearby` (the platform's, nearest first) says nothing of devices: it answers only where none is needed."""
    say = texts(language).t
    wanted = set(needs)
    neighbour = next((n for n in settings.site.neighbours if wanted <= {*n.families, *n.equipment}), None)
    there = _terminal(neighbour, language) if neighbour else "" if wanted else _hall(nearby, language)
    counter = settings.site.counter
    if there and counter:
        return say("elsewhere.both", there=there, counter=_counter(counter, language))
    if there:
        return say("elsewhere.terminal", there=there)
    return at_counter(settings, language)


def at_counter(settings: Settings, language: Language) -> str:
    """The counter alone, for what only people can settle; whom to call when the site has none."""
    say = texts(language).t
    counter = settings.site.counter
    if counter is None:
        return say("elsewhere.ask", phone=settings.terminal.help_phone)
    return say("elsewhere.people", counter=_counter(counter, language))


def _terminal(there: Neighbour, language: Language) -> str:
    name = there.name_zh if language == "zh" else there.name_en
    return texts(language).t("elsewhere.walk", name=name, minutes=there.minutes)


def _hall(nearby: Sequence[Place], language: Language) -> str:
    """The nearest place with a terminal whose distance is known; "" for none, and for the very place we stand in."""
    found = next((p for p in nearby if p.terminals and p.metres), None)
    if found is None or found.metres is None:
        return ""
    km = f"{max(1, round(found.metres / 100)) / 10:.1f}"
    return texts(language).t("elsewhere.there", name=found.name.get(language), km=km)


def _counter(counter: Counter, language: Language) -> str:
    name = counter.name_zh if language == "zh" else counter.name_en
    opens, closes = (time.removeprefix("0") for time in (counter.hours.opens, counter.hours.closes))
    return texts(language).t("elsewhere.hours", name=name, opens=opens, closes=closes)
