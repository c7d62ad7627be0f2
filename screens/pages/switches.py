"""The switches of the mode, on every page: in the bar, where a hand in a wheelchair comes too."""

from __future__ import annotations

from config.texts import texts
from screens.models import Place
from screens.modes import APPEARANCES, Appearance, appearance, is_low, mode_of
from screens.screen import Action

NAMES = {"standard": "nav.standard", "elder": "nav.elder", "contrast": "nav.contrast"}
ICONS = {"standard": "text_increase", "elder": "text_increase", "contrast": "contrast"}


def named(place: Place) -> tuple[Action, ...]:
    """For home, which has room: larger type and stronger contrast, each a switch back when it is on."""
    return tuple(_to(place, look, "standard" if appearance(place.mode) == look else look) for look in APPEARANCES[1:])


def _to(place: Place, look: Appearance, goal: Appearance) -> Action:
    say = texts(place.language).t
    off = "nav.normal" if look == "contrast" else "nav.standard"
    label = say(off if goal == "standard" else NAMES[look])
    return Action("mode", label, ICONS[look], value=mode_of(goal, low=is_low(place.mode)))


def small(place: Place, *, home: bool = False) -> tuple[Action, ...]:
    """The small switches beside the countdown: the next appearance (home has its own), and low reach."""
    look = appearance(place.mode)
    turn = APPEARANCES[(APPEARANCES.index(look) + 1) % len(APPEARANCES)]
    say = texts(place.language).t
    name = say(f"nav.small-{turn}")
    full = "" if name == say(NAMES[turn]) else say(NAMES[turn])
    after = Action("mode", name, ICONS[turn], "quiet", full, value=mode_of(turn, low=is_low(place.mode)))
    return (reach(place),) if home else (after, reach(place))


def reach(place: Place) -> Action:
    """Everything to touch in the lower part, or back."""
    low = is_low(place.mode)
    say = texts(place.language).t
    value = mode_of(appearance(place.mode), low=not low)
    name = "high" if low else "low"
    return Action("mode", say(f"nav.{name}"), "accessible", "quiet", say(f"nav.{name}-note"), value=value)
