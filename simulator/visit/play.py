"""Plays one script: opens the three processes, acts on what is on the page, keeps everything, lists what differs."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests

from config.texts import LANGUAGES
from simulator.people import CITIZENS
from simulator.visit.acting import Actor, Missed
from simulator.visit.cases import CASES
from simulator.visit.checks import Found, differences, found, stack_traces, traces_of, unmarked
from simulator.visit.mirror import NoMirror, NotOnPage, Page
from simulator.visit.script import Scene, Script
from simulator.visit.theatre import CannotStart, Theatre

SETTLE_S = 90.0  # longer than the outbox ever waits between two tries
UNFINISHED_S = 5.0  # a visit that broke off is not going to be as expected


class UnknownCase(ValueError):
    """There is no such service, case, citizen or language; the message lists those that exist."""


@dataclass(frozen=True, slots=True)
class VisitOptions:
    """What was asked for on the command line."""

    service: str
    out: Path
    citizen: str = "citizen-02"
    language: str = "zh"
    case: str = "plain"


def script_for(options: VisitOptions) -> Script:
    """The script, after all options were checked. Raises `UnknownCase`."""
    if options.citizen not in CITIZENS:
        raise UnknownCase(f"no citizen {options.citizen!r}; there are citizen-00 to citizen-{len(CITIZENS) - 1:02d}")
    if options.language not in LANGUAGES:
        raise UnknownCase(f"no language {options.language!r}; there are {', '.join(LANGUAGES)}")
    script = CASES.get((options.service, options.case))
    if script is None:
        known = "; ".join(sorted({f"{s}: {', '.join(c for t, c in CASES if t == s)}" for s, _ in CASES}))
        raise UnknownCase(f"no case {options.case!r} of service {options.service!r}; there are {known}")
    return script


class Play:
    """One visit: what came, what was kept, what differs."""

    def __init__(self, options: VisitOptions, script: Script, say: Callable[[str], None]) -> None:
        self.options = options
        self.script = script
        self.say = say
        self.out = options.out.absolute()
        self.theatre = Theatre(self.out)
        self.actor = Actor(self.theatre, options.service, CITIZENS[options.citizen], options.language)
        self.pages: list[dict[str, Any]] = []
        self.texts: list[tuple[str, str]] = []
        self.differences: list[str] = []
        self.seen: dict[str, Any] = {}
        self._started = time.monotonic()
        self._last: tuple[str, int] = ("", 0)

    async def run(self) -> list[str]:
        """Play it to its end, whatever happens; the differences."""
        await asyncio.to_thread(_clear, self.out)
        try:
            await self.theatre.open()
            for act in self.script.before:
                await self.actor.do(act)
            await self.theatre.raise_curtain()
            await self._scenes()
            for act in self.script.after:
                await self.actor.do(act)
            await self._look_at_world()
        except CannotStart as error:
            self.differences.append(str(error))
        finally:
            await self._keep_what_is_left()
            await self.theatre.close()
            await asyncio.to_thread(self._look_at_files)
            await asyncio.to_thread(self._write_summary)
        return self.differences

    async def _scenes(self) -> None:
        for number, scene in enumerate(self.script.scenes, 1):
            try:
                await self._scene(scene)
            except (Missed, NotOnPage, NoMirror, requests.RequestException, TimeoutError) as error:
                words = str(error) or f"{type(error).__name__} on page {scene.page}"
                self.differences.append(f"scene {number}, {scene.page}: {words}")
                return

    async def _scene(self, scene: Scene) -> None:
        """Wait for the page, keep it, act on it."""
        page = await self._await_page(scene)
        await self._keep(page)
        for act in scene.acts:
            if await self.actor.do(act):
                await self._keep(self.theatre.mirror.page)
        self._last = (page.page, self.theatre.mirror.page.seq if self.theatre.mirror.page else 0)

    async def _await_page(self, scene: Scene) -> Page:
        """The scene's page; pages that may come before it are kept on the way. Raises `Missed`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + scene.within_s
        before, mirror = self._last, self.theatre.mirror
        passed: set[str] = set()
        while True:
            news = partial(_is_news, wanted=scene.page, before=before, passed=frozenset(passed))
            try:
                page = await mirror.wait_for(news, max(0.01, until - loop.time()))
            except TimeoutError:
                stands = mirror.page
                raise Missed(
                    f"did not come within {scene.within_s:.0f} s; "
                    f"the screen shows {stands.page if stands else 'nothing'}: {_excerpt(stands)}"
                ) from None
            if page.page == scene.page:
                return page
            await self._keep(page)
            if page.page not in scene.over:
                raise Missed(f"page {page.page} came instead: {_excerpt(page)}")
            passed.add(page.page)
            before = ("", 0)

    async def _keep(self, page: Page | None) -> None:
        """Save a picture of the screen as it is now, under a number and the page's name."""
        if page is None:
            return
        name = f"{len(self.pages) + 1:02d}-{page.page}"
        self.pages.append(
            {
                "at_s": round(time.monotonic() - self._started, 2),
                "page": page.page,
                "title": page.title,
                "language": page.language,
                "file": f"{name}.png",
            }
        )
        self.texts.append((name, page.text))
        self.say(f"  {self.pages[-1]['at_s']:6.1f} s  {page.page:14} {page.title}")
        try:
            png = await self.theatre.mirror.shot()
        except (NoMirror, TimeoutError) as error:
            self.differences.append(f"{name}: no picture ({error or type(error).__name__})")
            return
        await asyncio.to_thread((self.out / f"{name}.png").write_bytes, png)

    async def _look_at_world(self) -> None:
        """Wait until the world is as expected, at most `SETTLE_S`; then note what is not."""
        loop = asyncio.get_running_loop()
        until = loop.time() + (UNFINISHED_S if self.differences else SETTLE_S)
        while True:
            seen = await self._found()
            wrong = differences(self.script.expected, seen)
            if not wrong or loop.time() > until:
                break
            await asyncio.sleep(0.5)
        self.differences.extend(wrong)
        self.seen = asdict(seen)

    async def _found(self) -> Found:
        receipts = await self.actor.receipts()
        certificates = await self.actor.certificates()
        pad, phones = await self.actor.ledger_fen(), await self.actor.phone_fen()
        return found(await self.theatre.desk.overview(), pad, phones, receipts, certificates)

    async def _keep_what_is_left(self) -> None:
        """Papers and wire, as far as the devices still answer."""
        with suppress(requests.RequestException):
            number = await self.actor.receipts()
            await self._keep_paper("receipt-printer", f"receipt-{number}.png", "receipt.png")
            text = await self._keep_paper("receipt-printer", f"receipt-{number}.txt", "receipt.txt")
            pdf = await self._keep_paper("licence-printer", "last.pdf", "certificate.pdf")
            self.differences.extend(await asyncio.to_thread(unmarked, text.decode("utf-8", "replace"), pdf))
            wire = await self.theatre.wire()
            await asyncio.to_thread((self.out / "wire.txt").write_text, wire, "utf-8")

    async def _keep_paper(self, family: str, name: str, file: str) -> bytes:
        data = await self.theatre.artefact(family, name) or b""
        if data:
            await asyncio.to_thread((self.out / file).write_bytes, data)
        return data

    def _look_at_files(self) -> None:
        """When every process has ended: the journal is copied, nothing of the citizen may be left, no stack trace."""
        state = self.theatre.state_dir
        journals = [p for p in state.rglob("journal*") if p.is_file()]
        for path in journals:
            shutil.copy2(path, self.out / path.name)
        if not journals and self.pages:
            self.differences.append(f"no journal in {state}")
        if state.exists():
            self.differences.extend(traces_of(CITIZENS[self.options.citizen], state))
        logs = [(p.name, p.read_text("utf-8", "replace")) for p in sorted(self.theatre.run.glob("*.log"))]
        self.differences.extend(stack_traces([*self.texts, *logs]))

    def _write_summary(self) -> None:
        options = {k: str(v) for k, v in asdict(self.options).items()}
        summary = {
            "visit": {**options, "words": self.script.words},
            "seconds": round(time.monotonic() - self._started, 1),
            "pages": self.pages,
            "expected": asdict(self.script.expected),
            "found": self.seen,
            "differences": self.differences,
        }
        text = json.dumps(summary, ensure_ascii=False, indent=1)
        (self.out / "summary.json").write_text(text + "\n", encoding="utf-8")


async def play_visit(options: VisitOptions, say: Callable[[str], None]) -> list[str]:
    """Play the visit, say what happens; the differences (none when all was as expected). Raises `UnknownCase`."""
    script = script_for(options)
    say(f"{options.service} {options.case}: {script.words}")
    play = Play(options, script, say)
    wrong = await play.run()
    say(f"\n{'as expected' if not wrong else 'DIFFERENT:'}  ({play.out})")
    for line in wrong:
        say(f"  - {line}")
    return wrong


def _clear(out: Path) -> None:
    """An empty folder for this visit; only what an earlier visit left there is removed."""
    if (out / "summary.json").exists() or (out / "run").exists():
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)


def _is_news(page: Page, wanted: str, before: tuple[str, int], passed: frozenset[str]) -> bool:
    """The page wanted, or one not yet passed; the last scene's own page may still stand for a moment."""
    stands = page.page == before[0] and (page.page != wanted or page.seq <= before[1])
    return not stands and page.page not in passed


def _excerpt(page: Page | None) -> str:
    return " / ".join(page.text.split("\n"))[:240] if page else ""
