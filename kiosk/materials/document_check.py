"""What a sheet says against what the card says: the holder's name and number. Nothing is accepted that differs.

| verdict | number                                             | name                                    |
|---------|----------------------------------------------------|-----------------------------------------|
| same    | the card's, look-alikes of a reader put right      | the card's stands there, whole          |
| near    | up to two characters off and no number of another  | one character off, three or more long   |
| other   | a whole, valid number that is another              | -                                       |
| unread  | none found                                         | not found                               |

`near` is shown to the citizen and to a clerk, and is never taken for `same`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drivers.camera.frames import MrzReading

Verdict = Literal["same", "near", "other", "unread"]
_RANK: tuple[Verdict, ...] = ("other", "unread", "near", "same")
_DIGITS = str.maketrans("OoQDIl|iZzSsBG", "00001111225586")
_MIDDLE_DOTS = re.compile(r"[·•・.‧∙]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECKS = "10X98765432"
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Compared:
    """Verdicts on name and number."""

    name: Verdict
    number: Verdict

    @property
    def overall(self) -> Verdict:
        """The worse of the two; a right number with an unread name is `near`."""
        if self.number == "same" and self.name == "unread":
            return "near"
        return min(self.name, self.number, key=_RANK.index)


def compare_holder(lines: Sequence[str], name: str, number: str) -> Compared:
    """Compare recognised lines with the card's `name` and `number` (18 characters, GB 11643)."""
    text = "\n".join(lines)[:MAX_TEXT]
    return Compared(_name(text, name), _number(text, number))


def compare_zone(reading: MrzReading | None, number: str) -> Verdict:
    """A machine-readable zone against the number that is expected (a passport's or permit's; "": none is)."""
    if reading is None or not reading.valid:
        return "unread"
    if not number:
        return "near" if reading.doubtful else "same"
    if reading.number == number.upper():
        return "near" if reading.doubtful else "same"
    return "near" if _off(reading.number, number.upper()) <= 1 else "other"


def _number(text: str, wanted: str) -> Verdict:
    best: Verdict = "unread"
    for run in re.findall(r"[0-9A-Za-z|]{15,24}", re.sub(r"[ \t]", "", text)):
        tail = run[-1].upper().replace("×", "X")
        fixed = run[:-1].translate(_DIGITS) + ("X" if tail == "X" else run[-1].translate(_DIGITS))
        for start in range(max(1, len(fixed) - 17)):
            found = fixed[start : start + 18]
            if found == wanted:
                return "same"
            if len(found) == 18 and _valid(found):
                best = "other"
            elif best != "other" and abs(len(found) - 18) <= 1 and _off(found, wanted) <= 2:
                best = "near"
    return best


def _valid(number: str) -> bool:
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    return _CHECKS[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11] == number[17]


def _off(found: str, wanted: str) -> int:
    """How many places differ; a missing or surplus end counts for each character."""
    return sum(a != b for a, b in zip(found, wanted, strict=False)) + abs(len(found) - len(wanted))


def _name(text: str, wanted: str) -> Verdict:
    plain = _MIDDLE_DOTS.sub("", re.sub(r"[ \t]", "", text))
    name = _MIDDLE_DOTS.sub("", wanted.replace(" ", ""))
    # A name stands alone, after its label, or inside a sentence; "王伟" inside "王伟国" is another person's.
    for line in plain.splitlines():
        bare = re.sub(r"^姓名[:：]?", "", line)
        if bare == name:
            return "same"
        if re.search(rf"(?<![一-鿿]){re.escape(name)}(?![一-鿿])", bare):
            return "same"
    for line in plain.splitlines():
        bare = re.sub(r"^姓名[:：]?", "", line)
        if len(name) >= 3 and len(bare) == len(name) and _off(bare, name) == 1:
            return "near"
    return "near" if name and name in plain else "unread"
