"""GB/T 36904 identifiers: published ones hold, one published misprint does not."""

import pytest

from kiosk.printing.licence_identifier import IdentifierError, check_character, make_identifier, parse_identifier

GOOD = (
    "11100000000013338W009.11330105002500287C.2025052201.002.0",
    "11100000000013338W032.11220000013544541J.2430599.001.F",
    "11100000000013338W011.11430000006122244L.20230000403.001.U",
    "11100000000013338W011.11430000006122244L.20230000403.002.S",
    "11100000000013338W087.11370800MB28559184.37080001202411010001.001.3",
    "11100000MB03271699022.340100.000000016.001.9",
    "11100000000013338W032.11371000MB2856435T.20260100001.001.W",
)
MISPRINT = "11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"


@pytest.mark.parametrize("tail", GOOD)
def test_published_identifiers(tail: str) -> None:
    text = f"1.2.156.3005.2.{tail}"
    identifier = parse_identifier(text)
    assert str(identifier) == text
    made = make_identifier(identifier.type, identifier.issuer, identifier.serial, identifier.version)
    assert made == identifier


def test_the_published_misprint_fails_and_its_right_letter_holds() -> None:
    text = f"1.2.156.3005.2.{MISPRINT}"
    with pytest.raises(IdentifierError, match="check character"):
        parse_identifier(text)
    assert check_character("".join(MISPRINT.split(".")[:-1])) == "D"
    assert parse_identifier(text[:-1] + "D").check == "D"


@pytest.mark.parametrize("tail", GOOD)
def test_any_single_wrong_character_is_found(tail: str) -> None:
    for at, character in enumerate(tail[:-2]):
        if character == ".":
            continue
        wrong = "1" if character != "1" else "7"
        with pytest.raises(IdentifierError):
            parse_identifier(f"1.2.156.3005.2.{tail[:at]}{wrong}{tail[at + 1 :]}")


@pytest.mark.parametrize("text", ["", "1.2.156.3005.2", "1.2.156.3005.3." + GOOD[0], "x" * 5000, GOOD[0]])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(IdentifierError, match="TYPE"):
        parse_identifier(text)
    with pytest.raises(IdentifierError):
        make_identifier("11100000000013338w009", "11330105002500287C", "1")
