"""Register maps as data: every fault in one report, and what a map sees in a register image."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.cabinet_map import MAPS, SLOTS, Kind, Signal, cabinet_map
from config.load import SettingsError, load_settings
from config.settings import Settings
from drivers.cabinet.address import parse_address
from drivers.cabinet.frames import DARK, Lit, Span, light_words, lit_in, place, put, reading, spans, value
from drivers.cabinet.options import Options

SHIPPED = sorted(path.stem for path in MAPS.glob("*.toml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_map_that_we_ship_is_sound_and_lights_every_slot(name: str) -> None:
    cabinet = cabinet_map(name)
    assert set(cabinet.lights) == set(SLOTS)
    assert {"door", "presence", "emergency_key", "ups_on_mains"} <= set(cabinet.inputs)


def test_all_faults_of_a_map_are_one_report(tmp_path: Path) -> None:
    path = tmp_path / "board.toml"
    path.write_text(
        """
sentence = "a board"
colour = "blue"
[board]
most = 0
gap = true
[inputs]
dor = { kind = "discrete", address = 0 }
tilt = { kind = "discrete", address = 70000 }
presence = { kind = "discrete", address = 5, bit = 3 }
emergency_key = { kind = "relay", address = 6 }
fan = { kind = "input", address = 3 }
ups_low = { kind = "input", address = 9, bit = 4 }
ups_engaged = { kind = "input", address = 9, bit = 4 }
temperature = { kind = "discrete", address = 1 }
[limits]
hot_c = 40.0
cool_c = 50.0
[lights.camera]
pattern = { kind = "coil", address = 2 }
usual = "green"
[lights.payment-pad]
lamps = { green = { kind = "discrete", address = 7 } }
usual = "red"
[lights.letter-box]
pattern = { kind = "holding", address = 0 }
usual = "pink"
[codes.pattern]
off = 0
steady = 0
""",
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as caught:
        cabinet_map(str(path))
    report = str(caught.value)
    for said in (
        "colour: Extra inputs",
        "board.most",
        "board.gap",
        "inputs.dor",
        "inputs.tilt.address",
        "inputs.presence: Value error, bit: a discrete is one bit already",
        "inputs.emergency_key.kind",
        "inputs.fan: one bit is needed",
        "inputs.ups_engaged: input 9 is already inputs.ups_low",
        "inputs.temperature: a whole register is needed",
        "cool_c 50 is above hot_c 40",
        "pattern: a whole, unscaled holding register is needed",
        "lamps.green: a coil",
        "usual: red is not one of green",
        "lights.letter-box",
        "codes.pattern.slow: missing",
        "codes.pattern: 0 stands for more than one pattern",
    ):
        assert said in report, said
    assert report.splitlines()[0].startswith(str(path))
    assert f"{len(report.splitlines()) - 1} fault(s)" in report


@pytest.mark.parametrize(
    "tree",
    [{}, {"inputs": []}, {"inputs": {"door": 1}, "lights": [1]}, {"lights": {"camera": {"lamps": 3, "colours": [[]]}}}],
)
def test_a_tree_of_the_wrong_shape_is_a_report_too(tree: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"fault\(s\) in the map"):
        cabinet_map(tree)


def test_a_map_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="relays, standard"):
        cabinet_map("deluxe")
    with pytest.raises(SettingsError, match="no such file"):
        cabinet_map(str(tmp_path / "gone.toml"))


def test_a_table_in_the_profile_is_a_map() -> None:
    table = {"sentence": "one switch", "inputs": {"door": {"kind": "holding", "address": 40, "bit": 15}}}
    options = Options.of({"map": table, "poll_s": 0.1})
    assert options.map.inputs["door"] == Signal(kind="holding", address=40, bit=15)
    assert options.map.lights == {}


def test_faults_of_the_options_are_one_sentence() -> None:
    with pytest.raises(
        ValueError, match=r"colour is unknown.*map must be.*poll_s must be 0\.05 to 0\.3.*tries must be a"
    ):
        Options.of({"map": 3, "poll_s": 2, "tries": 1.5, "colour": "red"})


def test_the_cabinet_is_optional_in_a_terminals_settings() -> None:
    tree = load_settings("simulated").model_dump()
    assert "cabinet" in tree["devices"]
    del tree["devices"]["cabinet"]
    assert "cabinet" not in Settings.model_validate(tree).devices


@pytest.mark.parametrize(
    ("url", "link", "unit", "framing"),
    [
        ("serial:///dev/ttyS2?baud=19200&unit=7", "serial:///dev/ttyS2?baud=19200", 7, "rtu"),
        ("serial:///dev/ttyS2", "serial:///dev/ttyS2?baud=9600", 1, "rtu"),
        ("tcp://192.0.2.9?unit=255", "tcp://192.0.2.9:502", 255, "tcp"),
        ("tcp://192.0.2.9:4001?framing=rtu&connect=2", "tcp://192.0.2.9:4001?connect=2", 1, "rtu"),
    ],
)
def test_a_link_url_names_the_unit_and_the_framing(url: str, link: str, unit: int, framing: str) -> None:
    address = parse_address(url)
    assert (address.link, address.unit, address.framing) == (link, unit, framing)
    assert (address.silence_s > 0) is (framing == "rtu")


@pytest.mark.parametrize("url", ["serial:///x?unit=0", "serial:///x?unit=248", "tcp://x?unit=one", "tcp://x?framing=x"])
def test_a_link_url_with_a_wrong_option_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="link"):
        parse_address(url)


def test_the_silence_between_frames_is_that_of_the_standard() -> None:
    """3.5 characters of 11 bits; 1.75 ms above 19200 baud (MODBUS over Serial Line V1.02, 2.5.1.1)."""
    assert parse_address("serial:///x?baud=9600").silence_s == pytest.approx(0.00401, abs=1e-5)
    assert parse_address("serial:///x?baud=115200").silence_s == 0.00175


places = st.tuples(st.sampled_from(["coil", "discrete", "holding", "input"]), st.integers(0, 300))


@given(st.lists(places, max_size=40), st.integers(0, 20), st.integers(1, 40))
def test_reads_cover_what_is_needed_and_keep_to_the_boards_limits(
    wanted: list[tuple[Kind, int]], gap: int, most: int
) -> None:
    made = spans(wanted, gap, most)
    covered = [(s.kind, s.start + n) for s in made for n in range(s.count)]
    assert len(covered) == len(set(covered))
    assert set(wanted) <= set(covered)
    assert all(1 <= s.count <= most for s in made)
    for one in made:
        inside = sorted(
            address
            for kind, address in set(wanted)
            if kind == one.kind and one.start <= address < one.start + one.count
        )
        assert (inside[0], inside[-1]) == (one.start, one.start + one.count - 1)
        assert all(b - a - 1 <= gap for a, b in itertools.pairwise(inside))


def test_neighbours_are_read_together() -> None:
    kind: Kind = "input"
    assert spans([(kind, 0), (kind, 1), (kind, 5), (kind, 9)], gap=3, most=6) == (Span(kind, 0, 6), Span(kind, 9, 1))


@given(st.integers(0, 15) | st.none(), st.booleans(), st.booleans(), st.integers(0, 0xFFFF))
def test_a_bit_is_put_and_read_without_touching_its_neighbours(
    bit: int | None, invert: bool, on: bool, word: int
) -> None:
    kind: Kind = "coil" if bit is None else "holding"
    signal = Signal(kind=kind, address=3, bit=bit, invert=invert)
    image = {place(signal): word if bit is not None else word & 1}
    before = image[place(signal)]
    put(signal, on, image)
    assert value(signal, image) is on
    assert (image[place(signal)] ^ before) & ~(1 << (bit or 0)) == 0


@given(st.integers(-400, 1200))
def test_a_signed_scaled_number_comes_back(tenths: int) -> None:
    signal = Signal(kind="input", address=1, scale=0.1, signed=True)
    image: dict[tuple[Kind, int], int] = {}
    put(signal, tenths / 10, image)
    assert value(signal, image) == pytest.approx(tenths / 10)
    with pytest.raises(ValueError, match="is not within"):
        put(signal, 4000, image)


def test_sensors_that_a_board_lacks_are_none_and_a_broken_wire_is_a_pressed_key() -> None:
    cabinet = cabinet_map("relays")
    seen = reading(cabinet, {place(signal): 0 for signal in cabinet.inputs.values()})
    assert seen.temperature is None
    assert seen.fan is None
    assert seen.emergency_key is True
    assert seen.door is False


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("slot", SLOTS)
def test_every_light_shows_what_it_can_and_no_other_light_changes(name: str, slot: Any) -> None:
    cabinet = cabinet_map(name)
    light = cabinet.lights[slot]
    for colour in light.offered:
        for pattern in ("steady", "slow", "quick") if light.pattern else ("steady",):
            image: dict[tuple[Kind, int], int] = {}
            light_words(cabinet, slot, Lit(pattern, colour), image)
            assert {s: lit_in(cabinet, s, image) for s in SLOTS if lit_in(cabinet, s, image) != DARK} == {
                slot: Lit(pattern, colour)
            }
            light_words(cabinet, slot, DARK, image)
            assert lit_in(cabinet, slot, image) == DARK
