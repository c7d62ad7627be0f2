"""Amounts in capital characters: the examples of the rules for vouchers, and every amount read back."""

from __future__ import annotations

import random

import pytest

from config.amounts import DIGITS, MOST_FEN, spelled

EXAMPLES = {
    140_950: "壹仟肆佰零玖元伍角整",
    600_714: "陆仟零柒元壹角肆分",
    1_640_902: "壹万陆仟肆佰零玖元零贰分",
    32_504: "叁佰贰拾伍元零肆分",
    168_032: "壹仟陆佰捌拾元零叁角贰分",
    10_700_053: "壹拾万零柒仟元零伍角叁分",
    2_000: "贰拾元整",
    10_720: "壹佰零柒元贰角整",
    50: "伍角整",
    5: "伍分",
    0: "零元整",
    100_000_000: "壹佰万元整",
    10_000_100_000: "壹亿零壹仟元整",
}


@pytest.mark.parametrize(("fen", "words"), EXAMPLES.items())
def test_as_the_rules_write_it(fen: int, words: str) -> None:
    assert spelled(fen) == words


def read(words: str) -> int:
    """Back to fen, by place values only."""
    total = section = digit = 0
    for character in words:
        if character in DIGITS:
            digit = DIGITS.index(character)
        elif character in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[character]
            digit = 0
        elif character in "万亿":
            total += (section + digit) * {"万": 10**4, "亿": 10**8}[character] * 100
            section = digit = 0
        elif character == "元":
            total += (section + digit) * 100
            section = digit = 0
        elif character in "角分":
            total += digit * {"角": 10, "分": 1}[character]
            digit = 0
    return total


def test_every_amount_reads_back() -> None:
    rng = random.Random(8)
    for fen in [*range(3_000), *(rng.randrange(10 ** rng.randrange(1, 15)) for _ in range(3_000)), MOST_FEN]:
        assert read(spelled(fen)) == fen, f"seed 8: {fen}"
        assert "零零" not in spelled(fen), f"seed 8: {fen}"


@pytest.mark.parametrize("fen", [-1, MOST_FEN + 1])
def test_what_cannot_be_spelled_is_an_error(fen: int) -> None:
    with pytest.raises(ValueError, match="cannot be spelled"):
        spelled(fen)
