"""Every field of every item: a robot that touches only what the page offers gives it a right value; and the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from citizens_hall import Display
from hypothesis import given, settings
from hypothesis import strategies as st

from config.catalogue import FormFieldSpec, load_catalogue
from config.service_form import Option
from config.service_words import Words
from config.settings import Manners
from kiosk.forms.entry import enter
from kiosk.forms.filling import Filling
from kiosk.forms.rules import display_value, keypad_for, opens, options_of, press, validate_field
from kiosk.visits.vault import Vault
from kiosk.visits.visit import Replies, Visit
from screens.keypad_keys import KEYBOARDS, keys_of
from screens.models import Place
from screens.screen import Keypad, Reply
from simulator.answers import answer_for
from simulator.virtual_time import run_virtual

SERVICES = load_catalogue().services
FIELDS = [(s.id, spec) for s in SERVICES.values() for spec in s.form]
PLACES = tuple(Option(key=f"place{n}", label=Words(zh=f"环翠区第{n}小学", en=f"School {n}")) for n in range(30))


def a_field(kind: str, **more: Any) -> FormFieldSpec:
    return FormFieldSpec(key="it", type=kind, label=Words(zh="项", en="It"), **more)  # type: ignore[arg-type]  # a literal


def typed(spec: FormFieldSpec, value: str) -> str:
    """What comes of touching the keys for `value` one by one, on whatever keypad is there."""
    now = ""
    for character in value:
        pad = keypad_for(spec, now)
        assert pad is not None
        if spec.type == "range" and character == "-":
            continue
        assert character in keys_of(Keypad(pad)), (spec.type, pad)
        now = press(spec, now, character)
    return now


@pytest.mark.parametrize(("item", "spec"), FIELDS, ids=[f"{i}-{s.key}" for i, s in FIELDS])
def test_a_right_value_can_be_given_to_every_field(item: str, spec: FormFieldSpec) -> None:
    choices = {spec.key: PLACES} if spec.options_from else {}
    value = answer_for(spec, [o.key for o in options_of(spec, choices)])
    if opens(spec, choices) or options_of(spec, choices):
        assert validate_field(spec, value, choices=choices) is None, item
    else:
        assert typed(spec, value) == value
        assert validate_field(spec, value) is None, item
    for language in ("zh", "en"):
        assert display_value(spec, value, language, choices=choices)


VECTORS = [
    ("idno", "11010519491231002X", None),
    ("idno", "440524188001010014", None),  # the standard's own example
    ("idno", "371002199003075015", None),
    ("idno", "371081197506154416", None),  # a retired division lives on in cards (GB/T 2260)
    ("idno", "810000199001010019", None),
    ("idno", "371002199003075016", "check"),
    ("uscc", "11371000MB2856435T", None),
    ("uscc", "91371000MA3C1D2E18", None),
    ("uscc", "91371000MA3C1D2E19", "check"),
    ("bankcard", "6212260405014627955", None),
    ("bankcard", "6212260405014627956", "check"),
    ("plate", "鲁K12345", None),
    ("plate", "鲁KD12345", None),
    ("plate", "鲁I12345", "format"),
    ("vin", "LSVNV2182E2100001", None),
    ("vin", "LSVNV2182E210000I", "format"),
    ("money", "12.5", None),
    ("money", "12.555", "format"),
    ("phone", "10806312345", "phone"),
    ("date", "20260230", "date"),
    ("range", "202601-202512", "range"),
    ("bool", "maybe", "choose"),
]


@pytest.mark.parametrize(("kind", "value", "error"), VECTORS)
def test_right_and_wrong_values(kind: str, value: str, error: str | None) -> None:
    assert validate_field(a_field(kind), value) == error


def test_a_name_with_a_dot_and_rare_characters_is_right() -> None:
    """Trap 16: names are longer than four characters, hold "·", or need GB 18030-2022."""
    for name in ("买买提·艾合买提江·吐尔逊", "张㛃", "𬴂𰻝"):
        assert validate_field(a_field("text"), name) is None


def test_numbers_are_masked_unless_they_are_being_typed() -> None:
    for kind, value in (("idno", "11010519491231002X"), ("bankcard", "6212260405014627955"), ("phone", "13806312345")):
        shown = display_value(a_field(kind), value, masked=True)
        assert "*" in shown
        assert value[4:9] not in shown.replace(" ", "")
        assert value in display_value(a_field(kind), value).replace(" ", "")


@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_touched_the_form_keeps_its_order(data: st.DataObject) -> None:
    item = data.draw(st.sampled_from([s for s in SERVICES.values() if s.form]))
    choices = {s.key: PLACES for s in item.form if s.options_from}
    form = Filling(item.form, {}, {}, choices=choices)
    keys = sorted({*"0123456789X.", "clear", "backspace", *"".join(KEYBOARDS["plate"])})
    for _ in range(data.draw(st.integers(0, 30))):
        spec = data.draw(st.sampled_from(item.form))
        reply = data.draw(
            st.sampled_from(
                [Reply("focus", spec.key), Reply("key", data.draw(st.sampled_from(keys))), Reply("focus", "nobody")]
                + [Reply(f"choose:{spec.key}", o.key) for o in options_of(spec, choices)]
            )
        )
        form.take(reply)
        done = form.onward()
        assert done == form.complete
        assert set(form.values) <= {s.key for s in item.form}
        assert set(form.result()) <= {s.key for s in form.shown}
        assert all(form.values.values())
        if not done:
            assert form.focused is not None


class Hands:
    """Somebody who does one thing after another, and what the page was each time."""

    def __init__(self, language: str = "zh") -> None:
        self.display, self.replies = Display(), Replies()
        place = Place(language, "环翠", 3, "0631-12345", True)  # type: ignore[arg-type]  # a language
        self.visit = Visit(self.display, self.replies, place, Manners())
        self.visit.vault = Vault()

    def case(self) -> Any:
        return SimpleNamespace(
            visit=self.visit,
            say=lambda key, **v: key,
            tools=SimpleNamespace(code_camera=None, code_reader=None, texts=SimpleNamespace(reads_hand=False)),
        )

    async def touch(self, *replies: tuple[str, str]) -> None:
        for key, value in replies:
            await asyncio.sleep(0.1)
            self.replies.put(Reply(key, value))


def entered(spec: FormFieldSpec, *replies: tuple[str, str], value: str = "", choices: Any = None) -> str | None:
    async def run() -> str | None:
        hands = Hands()
        entering = asyncio.create_task(enter(hands.case(), spec, value, options_of(spec, choices or {})))
        await hands.touch(*replies)
        return await asyncio.wait_for(entering, 5)

    return run_virtual(run())


def pinyin(letters: str) -> Iterator[tuple[str, str]]:
    yield from (("key", letter) for letter in letters)


def test_chinese_is_written_by_pinyin() -> None:
    assert entered(a_field("text"), *pinyin("weihai"), ("candidate", "0"), ("done", "")) == "威海"
    assert entered(a_field("text"), *pinyin("weihai"), ("done", "")) == "威海"  # what is pending is chosen
    layers = (*pinyin("weihai"), ("layer", "signs"), ("key", "3"), ("key", "-"), ("key", "5"), ("done", ""))
    assert entered(a_field("text"), *layers) == "威海3-5"
    assert entered(a_field("text"), ("key", "x"), ("back", ""), value="旧") is None


def test_a_text_that_is_wrong_stays_on_its_page() -> None:
    required = a_field("text", required=True)
    assert entered(required, ("done", ""), *pinyin("hao"), ("candidate", "0"), ("done", "")) == "好"


def test_an_address_is_district_town_and_the_rest() -> None:
    touched = (("option", "371002"), ("option", "371002001"), ("layer", "signs"), ("key", "3"), ("done", ""))
    address = entered(a_field("addr", max_length=100), *touched)
    assert address is not None
    assert address.startswith("威海市环翠区")
    assert address.endswith("3")
    assert len(address) > len("威海市环翠区3")
    assert entered(a_field("addr"), ("other", ""), *pinyin("beijing"), ("done", "")) == "北京"
    assert entered(a_field("addr"), ("option", "371002"), ("back", ""), ("back", "")) is None


def test_a_long_list_is_led_to_by_first_letters() -> None:
    spec = a_field("enum", options_from="platform")
    choices = {"it": PLACES}
    assert entered(spec, ("candidate", "1"), ("option", "place7"), choices=choices) == "place7"
    assert entered(spec, ("option", "nowhere"), ("back", ""), choices=choices) is None
    many = a_field("list", options_from="platform", most=2)
    picked = (("option", "place3"), ("option", "place1"), ("option", "place9"), ("done", ""))
    assert entered(many, *picked, choices=choices) == "place1\nplace3"


def test_entries_are_added_and_removed() -> None:
    spec = a_field("list", max_length=200)
    one = (("add", ""), *pinyin("zhang"), ("candidate", "0"), ("done", ""))
    two = (("add", ""), ("layer", "signs"), ("key", "2"), ("done", ""))
    assert (entered(spec, *one, *two, ("remove", "0"), ("done", "")) or "") == "2"
    assert len((entered(spec, *one, *two, ("done", "")) or "").split("\n")) == 2
