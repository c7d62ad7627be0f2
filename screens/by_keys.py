"""Going over a page with a keypad and by ear: what is in focus, what a key does with it, the ring around it.

The stage owns one of these, gives it every page and every key, and does what comes back.
"""

from __future__ import annotations

from typing import Final, cast

from config.keypad_letters import LETTERS
from config.speaking import KeyCommand, KeypadSettings
from screens.focus import (
    Way,
    before_asked,
    candidate,
    found_again,
    letter,
    moved,
    never,
    order,
    other_key,
    position,
    round_of,
    typed_keys,
)
from screens.key_commands import COMMANDS, is_digit, key_commands
from screens.keypad_keys import EXTRA
from screens.look import Look
from screens.marks import Card, Mark, Rect
from screens.pointer import ESCAPES, typed
from screens.screen import Keypad, Node, PinPad, Reply, Screen
from screens.sheet import Sheet, Target
from screens.speech.asked import asked, primary
from screens.speech.narrator import Narrator
from screens.touching import SETTLE_S

RING_MM: Final = 3.0
HERE_S: Final = 5.0
"""Who presses keys, or is being told something, is here: the core is told so, at most this often."""
HERE: Final = Reply("somebody")
WAYS: Final[dict[KeyCommand, Way]] = {"up": "up", "down": "down", "left": "left", "right": "right"}
PASSED_ON: Final[dict[KeyCommand, str]] = {"home": "home", "help": "help", "voice": "voice"}
"""Commands that are buttons of the page, where it has them."""


class ByKeys:
    """The focus of one stage, and whom it tells. A key returns the target that is to be pressed, a reply, or None."""

    def __init__(self, keypad: KeypadSettings, narrator: Narrator | None) -> None:
        self.node: Node | None = None
        self._commands = key_commands(keypad)
        self._stops: tuple[Node, ...] = ()
        self._skip = typed_keys if keypad.digits else never
        self.narrator = narrator
        self._settled_at = 0.0
        self._screen: Screen | None = None
        self._asked = ""
        """Key of the field or choice whose turn it is."""
        self._letters = False
        """On a keyboard with both, digits lead to letters."""
        self._pressed = False
        self._chosen = False
        """OK has just taken one of several answers."""
        self._here_at = 0.0

    def shown(self, screen: Screen, sheet: Sheet, now: float, *, new: bool) -> None:
        """Another sheet: `new` when it is another page, else the same one drawn anew."""
        self._stops = order(sheet.nodes)
        block = asked(screen)
        turn, self._asked = self._asked, block.key if block is not None else ""
        if new or turn != self._asked or _keys(screen) != _keys(self._screen):
            self._letters = False
        self._screen = screen
        # Where an answer was chosen or something else is asked now, OK leads on instead of repeating what it just did.
        on = new or turn != self._asked or self._chosen
        self.node, self._chosen = None if on else found_again(self._stops, self.node), False
        if new:
            self._settled_at = now + SETTLE_S
        if self.narrator is not None:
            can_press = any(node.key and node.enabled for node in self._stops)
            self.narrator.shown(screen, can_press=can_press, turns=sheet.turns)

    def turned(self, sheet: Sheet) -> None:
        """Another turn of the same page."""
        self._stops, self.node = order(sheet.nodes), None
        if self.narrator is not None:
            self.narrator.turned(sheet.turn, sheet.turns)

    def pass_time(self, now: float) -> None:
        """Called at every turn of the stage's loop."""
        if self.narrator is not None:
            self.narrator.pass_time(now)

    def is_here(self, now: float) -> bool:
        """Whether the core is to be told that somebody is here: keys that only move the focus, and listening to what is
        being said, are not silence. True at most every `HERE_S`."""
        told = self.narrator is not None and self.narrator.is_telling
        if now < self._here_at + HERE_S or not (self._pressed or told):
            return False
        self._pressed, self._here_at = False, now
        return self._screen is not None and self._screen.countdown is not None

    def wipe(self) -> None:
        """The visit is over: nothing in focus, nothing said any more."""
        self.node, self._screen, self._asked, self._letters, self._pressed = None, None, "", False, False
        if self.narrator is not None:
            self.narrator.wipe()

    def pressed(self, sheet: Sheet, key: int, character: str, now: float) -> Target | Reply | None:
        """A key of a keyboard: typed where the page has such a key, else what the settings say it means."""
        command = self._commands.get(key)
        if reply := typed(sheet, key, character):
            return reply
        return self.afar(command or character, sheet, now)

    def afar(self, pressed: str, sheet: Sheet, now: float) -> Target | Reply | None:
        """A command by its name, or a digit; anything else is nothing."""
        if is_digit(pressed):
            return self.digit(pressed, sheet)
        return self.command(cast("KeyCommand", pressed), sheet, now) if pressed in COMMANDS else None

    def command(self, command: KeyCommand, sheet: Sheet, now: float) -> Target | Reply | None:
        """What a key of the keypad does on this page."""
        narrator = self.narrator
        if sheet.anywhere is not None:
            return self._standby(command)
        self._pressed = True
        if command in WAYS:
            way = WAYS[command]
            self._go(moved(self._stops, self.node or before_asked(self._stops, self._asked, way), way, self._skip))
        elif command == "ok":
            return self._ok(sheet, now)
        elif command == "back":
            return next((target for key in ESCAPES if (target := sheet.find(key))), None)
        elif command in PASSED_ON:
            return sheet.find(PASSED_ON[command])
        elif command == "star":
            return self._star(sheet)
        elif narrator is not None and command == "repeat":
            narrator.repeat()
        elif narrator is not None:
            return self._voice(command, narrator)
        return None

    def digit(self, digit: str, sheet: Sheet) -> Target | None:
        """A digit: typed where the page has it, else on a keyboard of letters the way to a letter; 0 leads to the words
        that were found, 1 to the keys that are no characters."""
        self._pressed = True
        target = None if self._letters else sheet.find("key", digit) or self._of_pin(digit, sheet)
        if target is not None:
            self.node = None  # OK leads on, and does not type a letter again
            return target
        if digit in "01":
            stops = sorted(self._stops, key=lambda node: node.key == "candidates")  # the words, then the way to others
            found = round_of(stops, self.node, candidate if digit == "0" else other_key)
        else:
            found = letter(self._stops, self.node, LETTERS.get(digit, ""))
        if found is not None:
            self._go(found)
        return None

    def _of_pin(self, digit: str, sheet: Sheet) -> Target | None:
        """The key of a PIN's pad that a digit of an own keypad means, wherever it stands there."""
        pad = next((b for b in self._screen.blocks if isinstance(b, PinPad)), None) if self._screen else None
        return sheet.find("pin", str(pad.order.index(digit))) if pad is not None and digit in pad.order else None

    def _star(self, sheet: Sheet) -> Target | None:
        """The one key that a pad of digits has beside them. On a keyboard of letters: away from the letter, so that OK
        leads on; where it has digits too, they mean the other thing from now on."""
        pad = _pad(self._screen)
        if pad is None:
            return None
        if extra := EXTRA.get(pad.kind, ""):
            return sheet.find("key", extra)
        if pad.kind in EXTRA:
            return None
        self.node = None
        if sheet.find("key", "2") is None:
            self._tell_what_ok_does()
            return None
        self._letters = not self._letters
        if self.narrator is not None:
            self.narrator.digits_mean(letters=self._letters)
        return None

    def _tell_what_ok_does(self) -> None:
        if self.narrator is not None:
            self.narrator.does()

    def ring(self, look: Look, sheet: Sheet) -> list[Mark]:
        """The ring around what is in focus, 3 mm thick, most of it outside."""
        if self.node is None or sheet.anywhere is not None:
            return []
        thick = look.theme.px(RING_MM)
        rect = Rect(*self.node.rect).inset(-round(thick * 0.7))
        radius = look.space("radius") + round(thick * 0.7)
        return [Card(rect, radius, None, look.colour("ink"), thick)]

    def _standby(self, command: KeyCommand) -> Target | Reply | None:
        """Nobody is here: OK begins a visit with the voice on, any other key says how to start."""
        narrator = self.narrator
        if command == "ok":
            return Reply("start", "voice")
        if narrator is not None:
            if command in ("headset-in", "headset-out"):
                return self._voice(command, narrator)
            narrator.hint()
        return None

    def _voice(self, command: KeyCommand, narrator: Narrator) -> Reply | None:
        if command in ("louder", "softer"):
            narrator.volume(1 if command == "louder" else -1)
            return None
        narrator.headset(command == "headset-in")
        return Reply("headset", command.removeprefix("headset-"))

    def _ok(self, sheet: Sheet, now: float) -> Target | None:
        if self.node is None:
            if self.narrator is not None and self.narrator.is_on and now < self._settled_at:
                return None  # meant for the page before
            action = primary(self._screen) if self._screen is not None else None
            return sheet.find(action.key, action.value) if action is not None else None
        node = self.node
        if not node.enabled and self.narrator is not None:
            self.narrator.refused()
        self._chosen = node.enabled and node.key.startswith("choose:")
        return next((t for t in sheet.targets if t.enabled and tuple(t.rect) == node.rect), None)

    def _go(self, node: Node | None) -> None:
        self.node = node
        if node is not None and self.narrator is not None:
            stops = [stop for stop in self._stops if not self._skip(stop)]
            self.narrator.focused(node, *position(stops, node))


def _pad(screen: Screen | None) -> Keypad | None:
    return next((b for b in screen.blocks if isinstance(b, Keypad)), None) if screen is not None else None


def _keys(screen: Screen | None) -> tuple[str, str]:
    """Which keys are up."""
    pad = _pad(screen)
    return (pad.kind, pad.layer) if pad is not None else ("", "")
