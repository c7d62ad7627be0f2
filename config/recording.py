"""The file format of recordings of wires: JSON lines in numbered files, written by the terminal, read by both sides.

    {"trace": 1, "began": "2026-11-21T23:18:50.123+00:00"}                       first line of every file
    {"ms": 0.0, "device": "id_card", "driver": "id_card.sam", "link": "serial:///dev/ttyS1", "options": {}}
    {"ms": 4.1, "device": "id_card", "note": "opened"}
    {"ms": 5.0, "device": "id_card", "dir": "out", "hex": "aaaaaa96690003200122"}
    {"ms": 40.2, "took": 3.1, "device": "id_card", "dir": "in", "hex": "...", "size": 19, "masked": true}
    {"ms": 81.0, "took": 112.4, "device": "id_card", "dir": "in", "size": 1295, "digest": "5f2c...", "words": "..."}

`ms` counts from `began`, for all files of one run. Directions are the terminal's. `digest` is keyed with a key that is
drawn anew every few minutes and written nowhere: equal payloads of one visit can be told, none can be guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

VERSION: Final = 1
MAX_LINE: Final = 1 << 18
PATTERN: Final = "trace-*.jsonl"
Direction = Literal["out", "in"]


class RecordingError(ValueError):
    """Not a recording; the message says file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Began:
    """A file begins; `at` is the wall time of ms 0, ISO 8601 with its zone."""

    at: str


@dataclass(frozen=True, slots=True)
class About:
    """Whose wire `device` is: driver, link without passwords, options that its codec needs."""

    ms: float
    device: str
    driver: str
    link: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """Something happened to the wire: opened, lost, another speed."""

    ms: float
    device: str
    words: str


@dataclass(frozen=True, slots=True)
class Crossed:
    """Bytes crossed. `data` is None when they are withheld: then there are `size`, `digest` and `words`.

    `ms` is when the first byte crossed, `took` how many ms the rest needed.
    """

    ms: float
    device: str
    direction: Direction
    data: bytes | None
    size: int
    took: float = 0.0
    masked: bool = False
    digest: str = ""
    words: str = ""


Record: TypeAlias = "Began | About | Note | Crossed"


def line_of(record: Record) -> str:
    """`record` as one line, with its end."""
    out: dict[str, Any]
    match record:
        case Began(at):
            out = {"trace": VERSION, "began": at}
        case About():
            out = {"ms": record.ms, "device": record.device, "driver": record.driver, "link": record.link}
            out["options"] = dict(record.options)
        case Note():
            out = {"ms": record.ms, "device": record.device, "note": record.words}
        case Crossed():
            out = {"ms": record.ms, "device": record.device, "dir": record.direction}
            if record.took:
                out["took"] = record.took
            if record.data is not None:
                out["hex"] = record.data.hex()
            if record.data is None or record.masked:
                out["size"] = record.size
            if record.masked:
                out["masked"] = True
            if record.data is None:
                out |= {"digest": record.digest, "words": record.words}
    return json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n"


def parse_line(line: str) -> Record:
    """The record in `line`. Raises `RecordingError` that says what is wrong with it."""
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise RecordingError(f"no JSON: {error}") from error
    if not isinstance(raw, dict):
        raise RecordingError("no JSON object")
    if "trace" in raw:
        if raw["trace"] != VERSION:
            raise RecordingError(f"version {raw['trace']!r}; this program reads version {VERSION}")
        return Began(str(raw.get("began", "")))
    try:
        return _record(raw, float(raw["ms"]), str(raw["device"]))
    except (KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"a record without a good {error}") from error


def _record(raw: dict[str, Any], ms: float, device: str) -> Record:
    if "note" in raw:
        return Note(ms, device, str(raw["note"]))
    if "driver" in raw:
        return About(ms, device, str(raw["driver"]), str(raw["link"]), dict(raw.get("options") or {}))
    direction = raw["dir"]
    if direction not in ("out", "in"):
        raise ValueError("dir")
    data = bytes.fromhex(raw["hex"]) if "hex" in raw else None
    size = int(raw["size"]) if "size" in raw else len(data or b"")
    words, digest = str(raw.get("words", "")), str(raw.get("digest", ""))
    return Crossed(
        ms, device, direction, data, size, float(raw.get("took", 0)), bool(raw.get("masked", False)), digest, words
    )


def files_of(path: Path) -> list[Path]:
    """The files of the recording at `path`, a folder or one file, oldest first. Raises `RecordingError` for none."""
    if path.is_dir():
        found = sorted(path.glob(PATTERN))
        if not found:
            raise RecordingError(f"{path}: no {PATTERN} in it; is `trace_dir` set in the profile?")
        return found
    if not path.is_file():
        raise RecordingError(f"{path}: no such file or folder")
    return [path]


def read_file(path: Path) -> Iterator[Record]:
    """The records of one file. A last line that was cut off is left out. Raises `RecordingError`, `OSError`."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(_lines(file.readline), 1):
            try:
                yield parse_line(line)
            except RecordingError as error:
                raise RecordingError(f"{path}, line {number}: {error}") from error


def _lines(readline: Any) -> Iterator[str]:
    while (line := readline(MAX_LINE)).endswith("\n"):
        yield line
    if len(line) >= MAX_LINE:
        yield line
