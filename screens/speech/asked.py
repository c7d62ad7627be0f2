"""What a page asks for now: the thing that is to be filled in, what OK does, and how it is typed with a keypad."""

from __future__ import annotations

from collections.abc import Mapping

from screens import screen as s
from screens.keypad_keys import keys_of
from screens.speech.things import Where

ONWARD = "next"
"""The key of what leads on through a form; OK presses it also where it is not the primary action yet."""
HOW: Mapping[s.KeypadKind, str] = {
    "digits": "digits",
    "phone": "digits",
    "date": "digits",
    "idno": "idno",
    "money": "money",
    "latin": "letters",
    "uscc": "letters",
    "vin": "letters",
    "plate": "letters",
    "province": "listen",
    "text": "words",
}
"""Kind of keypad on the page -> how one types there with the keypad (`speech.keys.*`)."""


def asked(screen: s.Screen) -> s.Field | s.Choice | None:
    """The field or choice whose turn it is."""
    return next((b for b in screen.blocks if isinstance(b, s.Field | s.Choice) and b.focused), None)


def primary(screen: s.Screen) -> s.Action | None:
    """What OK does when nothing is in focus: the one primary action, where there is exactly one that can be pressed; in
    a form that is not complete the way on, or into the field that has a page of its own."""
    if any(isinstance(each, s.Ink) and each.kind == "signature" for each in screen.blocks):
        # Who goes by keys cannot write with the finger: OK leads to the ways that are as good.
        return next((a for b in screen.blocks if isinstance(b, s.Actions) for a in b.actions if a.key == "other"), None)
    block = asked(screen)
    if isinstance(block, s.Field) and block.opens and not (block.value or block.optional):
        return s.Action("focus", block.placeholder or block.label, value=block.key)
    actions: list[s.Action] = []
    for each in screen.blocks:
        if isinstance(each, s.Actions):
            actions += each.actions
        elif isinstance(each, s.Keypad) and each.next is not None:
            actions.append(each.next)
    likely = [action for action in actions if action.style == "primary"]
    likely = likely or [action for action in actions if action.key == ONWARD]
    return likely[0] if len(likely) == 1 and likely[0].enabled else None


def does(screen: s.Screen, where: Where) -> tuple[str, ...]:
    """ "OK key: ..." with what it does; nothing where it does nothing."""
    following = primary(screen)
    return (where.words.t("speech.ok-does"), following.label) if following is not None else ()


def how(screen: s.Screen, where: Where, *, digits: bool = True) -> tuple[str, ...]:
    """How what is asked is answered with the keypad; `digits`: it has digits of its own."""
    say = where.words.t
    block = asked(screen)
    if isinstance(block, s.Choice) and block.selected:
        return ()
    if isinstance(block, s.Choice):
        return (say("speech.choices", count=len(block.options)),)
    pad = next((b for b in screen.blocks if isinstance(b, s.Keypad)), None)
    if block is None or pad is None:
        return ()
    way = HOW[pad.kind] if digits else "listen"
    if way == "words" and "2" in keys_of(pad):
        way = "letters"
    return (say(f"speech.keys.{way}"),)
