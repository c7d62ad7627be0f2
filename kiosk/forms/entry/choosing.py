"""Choosing from a long list: banks, schools, hospitals. More than a page of them are led to by pinyin initials."""

from __future__ import annotations

from collections.abc import Sequence

from config.catalogue import FormFieldSpec
from config.service_form import Option
from kiosk.finding.pinyin import sounds
from kiosk.visits.case import Case
from screens import pages
from screens.models import ChooseFrom, Place
from screens.screen import Screen

LETTERS_FROM = 16
"""More options than this are led to by their first letter."""


async def choose_one(case: Case, spec: FormFieldSpec, value: str, options: Sequence[Option]) -> str | None:
    """One option's key."""
    return await _choose(case, spec, frozenset({value} if value else ()), options)


async def choose_many(case: Case, spec: FormFieldSpec, value: str, options: Sequence[Option]) -> str | None:
    """The keys of all chosen options, one a line, in the list's order; "" for none."""
    return await _choose(case, spec, frozenset(value.split("\n") if value else ()), options, many=True)


def _initial(label: str) -> str:
    """The letter under which a label is found: 环 is H; # for a sign."""
    first = (sounds(label[:1]) or [""])[0] or label[:1]
    return first[:1].upper() if first[:1].isalnum() else "#"


async def _choose(
    case: Case, spec: FormFieldSpec, chosen: frozenset[str], options: Sequence[Option], *, many: bool = False
) -> str | None:
    visit = case.visit
    initials = {option.key: _initial(option.label.zh) for option in options}
    letters = tuple(sorted(set(initials.values()))) if len(options) > LETTERS_FROM else ()
    low, high = (spec.least or (1 if spec.required else 0), spec.most or len(options)) if many else (1, 1)
    keys = {option.key for option in options}
    at, error = "", ""

    def build(place: Place) -> Screen:
        listed = [o for o in options if not at or initials[o.key] == at]
        lines = tuple((o.key, o.label.get(place.language)) for o in listed)
        finish = low <= len(chosen) <= high
        label = spec.label.get(place.language)
        return pages.choose_from(place, ChooseFrom(label, lines, chosen, many, finish, letters, at, error))

    while True:
        reply = await visit.ask(build, seconds=visit.manners.form_s)
        error = ""
        match reply.key:
            case "back":
                return None
            case "candidate" if reply.value.isdigit():
                at = ("", *letters)[int(reply.value)] if int(reply.value) <= len(letters) else ""
            case "clear":
                chosen = frozenset()
            case "done" if many and low <= len(chosen) <= high:
                return "\n".join(o.key for o in options if o.key in chosen)
            case "option" if reply.value in keys and not many:
                return reply.value
            case "option" if reply.value in keys:
                chosen ^= {reply.value}
                if len(chosen) > high:
                    chosen ^= {reply.value}
                    error = case.say("error.range")
            case _:
                pass
