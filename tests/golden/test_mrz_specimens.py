"""Machine-readable zones against the specimens of ICAO Doc 9303 (parts 4 to 7), and what readers garble."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.camera.frames import LAYOUTS, MrzError, check_digit, compose_mrz, likely_mrz_lines, read_mrz_lines

TODAY = date(2026, 11, 22)
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
MRV_A = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
MRV_B = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
SPECIMENS = [("TD1", TD1), ("TD2", TD2), ("TD3", TD3), ("MRV-A", MRV_A), ("MRV-B", MRV_B)]


@pytest.mark.parametrize(("characters", "digit"), [("520727", "3"), ("AB2134<<<", "5"), ("740812", "2"), ("", "0")])
def test_check_digits_of_the_document(characters: str, digit: str) -> None:
    assert check_digit(characters) == digit


@pytest.mark.parametrize(("layout", "lines"), SPECIMENS)
def test_the_specimens_are_read(layout: str, lines: tuple[str, ...]) -> None:
    found = read_mrz_lines(lines, TODAY)
    assert found.layout == layout
    assert found.valid, found.checks
    assert found.lines == lines
    assert found.repaired == 0
    assert (found.surname, found.given) == ("ERIKSSON", "ANNA MARIA")
    assert found.issuer == "UTO"
    assert found.sex == "F"


def test_what_a_passport_says() -> None:
    found = read_mrz_lines(TD3, TODAY)
    assert (found.number, found.nationality, found.optional) == ("L898902C3", "UTO", "ZE184226B")
    assert (found.birth, found.expiry) == (date(1974, 8, 12), date(2012, 4, 15))
    assert "L898902C3" not in repr(found)
    assert "ERIKSSON" not in repr(found)


def test_two_confusions_that_cancel_are_told() -> None:
    """L898902C3 and LB9B902C3 have the same check digit: 8 and B differ by 3, under the weights 3 and 7 by 30."""
    assert check_digit("L898902C3") == check_digit("LB9B902C3")
    assert read_mrz_lines(TD3, TODAY).doubtful
    chinese = ("P<CHNYU<<ZHENHAI<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "E129902836CHN7408122F3104153<<<<<<<<<<<<<<08")
    found = read_mrz_lines(chinese, TODAY)
    assert found.checks["number"] == (check_digit("E12990283") == "6")
    assert not found.doubtful, "a number of China has digits where these confusions would put letters"


def test_a_number_of_more_than_nine_characters_goes_on_in_the_optional_field() -> None:
    """Doc 9303-5, 4.2.2: D23145890734, a filler in place of the check digit, 9 after the rest of the number."""
    lines = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
    found = read_mrz_lines(lines, TODAY)
    assert found.number == "D23145890734"
    assert found.checks["number"]
    assert found.checks["composite"]


def swapped(line: str, old: str, new: str, count: int = 99) -> str:
    return line.replace(old, new, count)


@pytest.mark.parametrize(
    "garbled",
    [
        (TD3[0], swapped(TD3[1], "0", "O")),  # every zero an O: check digits and dates are digits, the number is tried
        ("P<UT0ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", TD3[1]),
        (swapped(TD3[0], "S", "5"), TD3[1]),
        (TD3[0].lower(), TD3[1]),
        (" ".join(TD3[0]), " ".join(TD3[1])),
        (swapped(TD3[0], "<", "«"), swapped(TD3[1], "<", "く")),
        (TD3[0][:-2], TD3[1]),  # fillers are miscounted
        (TD3[0] + "<", TD3[1].replace("<<<<<", "<<<<<<")),
        (TD3[0], TD3[1].replace("7408122F", "74O8I22F")),
    ],
)
def test_what_readers_confuse_is_repaired(garbled: tuple[str, str]) -> None:
    found = read_mrz_lines(garbled, TODAY)
    assert found.lines == TD3
    assert found.valid


def test_a_wrong_character_that_no_confusion_explains_stays_wrong() -> None:
    found = read_mrz_lines((TD3[0], TD3[1].replace("L898902C3", "L898904C3")), TODAY)
    assert not found.valid
    assert not found.checks["number"]
    assert found.number == "L898904C3", "nothing is invented"


@pytest.mark.parametrize(
    ("yymmdd", "birth"),
    [("270101", date(1927, 1, 1)), ("261122", date(2026, 11, 22)), ("261123", date(1926, 11, 23))],
)
def test_the_century_of_a_birth(yymmdd: str, birth: date) -> None:
    line = f"L898902C36UTO{yymmdd}{check_digit(yymmdd)}F3204150<<<<<<<<<<<<<<0"
    assert read_mrz_lines((TD3[0], line), TODAY).birth == birth


def test_dates_that_cannot_be_are_told() -> None:
    line = TD3[1].replace("7408122", "7413122")
    found = read_mrz_lines((TD3[0], line), TODAY)
    assert found.birth is None
    assert not found.checks["dates"]


@pytest.mark.parametrize("lines", [(), ("P<",), TD3[:1], (TD3[0], "L898902"), (*TD3, TD3[0]), ("",) * 3])
def test_what_is_no_zone_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(MrzError, match="expected 3 of 30"):
        read_mrz_lines(lines, TODAY)


def test_the_zone_is_found_among_other_lines() -> None:
    page = ["PASSPORT", "UTOPIA", "Surname / Nom", "ERIKSSON", "12 AUG 74", *TD3]
    assert likely_mrz_lines(page) == list(TD3)
    assert likely_mrz_lines(["营业执照", "统一社会信用代码 91371000MA3C0XYZ1A", "威海市市场监督管理局"]) == []
    assert likely_mrz_lines(["x" * 10_000]) == []


names = st.from_regex(r"[A-Z]{1,6}( [A-Z]{1,4})?", fullmatch=True)


@settings(max_examples=150, deadline=None)
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    surname=names,
    given=names,
    number=st.from_regex(r"[A-Z0-9]{5,9}", fullmatch=True),
    birth=st.dates(date(1927, 1, 1), date(2026, 11, 1)),
    expiry=st.dates(date(2015, 1, 1), date(2070, 1, 1)),
    optional=st.from_regex(r"[A-Z0-9]{0,7}", fullmatch=True),
    sex=st.sampled_from("MF"),
)
def test_what_is_made_is_read(
    layout: str, surname: str, given: str, number: str, birth: date, expiry: date, optional: str, sex: str
) -> None:
    lines = compose_mrz(
        layout,
        code="V" if layout.startswith("MRV") else "P",
        issuer="CHN",
        number=number,
        nationality="CHN",
        birth=birth,
        sex=sex,
        expiry=expiry,
        surname=surname,
        given=given,
        optional=optional,
    )
    found = read_mrz_lines(lines, TODAY)
    assert found.valid, found.checks
    assert found.repaired == 0
    assert (found.number, found.birth, found.expiry, found.optional) == (number, birth, expiry, optional)
    assert (found.surname, found.given) == (surname, given)


def test_what_does_not_fit_is_refused() -> None:
    names = {"code": "P", "issuer": "UTO", "nationality": "UTO", "sex": "F", "surname": "A", "given": "B"}
    whole = {**names, "number": "L898902C3"}
    dates = {"birth": date(1974, 8, 12), "expiry": date(2030, 1, 1)}
    for fault in ({"number": "L898902C3456"}, {"surname": "于"}, {"issuer": "UTOPIA"}):
        with pytest.raises(MrzError, match="at most"):
            compose_mrz("TD3", **{**whole, **dates, **fault})  # type: ignore[arg-type]  # a table of faults
    with pytest.raises(MrzError, match="known are"):
        compose_mrz("TD9", **{**whole, **dates})  # type: ignore[arg-type]  # as above


def test_every_single_confusion_of_a_number_is_undone_or_told() -> None:
    """No garbled number passes as another one: it is read right, or a check fails, or it is said to be doubtful."""
    confusions = {"0": "O", "O": "0", "1": "I", "I": "1", "2": "Z", "5": "S", "8": "B", "B": "8"}
    for number in ("L898902C3", "E12345678", "B0O1I2Z58", "000000001"):
        state = "CHN" if number.startswith("E") else "UTO"
        lines = compose_mrz(
            "TD3", code="P", issuer=state, number=number, nationality=state, birth=date(1990, 1, 1), sex="M",
            expiry=date(2030, 1, 1), surname="YU", given="ZHENHAI",
        )  # fmt: skip
        places = [i for i, c in enumerate(number) if c in confusions]
        for count in (1, 2):
            for chosen in itertools.combinations(places, count):
                garbled = list(lines[1])
                for place in chosen:
                    garbled[place] = confusions[garbled[place]]
                found = read_mrz_lines((lines[0], "".join(garbled)), TODAY)
                assert found.number == number or not found.valid or found.doubtful, (number, chosen)
