"""The 256-byte text block of a card in its four layouts, read and written (GA/T 490; UTF-16LE, padded with spaces).

Byte 248 says which layout: space or NUL resident, I foreigner 2017, Y foreigner 2023, J Hong Kong, Macao and Taiwan
permit. Any other letter is refused: reading an unknown layout as a resident's would line up by accident.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias

from drivers.id_card.frames.wire import FrameError

TEXT_BYTES: Final = 256
TYPE_AT: Final = 248
ADDRESS_BYTES: Final = 70
FOREVER: Final = "长期"
_PAD: Final = " \0\u3000"


class CardKind(StrEnum):
    """Which of the four cards."""

    RESIDENT = "resident"
    FOREIGN_2017 = "foreign-2017"
    FOREIGN_2023 = "foreign-2023"
    PERMIT = "permit"


class TextError(FrameError):
    """A text block that does not follow its layout. Names the field and never shows its content."""


class _Private:
    """Text blocks never show a person in a log or a traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: personal data withheld>"


@dataclass(frozen=True, slots=True, repr=False)
class Resident(_Private):
    """Resident identity card. `valid_to` None is 长期."""

    name: str
    sex: str
    ethnicity: str
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, repr=False)
class Foreign2017(_Private):
    """Foreigner's permanent residence card of 2017: no address, no ethnicity, no issuer in words."""

    name_en: str
    sex: str
    number: str
    nationality: str
    name: str
    valid_from: date
    valid_to: date | None
    birth: date
    version: str
    authority: str


@dataclass(frozen=True, slots=True, repr=False)
class Foreign2023(_Private):
    """Foreigner's permanent residence card of 2023. `link` leads to the 2017 number (`numbers.old_foreign_number`)."""

    name: str
    sex: str
    renewals: str
    birth: date
    name_en: str
    number: str
    valid_from: date
    valid_to: date | None
    nationality: str
    link: str


@dataclass(frozen=True, slots=True, repr=False)
class Permit(_Private):
    """Residence permit for people of Hong Kong, Macao and Taiwan."""

    name: str
    sex: str
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None
    pass_number: str
    issues: str


TextBlock: TypeAlias = Resident | Foreign2017 | Foreign2023 | Permit

_Slices: TypeAlias = tuple[tuple[int, int], ...]
_Form: TypeAlias = Literal["text", "date", "end", "number"]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field: where it lies, as (offset, bytes) pieces that are joined before the padding is stripped; its form."""

    name: str
    slices: _Slices
    form: _Form = "text"


def _at(name: str, offset: int, length: int, form: _Form = "text") -> _Field:
    return _Field(name, ((offset, length),), form)


_VALID = (_at("valid_from", 188, 16, "date"), _at("valid_to", 204, 16, "end"))
_HOLDER = (_at("name", 0, 30), _at("sex", 30, 2), _at("birth", 36, 16, "date"), _at("number", 122, 36, "number"))
_HOME = (_at("address", 52, ADDRESS_BYTES), _at("issuer", 158, 30))

_LAYOUTS: Final[dict[str, tuple[CardKind, type[TextBlock], tuple[_Field, ...]]]] = {
    " ": (CardKind.RESIDENT, Resident, (*_HOLDER, *_HOME, *_VALID, _at("ethnicity", 32, 4))),
    "I": (
        CardKind.FOREIGN_2017,
        Foreign2017,
        (
            _at("name_en", 0, 120),
            _at("sex", 120, 2),
            _at("number", 122, 30, "number"),
            _at("nationality", 152, 6),
            _at("name", 158, 30),
            *_VALID,
            _at("birth", 220, 16, "date"),
            _at("version", 236, 4),
            _at("authority", 240, 8),
        ),
    ),
    "Y": (
        CardKind.FOREIGN_2023,
        Foreign2023,
        (
            *_HOLDER,
            *_VALID,
            _at("renewals", 32, 4),
            _Field("name_en", ((52, 70), (220, 22))),
            _at("nationality", 242, 6),
            _at("link", 250, 6),
        ),
    ),
    "J": (
        CardKind.PERMIT,
        Permit,
        (*_HOLDER, *_HOME, *_VALID, _at("pass_number", 220, 18), _at("issues", 238, 4)),
    ),
}
_LETTERS: Final = {made: letter for letter, (_, made, _) in _LAYOUTS.items()}


def _characters(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-16-le").rstrip(_PAD)
    except UnicodeDecodeError:
        raise TextError(f"the card's {name} is not UTF-16 text") from None


def _date(name: str, text: str) -> date:
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise TextError(f"the card's {name} is not a date (YYYYMMDD)")


def _value(field: _Field, text: str) -> str | date | None:
    if field.form == "date":
        return _date(field.name, text)
    if field.form == "end":
        return None if text == FOREVER else _date(field.name, text)
    return text.upper() if field.form == "number" else text  # a lower-case x occurs


def parse_text(block: bytes) -> TextBlock:
    """The card that `block` (256 bytes) describes. Raises `TextError`; the number's rule is not checked."""
    if len(block) != TEXT_BYTES:
        raise TextError(f"the card's text block has {len(block)} bytes; the standard says {TEXT_BYTES}")
    letter = block[TYPE_AT : TYPE_AT + 2].decode("utf-16-le", "replace")
    layout = _LAYOUTS.get(" " if letter == "\0" else letter)
    if layout is None:
        raise TextError(f"the card says it is of type U+{ord(letter):04X}, which no known standard describes")
    _, made, layout_fields = layout
    values: dict[str, Any] = {}
    for field in layout_fields:
        raw = b"".join(block[offset : offset + length] for offset, length in field.slices)
        values[field.name] = _value(field, _characters(field.name, raw))
    return made(**values)


def build_text(card: TextBlock) -> bytes:
    """The 256-byte block of `card`. Raises `TextError` for a field that does not fit or would not read back."""
    letter = _LETTERS[type(card)]
    block = bytearray(b" \0" * (TEXT_BYTES // 2))
    for field in _LAYOUTS[letter][2]:
        value = getattr(card, field.name)
        text = FOREVER if value is None else f"{value:%Y%m%d}".zfill(8) if isinstance(value, date) else value
        padded = pad_text(field.name, text, sum(length for _, length in field.slices))
        if _value(field, _characters(field.name, padded)) != value:
            raise TextError(f"the {field.name} would not read back from the card as given")
        for offset, length in field.slices:
            block[offset : offset + length], padded = padded[:length], padded[length:]
    block[TYPE_AT : TYPE_AT + 2] = letter.encode("utf-16-le")
    return bytes(block)


def pad_text(name: str, text: str, length: int) -> bytes:
    """`text` as UTF-16LE, padded with spaces to `length` bytes. Raises `TextError` when it does not fit."""
    try:
        raw = text.encode("utf-16-le")
    except UnicodeEncodeError:
        raise TextError(f"the {name} is not text") from None
    if len(raw) > length:
        raise TextError(f"the {name} needs {len(raw)} bytes; the card has {length}")
    return raw + b" \0" * ((length - len(raw)) // 2)


def kind_of(card: TextBlock) -> CardKind:
    """Which card `card` is."""
    return _LAYOUTS[_LETTERS[type(card)]][0]


def parse_address(block: bytes) -> str:
    """The additional address (command 30 03): the last of the card's four slots. Raises `TextError`."""
    if len(block) != ADDRESS_BYTES:
        raise TextError(f"the additional address has {len(block)} bytes; the standard says {ADDRESS_BYTES}")
    return _characters("additional address", block)


def build_address(address: str) -> bytes:
    """70 bytes for command 30 03. Raises `TextError` when it does not fit."""
    return pad_text("additional address", address, ADDRESS_BYTES)


def field_names(kind: type[TextBlock]) -> tuple[str, ...]:
    """The fields of one kind of card, in the order of its declaration."""
    return tuple(f.name for f in fields(kind))
