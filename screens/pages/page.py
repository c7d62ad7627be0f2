"""What every page has: header, steps, the bar below, help when it was asked for."""

from __future__ import annotations

from collections.abc import Iterable

from config.texts import LANGUAGES, Texts, texts
from screens.models import Place, StepName
from screens.pages import switches
from screens.screen import Action, Block, Header, Notice, Result, Screen, Step

BAR = ("back", "home", "leave", "help")
ICONS = {"back": "arrow_back", "home": "home", "leave": "logout", "help": "support_agent"}


def words(place: Place) -> Texts:
    """The words in the place's language."""
    return texts(place.language)


def page(
    place: Place,
    name: str,
    title: str,
    blocks: Iterable[Block],
    *,
    subtitle: str = "",
    bar: Iterable[str] = BAR,
    language: bool = True,
    modes: tuple[Action, ...] = (),
    prompt: str = "",
    steps: bool = True,
    backdrop: bool = False,
) -> Screen:
    """Put a page together. `bar` names what of Back, Home, Leave and Help it has; `prompt` defaults to the title."""
    say = words(place).t
    body = tuple(blocks)
    if place.help:
        detail = say("help.detail", hall=place.hall, number=place.number)
        first = 1 if body and isinstance(body[0], Result) else 0
        call = Notice(say("help.title", phone=place.help_phone), detail, "call")
        body = (*body[:first], call, *body[first:])
    if place.agreed:
        modes = (Action("agreed", say("nav.agreed"), "fact_check"), *modes)
    if language:
        modes = (*modes, *_voice(place), *languages(place), *switches.small(place, home=name == "home"))
    return Screen(
        name,
        title,
        Header(
            say("app.name"),
            say("app.place", hall=place.hall, number=place.number),
            say("app.simulated") if place.simulated else "",
        ),
        subtitle,
        _steps(place) if steps else (),
        body,
        tuple(Action(key, say(f"nav.{key}"), ICONS[key]) for key in bar),
        modes,
        place.countdown,
        place.language,
        place.mode,
        prompt or f"{title}{'。' if place.language == 'zh' else '. '}{subtitle}",
        backdrop,
        voice=place.voice,
        since=place.since,
        curtain=place.curtain and place.headset,
    )


def languages(place: Place) -> tuple[Action, ...]:
    """The languages that the page is not in, each named in itself: whoever reads only one of them finds it."""
    say = words(place).t
    others = (other for other in LANGUAGES if other != place.language)
    return tuple(Action("language", say(f"nav.language-{other}"), "translate", value=other) for other in others)


def _voice(place: Place) -> tuple[Action, ...]:
    """The switch of the voice; its icon shows how it stands."""
    if not place.voice:
        return ()
    on = place.voice == "on"
    label = words(place).t("nav.voice-off" if on else "nav.voice-on")
    switch = Action("voice", label, "volume_up" if on else "volume_off", value="off" if on else "on")
    if not (on and place.headset):
        return (switch,)
    cover = words(place).t("nav.curtain-off" if place.curtain else "nav.curtain-on")
    return switch, Action("curtain", cover, "dark_mode", value="off" if place.curtain else "on")


def _steps(place: Place) -> tuple[Step, ...]:
    if not place.steps or place.current not in place.steps:
        return ()
    at = place.steps.index(place.current)
    return tuple(_step(place, name, index, at) for index, name in enumerate(place.steps))


def _step(place: Place, name: StepName, index: int, at: int) -> Step:
    label = words(place).t(f"steps.{name}")
    return Step(label, "done" if index < at else "current" if index == at else "todo")


def yuan(fen: int) -> str:
    """Fen as yuan with two places."""
    return f"{fen // 100}.{fen % 100:02d}"
