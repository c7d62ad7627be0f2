"""What `kiosk ctl` can ask, as a table: the verb, what it needs, the function that does it.

What only looks needs no sign-in (the socket lets in root and the terminal's own user alone); what acts needs a one-time
code and a role, and is in the chain with begin and end. Looking is in the chain too, once in `SEEN_S` a user and verb.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, get_args

from drivers.errors import DeviceError
from kiosk.duties.office_commands import CannotDo
from kiosk.duties.service_orders import LONGEST_DRAIN_MIN, USUAL_DRAIN_MIN, drain, restart_device
from kiosk.events import events, log_line
from kiosk.journal import JournalError
from kiosk.remote import standing
from kiosk.remote.discretion import must_be_told
from kiosk.remote.far_panel import MOST_SENTENCE, told
from kiosk.remote.lines import Args, Refused, Request, Result
from kiosk.remote.sign_in import SignIn
from kiosk.remote.wires import MOST_LINES, MOST_MINUTES, Wires
from kiosk.technician.work.closing import REASONS, Reason
from kiosk.technician.work.refusal import Refusal

if TYPE_CHECKING:
    from kiosk.remote.server import Still
    from kiosk.remote.socket_file import Peer
    from kiosk.technician.audit import Figures
    from kiosk.technician.session import Session
    from kiosk.workshop import Workshop
    from screens.screen import Language, Screen
    from screens.shot import Shots

log = logging.getLogger(__name__)

LOOKED: Final = "remote.looked"
"""Kind of the entry of looking from afar: uid, login, verb, count (how often since the entry before)."""
STRANGER: Final = "remote.stranger"
"""Kind of the entry of a user who may not ask at all: uid, login, count."""
SEEN_S: Final = 600.0
MOST_SEEN: Final = 200
SHOT_S: Final = 5.0
DEADLINES: Final[Mapping[str, float]] = {"drain": LONGEST_DRAIN_MIN * 60 + 60.0, "work": 3700.0, "restart-device": 60.0}
USUAL_S: Final = 30.0
Needs = Literal["uid", "code"]


class Panel(Protocol):
    """The terminal's own panel."""

    shots: Shots

    @property
    def screen(self) -> Screen | None:
        """The page at hand."""
        ...


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be asked."""

    do: Callable[[Args, Peer, Still], Awaitable[Result]]
    needs: Needs
    told: str


class Verbs:
    """One terminal's; `began` is the loop's time at its start."""

    def __init__(self, workshop: Workshop, signed: SignIn, panel: Panel | None) -> None:
        self._workshop = workshop
        self._signed = signed
        self._panel = panel
        self._began = asyncio.get_running_loop().time()
        self.wires = Wires(workshop.tools.settings, workshop.supervisors)
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}
        self.table: Mapping[str, Verb] = {
            "status": Verb(self._status, "uid", "how the terminal is, in one look"),
            "diagnose": Verb(self._diagnose, "uid", "the readiness report of this moment"),
            "screen": Verb(self._screen, "uid", "the page as text: yours at work, else the panel's"),
            "logs": Verb(self._logs, "uid", "the end of the log"),
            "trace": Verb(self._trace, "uid", "what crossed a wire; --on and --off need a code"),
            "sign-in": Verb(self._sign_in, "uid", "with a one-time code of the office"),
            "sign-out": Verb(self._sign_out, "code", "end it, and the work"),
            "work": Verb(self._work, "code", "take the terminal over: the technician's pages"),
            "press": Verb(self._press, "code", "answer the page, at work"),
            "type": Verb(self._type, "code", "press the keys of a text on the page's keypad, at work"),
            "restart-device": Verb(self._restart, "code", "close a device and open it again"),
            "drain": Verb(self._drain, "code", "no new visit; wait until the terminal is idle and settled"),
            "close": Verb(
                self._close, "code", "close the terminal with a prepared message, or (supervisors) words of one's own"
            ),
            "open": Verb(self._open, "code", "take that closing back"),
            "capture": Verb(self._capture, "code", "a picture of the panel, private places blanked; supervisors"),
        }

    async def do(self, request: Request, peer: Peer, still: Still) -> Result:
        """Do what is asked. Raises `Refused`."""
        verb = self.table.get(request.verb)
        if verb is None:
            raise Refused("not-understood", f"no verb {request.verb!r}", f"there are {', '.join(self.table)}")
        if verb.needs == "uid" and request.verb != "sign-in":
            await self._saw(LOOKED, peer, request.verb)
        if verb.needs == "code":
            self._signed.signed_in(peer)
        deadline = DEADLINES.get(request.verb, USUAL_S)
        try:
            async with asyncio.timeout(deadline):
                return await verb.do(Args(request.args), peer, still)
        except CannotDo as error:
            raise Refused("refused", str(error)) from None
        except Refusal as refusal:
            raise Refused("refused", refusal.sentence("en"), refusal.remedy("en")) from None
        except DeviceError as error:
            raise Refused("failed", str(error)[:200]) from None
        except JournalError as error:
            raise Refused("failed", f"the journal does not take it: {str(error)[:160]}", "look at the disk") from None
        except TimeoutError:
            raise Refused("failed", f"not done within {deadline:g} s") from None

    async def stranger(self, peer: Peer) -> None:
        """Somebody connected who may not."""
        log.warning("%s", log_line(events()["remote.stranger"], what=str(peer.uid)))
        await self._saw(STRANGER, peer, "")

    async def _saw(self, kind: str, peer: Peer, verb: str) -> None:
        """Looking goes into the chain, but whoever looks every second does not fill the disk."""
        now = asyncio.get_running_loop().time()
        key = (kind, peer.uid, verb)
        at, count = self._seen.pop(key, (-SEEN_S, 0))
        if now - at < SEEN_S:
            self._seen[key] = (at, count + 1)
            return
        while len(self._seen) >= MOST_SEEN:
            del self._seen[next(iter(self._seen))]
        self._seen[key] = (now, 0)
        body = {"uid": peer.uid, "login": peer.login, "verb": verb, "count": count + 1}
        try:
            await self._workshop.tools.journal.note("", kind, body)
        except JournalError as error:
            log.warning("ctl: looking is not on record: %s", error)

    # Looking

    async def _status(self, args: Args, peer: Peer, still: Still) -> Result:
        del peer, still
        args.done()
        screen = self._panel.screen if self._panel is not None else None
        return await standing.status(self._workshop, self._signed, self.wires, self._began, screen)

    async def _diagnose(self, args: Args, peer: Peer, still: Still) -> Result:
        del peer, still
        language, as_facts = standing.language_of(args), args.flag("facts")
        args.done()
        if as_facts:
            return {"facts": await standing.facts(self._workshop)}
        return await standing.diagnose(self._workshop, language)

    async def _logs(self, args: Args, peer: Peer, still: Still) -> Result:
        del peer, still
        return {"lines": standing.logs(args)}

    async def _screen(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        panel = args.flag("panel")
        args.done()
        far = self._signed.far
        if far is not None and not panel and self._signed.is_of(peer):
            if far.screen is None:
                raise Refused("busy", "no page is there yet", "ask again in a moment")
            return told(far.screen, can=True)
        return told(self._seen_panel(), can=False)

    def _seen_panel(self) -> Screen:
        screen = self._panel.screen if self._panel is not None else None
        if screen is None:
            raise Refused("busy", "nothing is shown yet", "ask again in a moment")
        must_be_told(self._workshop.terminal, screen)
        return screen

    async def _trace(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        device = args.text("device", most=40)
        switch = args.text("switch", of=("", "on", "off"))
        minutes = args.number("minutes", 10, 1, MOST_MINUTES)
        most = args.number("lines", 50, 1, MOST_LINES)
        args.done()
        if not device:
            return {"wires": self.wires.states()}
        if not switch:
            return {"lines": await self.wires.lines(device, most)}

        async def switched(_: Session) -> str:
            return await self.wires.begin(device, minutes) if switch == "on" else self.wires.end(device)

        figures: Figures = {"device": device, "switch": switch, "minutes": minutes if switch == "on" else 0}
        return {"said": await self._signed.act(peer, "trace", switched, lambda _: figures)}

    # Coming and going

    async def _sign_in(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        code, language = args.text("code"), standing.language_of(args)
        args.done()
        session = await self._signed.sign_in(code, peer, language)
        return {"role": session.role, "idle_s": session.idle_s}

    async def _sign_out(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        args.done()
        await self._signed.sign_out(peer)
        return {"said": "signed out; the terminal serves citizens as it did before"}

    async def _work(self, args: Args, peer: Peer, still: Still) -> Result:
        language = standing.language_of(args)
        args.done()
        if self._workshop.terminal.visit_id:
            still.words = "a visit is under way; it ends first"
        far = await self._signed.begin_work(peer, language)
        return self._page(far.screen)

    async def _press(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        key, value = args.text("key", most=60), args.text("value", most=120)
        args.done()
        far = self._signed.at_work(peer)
        await far.press(key, value)
        return self._page(far.screen)

    async def _type(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        text = args.text("text", most=MOST_SENTENCE)
        args.done()
        far = self._signed.at_work(peer)
        await far.type(text)
        return self._page(far.screen)

    def _page(self, screen: Screen | None) -> Result:
        """The page that followed; none when the work has ended."""
        if self._signed.far is None or screen is None:
            return {"page": "", "title": "", "language": "", "text": "", "answers": []}
        return told(screen, can=True)

    # Acts

    def _is_busy(self) -> bool:
        """Whether anybody but the one who asks has the terminal."""
        return standing.here(self._workshop.terminal) not in ("nobody", "remote")

    async def _restart(self, args: Args, peer: Peer, still: Still) -> Result:
        device = args.text("device", most=40)
        args.done()
        still.words = "waiting for the device"

        async def restart(_: Session) -> str:
            return await restart_device(self._workshop.supervisors, device, self._is_busy)

        return {"said": await self._signed.act(peer, "restart-device", restart, lambda said: {"said": said[:80]})}

    async def _drain(self, args: Args, peer: Peer, still: Still) -> Result:
        minutes = args.number("minutes", USUAL_DRAIN_MIN, 1, LONGEST_DRAIN_MIN)
        reason = _reason(args)
        args.done()
        still.words = "closed for who comes; waiting until the visit has ended and money is settled"
        workshop = self._workshop

        async def drained(session: Session) -> str:
            return await drain(
                lambda: workshop.closing.close(session.who, reason), self._is_busy, workshop.tools.journal, minutes
            )

        return {"said": await self._signed.act(peer, "drain", drained, lambda _: {"reason": reason})}

    async def _close(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        reason, words = _reason(args), _words(args)
        args.done()
        await self._signed.act(
            peer,
            "close-words" if words else "close",
            lambda session: self._workshop.closing.close(session.who, reason, words or None),
            lambda _: {"reason": reason, "languages": " ".join(words)},
        )
        return {"said": "closed; a visit under way may end"}

    async def _open(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        args.done()
        by = await self._signed.act(
            peer, "open", lambda session: self._workshop.closing.open(session.who), lambda by: {"still": by}
        )
        return {"said": f"taken back; the {by} keeps it closed" if by else "open", "closed_by": by}

    async def _capture(self, args: Args, peer: Peer, still: Still) -> Result:
        del still
        args.done()
        png = await self._signed.act(peer, "capture", lambda _: self._captured(), _picture_figures)
        return {"png": base64.b64encode(png).decode("ascii"), "sha256": hashlib.sha256(png).hexdigest()}

    async def _captured(self) -> bytes:
        """Asked before and after: the page that was photographed is judged, and whoever has come meanwhile."""
        self._seen_panel()
        assert self._panel is not None
        try:
            async with asyncio.timeout(SHOT_S):
                shot = await asyncio.wrap_future(self._panel.shots.ask())
        except TimeoutError:
            raise Refused("failed", f"the screen gave no picture within {SHOT_S:g} s") from None
        must_be_told(self._workshop.terminal, shot.screen)
        return await asyncio.to_thread(shot.png)


def _picture_figures(png: bytes) -> Figures:
    return {"octets": len(png), "sha256": hashlib.sha256(png).hexdigest()}


def _words(args: Args) -> dict[Language, str]:
    """A sentence of one's own in each language that has one."""
    given: tuple[tuple[Language, str], ...] = (
        ("zh", args.text("zh")),
        ("en", args.text("en")),
        ("ko", args.text("ko")),
    )
    return {language: text for language, text in given if text}


def _reason(args: Args) -> Reason:
    told_ = args.text("reason", "repair", of=get_args(Reason))
    return next(each for each in REASONS if each == told_)
