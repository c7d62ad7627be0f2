"""What a terminal in somebody else's loop is given: a world, IPP without HTTP; and how its pages are seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import requests

from config.catalogue import Catalogue
from config.texts import texts
from drivers.errors import LinkRefused, NoAnswer
from drivers.licence_printer.conversation import Conversation
from drivers.licence_printer.driver import LicencePrinter
from drivers.licence_printer.frames import Message, decode, encode
from drivers.licence_printer.http_carrier import AnswerLost, HttpCarrier
from kiosk.in_process.sight import Sights
from screens import screen as s
from screens.keypad_keys import keys_of
from screens.pages.verifying import TONES
from screens.text import as_text

HTTP_S = 0.004
"""What one exchange with the printer takes."""


class Lives(Protocol):
    """A terminal's process, as far as its parts ask."""

    def must_live(self) -> None:
        """Raise `LinkLost` when the plug is out."""
        ...


class World(Sights, Protocol):
    """What a life is put into."""

    folder: Path
    links: Mapping[str, str]
    session: requests.Session
    platform_url: str
    epoch: float
    seed: int
    poll_s: float
    """Seconds between polls: a second as in a hall, more where thousands of visits are to be played."""
    settings: Mapping[str, Any]
    """What the settings say differently here (dotted keys)."""
    catalogue: Catalogue
    """The services that are offered here."""

    def wall(self) -> float:
        """The clock on the board: seconds since 1970, right or wrong."""
        ...

    def disk_full(self) -> bool:
        """Whether the disk refuses the write of the journal that is about to be made."""
        ...

    async def ipp(self, body: bytes) -> bytes | None:
        """One request at the licence printer; None: the line is cut. Raises `ConnectionError`: nobody is there."""
        ...

    def seen(self, shown: Shown) -> None:
        """Another page is on the screen."""
        ...

    def wrote(self, when: str) -> bool:
        """The journal stands before or after a commit; true pulls the plug there."""
        ...


@dataclass(frozen=True)
class Shown:
    """A page as a citizen has it before the eyes. `offers` are the replies that can be given."""

    page: str
    language: str
    mode: str
    _screen: s.Screen

    @cached_property
    def offers(self) -> tuple[tuple[str, str], ...]:
        """(key, value) of everything that can be touched, without the keypad's keys."""
        return tuple(_offers(self._screen))

    @cached_property
    def spots(self) -> tuple[tuple[str, str, str, bool], ...]:
        """(words, key, value, enabled) of everything with words of its own that can be touched, without the keypad."""
        return tuple(_spots(self._screen))

    @property
    def title(self) -> str:
        """The page's heading."""
        return self._screen.title

    def picture(self) -> bytes:
        """The page as PNG, as a panel shows it."""
        from kiosk.in_process.picture import picture_of

        return picture_of(self._screen)

    @cached_property
    def primary(self) -> tuple[str, str] | None:
        """(key, value) of the page's likely next action, None where it has none that can be touched."""
        for block in self._screen.blocks:
            following = [block.next] if isinstance(block, s.Keypad) else getattr(block, "actions", ())
            for action in following:
                if action is not None and action.style == "primary" and action.enabled:
                    return action.key, action.value
        return None

    @cached_property
    def keys(self) -> frozenset[str]:
        """The values of the keys of the keypad that is there; empty without one."""
        pads = [block for block in self._screen.blocks if isinstance(block, s.Keypad)]
        return frozenset().union(*(keys_of(pad) for pad in pads))

    @cached_property
    def fields(self) -> tuple[tuple[str, str, bool, bool], ...]:
        """(key, what it shows, in focus, opens a page of its own) of every field and choice; "" is still empty."""
        found: list[tuple[str, str, bool, bool]] = []
        for block in self._screen.blocks:
            if isinstance(block, s.Field):
                found.append((block.key, block.value, block.focused, block.opens))
            elif isinstance(block, s.Choice):
                found.append((block.key, block.selected, block.focused, False))
        return tuple(found)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words that typed letters may stand for, in their order."""
        return tuple(word for block in self._screen.blocks if isinstance(block, s.Candidates) for word in block.words)

    @cached_property
    def text(self) -> str:
        """All words of the page; private ones masked."""
        return as_text(self._screen)

    @cached_property
    def money(self) -> str:
        """What a page that ends in `not_done` says of the money: none, not-charged, refunded, owed or unknown."""
        say = texts(self.language).t
        notices = {block.text for block in self._screen.blocks if isinstance(block, s.Notice)}
        return next((m for m in ("not-charged", "refunded", "owed", "unknown") if say(f"money.{m}") in notices), "none")

    @cached_property
    def verdict(self) -> str:
        """What the page says of a certificate: valid, void, altered, unknown or expired; "" when it says nothing."""
        titles = [block.text for block in self._screen.blocks if isinstance(block, s.Result)]
        say = texts(self.language).t
        return next((v for v in TONES if say(f"verdict.title.{v}") in titles), "")

    @cached_property
    def everything(self) -> str:
        """All that is on the page, also what is masked elsewhere, to look for what must not be there."""
        return repr(self._screen)


def _offers(screen: s.Screen) -> Iterator[tuple[str, str]]:
    for action in (*screen.modes, *screen.nav):
        if action.enabled:
            yield action.key, action.value
    for block in screen.blocks:
        match block:
            case s.Actions(actions):
                yield from ((a.key, a.value) for a in actions if a.enabled)
            case s.Tiles(tiles):
                yield from ((t.key, t.value) for t in tiles if t.enabled)
            case s.Items(items):
                yield from ((i.key, i.value) for i in items if i.enabled)
            case s.Field():
                yield "focus", block.key
            case s.Choice():
                yield from ((f"choose:{block.key}", o.key) for o in block.options)
            case s.Ink() | s.Wipe() | s.Cross():
                yield "stroke", ""
            case s.PinPad(next=following):
                yield from (("pin", value) for value in (*"0123456789", "clear", "backspace"))
                if following is not None and following.enabled:
                    yield following.key, following.value
            case s.Checks(lines):
                yield from (("section", line.id) for line in lines)
                yield from (("test", line.id) for line in lines if line.test)
            case s.Plain():
                yield "next", ""
            case s.Keypad(next=following):
                if following is not None and following.enabled:
                    yield following.key, following.value
                if block.kind == "text":
                    yield from (("layer", name) for name in block.layers)
            case s.Candidates():
                yield from (("candidate", str(at)) for at in range(len(block.words)))
            case s.Rating():
                yield from (("rate", str(n)) for n in range(1, 6))
            case _:
                pass


def _spots(screen: s.Screen) -> Iterator[tuple[str, str, str, bool]]:
    for action in (*screen.modes, *screen.nav):
        yield action.label, action.key, action.value, action.enabled
    for block in screen.blocks:
        match block:
            case s.Actions(actions):
                yield from ((" ".join(filter(None, (a.label, a.note))), a.key, a.value, a.enabled) for a in actions)
            case s.Tiles(tiles):
                yield from ((t.label, t.key, t.value, t.enabled) for t in tiles)
            case s.Items(items):
                yield from ((i.label, i.key, i.value, i.enabled) for i in items)
            case s.Checks(lines):
                yield from ((line.name, "section", line.id, True) for line in lines)
                yield from ((f"{line.test} {line.name}", "test", line.id, True) for line in lines if line.test)
            case s.Field():
                yield block.label, "focus", block.key, True
            case s.Choice():
                yield from ((o.label, f"choose:{block.key}", o.key, True) for o in block.options)
            case s.Keypad(next=following) if following is not None:
                yield following.label, following.key, following.value, following.enabled
            case s.Candidates():
                yield from ((word, "candidate", str(at), True) for at, word in enumerate(block.words))
            case s.Rating():
                levels = zip(range(5, 0, -1), block.labels, strict=True)
                yield from ((label, "rate", str(level), True) for level, label in levels)
            case _:
                pass


class _Carrier(HttpCarrier):
    """HTTP to the licence printer without sockets."""

    world: World
    life: Lives

    async def exchange(self, message: Message, document: bytes = b"", *, deadline_s: float) -> Message:
        """As `HttpCarrier.exchange`."""
        uri = self.address.uri
        self.life.must_live()
        await asyncio.sleep(HTTP_S)
        self.life.must_live()
        try:
            async with asyncio.timeout(deadline_s):
                octets = await self.world.ipp(encode(message, document))
        except TimeoutError:
            raise NoAnswer(f"{uri} did not answer within {deadline_s:.0f} s") from None
        except ConnectionError as error:
            raise LinkRefused(f"{uri} cannot be reached") from error
        if octets is None:
            raise AnswerLost(f"{uri}: the connection broke before the answer came")
        await asyncio.sleep(HTTP_S)
        return decode(octets)


class CarriedPrinter(LicencePrinter):
    """The IPP driver over `World.ipp`."""

    def __init__(self, world: World, life: Lives) -> None:
        super().__init__("licence_printer", "ipp://printer.test/ipp/print")
        carrier = _Carrier(self._talk.carrier.address, self)
        carrier.world, carrier.life = world, life
        self._talk = Conversation(self.name, carrier, "weihai-kiosk")
