"""What of the panel may be told to who is not standing before it. When in doubt: nothing.

| who is at the panel          | told                                                                     |
|------------------------------|--------------------------------------------------------------------------|
| nobody                       | the page                                                                 |
| a citizen                    | `FIRST` pages, and those made of `PLAIN`, while nothing of theirs is known |
| somebody at the door         | nothing: a card, a PIN, a code; nor of who countersigns (`DOOR`)         |
| a technician                 | the page; private lines masked, in a picture blanked                     |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk.remote.lines import Refused
from kiosk.technician.entry import AT_THE_DOOR
from screens import screen as s

if TYPE_CHECKING:
    from kiosk.terminal import Terminal

PLAIN: Final = (s.Heading, s.Paragraph, s.Notice, s.Tiles, s.Picture, s.Actions, s.Gap, s.Progress, s.Rating)
"""Blocks into which nobody types and which tell nothing about anybody."""
FIRST: Final = ("home",)
"""Pages whose lists are the same for everybody."""
DOOR: Final = frozenset({"tech_door", "tech_code", "tech_pin", "pin_entry"})
"""Pages on which somebody proves who they are."""


def must_be_told(terminal: Terminal, screen: s.Screen) -> None:
    """Raises `Refused` (withheld) when the page is nobody else's business."""
    here, session = terminal.visit_id, terminal.technician.session if terminal.technician else None
    if here == AT_THE_DOOR or screen.page in DOOR:
        raise Refused("withheld", "somebody stands at the technician's door", "ask again when they are in, or gone")
    if not here or session is not None:
        return
    plain = screen.page in FIRST or all(isinstance(each, PLAIN) for each in screen.blocks)
    if terminal.knows_somebody or screen.private or not plain:
        raise Refused("withheld", "a citizen is here, and this page may show what is theirs", "ask when they have left")
