"""A recording as a feature file, in the words of `simulator.acceptance`: what was done as 当, what was seen as 那么.

A page is written before the next thing that somebody does on it; pages that only passed by are not, a scenario in
virtual time may never see them. What has no words of its own is written with the general steps of chapter 十七.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from config.catalogue import load_catalogue
from simulator.acceptance import steps as _declared  # noqa: F401 - declares the vocabulary
from simulator.acceptance import words as w
from simulator.acceptance.vocabulary import Step, step
from simulator.bench.recording import Event, Recording
from simulator.people import CITIZENS

Line = tuple[str, str]
"""(act or see or note, the words)."""
PAUSE_S: Final = 30.0
"""Who does nothing for so long may be asked whether they are still there: the pause belongs to the scenario."""
FAMILY_NAMES: Final = {family: name for name, family in w.DEVICES.items()}
DEFAULT_PAYER: Final = (False, 0, "", None)
TAKING: Final = {("receipt-printer", "tear_off"), ("licence-printer", "take")}
DISK: Final = {"refuse-disk": "disk_full", "mend-disk": "disk_well"}
CODES_OF: Final = {code: name for name, code in w.CODES.items()}


def feature(recording: Recording) -> str:
    """The feature file."""
    began = datetime.fromtimestamp(recording.began).astimezone()
    lines = [
        "# language: zh-CN",
        f"# 录制于 {began:%Y-%m-%d %H:%M:%S}，{len(recording.events)} 件事",
        *(["# 录制太长，只留下了前面的部分"] if recording.cut_short else []),
        "功能: 测试台上录下来的办事经过",
        "",
        f"  场景: {_plain(recording.title)}",
    ]
    before = ""
    for kind, words in Writer(recording).lines():
        if kind == "note":
            lines.append(f"    # {words}")
            continue
        keyword = {"given": "假如", "act": "当", "see": "那么"}[kind]
        lines.append(f"    {'而且' if kind == before else keyword} {words}")
        before = kind
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return " ".join(text.split())[:80] or "录制"


class Writer:
    """One recording, read once."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.citizen = _first_card(recording.events)
        self._page = ""
        self._written = ""
        self._held = ""
        self._typed = ""
        self._last = 0.0
        self._cut = False
        self._pages = {name: word for word, names in list(w.PAGES.items())[::-1] for name in names}

    def lines(self) -> Iterator[Line]:
        """Every line of the scenario."""
        yield "given", _line("terminal_with_ways", ways="、".join(w.WAYS))
        if self.citizen:
            yield "given", _line("citizen_is", name=CITIZENS[self.citizen].name)
        for event in self.recording.events:
            if event.kind == "page":
                self._page = str(event.what["page"])
                continue
            if not self._is_typing(event):
                yield from self._typed_out()
            yield from self._waited(event)
            yield from self._at_page(event)
            yield from self._event(event)
        yield from self._typed_out()
        if self._page and self._page != self._written:
            yield from self._page_line()
        yield from self._seen()

    def _waited(self, event: Event) -> Iterator[Line]:
        gap, self._last = event.at - self._last, event.at
        if gap >= PAUSE_S:
            yield "act", _line("seconds_pass", n=round(gap))

    def _at_page(self, event: Event) -> Iterator[Line]:
        if event.kind in ("touch", "act", "desk") and self._page and self._page != self._written and not self._cut:
            yield from self._page_line()

    def _page_line(self) -> Iterator[Line]:
        self._written = self._page
        if word := self._pages.get(self._page):
            yield "see", _line("page_is", page=word)
        else:
            yield "see", _line("page_called", name=self._page)

    def _is_typing(self, event: Event) -> bool:
        what = event.what
        return event.kind == "touch" and what["key"] == "key" and len(str(what["value"])) == 1

    def _typed_out(self) -> Iterator[Line]:
        typed, self._typed = self._typed, ""
        if typed:
            yield "act", _line("types", typed=typed)

    def _event(self, event: Event) -> Iterator[Line]:
        what = event.what
        match event.kind:
            case "touch" if self._is_typing(event):
                self._typed += str(what["value"])
            case "touch":
                yield self._touch(str(what["key"]), str(what["value"]), str(what["words"]))
            case "act":
                yield from self._act(str(what["family"]), str(what["verb"]), dict(what["args"]))
            case "desk":
                yield self._desk(str(what["path"]), dict(what["body"]))
            case "process" if what["name"] == "terminal":
                if line := DISK.get(str(what["order"])):
                    yield "act", _line(line)
                    return
                self._cut = what["order"] != "start"
                yield "act", _line("power_cut" if self._cut else "power_on")
            case "process":
                yield "note", f"{what['name']}：{what['order']}（场景里不能这样做）"
            case "clock":
                yield "act", _line("clock_ahead", n=round(int(what["ahead_s"]) / 60))
            case "stroke":
                yield "note", f"手写一笔，{len(what['points'])} 个点（场景里不能重放）"
            case "key":
                yield "act", _line("presses_keypad", key=_called(w.KEYPAD, what["key"]) or what["key"])

    def _touch(self, key: str, value: str, words: str) -> Line:
        if key == "language" and (name := _called(w.LANGUAGES, value)):
            return "act", _line("changes_language", language=name)
        if key == "mode" and (name := _called(w.MODES, value)):
            return "act", _line("changes_mode", mode=name)
        if key == "voice" and value in ("on", "off"):
            return "act", _line(f"voice_{value}")
        if (key, value) == ("key", "clear"):
            return "act", _line("clears")
        if key == "rate" and (name := next((n for n, r in w.RATINGS.items() if str(r) == value), "")):
            return "act", _line("rates", rating=name)
        if words and key != "key" and len(words) <= 24 and not set(words) & set("“”\n"):
            return "act", _line("touches", label=words)
        return "act", _line("touches_reply", reply=f"{key}={value}" if value else key)

    def _act(self, family: str, verb: str, args: dict[str, Any]) -> Iterator[Line]:
        if verb in ("plug", "unplug"):
            if family in FAMILY_NAMES:
                yield "act", _line(f"{verb}ged", device=FAMILY_NAMES[family])
            else:
                yield "act", _line("platform_well") if verb == "plug" else _line("platform_fault", fault="断开")
        elif family == "id-card-reader" and verb in ("present", "lift", "second", "pull_mid_read"):
            yield from self._card(verb, str(args.get("card") or args.get("citizen") or ""))
        elif family in ("camera", "code-reader") and verb in ("code", "scan") and self._held:
            return
        elif family == "camera" and self._held and verb in ("show", "nobody"):
            self._held = ""
            yield "act", _line("puts_phone_away")
        elif family == "camera" and (name := _called(w.FACES, verb)):
            yield "act", _line("camera_sees", who=name)
        elif family == "document-camera" and verb == "lay" and (name := _called(w.PAPERS, args.get("kind"))):
            yield "act", _line("lays_paper", paper=name)
        elif (family, verb) == ("document-camera", "clear"):
            yield "act", _line("clears_desk")
        elif (family, verb) in TAKING:
            yield "act", _line("takes_papers")
        elif family == "payment-pad" and (name := _verb_called(w.AT_THE_PAD, verb, _without(args, "card"))):
            yield "act", _line("at_the_pad", how=name)
        elif name := _verb_called(w.FAULTS.get(family, {}), verb, args):
            yield "act", _line("device_fault", device=FAMILY_NAMES[family], fault=name)
        elif family == "network":
            yield "note", f"网络：{verb} {args or ''}（场景里用“市平台…”来说）"
        else:
            said = " ".join([verb, *(f"{n}={json.dumps(v) if not isinstance(v, str) else v}" for n, v in args.items())])
            yield "act", _line("does_to_device", device=FAMILY_NAMES.get(family, family), what=said)

    def _card(self, verb: str, card: str) -> Iterator[Line]:
        if verb == "lift":
            yield "act", _line("takes_card")
        elif verb == "pull_mid_read":
            yield "act", _line("will_pull_card")
        elif verb == "second":
            yield "act", _line("lays_second_card", name=CITIZENS[card].name if card in CITIZENS else card)
        elif name := _called(w.CARDS, card):
            yield "act", _line("lays_other_card", card=name)
        else:
            if card in CITIZENS and card != self.citizen:
                self.citizen = card
                yield "act", _line("citizen_is", name=CITIZENS[card].name)
            yield "act", _line("lays_card")

    def _desk(self, path: str, body: dict[str, Any]) -> Line:
        if path in ("faults", "faults/areas"):
            return _platform_fault(body)
        if path == "provider":
            turned = {name: value for name, value in body.items() if value not in DEFAULT_PAYER and name != "late_s"}
            if not turned:
                return "act", _line("payer_well")
            if name := _called(w.PAYER_FAULTS, turned):
                return "act", _line("payer_fault", fault=name)
        if path == "phone/pay" and (name := _called(w.WALLETS, body.get("provider"))):
            return "act", _line("pays_by_phone", wallet=name)
        if path == "phone/code" and (name := _called(w.WALLETS, body.get("provider"))):
            self._held = "wallet"
            return "act", _line("shows_pay_code", wallet=name)
        code = f"app-{body.get('which')}" if path == "phone/app-code" else str(body.get("which", ""))
        if path in ("phone/app-code", "phone/certificate") and code in CODES_OF:
            self._held = code
            return "act", _line("holds_up", code=CODES_OF[code])
        if path.startswith("app-matches/"):
            return "act", _line("answers_match" if body.get("answer") == "confirm" else "refuses_match")
        if path.startswith("cases/") and (name := _called(w.OFFICE_ACTS, body.get("act"))):
            return "act", _line("office_acts", what=name)
        return "act", _line("at_desk", path=path, body=json.dumps(body, ensure_ascii=False))

    def _seen(self) -> Iterator[Line]:
        """What came of it."""
        before, after = self.recording.before, self.recording.after
        fen = after.bank_fen - before.bank_fen
        yield "see", _line("bank_received", yuan=f"{fen / 100:.2f}") if fen > 0 else _line("bank_received_nothing")
        if receipts := after.receipts - before.receipts:
            yield "see", _line("receipts_out", n=receipts)
        if sheets := after.sheets - before.sheets:
            yield "see", _line("sheets_out", n=sheets)
        if before.known and after.known:
            if (phone := after.phone_fen - before.phone_fen) > 0:
                yield "see", _line("phone_received", yuan=f"{phone / 100:.2f}")
            yield from self._cases(Counter(after.cases) - Counter(before.cases))
            if len(after.ratings) > len(before.ratings) and (
                name := next((n for n, r in w.RATINGS.items() if r == after.ratings[-1]), "")
            ):
                yield "see", _line("rated", rating=name)
        yield "see", _line("journal_verifies")

    @staticmethod
    def _cases(new: Counter[str]) -> Iterator[Line]:
        services = load_catalogue().services
        for service, n in new.items():
            yield (
                "see",
                _line("cases_received", n=n, service=services[service].name.zh if service in services else service),
            )
        if not new:
            yield "see", _line("no_case")


def _line(name: str, /, **values: Any) -> str:
    known: Step = step(name)
    return known.line(**values)


def _called(table: Mapping[str, Any], meant: Any) -> str:
    """What a table calls `meant`; "" when it has no word for it."""
    return next((name for name, value in table.items() if value == meant), "")


def _verb_called(table: Mapping[str, w.Verb], verb: str, args: Mapping[str, Any]) -> str:
    return next((name for name, (v, a) in table.items() if v == verb and dict(a) == dict(args)), "")


def _without(args: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The arguments without `name`, and without what is usual."""
    return {n: v for n, v in args.items() if n != name and (n, v) != ("pin", "1234")}


def _platform_fault(body: Mapping[str, Any]) -> Line:
    plan = {name: value for name, value in body.items() if value not in DEFAULT_PAYER}
    area = _called(w.AREAS, plan.pop("area", None))
    if not plan:
        return "act", _line("platform_well")
    name = _called(w.PLATFORM_FAULTS, plan)
    if name and area:
        return "act", _line("area_fault", area=area, fault=name)
    if name and body.get("area") is None:
        return "act", _line("platform_fault", fault=name)
    return "act", _line("at_desk", path="faults", body=json.dumps(dict(body), ensure_ascii=False))


def _first_card(events: list[Event]) -> str:
    """Whose card was laid down first; "" when it was nobody's."""
    for event in events:
        if event.kind == "act" and event.what["verb"] == "present":
            card = str(event.what["args"].get("card") or event.what["args"].get("citizen") or "")
            if card in CITIZENS:
                return card
    return ""
