"""Writing words: pinyin, the finger, letters, Hangul, codes, signs; and lists of entries, each written so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from config.catalogue import FormFieldSpec
from kiosk.entry import rare
from kiosk.forms.entry.hand import Hand
from kiosk.forms.rules import validate_field
from kiosk.visits.case import Case
from screens import pages
from screens.models import Entries, Place, Writing
from screens.models.entering import Layer
from screens.screen import Reply, Screen
from screens.type import lacking

if TYPE_CHECKING:
    from kiosk.entry import Composer, Learned, Mode
    from kiosk.visits.case import Tools
    from kiosk.visits.visit import Visit

PAGE = 9
BY_HAND = 5
"""Characters shown at once of those that were written by hand."""
MOST_ENTRIES = 20
NAMES = ("name", "guardian", "spouse", "payer", "holder", "contact", "addressee")
"""Keys of fields that ask for somebody's name contain one of these."""
ASCII_TYPES = ("_no", "code", "email", "engine", "last4", "cert")
"""Keys of fields that are numbers or codes begin on letters and signs."""


async def enter_words(case: Case, spec: FormFieldSpec, value: str) -> str | None:
    """Words for a text field."""
    return await write(case, spec, value, mode="name" if _asks_name(spec) else "text")


async def enter_entries(case: Case, spec: FormFieldSpec, value: str) -> str | None:
    """Free entries, one a line."""
    found = value.split("\n") if value else []
    most = min(spec.most or MOST_ENTRIES, MOST_ENTRIES)
    one = spec.model_copy(update={"type": "text", "max_length": min(60, spec.max_length), "least": None, "most": None})

    def build(place: Place) -> Screen:
        least = spec.least or (1 if spec.required else 0)
        return pages.entries(place, Entries(spec.label.get(place.language), tuple(found), most, least))

    while True:
        reply = await case.visit.ask(build, seconds=case.visit.manners.form_s)
        match reply.key:
            case "back":
                return None
            case "add" if len(found) < most:
                written = await write(case, one, "", mode="name" if _asks_name(spec) else "text")
                if written and written not in found:
                    found.append(written)
            case "remove" if reply.value.isdigit() and int(reply.value) < len(found):
                del found[int(reply.value)]
            case "done":
                return "\n".join(found)
            case _:
                pass


async def write(
    case: Case, spec: FormFieldSpec, value: str, *, mode: Mode, before: str = "", begin: Layer | None = None
) -> str | None:
    """The writing page; None when the citizen goes back. `before` is said above it and is not part of the answer.

    `begin`: the keyboard that is up first, where it is there.
    """
    from kiosk.entry import Learned, prepare

    await asyncio.to_thread(prepare)
    learned = case.visit.vault.get("learned")
    page = WritingPage(case, spec, value, mode, Learned() if learned is None else learned, before)
    if begin in page.layers():
        page.switch(begin)
    fresh = True
    try:
        while True:
            # Strokes follow one another faster than pages: those that wait belong to this page.
            reply = await case.visit.ask(page.build, seconds=case.visit.manners.form_s, fresh=fresh)
            fresh = False
            if reply.key == "back":
                return None
            if reply.key != "done":
                page.take(reply)
            elif await page.done():
                case.visit.vault.put("learned", page.learned)
                return page.composer.text.strip()
    finally:
        await page.hand.close()


def _asks_name(spec: FormFieldSpec) -> bool:
    return any(word in spec.key for word in NAMES) and "shop" not in spec.key


class Desk(Protocol):
    """Where something is written: a citizen's case, or a technician's pages."""

    @property
    def visit(self) -> Visit:
        """Language, voice, and what is drawn again."""

    @property
    def tools(self) -> Tools:
        """The reader of handwriting."""

    def say(self, key: str, **values: object) -> str:
        """A sentence in the language of the moment."""


class WritingPage:
    """The field that is being written.

    Not `by_hand`: nothing is written with the finger. `hangul`: Korean, whatever the page's language is.
    """

    def __init__(
        self,
        case: Desk,
        spec: FormFieldSpec,
        value: str,
        mode: Mode,
        learned: Learned,
        before: str = "",
        *,
        by_hand: bool = True,
        hangul: bool = False,
    ) -> None:
        from kiosk.entry import LIMIT, Composer

        self._by_hand, self._hangul = by_hand, hangul
        self.case, self.spec, self.before, self.learned = case, spec, before, learned
        self.limit = min(spec.max_length, LIMIT)
        self.composer: Composer = Composer(mode, text=value[: self.limit], limit=self.limit, learned=learned)
        self.hand = Hand(case.tools.texts, self.composer.put, case.visit.refresh)
        self.code = ""
        coded = spec.type == "text" and any(spec.key.endswith(end) or end in spec.key for end in ASCII_TYPES)
        self.layer: Layer = "signs" if coded else self._first_layer(mode)
        self.turn = 0
        self.error = ""

    def _first_layer(self, mode: Mode) -> Layer:
        language = self.case.visit.language
        if language == "ko":
            return "hangul"
        return "pinyin" if language == "zh" or mode == "name" else "latin"

    def layers(self) -> tuple[Layer, ...]:
        """What can be switched to here. Who listens or has keys only writes nothing with the finger."""
        found: list[Layer] = ["hangul"] if self._hangul or self.case.visit.language == "ko" else []
        found.append("pinyin")
        reads = self._by_hand and self.hand.engine.reads_hand and not self.hand.failed
        if reads and self.case.visit.place.voice != "on":
            found.append("hand")
        return (*found, "latin", "upper", "signs", "rare")

    def build(self, place: Place) -> Screen:
        """The page as it is now."""
        return pages.writing(place, self.model(place))

    def model(self, place: Place) -> Writing:
        """What stands on it."""
        layers = self.layers()
        if self.layer not in layers:
            self.layer = "pinyin"  # the finger cannot be read any more, or the voice was switched on
        by_hand = self.layer == "hand"
        words = self._words()
        return Writing(
            self.spec.label.get(place.language),
            self.composer.text,
            self._pending(),
            words,
            self.layer,
            back=self.turn > 0,
            on=self._goes_on(),
            error=self.error,
            counts=(len(self.composer.text), self.limit),
            lines=self.spec.type == "longtext",
            before=self.before,
            layers=layers,
            strokes=tuple(self.hand.strokes) if by_hand else (),
            heard=self.hand.heard,
            unread=self.hand.unread,
            no_hand=self.hand.failed,
            lacking=tuple(rare.code_of(c) for c in lacking(self.composer.text)),
        )

    def _pending(self) -> str:
        return f"U+{self.code}" if self.layer == "rare" and self.code else self.composer.pending

    def _words(self) -> tuple[str, ...]:
        if self.layer == "hand":
            return self.hand.found[self.turn * BY_HAND : (self.turn + 1) * BY_HAND]
        if self.layer == "rare":
            return self._rare()
        found = self.composer.candidates(self.turn) if self.composer.pending else ()
        return tuple(word.text for word in found)

    def _goes_on(self) -> bool:
        """Whether there are words after those that are shown."""
        if self.layer == "hand":
            return len(self.hand.found) > (self.turn + 1) * BY_HAND
        return self.layer != "rare" and bool(self.composer.pending) and bool(self.composer.candidates(self.turn + 1))

    def _rare(self) -> tuple[str, ...]:
        """The character of the code; while none is typed, those of the card that lies there."""
        if self.code:
            return tuple(filter(None, (rare.of_code(self.code),)))
        card = self.case.visit.vault.get("card")
        return () if card is None else rare.from_card(card.name, card.address)

    def take(self, reply: Reply) -> None:
        """A key, a stroke, a word, another layer."""
        self.error = ""
        match reply.key:
            case "layer" if reply.value in self.layers():
                self.switch(reply.value)
            case "stroke" if self.layer == "hand":
                self.turn = 0
                self.hand.stroke(reply.value)
            case "candidates" if reply.value != "next":
                self.turn = max(0, self.turn - 1)
            case "candidates" if self._goes_on():
                self.turn += 1
            case "candidate" if reply.value.isascii() and reply.value.isdigit():
                self._choose(int(reply.value))
            case "key":
                self._key(reply.value)
            case _:
                pass

    def switch(self, layer: str) -> None:
        """Another of `layers`; what was begun on the one before is chosen, or forgotten."""
        self._choose_rest()
        self.hand.wipe()
        self.code, self.turn = "", 0
        self.layer = next(known for known in self.layers() if known == layer)
        if self.layer == "hand":
            self.hand.open()

    def _choose(self, at: int) -> None:
        if self.layer == "hand":
            self.hand.choose(self.turn * BY_HAND + at)
            self.turn = 0
        elif self.layer == "rare":
            words = self._rare()
            if at < len(words) and self.composer.put(words[at]):
                self.code = ""
        else:
            self.composer.choose(self.turn * PAGE + at)
            self.turn = 0

    def _key(self, key: str) -> None:
        self.turn = 0
        match key:
            case "clear":
                self.composer.clear()
                self.hand.wipe()
                self.code = ""
            case "undo":
                self.hand.undo()
            case "again":
                self.hand.wipe()
            case "backspace":
                self._backspace()
            case "space" if self.composer.pending:
                self.composer.choose(0)
            case "space":
                self.composer.put(" ")
            case "newline" if self.spec.type == "longtext":
                self._choose_rest()
                self.composer.put("\n")
            case _ if len(key) == 1:
                self._character(key)

    def _backspace(self) -> None:
        if self.layer == "rare" and self.code:
            self.code = self.code[:-1]
        elif self.layer == "hangul":
            self.composer.erase_jamo()
        else:
            self.composer.backspace()

    def _character(self, key: str) -> None:
        if self.layer == "pinyin":
            self.composer.key(key)
        elif self.layer == "hangul":
            self.composer.jamo(key)
        elif self.layer == "rare":
            self.code = (self.code + key)[: rare.MOST_DIGITS] if key in rare.HEX else self.code
        else:
            if self.layer == "hand":
                self.hand.next_one()
            self.composer.put(key)

    def _choose_rest(self) -> None:
        """Letters that are still pending become the first words that they stand for."""
        while self.composer.pending and self.composer.candidates(0):
            if not self.composer.choose(0):
                return

    async def done(self) -> bool:
        """Finish: what is pending is chosen; true when the value fits the field."""
        self._choose_rest()
        await self.hand.settled()
        fault = validate_field(self.spec, self.composer.text.strip())
        self.error = self.case.say(f"error.{fault}") if fault else ""
        return not fault
