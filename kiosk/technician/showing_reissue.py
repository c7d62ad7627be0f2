"""Pages of a controlled document that is printed once more: which one, why, signed by a supervisor (P3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from kiosk.journal import JournalError
from kiosk.technician.showing_acts import Acts
from kiosk.technician.showing_matters import moment
from kiosk.technician.showing_sign import signed
from kiosk.technician.work.reissue import DAYS, REASONS, Reissuable, reissuable, reissue
from screens.models.technician import Fact, WorkField, WorkForm, WorkList, WorkOption, WorkRecord

MOST_SHOWN = 40


class Reissuing(Acts):
    """One session's reissues."""

    async def begin(self, section: str = "") -> None:
        """Which print of the last days, then why. Raises `Ended`."""
        del section
        tools, say = self._session.tools, self._pages.say
        since = (tools.clock.now() - timedelta(days=DAYS)).isoformat()
        while True:
            try:
                papers = (await reissuable(tools.journal, since))[:MOST_SHOWN]
            except JournalError:
                await self._pages.told(
                    say("tech.work.line.reissue"),
                    say("tech.act.disk"),
                    "fail",
                    remedy=say("tech.act.disk-remedy"),
                )
                return
            reply = await self._pages.listed(partial(self._papers, papers))
            paper = next((each for each in papers if each.id == reply.value), None)
            if reply.key == "back" or (reply.key == "record" and paper is None):
                return
            if paper is not None and await self._one(paper):
                return

    def _papers(self, papers: list[Reissuable]) -> WorkList:
        say = self._pages.say
        records = tuple(
            WorkRecord(p.id, self._named(p), f"{p.reference} · {moment(p.at)} · {', '.join(p.forms[:3])}", "print")
            for p in papers
        )
        return WorkList(say("tech.work.line.reissue"), say("tech.reissue.note"), records, say("tech.reissue.none"))

    def _named(self, paper: Reissuable) -> str:
        service = self._session.terminal.capability.current().services.get(paper.service)
        return service.name.get(self._pages.language) if service is not None else paper.service

    async def _one(self, paper: Reissuable) -> bool:
        """Reissue one; false: nothing was done."""
        filled = await self._pages.form(lambda _: self._form(paper))
        if filled is None or (by := await signed(self._pages, another=False)) is None:
            return False
        assert self._session.workshop is not None, "the line is shown only where there is one"
        reason = next(each for each in REASONS if each == filled["reason"])
        title = self._pages.say("tech.work.line.reissue")
        work = partial(reissue, self._session.workshop, paper.id, reason, who=self._session.who, signed=by)
        printed = await self._pages.done(
            "reissue", title, work, lambda p: {"of": paper.reference, "reason": reason, "pages": p.pages}
        )
        if printed is None:
            return False
        known = (
            Fact(self._pages.say("tech.fact.pages"), str(printed.pages)),
            Fact(self._pages.say("tech.fact.forms"), ", ".join(printed.forms) or "-"),
        )
        await self._pages.told(title, self._pages.say("tech.reissue.done"), known=known)
        return True

    def _form(self, paper: Reissuable) -> WorkForm:
        say = self._pages.say
        known = (
            Fact(say("tech.fact.service"), self._named(paper)),
            Fact(say("tech.fact.at"), moment(paper.at)),
            Fact(say("tech.fact.forms"), ", ".join(paper.forms) or "-"),
        )
        options = tuple(WorkOption(each, say(f"tech.reissue.reason.{each}")) for each in REASONS)
        return WorkForm(
            say("tech.work.line.reissue"),
            paper.reference,
            known,
            say("tech.reissue.void"),
            fields=(WorkField("reason", say("tech.reissue.why"), options=options),),
            do=say("tech.forms.sign"),
            danger=True,
        )
