"""`kiosk-sim ctl`: everything that the bench's page can do, from a command line, against a running bench.

Exit codes: 0 done, 1 it cannot be done now or was refused, 2 not understood, 3 no bench.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from simulator.bench.calling import Caller, Refused

DONE, REFUSED, NOT_UNDERSTOOD, NO_BENCH = 0, 1, 2, 3
SHORT: Final = {
    "reader": "id-card-reader", "pad": "payment-pad", "receipt": "receipt-printer", "licence": "licence-printer",
    "desk": "document-camera", "code": "code-reader",
}  # fmt: skip
"""Short names of families."""
USAGE: Final = {
    "verbs": "verbs [FAMILY]                      what can be done to every device, with arguments",
    "state": "state [FAMILY]                      how everything is, as JSON",
    "FAMILY": "FAMILY VERB [ARG | NAME=VALUE ...]  reader present citizen-07; pad decline; cabinet tilt on=true",
    "plug": "plug FAMILY | unplug FAMILY         the plug of a device (network: the cable)",
    "screen": "screen text|json|png [FILE]         what stands on the glass",
    "touch": "screen touch WORDS | KEY=VALUE | X,Y  a finger; screen key NAME; screen wait PAGE[,PAGE] [SECONDS]",
    "terminal": "terminal start|stop|kill|refuse-disk|mend-disk|log   its process (platform too)",
    "clock": "clock [jump SECONDS | speed N | right]  the terminal's clock",
    "platform": "platform [faults NAME=VALUE ...|office ACT [NUMBER]|KNOB NAME=VALUE ...]",
    "phone": "phone pay|hold|app|away [NAME=VALUE ...]  the citizen's phone",
    "card": "card make NAME=VALUE ...|throw KEY    cards of your own",
    "picture": "picture FILE                        lay a picture on the document camera's desk",
    "breakdown": "breakdown [NAME|off]               a prepared breakdown; diagnose [zh|en|ko]: what it says of itself",
    "standing": "standing                            promises, visit, journal",
    "wire": "wire [FAMILY]                       the decoded wire",
    "record": "record start [TITLE]|stop [FILE]|feature [FILE]  a session as a scenario",
    "completion": "completion                          a script for bash; words ...: what may come next",
}
"""What may be said, in the order of the help."""
COMPLETION: Final = """\
_kiosk_sim_ctl() {
  if [ "${COMP_WORDS[1]}" = ctl ]; then
    words="$(kiosk-sim ctl words "${COMP_WORDS[@]:2:COMP_CWORD-2}" 2>/dev/null)"
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -F _kiosk_sim_ctl kiosk-sim
"""
Say = Callable[[str], None]


class NotUnderstood(ValueError):
    """What was said means nothing; the message says what would."""


def help_text() -> str:
    """All that may be said."""
    return "\n".join(f"  {line}" for line in USAGE.values())


class Ctl:
    """One command at one bench. Raises `NotUnderstood`, and what `Caller` raises."""

    def __init__(self, caller: Caller, say: Say, as_json: bool = False) -> None:
        self.caller = caller
        self.say = say
        self.as_json = as_json

    def obey(self, words: Sequence[str]) -> None:
        """Do what `words` say and print what came of it."""
        if not words:
            raise NotUnderstood(f"say what to do:\n{help_text()}")
        topic, rest = words[0], list(words[1:])
        known: dict[str, Callable[[list[str]], None]] = {
            "verbs": self._verbs, "state": self._state, "plug": self._plug, "unplug": self._unplug,
            "screen": self._screen, "terminal": self._process("terminal"), "clock": self._clock,
            "platform": self._platform, "phone": self._phone, "card": self._card, "picture": self._picture,
            "standing": self._standing, "wire": self._wire, "record": self._record,
            "breakdown": self._breakdown, "diagnose": self._diagnose,
            "words": self._words, "completion": lambda _: self.say(COMPLETION),
        }  # fmt: skip
        if topic in known:
            known[topic](rest)
        else:
            self._device(topic, rest)

    # Devices

    def _device(self, name: str, rest: list[str]) -> None:
        verbs = self.caller.get("/api/verbs")
        family = SHORT.get(name, name)
        if family not in verbs:
            raise NotUnderstood(f"no device or command {name!r}; devices: {', '.join([*SHORT, *verbs])}\n{help_text()}")
        if not rest:
            raise NotUnderstood(f"do what to {name}? {', '.join(verbs[family])}")
        verb = rest[0].replace("-", "_")
        if verb in ("plug", "unplug"):
            self._answer(self.caller.post(f"/api/devices/{family}/{verb}"))
            return
        if verb not in verbs[family]:
            raise NotUnderstood(f"{name} cannot {rest[0]!r}; it can {', '.join(verbs[family])}")
        args = arguments(rest[1:], verbs[family][verb]["args"])
        try:
            answer = self.caller.post(f"/api/devices/{family}/{verb}", args)
        except Refused as error:
            raise Refused(f"{error} ({verb}: {verbs[family][verb]['words']})", error.status) from None
        self._answer(answer.get("result") if self.as_json else {"done": f"{family} {verb}"})

    def _verbs(self, rest: list[str]) -> None:
        verbs = self.caller.get("/api/verbs")
        wanted = [SHORT.get(name, name) for name in rest] or list(verbs)
        for family in wanted:
            if family not in verbs:
                raise NotUnderstood(f"no device {family!r}; there are {', '.join(verbs)}")
        if self.as_json:
            self._answer({family: verbs[family] for family in wanted})
            return
        short = {family: name for name, family in SHORT.items()}
        for family in wanted:
            self.say(f"{short.get(family, family)}:")
            for verb, about in verbs[family].items():
                self.say(f"  {verb:20} {about['words']}")

    def _state(self, rest: list[str]) -> None:
        state = self.caller.get("/api/state")
        if rest:
            family = SHORT.get(rest[0], rest[0])
            if family not in state["devices"]:
                raise NotUnderstood(f"no device {rest[0]!r}; there are {', '.join(state['devices'])}")
            self._answer(state["devices"][family])
        elif self.as_json:
            self._answer({name: value for name, value in state.items() if name != "verbs"})
        else:
            for family, one in state["devices"].items():
                self.say(f"{family:16} {one['words']}")
            for name, process in state["processes"].items():
                self.say(f"{name:16} {process['words']}")

    def _plug(self, rest: list[str]) -> None:
        self._answer(self.caller.post(f"/api/devices/{self._family(rest)}/plug"))

    def _unplug(self, rest: list[str]) -> None:
        self._answer(self.caller.post(f"/api/devices/{self._family(rest)}/unplug"))

    @staticmethod
    def _family(rest: list[str]) -> str:
        if len(rest) != 1:
            raise NotUnderstood("plug which device? " + ", ".join(SHORT))
        return SHORT.get(rest[0], rest[0])

    def _wire(self, rest: list[str]) -> None:
        query = {"device": SHORT.get(rest[0], rest[0])} if rest else {}
        self.say(self.caller.raw("/api/wire.txt", **query).decode())

    # The glass

    def _screen(self, rest: list[str]) -> None:
        what, more = (rest[0], rest[1:]) if rest else ("text", [])
        if what == "png":
            path = Path(more[0] if more else "screen.png")
            path.write_bytes(self.caller.raw("/api/screen.png"))
            self.say(str(path))
        elif what in ("text", "json"):
            page = self.caller.get("/api/screen")
            if self.as_json or what == "json":
                self._answer(page)
            else:
                self.say(f"[{page['page']}, {page['language']}, {page['mode']}]\n{page['text']}")
        elif what == "touch" and more:
            self._answer(self.caller.post("/api/screen/touch", touch(" ".join(more))))
        elif what == "key" and len(more) == 1:
            self._answer(self.caller.post("/api/screen/key", {"key": more[0]}))
        elif what == "wait" and more:
            within = _whole(more[1]) if len(more) > 1 else 30
            page = self.caller.get("/api/screen/wait", page=more[0].split(","), within_s=within)
            self._answer(page) if self.as_json else self.say(page["page"])
        else:
            raise NotUnderstood(f"screen:\n  {USAGE['screen']}\n  {USAGE['touch']}")

    # The terminal, the city, the citizen

    def _process(self, name: str) -> Callable[[list[str]], None]:
        def order(rest: list[str]) -> None:
            if rest == ["log"]:
                self.say(self.caller.raw(f"/api/processes/{name}/log").decode())
            elif len(rest) == 1:
                answer = self.caller.post(f"/api/processes/{name}/{rest[0]}")
                self._answer(answer) if self.as_json else self.say(f"{name}: {answer['words']}")
            else:
                raise NotUnderstood(USAGE["terminal"])

        return order

    def _clock(self, rest: list[str]) -> None:
        match rest:
            case []:
                answer = self.caller.get("/api/clock")
            case ["jump", seconds]:
                answer = self.caller.post("/api/clock", {"jump_s": _whole(seconds)})
            case ["speed", times]:
                answer = self.caller.post("/api/clock", {"speed": _whole(times)})
            case ["right"]:
                answer = self.caller.post("/api/clock", {"right": True})
            case _:
                raise NotUnderstood(USAGE["clock"])
        self._answer(answer)

    def _platform(self, rest: list[str]) -> None:
        if not rest:
            self._answer(self.caller.get("/api/platform"))
        elif rest[0] in ("start", "stop", "kill", "log"):
            self._process("platform")(rest)
        elif rest[0] == "faults":
            self._answer(self.caller.post("/api/platform/faults", named(rest[1:])))
        elif rest[0] == "office" and len(rest) in (2, 3):
            number = {"number": rest[2]} if len(rest) == 3 else {}
            self._answer(self.caller.post("/api/platform/office", {"act": rest[1], **number}))
        else:
            self._answer(self.caller.post(f"/api/platform/knobs/{rest[0]}", named(rest[1:])))

    def _phone(self, rest: list[str]) -> None:
        if not rest:
            raise NotUnderstood(USAGE["phone"])
        self._answer(self.caller.post(f"/api/phone/{rest[0]}", named(rest[1:])))

    def _card(self, rest: list[str]) -> None:
        match rest:
            case ["make", *more]:
                body = {name: str(value) for name, value in named(more).items()}
                self._answer(self.caller.post("/api/cards", body))
            case ["throw", key]:
                self._answer(self.caller.delete(f"/api/cards/{key}"))
            case _:
                raise NotUnderstood(USAGE["card"])

    def _picture(self, rest: list[str]) -> None:
        if len(rest) != 1:
            raise NotUnderstood(USAGE["picture"])
        self._answer(self.caller.send("/api/desk/picture", Path(rest[0]).read_bytes(), "application/octet-stream"))

    def _standing(self, rest: list[str]) -> None:
        found = self.caller.get("/api/standing")
        if self.as_json or rest:
            self._answer(found)
            return
        for one in found["promises"]:
            self.say(
                f"{one['name']:4} {one['state']:10} {one['words']}{''.join(f'{chr(10)}     {w}' for w in one['found'])}"
            )

    def _breakdown(self, rest: list[str]) -> None:
        if rest:
            name = "" if rest == ["off"] else " ".join(rest)
            found = self.caller.post("/api/breakdowns", {"name": name})
        else:
            found = self.caller.get("/api/breakdowns")
        if self.as_json:
            self._answer(found)
        elif rest:
            self.say(found["now"] or "all is well again")
        else:
            for one in found["all"]:
                mark = "*" if one["key"] == found["now"] else "-" if one["why_not"] else " "
                self.say(f"{mark} {one['key']:38} {one['event']}{'  ' + one['why_not'] if one['why_not'] else ''}")

    def _diagnose(self, rest: list[str]) -> None:
        language = rest[0] if rest else "en"
        found = self.caller.get("/api/diagnosis", language=language)
        self._answer(found) if self.as_json else self.say(f"{found['event'] or 'well'}\n{found['first']}")

    def _record(self, rest: list[str]) -> None:
        match rest:
            case []:
                self._answer(self.caller.get("/api/record"))
            case ["start", *title]:
                self._answer(self.caller.post("/api/record/start", {"title": " ".join(title)}))
            case ["stop", *path] if len(path) <= 1:
                self._kept(self.caller.post("/api/record/stop")["feature"], path)
            case ["feature", *path] if len(path) <= 1:
                self._kept(self.caller.raw("/api/record/last.feature").decode(), path)
            case _:
                raise NotUnderstood(USAGE["record"])

    def _kept(self, feature: str, path: list[str]) -> None:
        if path:
            Path(path[0]).write_text(feature, encoding="utf-8")
            self.say(path[0])
        else:
            self.say(feature)

    def _words(self, rest: list[str]) -> None:
        """What may come after `rest`, for a shell's completion."""
        verbs = self.caller.get("/api/verbs")
        if not rest:
            first = [name for name in USAGE if name.islower() and name != "touch"]
            self.say(" ".join([*first, "unplug", *SHORT, *(f for f in verbs if f not in SHORT.values())]))
        elif len(rest) == 1 and (family := SHORT.get(rest[0], rest[0])) in verbs:
            self.say(" ".join([*verbs[family], "plug", "unplug"]))
        elif len(rest) == 2 and (about := verbs.get(SHORT.get(rest[0], rest[0]), {}).get(rest[1])):
            people = [c["key"] for c in self.caller.get("/api/citizens")] if rest[1] == "present" else []
            self.say(" ".join([*people, *(f"{name}=" for name in about["args"])]))
        elif rest == ["breakdown"]:
            found = self.caller.get("/api/breakdowns")["all"]
            self.say(" ".join(["off", *(one["key"] for one in found if not one["why_not"])]))
        elif rest == ["screen"]:
            self.say("text json png touch key wait")

    def _answer(self, answer: Any) -> None:
        self.say(json.dumps(answer, ensure_ascii=False, indent=None if self.as_json else 1, default=str))


def touch(words: str) -> dict[str, Any]:
    """`540,960` is a place, `field=birth` a reply, everything else the words of what is touched."""
    x, comma, y = words.partition(",")
    if comma and x.strip().isdigit() and y.strip().isdigit():
        return {"x": int(x), "y": int(y)}
    key, equals, value = words.partition("=")
    if equals and key.replace("-", "").replace("_", "").isalnum() and key.isascii():
        return {"key": key, "value": value}
    return {"words": words}


def arguments(words: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """`name=value` as they are, bare words under the names that are left. Raises `NotUnderstood`."""
    given = {
        name: read(value) for name, equals, value in (w.partition("=") for w in words) if equals and name.isidentifier()
    }
    bare = [read(word) for word in words if not ("=" in word and word.partition("=")[0].isidentifier())]
    free = [name for name in names if name not in given]
    if len(bare) > len(free):
        raise NotUnderstood(f"say what {bare[len(free)]!r} is, as NAME=VALUE; names: {', '.join(names) or 'none'}")
    return {**dict(zip(free, bare, strict=False)), **given}


def named(words: Sequence[str]) -> dict[str, Any]:
    """`name=value` words; a bare one is a switch that is on."""
    return {name: read(value) if equals else True for name, equals, value in (word.partition("=") for word in words)}


def read(word: str) -> Any:
    """Numbers and true or false as JSON has them; everything else as it stands (codes keep their leading zeros)."""
    try:
        value = json.loads(word)
    except ValueError:
        return word
    return value if isinstance(value, (bool, int, float)) else word


def _whole(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise NotUnderstood(f"{word!r}: a whole number") from None
