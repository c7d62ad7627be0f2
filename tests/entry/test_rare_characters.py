"""Characters that no keyboard leads to: by code, from the card, shown or named."""

from __future__ import annotations

import pytest

from config import DATA
from kiosk.entry.rare import code_of, from_card, is_common, is_han, of_code
from screens.coverage import coverage
from screens.type import CHAIN, Typeface, lacking

STANDARD = (DATA / "fonts" / "standard-8105.txt").read_text(encoding="utf-8").strip()
EXTENSIONS = "㐂𠀀𠮷𪜀𫝀𫠠𬴂𬺰𰀀𱍐\U0002ebf0"
"""One of each: A, B, B, C, D, E, E, F, G, H, I."""


def test_every_character_of_the_standard_is_found_by_its_code_and_shown() -> None:
    ours = [coverage(pair[0]) for pair in CHAIN if str(pair[0]).startswith(str(DATA))]
    for character in STANDARD:
        assert of_code(f"{ord(character):04X}") == character
        assert any(character in font for font in ours), character
    assert lacking(STANDARD) == ()


@pytest.mark.parametrize("character", EXTENSIONS)
def test_every_extension_can_be_entered_and_is_never_a_blank(character: str) -> None:
    assert is_han(character)
    assert of_code(code_of(character)[2:]) == character
    face = Typeface()
    box = face.line(character, 48, (0, 0, 0)).get_bounding_rect()
    assert min(box.w, box.h) > 20
    assert (character in face.missing) == (character in lacking(character))


@pytest.mark.parametrize(
    "code", ["", "9", "9FA", "D800", "0041", "110000", "FFFFFF", "9fa5", "9FA5X", "00009FA5", "4DC0"]
)
def test_what_is_no_character_of_a_name_is_not_offered(code: str) -> None:
    assert of_code(code) == ""


def test_a_character_of_an_old_register_is_passed_on() -> None:
    assert of_code("E000") == "\ue000"


def test_the_card_offers_its_name_and_what_is_uncommon_in_its_address() -> None:
    assert is_common("威")
    assert not is_common("疃") or not is_common("㛃")
    assert from_card("于㛃", "山东省威海市环翠区孙家𤱶镇1号") == ("于", "㛃", "𤱶")
    assert from_card("ANNA", "WEIHAI") == ()
    assert len(from_card("王" + "".join(STANDARD[-20:]), "")) == 9
