"""The lists of what is in the pictures: a CSV a kind, read row by row; a bad row is reported by its line and skipped.

| kind      | columns                                                           |
|-----------|-------------------------------------------------------------------|
| codes     | file, text[, format]; several rows a file; no text: no code there |
| faces     | file_a, file_b, same (0 or 1)                                     |
| documents | file, x1, y1, ... x4, y4; or file, none                           |
| mrz       | file, line1, line2[, line3]; or file, none                        |

A first line that names the columns is understood and may order them otherwise; lines that begin with # are skipped.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, get_args

from drivers.camera.codes import FORMATS

Kind = Literal["codes", "faces", "documents", "mrz"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    "codes": ("file", "text", "format"),
    "faces": ("file_a", "file_b", "same"),
    "documents": ("file", "x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"),
    "mrz": ("file", "line1", "line2", "line3"),
}
MAX_ROWS: Final = 200_000
MAX_COORDINATE: Final = 100_000.0
_FORMAT_NAMES: Final = {name.replace("-", ""): name for name in FORMATS} | {
    "qrcode": "qr",
    "microqrcode": "micro-qr",
    "code128a": "code128",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: its line in the list, the cells by column."""

    line: int
    cells: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was skipped, and why."""

    line: int
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}"


@dataclass(frozen=True, slots=True)
class List:
    """What a list says."""

    kind: Kind
    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]


class ListError(ValueError):
    """The list itself cannot be used; the message says what to do."""


def read_list(path: Path, folder: Path, kind: Kind | None = None) -> List:
    """Read `path`; pictures are looked for under `folder`. Raises `ListError`, `OSError`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = _lines(csv.reader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListError(f"{path}: no CSV in UTF-8 ({error})") from error
    head = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    named = next((k for k in KINDS if head[:2] == list(COLUMNS[k][:2])), None)
    kind = kind or named or next((k for k in KINDS if k in path.stem.lower()), None)
    if kind is None:
        raise ListError(f"{path}: name it codes, faces, documents or mrz, name its columns, or give --kind")
    columns: Sequence[str] = COLUMNS[kind]
    if lines and set(head) & set(COLUMNS[kind][:2]):
        columns, lines = head, lines[1:]
    rows: list[Row] = []
    bad: list[BadRow] = []
    for number, cells in lines:
        row = Row(number, dict(zip(columns, cells, strict=False)))
        why = _fault(kind, row, folder)
        if why:
            bad.append(BadRow(number, why))
        else:
            rows.append(row)
    return List(kind, tuple(rows), tuple(bad))


def _lines(reader: Iterator[list[str]]) -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    at = 1
    for cells in reader:
        line, at = at, getattr(reader, "line_num", at) + 1
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
            continue
        if len(found) > MAX_ROWS:
            raise ListError(f"more than {MAX_ROWS} rows; split the list")
        found.append((line, cells))
    return found


def _fault(kind: Kind, row: Row, folder: Path) -> str:
    names = ("file_a", "file_b") if kind == "faces" else ("file",)
    for name in names:
        file = row.cells.get(name, "").strip()
        if not file:
            return f"no {name}"
        if not (folder / file).is_file():
            return f"{file}: no such picture in {folder}"
    return {"codes": _code_fault, "faces": _face_fault, "documents": _document_fault, "mrz": _mrz_fault}[kind](row)


def _code_fault(row: Row) -> str:
    given = row.cells.get("format", "").strip()
    return f"format {given!r}; known are {', '.join(FORMATS)}" if given and not format_of(given) else ""


def _face_fault(row: Row) -> str:
    return "" if row.cells.get("same", "").strip() in ("0", "1") else "same is 1 (one person) or 0 (two)"


def _document_fault(row: Row) -> str:
    return "" if none_there(row) or corners_of(row) else "give four corners, x1,y1 to x4,y4 in pixels, or none"


def _mrz_fault(row: Row) -> str:
    return "" if none_there(row) or len(zone_of(row)) in (2, 3) else "give two or three lines, or none"


def format_of(given: str) -> str:
    """Our name of a format, however it is spelt (QR_CODE, EAN-13); "" for one that is not read here."""
    plain = "".join(c for c in given.lower() if c.isalnum())
    return _FORMAT_NAMES.get(plain, "")


def none_there(row: Row) -> bool:
    """Whether the row says that there is no page or zone."""
    return row.cells.get("x1", row.cells.get("line1", "")).strip().lower() in ("", "none")


def corners_of(row: Row) -> tuple[tuple[float, float], ...]:
    """Four corners in pixels; () when they are none."""
    try:
        numbers = [float(row.cells.get(f"{axis}{i}", "")) for i in range(1, 5) for axis in "xy"]
    except ValueError:
        return ()
    if not all(abs(number) <= MAX_COORDINATE for number in numbers):
        return ()
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def zone_of(row: Row) -> tuple[str, ...]:
    """The lines of a machine-readable zone."""
    return tuple(line for i in (1, 2, 3) if (line := row.cells.get(f"line{i}", "").strip()))
