"""A PIN of ours while it is typed: which digit stands where, and what was typed so far; nothing of it leaves memory."""

from __future__ import annotations

import secrets

from screens.screen import Reply

IN_ORDER = "1234567890"
MOST = 12


class PinTyping:
    """One appearance of the pad. `shuffled`: the digits stand anew each time; not for whom an own keypad types.

    Raises `ValueError` for a length that no PIN has.
    """

    def __init__(self, length: int, *, shuffled: bool = True) -> None:
        if not 4 <= length <= MOST:
            raise ValueError(f"a PIN has 4 to {MOST} digits, not {length}")
        self.length = length
        self.shuffled = shuffled
        self.order = ""
        self._typed = ""
        self.appear()

    @property
    def typed(self) -> int:
        """How many digits are in."""
        return len(self._typed)

    def appear(self) -> None:
        """The pad appears (again): a fresh order, nothing typed."""
        self._typed = ""
        digits = list(IN_ORDER)
        if self.shuffled:
            secrets.SystemRandom().shuffle(digits)
        self.order = "".join(digits)

    def take(self, reply: Reply) -> bool:
        """One key of the pad; false for anything else. Digits beyond the length are not taken."""
        if reply.key != "pin":
            return False
        if reply.value == "clear":
            self._typed = ""
        elif reply.value == "backspace":
            self._typed = self._typed[:-1]
        elif len(reply.value) == 1 and reply.value in IN_ORDER and self.typed < self.length:
            self._typed += self.order[int(reply.value)]
        return True

    def give(self) -> str:
        """The whole PIN, once; "" while digits are missing. Afterwards the pad appears anew."""
        given = self._typed if self.typed == self.length else ""
        self.appear()
        return given
