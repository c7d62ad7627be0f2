"""A citizen's hands at any terminal: what each page asks for, touch by touch, until the page that the test wants.

A page that is not in the tables is met with its likely next action, as a newcomer would. Only what the page offers is
touched. Chance (how long somebody thinks) comes from the scenario's seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from config.bundle_whole import whole_of
from config.service import Service
from simulator.acceptance.terminal import Page, Terminal
from simulator.filling_in import PAGES as FORM_PAGES
from simulator.filling_in import FormHands
from simulator.people import Citizen

if TYPE_CHECKING:
    from simulator.acceptance.scene import Scene

MOST_ACTS = 300
SAME_PAGE = 400
PATIENCE_S = 600.0
THINKS_S = (0.15, 0.5)
WAITING = frozenset(
    {"working", "face", "uploading", "photo", "face_challenge", "guide_printed", "officer_wait", "pay_phone"}
)
"""Pages on which there is nothing to do but wait."""
ENDS = frozenset({"finish", "not_done", "code_verdict", "bill_none"})
"""Pages that say how it ended: nobody goes on from there by themselves."""
BAR = frozenset({"back", "home", "leave", "help", "language", "mode", "turn", "voice", "agreed", "focus"})
NEXT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "standby": (("start", ""),),
    "settled": (("continue", ""),),
    "guide": (("start", ""),),
    "consent": (("agree", ""),),
    "materials": (("continue", ""),),
    "scan_page": (("capture", ""),),
    "scan_kept": (("done", ""), ("more", "")),
    "scan_read": (("confirm", ""), ("done", "")),
    "photo_guide": (("take", ""),),
    "photo_review": (("accept", ""),),
    "draft_found": (("afresh", ""),),
    "draft_keep": (("drop", ""),),
    "bills": (("next", ""),),
    "fee_changed": (("confirm", ""),),
    "review": (("confirm", ""),),
    "queued": (("continue", ""),),
    "result": (("continue", ""),),
    "receipt": (("continue", ""),),
    "copy_offer": (("print", ""), ("continue", "")),
    "collect": (("open-door", ""), ("continue", "")),
    "phone_link": (("continue", ""),),
    "ticket": (("continue", ""),),
    "help_asked": (("continue", ""),),
    "still_there": (("continue", ""),),
    "signed_in": (("here", ""),),
    "rating_tags": (("skip", ""),),
    "precheck": (("edit", ""),),
}  # fmt: skip
"""Page -> what is touched there, the first that can be."""


class Hands:
    """One citizen. `way` is how fees are paid, `proof` how they prove who they are, `answers` what they want to fill in
    (by the field's key)."""

    def __init__(self, scene: Scene, chance: Random) -> None:
        self.scene = scene
        self.chance = chance
        self.way = "card"
        self.proof = "face"
        self.organisation = ""
        self.answers: dict[str, str] = {}
        self.said: dict[str, str] = {}
        """Answers by the field's words, before the service is known."""
        self.pages: list[str] = []
        self._form: FormHands | None = None

    def begin(self, service: Service) -> None:
        """A form of its own for each service."""
        whole = whole_of(service, self.scene.catalogue.services)
        answers = {"phone": self.scene.citizen.phone, **self.answers}
        for label, value in self.said.items():
            field = next((f for f in whole.form if label in (f.label.zh, f.key) or f.label.zh.startswith(label)), None)
            if field is None:
                there = "、".join(f.label.zh for f in whole.form)
                raise ValueError(f"“{service.name.zh}”没有要填的“{label}”；有：{there}")
            option = next((o.key for o in field.options if value in (o.label.zh, o.key)), value)
            answers[field.key] = option
        self._form = FormHands(whole, self._pressed, self._showed, answers=answers, turn=self.scene.seed)

    def _pressed(self, key: str, value: str) -> None:
        self.terminal.press(key, value)

    def _showed(self, code: str) -> None:
        self.terminal.show_text(code)

    @property
    def terminal(self) -> Terminal:
        """Where they stand."""
        return self.scene.terminal

    @property
    def citizen(self) -> Citizen:
        """Who they are."""
        return self.scene.citizen

    def look(self) -> Page:
        """The page; kept in `pages`."""
        page = self.terminal.see()
        if not self.pages or self.pages[-1] != page.page:
            self.pages.append(page.page)
        return page

    def open_guide(self, service: Service) -> None:
        """From wherever they stand to the guide of `service`, as people find it: the home page, a field, its turns."""
        terminal = self.terminal
        page = self.look()
        if page.page in ("standby", "settled"):
            self.wake(page)
            page = terminal.page("home")
        if page.page != "home":
            terminal.touch("home")
            page = terminal.page("home")
        if not page.offered("service", service.id):
            if not page.offered("field", service.field.key):
                terminal.touch("more")
                terminal.page("fields")
            terminal.touch("field", service.field.key)
            terminal.page("field_page")
        terminal.find("service", service.id)
        terminal.touch("service", service.id)
        terminal.page("guide")
        self.look()

    def wake(self, page: Page) -> None:
        """Touch standby until it is gone, as people do when nothing happens."""

        def gone() -> bool:
            now = self.terminal.see()
            if now.page in ("standby", "settled"):
                self._next(now)
                self.terminal.wait(0.6)
            return self.terminal.see().page not in ("standby", "settled")

        self.terminal.until(gone, 30, f"“{page.title}”点不动")

    def go(self, *wanted: str) -> Page:
        """Do what each page asks until one of `wanted` is shown. Raises `AssertionError`."""
        last, same = "", 0
        for _ in range(MOST_ACTS * 20):
            self.terminal.wait(self.chance.uniform(*THINKS_S))
            page = self.look()
            if page.page in wanted:
                return page
            same = same + 1 if page.text + repr(page.offers) == last else 0
            last = page.text + repr(page.offers)
            if same > SAME_PAGE or (same > 12 and page.page not in WAITING | {"place_card", "pay", "receipt", "leave"}):
                break
            if page.page in ENDS and not {"leave", "standby"} & set(wanted):
                break
            if page.page in ("standby", "closed") and len(self.pages) > 1 and not wanted_again(wanted, self.pages):
                break
            self.act(page)
        page = self.look()
        raise AssertionError(
            f"没有办到 {' 或 '.join(wanted)}：停在“{page.title}”（{page.page}），"
            f"走过 {' '.join(self.pages[-12:])}\n{page.text}"
        )

    def act(self, page: Page) -> None:
        """One act on the page."""
        if page.page in WAITING:
            return
        if page.page in FORM_PAGES:
            if self._form is None:
                raise AssertionError("要先说他办什么事")
            self.terminal.fill(self._form, page)
            return
        special: Callable[[Page], None] | None = getattr(self, f"_at_{page.page}", None)
        if special is not None:
            special(page)
        else:
            self._next(page)

    def _next(self, page: Page) -> None:
        for key, value in NEXT.get(page.page, ()):
            if page.offered(key, value):
                self.terminal.press(key, value)
                return
        if page.page in NEXT:
            return  # not yet
        if page.primary is not None:
            self.terminal.press(*page.primary)
            return
        choices = [(key, value) for key, value in page.offers if key not in BAR]
        if choices:
            self.terminal.press(*choices[0])

    def _at_for_whom(self, page: Page) -> None:
        self.terminal.press("organisation" if self.organisation else "myself", "")

    def _at_organisations(self, page: Page) -> None:
        there = next(
            (s for s in page.spots if s.enabled and s.key == "organisation" and self.organisation in s.label), None
        )
        if there is None:
            raise AssertionError(f"不能替“{self.organisation}”办：\n{page.text}")
        self.terminal.press(there.key, there.value)

    def _at_consent(self, page: Page) -> None:
        other = self.proof != "face" and page.offered("other-way")
        self.terminal.press("other-way" if other else "agree", "")

    def _at_other_ways(self, page: Page) -> None:
        self.terminal.press("way", self.proof if page.offered("way", self.proof) else "match")

    def _at_place_card(self, page: Page) -> None:
        if self.proof == "app" and page.offered("other-way"):
            self.terminal.press("other-way", "")
        elif not self.terminal.state("id-card-reader").get("card"):
            with suppress(ValueError):
                self.terminal.act("id-card-reader", "present", card=self.citizen.key)

    def _at_number_match(self, page: Page) -> None:
        self.terminal.answer_match(confirm=True)

    def _at_phone_code(self, page: Page) -> None:
        self.terminal.hold_up("app-fresh", self.citizen)

    def _at_scan_page(self, page: Page) -> None:
        self.terminal.lay("booklet", self.citizen)
        self._next(page)

    def _at_pay_method(self, page: Page) -> None:
        self.terminal.press("way", self.way)

    def _at_pay(self, page: Page) -> None:
        if self.terminal.state("payment-pad").get("waiting"):
            with suppress(ValueError):  # it waits for nobody at this moment
                self.terminal.act("payment-pad", "tap", card=self.citizen.key)
                self.terminal.wait(1.0)

    def _at_pay_code(self, page: Page) -> None:
        with suppress(ValueError):  # nothing waits for this code yet, or any more
            self.terminal.phone_pay("wechat")
        self.terminal.wait(1.0)

    def _at_pay_scan(self, page: Page) -> None:
        self.terminal.hold_up("wechat", self.citizen)
        self.terminal.wait(1.0)

    def _at_show_code(self, page: Page) -> None:
        self.terminal.wait(0.5)

    def _at_sign(self, page: Page) -> None:
        if page.offered("undo"):
            self.terminal.press("done", "")
        else:
            self.terminal.sign()

    def _at_leave(self, page: Page) -> None:
        self.lift()

    def _at_finish(self, page: Page) -> None:
        self.leave()

    def _at_not_done(self, page: Page) -> None:
        self.leave()

    def _at_code_verdict(self, page: Page) -> None:
        self.terminal.hold_up("", self.citizen)
        self.leave()

    def _at_home(self, page: Page) -> None:
        if self.scene.service is None:
            raise AssertionError("要先说他办什么事")
        self.open_guide(self.scene.service)

    # Going

    def lift(self) -> None:
        """Take every card."""
        while self.terminal.state("id-card-reader").get("card"):
            self.terminal.act("id-card-reader", "lift")

    def take_papers(self) -> None:
        """Take what came out."""
        if self.terminal.state("receipt-printer").get("hanging"):
            self.terminal.act("receipt-printer", "tear_off")
        if self.terminal.state("licence-printer").get("output_pages"):
            self.terminal.act("licence-printer", "take")

    def leave(self) -> None:
        """Take everything, touch "leave", and see that the terminal is free."""
        self.lift()
        self.take_papers()
        if self.terminal.see().offered("leave"):
            self.terminal.press("leave", "")
        self.terminal.wait(0.5)


def wanted_again(wanted: tuple[str, ...], pages: list[str]) -> bool:
    """Whether standby is where it should go on from: nothing has begun yet."""
    return pages == ["standby"] or "standby" in wanted
