"""Pages of what is not settled and of what was left behind: what the machine knows, and what a person can say."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from kiosk.clock import WEIHAI
from kiosk.events import events
from kiosk.journal import JournalError
from kiosk.technician.showing_acts import Acts
from kiosk.technician.showing_sign import signed
from kiosk.technician.work.left_behind import (
    KEPT,
    RECEIVERS,
    SPOTS,
    THINGS,
    LeftThing,
    Noticed,
    found,
    handed,
    kept_here,
    noticed,
)
from kiosk.technician.work.open_acts import OpenAct, ask, open_acts
from kiosk.technician.work.settling import Slip, settle
from screens.models.technician import Fact, WorkField, WorkForm, WorkLine, WorkList, WorkOption, WorkRecord

ICONS: Final = {"charge": "payments", "qr": "qr_code_2", "submit": "content_paste", "print": "print"}
MOST: Final = 30
"""So many entries of a list are shown, the oldest first."""


class Matters(Acts):
    """Open acts and forgotten things."""

    # Open acts

    async def intents(self, section: str = "") -> None:
        """Every act that is not settled. Raises `Ended`."""
        del section
        while True:
            try:
                acts = (await open_acts(self._session.tools.journal))[:MOST]
            except JournalError:
                await self._no_disk("intents")
                return
            reply = await self._pages.listed(lambda acts=acts: self._acts(acts))  # type: ignore[misc]  # bound at once
            if reply.key == "back":
                return
            act = next((each for each in acts if each.id == reply.value), None)
            if act is not None:
                await self._act(act)

    def _acts(self, acts: tuple[OpenAct, ...]) -> WorkList:
        say = self._pages.say
        records = tuple(
            WorkRecord(act.id, self._named(act), f"{act.reference} · {moment(act.at)}", ICONS[act.kind.value])
            for act in acts
        )
        return WorkList(say("tech.work.line.intents"), records=records, none=say("tech.matters.none"))

    def _named(self, act: OpenAct) -> str:
        say = self._pages.say
        kind = say(f"tech.kind.{act.kind.value}")
        return f"{kind} {act.fen / 100:.2f}" if act.fen else kind

    async def _act(self, act: OpenAct) -> None:
        """What is known of one, asking again, settling by what can be seen."""
        while True:
            reply = await self._pages.listed(lambda act=act: self._one(act))  # type: ignore[misc]  # bound at once
            if reply.key == "ask":
                now = await self._again(act)
                if now is None:
                    return
                act = now
            elif reply.key == "settle":
                if await self._settle(act):
                    return
            else:
                return

    def _one(self, act: OpenAct) -> WorkList:
        say, language = self._pages.say, self._pages.language
        records = [WorkRecord("at", say("tech.fact.at"), moment(act.at), opens=False)]
        records += [WorkRecord(name, say(f"tech.fact.{name}"), value, opens=False) for name, value in act.facts]
        acts = []
        if act.asks != "nobody":
            acts.append(WorkLine("ask", say(f"tech.matters.ask-{act.asks}"), "refresh"))
        if act.evidence:
            allowed = self._session.may("intent-settle")
            why = "" if allowed else say("tech.work.not-yours")
            acts.append(WorkLine("settle", say("tech.matters.settle"), "gavel", enabled=allowed, reason=why))
        event = events()[act.says]
        notice = event.sentence(language, what=act.reference)
        return WorkList(f"{self._named(act)} · {act.reference}", "", tuple(records), acts=tuple(acts), notice=notice)

    async def _again(self, act: OpenAct) -> OpenAct | None:
        """Ask once more; the act as it stands, None when it is settled now."""
        title = self._pages.say(f"tech.matters.ask-{act.asks}")
        asked: list[OpenAct | None] = []

        async def work() -> bool:
            asked.append(await ask(self._workshop, act.id))
            return True

        if await self._pages.done("intent-ask", title, work, lambda _: {"act": act.reference}) is None:
            return act
        now = asked[0]
        key = "tech.matters.settled" if now is None else "tech.matters.still-open"
        await self._pages.told(title, self._pages.say(key), "pass" if now is None else "unknown")
        return now

    async def _settle(self, act: OpenAct) -> bool:
        filled = await self._pages.form(lambda values: self._evidence(act, values))
        if filled is None or (by := await signed(self._pages, another=False)) is None:
            return False
        evidence = next(each for each in act.evidence if each == filled["evidence"])
        slip = None
        if evidence == "slip-approved":
            slip = Slip(filled["receipt-no"], filled["trace"], _fen(filled["amount"]))
        title = self._pages.say("tech.matters.settle")
        state = await self._pages.done(
            "intent-settle",
            title,
            lambda: settle(
                self._workshop, act.id, evidence, who=self._session.who, signed=by, slip=slip,
                pages=int(filled.get("pages", "0")),
            ),
            lambda s: {"act": act.reference, "evidence": evidence, "state": s.value},
        )  # fmt: skip
        if state is None:
            return False
        await self._pages.told(title, self._pages.say("tech.matters.taken"))
        return True

    def _evidence(self, act: OpenAct, values: dict[str, str]) -> WorkForm:
        say = self._pages.say
        options = tuple(WorkOption(each, say(f"tech.evidence.{each}")) for each in act.evidence)
        fields = [WorkField("evidence", say("tech.matters.what-seen"), options=options)]
        if values.get("evidence") == "slip-approved":
            fields += [
                WorkField("receipt-no", say("tech.fact.receipt-no"), hint=say("tech.matters.from-slip"), most=12),
                WorkField("trace", say("tech.fact.trace"), hint=say("tech.matters.from-slip"), most=12),
                WorkField("amount", say("tech.fact.amount"), keypad="money", most=10),
            ]
        elif values.get("evidence") == "all-out":
            fields.append(WorkField("pages", say("tech.matters.pages-there"), most=3))
        amount = (Fact(say("tech.fact.amount"), f"{act.fen / 100:.2f}"),) if act.fen else ()
        return WorkForm(
            say("tech.matters.settle"), act.reference, amount, warning=say("tech.matters.warning"),
            fields=tuple(fields), do=say("tech.matters.do"), danger=True,
        )  # fmt: skip

    # Forgotten things

    async def forgotten(self, section: str = "") -> None:
        """What is kept, what the terminal noticed, and one more that was found. Raises `Ended`."""
        del section
        while True:
            try:
                journal = self._session.tools.journal
                things, seen = await kept_here(journal), await noticed(journal)
            except JournalError:
                await self._no_disk("forgotten")
                return
            reply = await self._pages.listed(lambda t=things, s=seen: self._things(t[:MOST], s[:MOST]))  # type: ignore[misc]  # bound at once
            if reply.key == "found":
                await self._found("")
            elif reply.key != "record":
                return
            elif any(each.visit == reply.value for each in seen):
                await self._found(reply.value)
            elif thing := next((each for each in things if each.number == reply.value), None):
                await self._handed(thing)

    def _things(self, things: list[LeftThing], seen: list[Noticed]) -> WorkList:
        say = self._pages.say
        records = [
            WorkRecord(n.visit, say("tech.left.noticed"), f"{moment(n.at)} · {say('tech.left.not-yet')}", "warning")
            for n in seen
        ]
        records += [
            WorkRecord(
                t.number, say(f"tech.left.thing.{t.kind}"),
                f"{t.number} · {say(f'tech.left.kept.{t.kept}')} · {moment(t.at)}", "contact_page",
            )
            for t in things
        ]  # fmt: skip
        acts = (WorkLine("found", say("tech.left.found"), "contact_page"),)
        return WorkList(say("tech.work.line.forgotten"), records=tuple(records), acts=acts)

    async def _found(self, visit: str) -> None:
        filled = await self._pages.form(lambda _: self._found_form(card=bool(visit)))
        if filled is None:
            return
        kind = next(each for each in THINGS if each == filled["kind"])
        spot = next(each for each in SPOTS if each == filled["spot"])
        kept = next(each for each in KEPT if each == filled["kept"])
        title = self._pages.say("tech.left.found")
        thing = await self._pages.done(
            "forgotten",
            title,
            lambda: found(self._session.tools, self._session.who, kind, spot, kept, visit),
            lambda t: {"number": t.number, "kind": t.kind},
        )
        if thing is not None:
            known = (Fact(self._pages.say("tech.left.number"), thing.number),)
            await self._pages.told(title, self._pages.say("tech.left.written"), known=known)

    def _found_form(self, *, card: bool) -> WorkForm:
        say = self._pages.say
        things = tuple(each for each in THINGS if not card or each.endswith("card"))

        def options(name: str, keys: tuple[str, ...]) -> tuple[WorkOption, ...]:
            return tuple(WorkOption(key, say(f"tech.left.{name}.{key}")) for key in keys)

        fields = (
            WorkField("kind", say("tech.left.what"), options=options("thing", things)),
            WorkField("spot", say("tech.left.where"), options=options("spot", SPOTS)),
            WorkField("kept", say("tech.left.keeps"), options=options("kept", KEPT)),
        )
        note = say("tech.left.no-names")
        return WorkForm(say("tech.left.found"), notice=note, fields=fields, do=say("tech.left.write"))

    async def _handed(self, thing: LeftThing) -> None:
        say = self._pages.say
        options = tuple(WorkOption(each, say(f"tech.left.receiver.{each}")) for each in RECEIVERS)
        form = WorkForm(
            say("tech.left.hand"), f"{say(f'tech.left.thing.{thing.kind}')} · {thing.number}",
            fields=(WorkField("to", say("tech.left.to"), options=options),), do=say("tech.left.write"),
        )  # fmt: skip
        filled = await self._pages.form(lambda _: form)
        if filled is None:
            return
        to = next(each for each in RECEIVERS if each == filled["to"])

        async def work() -> bool:
            await handed(self._session.tools.journal, self._session.who, thing.number, to)
            return True

        done = await self._pages.done(
            "forgotten", say("tech.left.hand"), work, lambda _: {"number": thing.number, "to": to}
        )
        if done:
            await self._pages.told(say("tech.left.hand"), say("tech.left.written"))

    async def _no_disk(self, line: str) -> None:
        say = self._pages.say
        await self._pages.told(
            say(f"tech.work.line.{line}"), say("tech.act.disk"), "fail", remedy=say("tech.act.disk-remedy")
        )


def moment(at: str) -> str:
    """A time of the chain as it stands in a list."""
    try:
        return datetime.fromisoformat(at).astimezone(WEIHAI).strftime("%m-%d %H:%M")
    except ValueError:
        return at[:16]


def _fen(amount: str) -> int:
    """Typed yuan as fen: at most two places; anything else is no amount, and fits no payment."""
    yuan, _, rest = amount.partition(".")
    if not yuan.isdigit() or len(rest) > 2 or (rest and not rest.isdigit()):
        return 0
    return int(yuan) * 100 + int(rest.ljust(2, "0") if rest else "0")
