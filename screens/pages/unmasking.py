"""Names and numbers are masked; whoever stands here may look at the own ones, by a touch, for some seconds.

While they are whole they are private: the loudspeaker does not say them and no picture of the screen shows them.
"""

from __future__ import annotations

from collections.abc import Iterable

from screens.models import Known, Place
from screens.pages.page import words
from screens.screen import Action, Actions, Block, Row


def known_rows(place: Place, known: Iterable[Known]) -> tuple[Row, ...]:
    """Lines with their source as a badge; whole where the citizen asked to see them."""
    say = words(place).t
    return tuple(
        Row(
            line.label,
            line.plain if place.unmasked and line.plain else line.value,
            say(f"source.{line.source}") if line.source else "",
            private=place.unmasked and bool(line.plain),
        )
        for line in known
    )


def unmask(place: Place, known: Iterable[Known]) -> tuple[Block, ...]:
    """The switch, where there is more to see. Replies: unmask (value on, off)."""
    if not any(line.plain for line in known):
        return ()
    say = words(place).t
    shown = place.unmasked
    action = Action(
        "unmask",
        say("unmask.hide" if shown else "unmask.show"),
        "visibility_off" if shown else "visibility",
        "quiet",
        value="off" if shown else "on",
    )
    return (Actions((action,)),)
