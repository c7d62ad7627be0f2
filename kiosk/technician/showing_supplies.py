"""Pages of paper, toner and numbered forms: what went in is on record; forms are counted by one, signed by another."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from kiosk.journal import JournalError
from kiosk.technician.showing_acts import Acts
from kiosk.technician.showing_sign import signed
from kiosk.technician.work.forms import WHYS, Shelved, counted, load, numbered, shelved, take_out
from kiosk.technician.work.refill import MOST_METRES, Refilled, new_roll, new_toner, plain_paper
from screens.models.technician import Fact, WorkField, WorkForm, WorkLine, WorkList, WorkOption, WorkRecord
from screens.screen import PictureKind

if TYPE_CHECKING:
    from kiosk.technician.audit import Figures

KINDS: Final = {"roll": "receipt_long", "toner": "water_drop", "tray": "description"}
PRINTERS: Final = {"roll": "receipt_printer", "toner": "licence_printer", "tray": "licence_printer"}
"""Where each goes in; what has no printer here is not asked for."""


class SuppliesWork(Acts):
    """Refilling."""

    async def refill(self, section: str = "") -> None:
        """Which supply, then what went in. Raises `Ended`."""
        if section == "receipt-printer":
            await self._roll()
            return
        here = self._session.tools.settings.devices
        there = tuple(kind for kind, printer in PRINTERS.items() if printer in here)
        kinds = ("toner", "tray") if section == "licence-printer" else there
        while True:
            reply = await self._pages.listed(lambda: self._kinds(kinds))
            if reply.key == "back":
                return
            if reply.value == "roll":
                await self._roll()
            elif reply.value in kinds:
                await self._plain(reply.value)

    def _kinds(self, kinds: tuple[str, ...]) -> WorkList:
        say = self._pages.say
        records = tuple(WorkRecord(k, say(f"tech.refill.{k}"), say(f"tech.refill.{k}-note"), KINDS[k]) for k in kinds)
        return WorkList(say("tech.work.line.refill"), records=records)

    async def _roll(self) -> None:
        filled = await self._pages.form(self._roll_form)
        if filled is None:
            return
        metres = min(int(filled.get("metres", "0")), MOST_METRES) if filled["whole"] == "no" else 0
        title = self._pages.say("tech.refill.roll")
        work = partial(new_roll, self._workshop, self._session.who, metres)
        made: Refilled | None = await self._pages.done("refill", title, work, _figures)
        if made is not None:
            await self._refilled(made)

    def _roll_form(self, values: dict[str, str]) -> WorkForm:
        say = self._pages.say
        whole = (WorkOption("yes", say("tech.refill.whole")), WorkOption("no", say("tech.refill.part")))
        fields = [WorkField("whole", say("tech.refill.what"), options=whole)]
        if values.get("whole") == "no":
            fields.append(WorkField("metres", say("tech.refill.metres"), hint=say("tech.refill.guess"), most=4))
        drawing: PictureKind | None = None if values.get("whole") == "no" else "paper-roll"
        return WorkForm(
            say("tech.refill.roll"), say("tech.refill.roll-how"), fields=tuple(fields), do=say("tech.refill.do"),
            drawing=drawing,
        )  # fmt: skip

    async def _plain(self, kind: str) -> None:
        say = self._pages.say
        title = say(f"tech.refill.{kind}")
        drawing: PictureKind = "toner" if kind == "toner" else "forms"
        form = WorkForm(title, say(f"tech.refill.{kind}-how"), do=say("tech.refill.do"), drawing=drawing)
        if await self._pages.form(lambda _: form) is None:
            return
        act = new_toner if kind == "toner" else plain_paper
        work = partial(act, self._workshop, self._session.who)
        made: Refilled | None = await self._pages.done("refill", title, work, _figures)
        if made is not None:
            await self._refilled(made)

    async def _refilled(self, made: Refilled) -> None:
        say = self._pages.say
        known = [Fact(say("tech.refill.sensor"), say(f"tech.supply.{made.sensor.value.lower()}"))]
        if made.metres_left is not None:
            known.append(Fact(say("tech.refill.left"), f"{made.metres_left:.0f} m"))
        await self._pages.told(say(f"tech.refill.{made.what}"), say("tech.refill.done"), known=tuple(known))

    # Numbered forms

    async def forms(self, section: str = "") -> None:
        """The kinds of forms with what the ledger says; one is counted, or a new pack is put in. Raises `Ended`."""
        del section
        stock = self._workshop.tools.prints.stock
        while True:
            try:
                shelves = self._with_empty(await shelved(stock))
            except JournalError:
                await self._pages.told(
                    self._pages.say("tech.work.line.forms-count"), self._pages.say("tech.act.disk"), "fail",
                    remedy=self._pages.say("tech.act.disk-remedy"),
                )  # fmt: skip
                return
            reply = await self._pages.listed(lambda shelves=shelves: self._shelves(shelves))  # type: ignore[misc]  # bound at once
            if reply.key == "back":
                return
            shelf = next((each for each in shelves if each.stock == reply.value), None)
            if shelf is not None:
                await self._shelf(shelf)

    def _with_empty(self, there: tuple[Shelved, ...]) -> tuple[Shelved, ...]:
        """With the kinds that the catalogue prints on and nobody has put in yet: a first pack must go somewhere."""
        services = self._session.terminal.capability.current().services.values()
        names = {service.form_stock for service in services if service.form_stock} - {each.stock for each in there}
        return (*there, *(Shelved(name, 0, "", "", 0, 0, 0) for name in sorted(names)))

    def _shelves(self, shelves: tuple[Shelved, ...]) -> WorkList:
        say = self._pages.say
        records = tuple(
            WorkRecord(s.stock, s.stock, say("tech.forms.free", count=s.free, first=s.first, last=s.last), "fact_check")
            for s in shelves
        )
        return WorkList(say("tech.work.line.forms-count"), records=records, none=say("tech.forms.none"))

    async def _shelf(self, shelf: Shelved) -> None:
        say = self._pages.say
        acts = (
            WorkLine("load", say("tech.forms.load"), "content_paste"),
            WorkLine("count", say("tech.forms.count"), "fact_check"),
            WorkLine("take-out", say("tech.forms.take-out"), "assignment"),
        )
        facts = (
            (say("tech.forms.state.free"), str(shelf.free)),
            (say("tech.forms.state.used"), str(shelf.used)),
            (say("tech.forms.state.unclear"), str(shelf.unclear)),
            (say("tech.forms.state.spoiled"), str(shelf.spoiled)),
        )
        records = tuple(WorkRecord(name, name, value, opens=False) for name, value in facts)
        model = WorkList(shelf.stock, say("tech.forms.sign-note"), records, acts=acts)
        reply = await self._pages.listed(lambda: model)
        if reply.key == "load":
            await self._load(shelf)
        elif reply.key == "count":
            await self._count(shelf)
        elif reply.key == "take-out":
            await self._take_out(shelf)

    async def _load(self, shelf: Shelved) -> None:
        say = self._pages.say
        form = WorkForm(
            say("tech.forms.load"),
            shelf.stock,
            fields=(
                WorkField("first", say("tech.forms.first"), hint=say("tech.forms.as-printed"), keypad="latin", most=16),
                WorkField("last", say("tech.forms.last"), keypad="latin", most=16),
                WorkField("count", say("tech.forms.by-hand"), most=5),
            ),
            do=say("tech.forms.sign"),
        )
        filled = await self._pages.form(lambda _: form)
        if filled is None or (by := await signed(self._pages)) is None:
            return
        stock, who = self._workshop.tools.prints.stock, self._session.who
        made = await self._pages.done(
            "forms-count",
            say("tech.forms.load"),
            lambda: load(stock, shelf.stock, filled["first"], filled["last"], int(filled["count"]), who=who, signed=by),
            lambda n: {"stock": shelf.stock[:40], "loaded": n},
        )
        if made is not None:
            await self._pages.told(say("tech.forms.load"), say("tech.forms.loaded", count=made))

    async def _count(self, shelf: Shelved) -> None:
        filled = await self._pages.form(lambda values: self._count_form(shelf, values))
        if filled is None or (by := await signed(self._pages)) is None:
            return
        say, stock, who = self._pages.say, self._workshop.tools.prints.stock, self._session.who
        made = await self._pages.done(
            "forms-count",
            say("tech.forms.count"),
            lambda: counted(
                stock, shelf.stock, int(filled["count"]), first=filled.get("first", ""), last=filled.get("last", ""),
                why=filled.get("why"), who=who, signed=by,  # type: ignore[arg-type]  # one of WHYS, by its options
            ),
            lambda c: {"stock": shelf.stock[:40], "expected": c.expected, "found": c.found},
        )  # fmt: skip
        if made is not None:
            known = (
                Fact(say("tech.forms.expected"), str(made.expected)),
                Fact(say("tech.forms.found"), str(made.found)),
                Fact(say("tech.forms.missing"), ", ".join(made.missing[:20]) or say("tech.list.none")),
            )
            await self._pages.told(say("tech.forms.count"), say("tech.forms.counted"), known=known)

    async def _take_out(self, shelf: Shelved) -> None:
        say = self._pages.say
        options = tuple(WorkOption(why, say(f"tech.forms.why.{why}")) for why in WHYS)
        form = WorkForm(
            say("tech.forms.take-out"),
            shelf.stock,
            fields=(
                WorkField("first", say("tech.forms.first"), hint=say("tech.forms.as-printed"), keypad="latin", most=16),
                WorkField("last", say("tech.forms.last"), keypad="latin", most=16),
                WorkField("why", say("tech.forms.where"), options=options),
            ),
            do=say("tech.forms.sign"),
        )
        filled = await self._pages.form(lambda _: form)
        if filled is None or (by := await signed(self._pages)) is None:
            return
        stock, who = self._workshop.tools.prints.stock, self._session.who

        async def out() -> int:
            serials = numbered(filled["first"], filled["last"])
            return await take_out(stock, shelf.stock, serials, filled["why"], who=who, signed=by)  # type: ignore[arg-type]  # one of WHYS, by its options

        figures = {"stock": shelf.stock[:40], "why": filled["why"]}
        made = await self._pages.done(
            "forms-count", say("tech.forms.take-out"), out, lambda n: {**figures, "taken_out": n}
        )
        if made is not None:
            await self._pages.told(say("tech.forms.take-out"), say("tech.forms.taken-out", count=made))

    def _count_form(self, shelf: Shelved, values: dict[str, str]) -> WorkForm:
        say = self._pages.say
        number = values.get("count", "")
        fields = [WorkField("count", say("tech.forms.by-hand"), most=5)]
        if number and int(number) > 0:
            fields.append(WorkField("first", say("tech.forms.top"), keypad="latin", most=16))
            fields.append(WorkField("last", say("tech.forms.bottom"), keypad="latin", most=16))
        if number and int(number) < shelf.free:
            options = tuple(WorkOption(why, say(f"tech.forms.why.{why}")) for why in WHYS)
            fields.append(WorkField("why", say("tech.forms.where"), options=options))
        return WorkForm(say("tech.forms.count"), shelf.stock, fields=tuple(fields), do=say("tech.forms.sign"))


def _figures(made: Refilled) -> Figures:
    return {"what": made.what, "sensor": str(made.sensor.value)}
