"""Machine-readable zones of travel documents (ICAO Doc 9303, parts 3 to 7): reading, repairing and making them.

| layout | lines    | documents                                         | Doc 9303 |
|--------|----------|---------------------------------------------------|----------|
| TD1    | 3 x 30   | cards: residence permits, home return permits     | part 5   |
| TD2    | 2 x 36   | older cards                                       | part 6   |
| TD3    | 2 x 44   | passports                                         | part 4   |
| MRV-A  | 2 x 44   | visas of full size (code V)                       | part 7   |
| MRV-B  | 2 x 36   | visas of small size (code V)                      | part 7   |

A reader confuses O and 0, I and 1, and their like. The kind of a field says which of the two can stand there; in
document numbers, where both can, another character is tried only if exactly one choice makes the check digits right.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from drivers.camera.frames.mrz_layouts import LAYOUTS, Layout, Span

__all__ = ["LAYOUTS", "MrzError", "MrzReading", "check_digit", "compose_mrz", "likely_mrz_lines", "read_mrz_lines"]

MAX_LINES = 40
MAX_LINE = 60
MAX_CHANGES = 3
"""Doubtful characters that are changed in one number, fewest first: of 14 characters at most 469 combinations."""
_TO_DIGIT = str.maketrans("OQDILZSGTB", "0001125678")
_TO_LETTER = str.maketrans("015682", "OISGBZ")
_EITHER = {"0": "O", "O": "0", "1": "I", "I": "1", "2": "Z", "Z": "2", "5": "S", "S": "5", "8": "B", "B": "8"}
_FILLERS = str.maketrans(dict.fromkeys("«‹〈＜くㄑ﹤≤《", "<"))
_ANY_SHAPE = re.compile(r".*")
_SHAPES = {"CHN": re.compile(r"[A-Z][A-Z0-9]\d{7}<*")}
"""What a state's numbers look like, where that settles a doubt. China: E12345678, EA1234567."""
_ALLOWED = re.compile(r"[^A-Z0-9<]")


class MrzError(ValueError):
    """No machine-readable zone; the message says what is missing, never what was read."""


@dataclass(frozen=True, slots=True)
class MrzReading:
    """A zone as read and repaired. `checks`: each check digit's name and whether it is right.

    Dates are None where the document leaves them open or they are no dates; `sex` is M, F or "" (not stated).
    """

    layout: str
    lines: tuple[str, ...] = field(repr=False)
    code: str
    issuer: str
    number: str = field(repr=False)
    nationality: str
    birth: date | None = field(repr=False)
    sex: str = field(repr=False)
    expiry: date | None
    surname: str = field(repr=False)
    given: str = field(repr=False)
    optional: str = field(repr=False)
    checks: Mapping[str, bool]
    repaired: int = 0
    doubtful: bool = False
    """Another number that a reader confuses with this one would check as well, or the state has no such numbers."""

    @property
    def valid(self) -> bool:
        """True when every check digit is right and both dates can be."""
        return all(self.checks.values())


def check_digit(characters: str) -> str:
    """Weights 7, 3, 1; digits count as themselves, A as 10 to Z as 35, the filler as 0 (part 3, 4.9)."""
    return str(sum(_value(c) * (7, 3, 1)[i % 3] for i, c in enumerate(characters)) % 10)


def _value(character: str) -> int:
    return 0 if character == "<" else int(character, 36)


def likely_mrz_lines(texts: Sequence[str]) -> list[str]:
    """Of recognised lines (top to bottom), those that look like a zone: long, few kinds of characters, fillers."""
    found = []
    for text in texts[-MAX_LINES:]:
        line = _cleaned(text)
        if 26 <= len(line) <= MAX_LINE and ("<<" in line or re.search(r"\d{6}[0-9OILSB].\d{6}", line)):
            found.append(line)
    return found[-3:]


def _cleaned(text: str) -> str:
    return _ALLOWED.sub("", text.upper().translate(_FILLERS).replace(" ", ""))[: MAX_LINE + 1]


def read_mrz_lines(texts: Sequence[str], today: date) -> MrzReading:
    """Read a zone from its lines as recognised. `today` decides the century. Raises `MrzError` when it is none."""
    lines = [_cleaned(text) for text in texts]
    layout = _layout_of(lines)
    padded = [_fitted(line, layout) for line in lines]
    lettered = [_by_kind(line, number, layout) for number, line in enumerate(padded)]
    repaired = _numbers_repaired(lettered, layout)
    changed = sum(a != b for old, new in zip(padded, repaired, strict=True) for a, b in zip(old, new, strict=True))
    return _reading(repaired, layout, today, changed)


def _layout_of(lines: Sequence[str]) -> Layout:
    for layout in LAYOUTS.values():
        near = all(abs(len(line) - layout.width) <= 2 for line in lines)
        visa = bool(lines) and lines[0].startswith("V")
        if len(lines) == layout.lines and near and layout.visa == visa:
            return layout
    shape = ", ".join(str(len(line)) for line in lines) or "none"
    raise MrzError(f"machine-readable zone: lines of {shape} characters; expected 3 of 30, 2 of 36 or 2 of 44")


def _fitted(line: str, layout: Layout) -> str:
    """The line at its right width: runs of fillers are miscounted by readers, other characters are not."""
    missing = layout.width - len(line)
    run = max(re.finditer("<{2,}", line), key=lambda m: (m.end() - m.start(), m.start()), default=None)
    if missing > 0:
        at = run.end() if run else len(line)
        return line[:at] + "<" * missing + line[at:]
    if missing < 0 and run and run.end() - run.start() > -missing:
        return line[: run.end() + missing] + line[run.end() :]
    return line[: layout.width]


def _by_kind(line: str, number: int, layout: Layout) -> str:
    """Letters where only letters can stand, digits where only digits can."""
    made = list(line)
    for span in layout.spans.values():
        if span.line != number or span.kind == "any":
            continue
        table = _TO_DIGIT if span.kind in ("digit", "date") else _TO_LETTER
        made[span.start : span.end] = line[span.start : span.end].translate(table)
    return "".join(made)


def _numbers_repaired(lines: Sequence[str], layout: Layout) -> list[str]:
    """The one reading with fewest changes whose check digit is right; as it was when none or several are."""
    made = list(lines)
    for name in ("number", "optional"):
        check = layout.checks.get(name)
        span = layout.spans[name]
        if check is None or (name == "number" and made[check.at.line][check.at.start] == "<"):
            continue
        digit = made[check.at.line][check.at.start]
        body = made[span.line][span.start : span.end]
        if check_digit(body) == digit or (name == "optional" and digit == "<"):
            continue
        for changes in range(1, MAX_CHANGES + 1):
            fitting = [choice for choice in _choices(body, changes) if check_digit(choice) == digit]
            if len(fitting) == 1:
                made[span.line] = made[span.line][: span.start] + fitting[0] + made[span.line][span.end :]
            if fitting:
                break
    return made


def _choices(body: str, changes: int) -> Iterator[str]:
    """`body` with `changes` of its doubtful characters the other way."""
    doubtful = [i for i, character in enumerate(body) if character in _EITHER]
    for places in itertools.combinations(doubtful, changes):
        characters = list(body)
        for place in places:
            characters[place] = _EITHER[characters[place]]
        yield "".join(characters)


def _reading(lines: Sequence[str], layout: Layout, today: date, changed: int) -> MrzReading:
    def text(span: Span) -> str:
        return lines[span.line][span.start : span.end]

    parts = {name: text(span) for name, span in layout.spans.items()}
    checks = {}
    for name, check in layout.checks.items():
        body = "".join(text(span) for span in check.over)
        digit = text(check.at)
        optional_and_empty = name == "optional" and not body.strip("<") and digit in "<0"
        checks[name] = check_digit(body) == digit or optional_and_empty
    number, optional = parts["number"].rstrip("<"), parts["optional"].rstrip("<")
    if layout.name in ("TD1", "TD2") and text(layout.checks["number"].at) == "<":
        # A number of more than nine characters goes on in the optional field, its check digit after it (part 5, 4.2.2).
        rest, _, optional = parts["optional"].partition("<")
        number, optional = number + rest[:-1], optional.strip("<")
        checks["number"] = bool(rest) and check_digit(parts["number"] + rest[:-1]) == rest[-1:]
    birth, expiry = _date(parts["birth"], today, past=True), _date(parts["expiry"], today, past=False)
    checks["dates"] = (birth is not None or "<" in parts["birth"]) and expiry is not None
    surname, _, given = parts["name"].partition("<<")
    return MrzReading(
        layout.name,
        tuple(lines),
        parts["code"].rstrip("<"),
        parts["issuer"].rstrip("<"),
        number.replace("<", " "),
        parts["nationality"].rstrip("<"),
        birth,
        parts["sex"] if parts["sex"] in ("M", "F") else "",
        expiry,
        surname.replace("<", " ").strip(),
        given.replace("<", " ").strip(),
        optional.replace("<", " ").strip(),
        MappingProxyType(checks),
        changed,
        _doubtful(parts["number"], parts["issuer"]),
    )


def _doubtful(body: str, issuer: str) -> bool:
    digit = check_digit(body)
    shape = _SHAPES.get(issuer, _ANY_SHAPE)
    if not shape.fullmatch(body):
        return True
    return any(check_digit(choice) == digit and shape.fullmatch(choice) for choice in _choices(body, 2))


def _date(text: str, today: date, *, past: bool) -> date | None:
    """YYMMDD. A birth lies in the past; an expiry at most 50 years ahead (documents last 10, some cards longer)."""
    if not text.isdigit():
        return None
    year = 2000 + int(text[:2])
    try:
        found = date(year, int(text[2:4]), int(text[4:]))
        if (past and found > today) or (not past and year > today.year + 50):
            found = date(year - 100, found.month, found.day)
    except ValueError:
        return None
    return found


def compose_mrz(
    layout: str,
    *,
    code: str,
    issuer: str,
    number: str,
    nationality: str,
    birth: date,
    sex: str,
    expiry: date,
    surname: str,
    given: str,
    optional: str = "",
) -> tuple[str, ...]:
    """The lines of a zone with all check digits. Raises `MrzError` for an unknown layout or what does not fit."""
    made = LAYOUTS.get(layout)
    if made is None:
        raise MrzError(f"layout {layout!r}; known are {', '.join(LAYOUTS)}")
    name = f"{surname}<<{given}".replace(" ", "<")
    values = {
        "code": code,
        "issuer": issuer,
        "number": number,
        "nationality": nationality,
        "birth": birth.strftime("%y%m%d"),
        "sex": sex or "<",
        "expiry": expiry.strftime("%y%m%d"),
        "name": name[: made.spans["name"].length],  # names are cut, nothing else is (part 3, 4.6)
        "optional": optional,
    }
    rows = [["<"] * made.width for _ in range(made.lines)]
    for key, value in values.items():
        span = made.spans[key]
        upper = value.upper()
        if len(upper) > span.length or _ALLOWED.search(upper):
            raise MrzError(f"{key}: at most {span.length} characters of A-Z, 0-9 and '<'")
        rows[span.line][span.start : span.start + len(upper)] = upper
    for key, check in made.checks.items():
        body = "".join("".join(rows[s.line][s.start : s.end]) for s in check.over)
        if key != "optional" or body.strip("<"):
            rows[check.at.line][check.at.start] = check_digit(body)
    return tuple("".join(row) for row in rows)
