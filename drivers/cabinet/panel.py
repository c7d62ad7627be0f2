"""The guide lights as they should be and as the board has them; what to write so that the two agree. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.cabinet_map import CabinetMap, Pattern, Slot
from drivers.cabinet.frames import (
    DARK,
    Image,
    Lit,
    Place,
    Span,
    Write,
    fill,
    light_words,
    must_blink,
    output_places,
    spans,
)

HALF_PERIOD_S: Final[Mapping[Pattern, float]] = {"slow": 0.5, "quick": 0.2}
"""Of lamps that the host blinks: 1 Hz and 2.5 Hz; nothing may flash faster than 3 Hz."""


class LightPanel:
    """`wished` is what people should see; the image is what the board was last told or read to have."""

    def __init__(self, cabinet: CabinetMap) -> None:
        self.wished: dict[Slot, Lit] = dict.fromkeys(cabinet.lights, DARK)
        self.reads: tuple[Span, ...] = ()
        self._cabinet = cabinet
        self._places: tuple[Place, ...] = output_places(cabinet)
        self._image: Image = {}
        self._unsure: set[Place] = set(self._places)
        self._fulfilled: dict[Slot, Lit] | None = None
        """Wishes that need nothing as long as neither they nor the board change."""
        if cabinet.board.readback:
            self.reads = spans(self._places, cabinet.board.gap, cabinet.board.most)

    def forget(self) -> None:
        """The board was away: nobody knows what its lights do."""
        self._image.clear()
        self._fulfilled = None
        self._unsure.update(self._places)

    def learned(self, span: Span, values: tuple[int, ...]) -> None:
        """The board says what it has."""
        if fill(self._image, span, values):
            self._fulfilled = None
        self._unsure -= {(span.kind, span.start + offset) for offset in range(span.count)}

    def written(self, write: Write) -> None:
        """The board took `write`."""
        self.learned(Span(write.kind, write.start, len(write.values)), write.values)

    def doubt(self, write: Write) -> None:
        """Nobody knows whether the board took `write`."""
        self._fulfilled = None
        self._unsure |= {(write.kind, write.start + offset) for offset in range(len(write.values))}

    def writes(self, now: float) -> list[Write]:
        """What brings the board to what is wished, in as few requests as it allows."""
        if self._fulfilled == self.wished:
            return []
        target: Image = {place: self._image.get(place, 0) for place in self._places}
        for slot, lit in self.wished.items():
            light_words(self._cabinet, slot, lit, target, bright=_bright(lit.pattern, now))
        changed = [p for p in self._places if p in self._unsure or target[p] != self._image.get(p)]
        board = self._cabinet.board
        most = 1 if board.writes == "single" else board.most
        made = []
        for span in spans(changed, 0, most):
            values = tuple(target[span.kind, span.start + offset] for offset in range(span.count))
            single = board.writes == "single" or (board.writes == "either" and span.count == 1)
            assert span.kind in ("coil", "holding"), "lights lie in tables that can be written"
            made.append(Write(span.kind, span.start, values, single))
        self._fulfilled = None if made or self.next_edge(now) is not None else dict(self.wished)
        return made

    def next_edge(self, now: float) -> float | None:
        """When a lamp that the host blinks changes next; None while none blinks."""
        if self._fulfilled == self.wished:
            return None
        halves = [
            HALF_PERIOD_S[lit.pattern]
            for slot, lit in self.wished.items()
            if lit.pattern in HALF_PERIOD_S and must_blink(self._cabinet, slot)
        ]
        return min(((now + _EARLY) // half + 1) * half for half in halves) if halves else None


_EARLY: Final = 1e-3
"""A timer that fires a little early is at its edge, not before it."""


def _bright(pattern: Pattern, now: float) -> bool:
    half = HALF_PERIOD_S.get(pattern)
    return half is None or int((now + _EARLY) // half) % 2 == 0
