"""Going over a page with a keypad and by ear: what is in focus, what a key does with it, the ring around it.

The stage owns one of these, gives it every page and every key, and does what comes back.
"""

from __future__ import annotations

from typing import Final, cast

from config.speaking import KeyCommand, KeypadSettings
from screens.focus import Way, found_again, letter, moved, never, order, position, typed_keys
from screens.key_commands import COMMANDS, LETTERS, is_digit, key_commands
from screens.look import Look
from screens.marks import Card, Mark, Rect
from screens.pointer import ESCAPES, typed
from screens.screen import Node, Reply, Screen
from screens.sheet import Sheet, Target
from screens.speech.narrator import Narrator
from screens.touching import SETTLE_S

RING_MM: Final = 3.0
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

    def shown(self, screen: Screen, sheet: Sheet, now: float, *, new: bool) -> None:
        """Another sheet: `new` when it is another page, else the same one drawn anew."""
        self._stops = order(sheet.nodes)
        self.node = None if new else found_again(self._stops, self.node)
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

    def wipe(self) -> None:
        """The visit is over: nothing in focus, nothing said any more."""
        self.node = None
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
            return self._standby(command, sheet)
        if command in WAYS:
            self._go(moved(self._stops, self.node, WAYS[command], self._skip))
        elif command == "ok":
            return self._ok(sheet, now)
        elif command == "back":
            return next((target for key in ESCAPES if (target := sheet.find(key))), None)
        elif command in PASSED_ON:
            return sheet.find(PASSED_ON[command])
        elif narrator is not None and command == "repeat":
            narrator.repeat()
        elif narrator is not None:
            return self._voice(command, sheet, narrator)
        return None

    def digit(self, digit: str, sheet: Sheet) -> Target | None:
        """A digit: typed where the page has it, on a keyboard of letters it leads to one of its letters."""
        target = sheet.find("key", digit)
        if target is None and (found := letter(self._stops, self.node, LETTERS.get(digit, ""))):
            self._go(found)
        return target

    def ring(self, look: Look, sheet: Sheet) -> list[Mark]:
        """The ring around what is in focus, 3 mm thick, most of it outside."""
        if self.node is None or sheet.anywhere is not None:
            return []
        thick = look.theme.px(RING_MM)
        rect = Rect(*self.node.rect).inset(-round(thick * 0.7))
        radius = look.space("radius") + round(thick * 0.7)
        return [Card(rect, radius, None, look.colour("ink"), thick)]

    def _standby(self, command: KeyCommand, sheet: Sheet) -> Target | Reply | None:
        """Nobody is here: OK begins a visit with the voice on, any other key says how to start."""
        narrator = self.narrator
        if command == "ok":
            return Reply("start", "voice")
        if narrator is not None:
            if command in ("headset-in", "headset-out"):
                return self._voice(command, sheet, narrator)
            narrator.hint()
        return None

    def _voice(self, command: KeyCommand, sheet: Sheet, narrator: Narrator) -> Target | None:
        if command in ("louder", "softer"):
            narrator.volume(1 if command == "louder" else -1)
            return None
        narrator.headset(command == "headset-in")
        return sheet.find("voice", "on" if command == "headset-in" else "off")

    def _ok(self, sheet: Sheet, now: float) -> Target | None:
        if self.node is None:
            if self.narrator is not None and self.narrator.is_on and now < self._settled_at:
                return None  # meant for the page before
            likely = [target for target in sheet.targets if target.kind == "primary"]
            return likely[0] if len(likely) == 1 and likely[0].enabled else None
        node = self.node
        if not node.enabled and self.narrator is not None:
            self.narrator.refused()
        return next((t for t in sheet.targets if t.enabled and tuple(t.rect) == node.rect), None)

    def _go(self, node: Node | None) -> None:
        self.node = node
        if node is not None and self.narrator is not None:
            stops = [stop for stop in self._stops if not self._skip(stop)]
            self.narrator.focused(node, *position(stops, node))
