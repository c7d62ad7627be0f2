"""Numbers on cards: the standards' own examples, published specimens, and what breaks each rule."""

from __future__ import annotations

from datetime import date

import pytest

from drivers.id_card.frames import (
    NumberError,
    check_citizen_number,
    check_foreign_2017_number,
    check_foreign_2023_number,
    old_foreign_number,
)


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",  # the standard's own two examples
        "440524188001010014",
        "810000199408230021",
        "830000199201300022",
        "371002199003075015",
        "371003196505124828",
        "371082198801016017",
        "371083200212313001",
        "371081197506154416",  # a retired area code
        "371002195006150027",  # born before the area had its code
        "810000199001010019",
        "91037019850101001X",
    ],
)
def test_good_citizen_numbers(number: str) -> None:
    born = check_citizen_number(number)
    assert f"{born:%Y%m%d}" == number[6:14]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("110105194912310021", "check character"),
        ("11010519491231002x", "check character"),
        ("37100219900230501X", "does not exist"),
        ("37100219900307501", "18 characters"),
        ("３71002199003075015", "17 digits"),
        ("", "18 characters"),
    ],
)
def test_bad_citizen_numbers_name_the_rule_only(number: str, why: str) -> None:
    if why == "does not exist":
        number = number[:17] + "10X98765432"[sum(int(d) * 2 ** (17 - i) for i, d in enumerate(number[:17])) % 11]
    with pytest.raises(NumberError, match=why) as caught:
        check_citizen_number(number)
    assert not number or number not in str(caught.value)


def test_births_in_the_future_need_a_clock_to_be_refused() -> None:
    number = "371002199003075015"
    assert check_citizen_number(number, date(2026, 1, 1)) == date(1990, 3, 7)
    for today in (date(1990, 3, 6), date(2141, 1, 1)):
        with pytest.raises(NumberError, match="future"):
            check_citizen_number(number, today)


def test_foreign_numbers() -> None:
    check_foreign_2017_number("CAN110081080310")
    with pytest.raises(NumberError, match="check digit"):
        check_foreign_2017_number("CAN110081080319")  # a typing error in a vendor's document
    for number in ("932682198501010017", "911124198108030024", "931586198001010028"):
        check_foreign_2023_number(number)
    with pytest.raises(NumberError, match="begins with 9"):
        check_foreign_2023_number("371002199003075015")
    assert old_foreign_number("931586198001010028", "PAK", "000") == "PAK310080010103"
    assert old_foreign_number("937840198507090013", "USA", "100") == "USA371085070900"
    assert old_foreign_number("931586198001010028", "PAK", "") is None
    with pytest.raises(NumberError, match="malformed"):
        old_foreign_number("931586198001010028", "PAK", "0A0")
    for nationality in ("PA", "pak", "P†K", "P٣K", ""):
        with pytest.raises(NumberError, match="three capitals"):
            old_foreign_number("931586198001010028", nationality, "000")
