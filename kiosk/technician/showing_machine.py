"""Pages of acts on the machine: restarting a device, its port, checks, the bundle, the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.texts import texts
from drivers.device import DeviceState
from kiosk.devices import role_of
from kiosk.diagnostics.sections import NAMES, ROLES
from kiosk.duties.service_orders import restarted
from kiosk.journal import JournalError
from kiosk.technician.audit import ENTRY
from kiosk.technician.device_tests.table import BY_ID
from kiosk.technician.showing_acts import Acts
from kiosk.technician.showing_matters import moment
from kiosk.technician.showing_readiness import begun
from kiosk.technician.work.bundle import export
from kiosk.technician.work.port import change_port, link_now, ports_for
from kiosk.technician.work.profile_check import check_profile
from kiosk.technician.work.report import print_report
from screens.models.technician import Fact, WorkForm, WorkList, WorkRecord

if TYPE_CHECKING:
    from drivers.supervisor import Supervisor

AUDIT_ROWS: Final = 60


class Machine(Acts):
    """Acts on the terminal itself."""

    # Devices

    def _supervisor(self, role: str) -> Supervisor | None:
        return next((each for each in self._workshop.supervisors if role_of(each.device) == role), None)

    async def _device(self, title: str, section: str) -> str:
        """The place in the profile that is meant, "" none. Raises `Ended`."""
        roles = [role_of(each.device) for each in self._workshop.supervisors]
        meant = next((role for role, id_ in ROLES.items() if id_ == section and role in roles), "")
        if meant:
            return meant

        def page() -> WorkList:
            records = tuple(WorkRecord(role, self._name(role), icon="build") for role in roles)
            return WorkList(title, records=records)

        reply = await self._pages.listed(page)
        return reply.value if reply.key == "record" and reply.value in roles else ""

    def _name(self, role: str) -> str:
        return begun(NAMES[ROLES[role]][self._pages.language]) if role in ROLES else role

    async def restart(self, section: str = "") -> None:
        """Close a device's connection and open it again, until it answers. Raises `Ended`."""
        say = self._pages.say
        role = await self._device(say("tech.work.line.restart-device"), section)
        supervisor = self._supervisor(role)
        if supervisor is None:
            return
        title = say("tech.restart.title", device=self._name(role))
        form = WorkForm(title, notice=say("tech.restart.notice"), do=say("tech.restart.do"), drawing="plug")
        if await self._pages.form(lambda _: form) is None:
            return

        async def work() -> bool:
            return await restarted(supervisor) and supervisor.device.status.device is DeviceState.ONLINE

        back = await self._pages.done("restart-device", title, work, lambda b: {"answers": b})
        if back is None:
            return
        if back:
            await self._pages.told(title, say("tech.restart.done", device=self._name(role)))
        else:
            remedy = say("tech.restart.failed-remedy")
            await self._pages.told(title, say("tech.restart.failed", device=self._name(role)), "fail", remedy=remedy)

    async def port(self, section: str = "") -> None:
        """Another port for a device: tried before it is kept. Raises `Ended`."""
        say, title = self._pages.say, self._pages.say("tech.work.line.port")
        role = await self._device(title, section)
        if not role:
            return
        before = link_now(self._workshop, role)
        found = await self._pages.done("port", title, lambda: ports_for(self._workshop, role))
        if found is None:
            return

        def page() -> WorkList:
            records = tuple(
                WorkRecord(
                    p.link, p.path, " · ".join(filter(None, (p.words, self._name(p.used_by) if p.used_by else ""))),
                    "build", opens=not p.used_by,
                )
                for p in found
            )  # fmt: skip
            now = say("tech.port.now", port=before.partition("?")[0])
            return WorkList(f"{title} · {self._name(role)}", now, records, say("tech.port.none"))

        reply = await self._pages.listed(page)
        link = next((p.link for p in found if p.link == reply.value and not p.used_by), "")
        if reply.key != "record" or not link:
            return
        moved = await self._pages.done(
            "port", title, lambda: change_port(self._workshop, role, link, who=self._session.who),
            lambda m: {"role": m.role, "restart": m.restart},
        )  # fmt: skip
        if moved is not None:
            known = (Fact(say("tech.port.from"), moved.before), Fact(say("tech.port.to"), moved.after))
            words = say("tech.port.restart" if moved.restart else "tech.port.moved")
            await self._pages.told(title, words, "unknown" if moved.restart else "pass", known=known)

    async def profile(self, section: str = "") -> None:
        """What should be there against what is. Raises `Ended`."""
        del section
        say, title = self._pages.say, self._pages.say("tech.work.line.profile-check")
        checked = await self._pages.done(
            "profile-check", title, lambda: check_profile(self._workshop, self._session.who),
            lambda c: {"differences": len(c.differences)},
        )  # fmt: skip
        if checked is None:
            return

        def page() -> WorkList:
            differing = tuple(
                WorkRecord(
                    f"{d.role}/{d.what}",
                    f"{self._name(d.role)} · {say(f'tech.profile.{d.what}')}",
                    say("tech.profile.differs", expected=d.expected or "-", found=d.found or "-"),
                    opens=False,
                )
                for d in checked.differences
            )
            same = say("tech.profile.same", count=len(checked.devices)) if not differing else ""
            silent = say("tech.profile.not-told")
            telling = tuple(
                WorkRecord(
                    f"{each.role}/told",
                    f"{self._name(each.role)} · {each.model}" if each.model else self._name(each.role),
                    say("tech.profile.tells", firmware=each.firmware or silent, serial=each.serial or silent),
                    opens=False,
                )
                for each in checked.devices
                if each.role
            )
            return WorkList(title, same, (*differing, *telling), say("tech.list.none"))

        await self._pages.listed(page)

    # Paper, files, records

    async def report(self, section: str = "") -> None:
        """The readiness report, on one sheet of the licence printer. Raises `Ended`."""
        del section
        say, title = self._pages.say, self._pages.say("tech.work.line.report")
        language = self._pages.language
        pages = await self._pages.done(
            "report", title, lambda: print_report(self._workshop, self._session.who, language), lambda n: {"pages": n}
        )
        if pages is not None:
            await self._pages.told(title, say("tech.report.done", pages=pages))

    async def bundle(self, section: str = "") -> None:
        """The support bundle: what is in it is said before, where it is afterwards. Raises `Ended`."""
        del section
        say, title = self._pages.say, self._pages.say("tech.work.line.bundle")
        known = (
            Fact(say("tech.bundle.in"), say("tech.bundle.in-it")),
            Fact(say("tech.bundle.out"), say("tech.bundle.left-out")),
        )
        form = WorkForm(title, known=known, notice=say("tech.bundle.gate"), do=say("tech.bundle.do"))
        if await self._pages.form(lambda _: form) is None:
            return
        made = await self._pages.done(
            "bundle", title, lambda: export(self._workshop, self._session.who), lambda b: {"bytes": b.size}
        )
        if made is not None:
            facts = (
                Fact(say("tech.bundle.file"), made.path.name),
                Fact(say("tech.bundle.size"), size(made.size)),
                Fact(say("tech.bundle.where"), str(made.path.parent)),
            )
            await self._pages.told(title, say("tech.bundle.done"), known=facts)

    async def audit(self, section: str = "") -> None:
        """Who did what, the newest first. Raises `Ended`."""
        del section
        say = self._pages.say
        try:
            rows = await self._session.tools.journal.recent_rows(ENTRY, AUDIT_ROWS)
        except JournalError:
            await self._pages.told(
                say("tech.audit.title"), say("tech.act.disk"), "fail", remedy=say("tech.act.disk-remedy")
            )
            return
        await self._session.note("audit", figures={"rows": len(rows)})

        def page() -> WorkList:
            records = tuple(
                WorkRecord(str(number), moment(at), self._audited(body), opens=False)
                for number, (at, _, body) in enumerate(reversed(rows))
                if body.get("phase") != "begin"
            )
            return WorkList(say("tech.audit.title"), say("tech.audit.subtitle"), records)

        await self._pages.listed(page)

    def _act(self, act: str) -> str:
        """An act in words; its own name where it has none of its own."""
        kind, _, what = act.partition("/")
        if kind == "test" and what in BY_ID:
            return begun(BY_ID[what].name(self._pages.language))
        key = f"tech.work.line.{kind}"
        return self._pages.say(key) if key in texts(self._pages.language) else act

    def _audited(self, body: dict[str, object]) -> str:
        say = self._pages.say
        outcome = say(f"tech.audit.outcome.{body.get('outcome') or 'other'}")
        role = say(f"tech.role.{body.get('role')}") if body.get("role") in ("field", "supervisor") else ""
        return " · ".join(
            filter(None, (self._act(str(body.get("act", ""))), outcome, role, str(body.get("who", ""))[:8]))
        )


def size(octets: int) -> str:
    """Kilobytes or megabytes."""
    return f"{octets / 1000:.0f} kB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"
