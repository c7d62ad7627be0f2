"""Pages of closing for service, with a prepared sentence or a supervisor's own, and of opening again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from config.service_form import FormFieldSpec
from config.service_words import Words
from config.texts import texts
from kiosk.events import Language
from kiosk.forms.entry.writing import WritingPage
from kiosk.technician.showing_acts import Acts
from kiosk.technician.work.closing import OWN, REASONS, Reason
from kiosk.technician.work.own_words import MOST, own_words
from kiosk.technician.work.refusal import Refusal
from kiosk.visits.case import Tools
from kiosk.visits.visit import Visit
from screens.models import Place
from screens.models.entering import Layer
from screens.models.technician import WorkField, WorkForm, WorkLine, WorkList, WorkOption, WorkRecord
from screens.pages.technician import tech_words
from screens.screen import Screen

ACT: Final = "close-words"
KEYBOARDS: Final[dict[Language, Layer]] = {"zh": "pinyin", "en": "latin", "ko": "hangul"}
WHOLE: Final = "words"
"""Reply with the whole sentence: from afar nobody presses keys of pinyin."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the sentence is written."""

    visit: Visit
    tools: Tools

    def say(self, key: str, **values: object) -> str:
        """A sentence in the language of the moment."""
        return texts(self.visit.language).t(key, **values)


class Closing(Acts):
    """One session's closing and opening."""

    async def close(self, section: str = "") -> None:
        """Close with one of the prepared sentences, or go on to words of one's own. Raises `Ended`."""
        del section
        filled = await self._pages.form(lambda _: self._form())
        if filled is None:
            return
        if filled["reason"] == OWN:
            await self._own()
            return
        await self._close(next(each for each in REASONS if each == filled["reason"]))

    def _form(self) -> WorkForm:
        say = self._pages.say
        options = [WorkOption(each, say(f"tech.closing.reason.{each}"), say(f"closing.{each}")) for each in REASONS]
        if self._session.may(ACT):
            options.append(WorkOption(OWN, say("tech.closing.reason.own"), say("tech.closing.own-note")))
        fields = (WorkField("reason", say("tech.closing.why"), options=tuple(options)),)
        return WorkForm(say("tech.work.line.close"), say("tech.closing.note"), fields=fields, do=say("tech.closing.do"))

    async def _close(self, reason: Reason, words: dict[Language, str] | None = None) -> bool:
        """Whether it is closed now; a refusal was told."""
        say = self._pages.say

        async def work() -> bool:
            await self._workshop.closing.close(self._session.who, reason, words)
            return True

        act, figures = ("close", {"reason": reason}) if words is None else (ACT, {"languages": " ".join(words)})
        if not await self._pages.done(act, say("tech.work.line.close"), work, lambda _: figures):
            return False
        await self._pages.told(say("tech.work.line.close"), say("tech.closing.closed"))
        return True

    # Words of one's own

    async def _own(self) -> None:
        """A sentence in each language that wants one; the others keep the prepared one. Raises `Ended`."""
        words: dict[Language, str] = {}
        while True:
            reply = await self._pages.listed(lambda: self._languages(words))
            language = next((each for each in KEYBOARDS if each == reply.value), None)
            if reply.key == "back":
                return
            if reply.key == "do":
                if await self._close("notice", words):
                    return
            elif reply.key == "record" and language is not None:
                await self._written(language, words)

    def _languages(self, words: dict[Language, str]) -> WorkList:
        say = self._pages.say
        records = tuple(
            WorkRecord(each, say(f"tech.closing.in-{each}"), words.get(each) or self._prepared(each), "edit")
            for each in KEYBOARDS
        )
        enabled = bool(words)
        reason = "" if enabled else say("tech.closing.own-none")
        do = WorkLine("do", say("tech.closing.do"), "do_not_disturb_on", enabled=enabled, reason=reason)
        return WorkList(say("tech.closing.reason.own"), say("tech.closing.own-rest"), records, acts=(do,))

    def _prepared(self, language: Language) -> str:
        return self._pages.say("tech.closing.prepared", words=texts(language).t("closing.notice"))

    async def _written(self, language: Language, words: dict[Language, str]) -> None:
        """Write one; what cannot be shown is told and written on. An empty one is taken out. Raises `Ended`."""
        text = words.get(language, "")
        while True:
            written = await self._write(language, text)
            if written is None:
                return
            text = written
            if not text:
                words.pop(language, None)
                return
            try:
                words |= own_words({language: text}, self._session.tools.settings.terminal.help_phone)
            except Refusal as refusal:
                title, language_now = self._pages.say("tech.closing.reason.own"), self._pages.language
                remedy = refusal.remedy(language_now)
                await self._pages.told(title, refusal.sentence(language_now), "fail", remedy=remedy)
            else:
                return

    async def _write(self, language: Language, before: str) -> str | None:
        """The keyboards, until it is done; None: back. Raises `Ended`."""
        from kiosk.entry import Learned, prepare

        await asyncio.to_thread(prepare)
        visit = self._pages.visit
        label = Words(**{each: texts(each).t(f"tech.closing.in-{language}") for each in KEYBOARDS})
        spec = FormFieldSpec(key="sentence", type="text", label=label, max_length=MOST)
        desk = _Desk(visit, self._session.tools)
        # The pages of technicians hear one reply after the other: strokes come faster.
        page = WritingPage(desk, spec, before, "text", Learned(), by_hand=False, hangul=language == "ko")
        if KEYBOARDS[language] in page.layers():
            page.switch(KEYBOARDS[language])

        def build(place: Place) -> Screen:
            return tech_words(place, page.model(place))

        while True:
            reply = await self._pages.ask(build)
            if reply.key == "back":
                return None
            if reply.key == WHOLE:
                page.composer.clear()
                page.composer.put(reply.value[:MOST])
            elif reply.key == "done":
                if await page.done():
                    return page.composer.text.strip()
            else:
                page.take(reply)

    # Open again

    async def open(self, section: str = "") -> None:
        """Take our own closing back; who else keeps it closed is told. Raises `Ended`."""
        del section
        say, title = self._pages.say, self._pages.say("tech.work.line.open")
        still: list[str] = []

        async def work() -> bool:
            still.append(await self._workshop.closing.open(self._session.who))
            return True

        if await self._pages.done("open", title, work, lambda _: {"still": still[0]}):
            by = still[0]
            words = say(f"tech.closed-by.{by}") if by else say("tech.closing.opened")
            await self._pages.told(title, words, "unknown" if by else "pass")
