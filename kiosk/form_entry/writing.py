"""Writing words by touch: pinyin to characters, letters, signs; and lists of entries, each written so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from config.catalogue import FormFieldSpec
from kiosk.case import Case
from kiosk.forms import validate_field
from screens import pages
from screens.models import Entries, Place, Writing
from screens.models.entering import Layer
from screens.screen import Reply, Screen

if TYPE_CHECKING:
    from kiosk.entry import Composer, Learned, Mode

PAGE = 9
LAYERS: Mapping[str, Layer] = {"pinyin": "pinyin", "latin": "latin", "upper": "upper", "signs": "signs"}
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


async def write(case: Case, spec: FormFieldSpec, value: str, *, mode: Mode, before: str = "") -> str | None:
    """The writing page; None when the citizen goes back. `before` is said above it and is not part of the answer."""
    from kiosk.entry import Learned, prepare

    await asyncio.to_thread(prepare)
    learned = case.visit.vault.get("learned")
    page = _Page(case, spec, value, mode, Learned() if learned is None else learned, before)
    while True:
        reply = await case.visit.ask(page.build, seconds=case.visit.manners.form_s)
        if reply.key == "back":
            return None
        if reply.key != "done":
            page.take(reply)
        elif page.done():
            case.visit.vault.put("learned", page.learned)
            return page.composer.text.strip()


def _asks_name(spec: FormFieldSpec) -> bool:
    return any(word in spec.key for word in NAMES) and "shop" not in spec.key


class _Page:
    """The field that is being written."""

    def __init__(self, case: Case, spec: FormFieldSpec, value: str, mode: Mode, learned: Learned, before: str) -> None:
        from kiosk.entry import LIMIT, Composer

        self.case, self.spec, self.before, self.learned = case, spec, before, learned
        self.limit = min(spec.max_length, LIMIT)
        self.composer: Composer = Composer(mode, text=value[: self.limit], limit=self.limit, learned=learned)
        coded = spec.type == "text" and any(spec.key.endswith(end) or end in spec.key for end in ASCII_TYPES)
        self.layer: Layer = "signs" if coded else "pinyin" if case.visit.language == "zh" or mode == "name" else "latin"
        self.turn = 0
        self.error = ""

    def build(self, place: Place) -> Screen:
        """The page as it is now."""
        words = self.composer.candidates(self.turn) if self.composer.pending else ()
        later = bool(words) and bool(self.composer.candidates(self.turn + 1))
        model = Writing(
            self.spec.label.get(place.language),
            self.composer.text,
            self.composer.pending,
            tuple(word.text for word in words),
            self.layer,
            back=self.turn > 0,
            on=later,
            error=self.error,
            counts=(len(self.composer.text), self.limit),
            lines=self.spec.type == "longtext",
            before=self.before,
        )
        return pages.writing(place, model)

    def take(self, reply: Reply) -> None:
        """A key, a word, another layer."""
        self.error = ""
        match reply.key:
            case "layer" if reply.value in LAYERS:
                self._choose_rest()
                self.layer = LAYERS[reply.value]
            case "candidates":
                self.turn = max(0, self.turn + (1 if reply.value == "next" else -1))
                if not self.composer.candidates(self.turn):
                    self.turn = max(0, self.turn - 1)
            case "candidate" if reply.value.isdigit():
                self.composer.choose(self.turn * PAGE + int(reply.value))
                self.turn = 0
            case "key":
                self._key(reply.value)
            case _:
                pass

    def _key(self, key: str) -> None:
        self.turn = 0
        match key:
            case "clear":
                self.composer.clear()
            case "backspace":
                self.composer.backspace()
            case "space" if self.composer.pending:
                self.composer.choose(0)
            case "space":
                self.composer.put(" ")
            case "newline" if self.spec.type == "longtext":
                self._choose_rest()
                self.composer.put("\n")
            case _ if len(key) == 1 and self.layer == "pinyin":
                self.composer.key(key)
            case _ if len(key) == 1:
                self.composer.put(key)

    def _choose_rest(self) -> None:
        """Letters that are still pending become the first words that they stand for."""
        while self.composer.pending and self.composer.candidates(0):
            if not self.composer.choose(0):
                return

    def done(self) -> bool:
        """Finish: what is pending is chosen; true when the value fits the field."""
        self._choose_rest()
        fault = validate_field(self.spec, self.composer.text.strip())
        self.error = self.case.say(f"error.{fault}") if fault else ""
        return not fault
