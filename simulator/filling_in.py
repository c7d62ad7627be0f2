"""How a simulated citizen fills in a form: only what the page offers is touched, one touch after another.

Works on what a terminal's `shown` tells (`kiosk.in_process.terminal`): `page`, `fields`, `keys`, `offers`, `words`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from config.service import Service
from config.service_form import FormFieldSpec
from config.service_words import Words
from simulator.answers import answer_for, numbered

PAGES = frozenset({"form", "choose_from", "address", "writing", "entries", "code_field"})
"""The pages that belong to a form."""
TOUCH_S = 0.05
LETTERS = "weihai"
NUMBERS = ("_no", "code", "engine", "last4")
"""Keys of text fields that ask for a number contain one of these."""
Press = Callable[[str, str], None]


class FormHands:
    """The hands of one citizen at the form of `service`. `show_code` holds a code to the camera ("" takes it away)."""

    def __init__(
        self,
        service: Service,
        press: Press,
        show_code: Callable[[str], None],
        *,
        everything: bool = False,
        answers: Mapping[str, str] | None = None,
        turn: int = 0,
    ) -> None:
        self.specs = {spec.key: spec for spec in service.form}
        self.press = press
        self.show_code = show_code
        self.everything = everything
        self.answers = dict(answers or {})
        self.turn = turn
        self.opened = ""
        self.touched: set[str] = set()

    async def act(self, shown: Any) -> None:
        """The next touches on this page."""
        offers: dict[str, list[str]] = {}
        for key, value in shown.offers:
            offers.setdefault(key, []).append(value)
        match shown.page:
            case "form":
                self.show_code("")
                await self._at_form(shown, offers)
            case "choose_from" if "clear" in offers and "done" in offers and self.opened in self.touched:
                self.press("done", "")
            case "choose_from" | "address":
                self.touched.add(self.opened)
                options = offers.get("option", [])
                self.press("option", options[self.turn % len(options)] if options else "")
            case "writing":
                await self._write(shown)
            case "entries":
                self.press(*("done", "") if "done" in offers and self.opened in self.touched else ("add", ""))
                self.touched.add(self.opened)
            case "code_field":
                self.show_code(self.answers.get(self.opened) or answer_for(self.specs[self.opened]))
            case _:
                raise ValueError(f"{shown.page} is no page of a form")

    async def _at_form(self, shown: Any, offers: dict[str, list[str]]) -> None:
        empty = [(key, focused, opens) for key, value, focused, opens in shown.fields if not value and self.asked(key)]
        wrong = [(key, f, o) for key, value, f, o in shown.fields if value and f and key not in self.touched]
        for key, focused, opens in (*empty, *wrong):
            spec = self._spec(key)
            if options := offers.get(f"choose:{key}"):
                self.touched.add(key)
                wanted = self.answers.get(key, "")
                self.press(f"choose:{key}", wanted if wanted in options else answer_for(spec, options, turn=self.turn))
                return
            if opens or not focused:
                self.opened = key
                self.touched.discard(key)
                self.press("focus", key)
                return
            self.touched.add(key)
            await self._type(spec, shown)
            return
        self.press("next", "")

    def asked(self, key: str) -> bool:
        """Whether this citizen answers that field."""
        return self.everything or self._spec(key).required or key in self.answers

    def _spec(self, key: str) -> FormFieldSpec:
        """The field; in a bundle's union a key may carry its item's id in front."""
        if key not in self.specs:
            found = next((spec for known, spec in self.specs.items() if key.endswith(known)), None)
            self.specs[key] = found or FormFieldSpec.model_construct(
                key=key, type="text", required=True, label=Words(zh=key, en=key)
            )
        return self.specs[key]

    async def _type(self, spec: FormFieldSpec, shown: Any) -> None:
        self.press("key", "clear")
        for character in self.answers.get(spec.key) or answer_for(spec, turn=self.turn):
            await asyncio.sleep(TOUCH_S)
            if spec.type == "range" and character == "-":
                continue
            self.press("key", character)
        await asyncio.sleep(TOUCH_S)

    async def _write(self, shown: Any) -> None:
        spec = self._spec(self.opened) if self.opened else None
        await self._touches(("key", "clear"))
        answer = self.answers.get(self.opened, "")
        if answer:
            for character in answer:
                layer = "signs" if character.isdigit() else "upper" if character.isupper() else "latin"
                await self._touches(("layer", layer), ("key", character))
        elif spec is not None and spec.max_length < 2:
            await self._touches(("layer", "signs"), ("key", "8"))
        elif spec is not None and any(mark in spec.key for mark in NUMBERS):
            number = numbered(self.turn).rjust(6, "8")[-min(6, spec.max_length) :]
            await self._touches(("layer", "signs"), *(("key", digit) for digit in number))
        elif "w" in shown.keys and len(LETTERS) < 60:
            await self._touches(*(("key", letter) for letter in LETTERS))
            await self._touches(("candidate", "0"))
        else:
            await self._touches(("layer", "signs"), ("key", str(len(self.touched) % 10)))
        self.touched.add(self.opened)
        self.press("done", "")

    async def _touches(self, *touches: tuple[str, str]) -> None:
        for key, value in touches:
            self.press(key, value)
            await asyncio.sleep(TOUCH_S)
