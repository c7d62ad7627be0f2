"""Whether a signed request is new: its nonce and its number within the terminal's boot, each seen once."""

from __future__ import annotations

from collections import OrderedDict

from simulator.platform.problems import Refusal

NONCE_LIFE_S = 600
MAX_NONCES = 50_000
WINDOW = 512
"""Numbers this far behind the highest one may still arrive: six threads of a terminal overtake each other."""
MAX_BOOTS = 5_000


class Freshness:
    """Remembers what was seen. Memory is bounded; times are seconds since 1970."""

    def __init__(self) -> None:
        self._nonces: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._boots: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def must_be_new(self, kiosk: str, nonce: str, boot: str, seq: int, now: float) -> None:
        """Refuse (`replay`) what was seen within ten minutes, or a number that was used or is far behind."""
        while self._nonces and (
            len(self._nonces) >= MAX_NONCES or next(iter(self._nonces.values())) < now - NONCE_LIFE_S
        ):
            self._nonces.popitem(last=False)
        if (kiosk, nonce) in self._nonces:
            raise Refusal("replay", "the nonce was used", reason="nonce")
        self._count(kiosk, boot, seq)
        self._nonces[kiosk, nonce] = now

    def _count(self, kiosk: str, boot: str, seq: int) -> None:
        highest, seen = self._boots.pop((kiosk, boot), (0, 0))
        ahead = seq - highest
        if ahead > 0:
            seen = ((seen << ahead) | 1) & ((1 << WINDOW) - 1) if ahead < WINDOW else 1
            highest = seq
        else:
            if -ahead >= WINDOW or seen & (bit := 1 << -ahead):  # in this order: a shift by 10**11 is 12 GB
                self._boots[kiosk, boot] = highest, seen
                raise Refusal("replay", "the number of this boot was used or is far behind", reason="sequence")
            seen |= bit
        self._boots[kiosk, boot] = highest, seen
        if len(self._boots) > MAX_BOOTS:
            self._boots.popitem(last=False)
