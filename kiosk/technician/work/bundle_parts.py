"""What goes into a support bundle: each part is built from a list of what may leave; what is not named stays here.

Parts are text. Lines that a program or a device worded itself (log, trace, sentences) pass the scan one by one; those
that do not are counted and left out.
"""

from __future__ import annotations

import json
import platform
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

from config.recording import About, Began, Crossed, Note, RecordingError, files_of, read_file
from config.settings import Settings
from drivers.recorder import without_password
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.sections import Section
from kiosk.diagnostics.show import as_json
from kiosk.intents import FINAL, Kind, State
from kiosk.journal import JournalError, verify_file
from kiosk.journal.file import read_only
from kiosk.technician.work.personal_scan import is_clean

WITHHELD: Final = "(withheld)"
MOST_LINES: Final = 3000
MOST_ENTRIES: Final = 2000
MOST_TRACE: Final = 20_000
MOST_FILES: Final = 200
SHOWN: Final = (
    "terminal.id", "terminal.division", "terminal.equipment.*", "devices.*.driver", "devices.*.link",
    "platform.signature",
    "devices.*.options.profile", "devices.*.options.map", "devices.*.options.transport", "devices.*.options.portrait",
    "devices.*.expects.*", "platform.sealing", "window.panel.*", "payments.ways.*", "payments.day_end", "face.matcher",
)  # fmt: skip
"""Texts of the settings that may leave; of numbers and switches all but what is called like a secret."""
SECRET: Final = re.compile(r"pin|passw|secret|token|key|activation|phone|salt|digest", re.IGNORECASE)
FAULT_FIELDS: Final = ("module", "cause", "open")
_FILE: Final = re.compile(r"[a-z][a-z0-9_.-]{0,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the bundle; `left_out` counts the lines that did not pass."""

    name: str
    text: str
    left_out: int = 0


def readiness(facts: Facts, sections: Sequence[Section]) -> Part:
    """`kiosk diagnose --json`, in English, without serial numbers: their digits look like anybody's."""
    without = [replace(each, told={k: v for k, v in each.told.items() if k != "serial"}) for each in sections]
    return Part("readiness.json", _json(_passed(as_json(facts, without, "en"))))


def devices(facts: Facts) -> Part:
    """Model, state, faults and counters of every device."""
    rows = [
        {
            "role": d.role, "family": d.family, "model": d.model, "firmware": d.firmware, "usable": d.usable,
            "state": d.state,
            "cause": d.cause,
            "warnings": [cause for cause, _ in d.warnings], "paper": d.paper, "toner": d.toner,
            "operations": d.operations, "failures": d.failures,
        }
        for d in facts.devices
    ]  # fmt: skip
    return Part("devices.json", _json(_passed(rows)))


def versions(facts: Facts) -> Part:
    """The program, Python, the system's kernel, every package."""
    found = sorted({(d.name, d.version) for d in distributions()}, key=lambda each: str(each[0]).lower())
    told = {
        "kiosk": facts.version, "catalogue": facts.catalogue, "python": platform.python_version(),
        "system": platform.system(), "release": platform.release(), "machine": platform.machine(),
        "packages": {str(name): str(version) for name, version in found[:600]},
    }  # fmt: skip
    return Part("versions.json", _json(_passed(told)))


def settings(given: Settings) -> Part:
    """Every setting: as it is where it may be seen, else only whether it is set."""
    leaves = {path: _setting(path, value) for path, value in _leaves(given.model_dump(mode="json"))}
    return Part("settings.json", _json(leaves))


def journal(path: Path) -> Part:
    """Its head and its shape: verdict, hashes, kinds and counts; no body, no visit."""
    try:
        verdict = verify_file(path)
        with closing(read_only(path)) as db:
            told: dict[str, Any] = {
                "entries": verdict.entries, "broken": verdict.broken, "break_at": verdict.break_at,
                "head": verdict.head,
                "kinds": dict(db.execute("SELECT kind, count(*) FROM entry GROUP BY kind ORDER BY kind LIMIT 400")),
                "intents": [
                    {"kind": kind, "state": state, "count": n, "oldest": oldest}
                    for kind, state, n, oldest in db.execute(
                        "SELECT kind, state, count(*), min(at) FROM intent GROUP BY kind, state ORDER BY kind, state"
                    )
                    if State(state) not in FINAL[Kind(kind)]
                ],
                "outbox": [
                    {"topic": topic, "count": n, "most_tries": tries, "oldest": oldest}
                    for topic, n, tries, oldest in db.execute(
                        "SELECT topic, count(*), max(tries), min(at) FROM outbox GROUP BY topic ORDER BY topic"
                    )
                ],
                "last": [
                    {"seq": seq, "at": at, "kind": kind, "hash": digest.hex()}
                    for seq, at, kind, digest in db.execute(
                        "SELECT seq, at, kind, hash FROM entry ORDER BY seq DESC LIMIT ?", (MOST_ENTRIES,)
                    )
                ],
            }  # fmt: skip
    except (JournalError, sqlite3.Error, OSError, ValueError) as error:
        told = {"unreadable": type(error).__name__}
    return Part("journal.json", _json(_passed(told)))


def events(path: Path) -> Part:
    """Faults of devices as they came and went, and how long acts ended; from entries that hold keywords only."""
    lines: list[str] = []
    try:
        with closing(read_only(path)) as db:
            query = "SELECT at, kind, body FROM entry WHERE kind IN ('device.fault','boot') ORDER BY seq DESC LIMIT ?"
            for at, kind, body in db.execute(query, (MOST_ENTRIES,)):
                told = json.loads(body)
                kept = {name: told[name] for name in FAULT_FIELDS if name in told}
                lines.append(_line({"at": at, "kind": kind, **kept}))
    except (JournalError, sqlite3.Error, OSError, ValueError) as error:
        lines = [_line({"unreadable": type(error).__name__})]
    return _lines("events.jsonl", reversed(lines))


def log(lines: Iterable[str]) -> Part:
    """The last lines of the log."""
    return _lines("log.txt", list(lines)[-MOST_LINES:])


def trace(folder: Path | None) -> Part:
    """What crossed the wires: when, which way, how many bytes, the codec's word for what it withheld; never bytes."""
    if folder is None:
        return Part("trace.jsonl", _line({"trace": "not recorded: trace_dir is not set"}) + "\n")
    rows: list[str] = []
    try:
        for file in reversed(files_of(folder)):
            rows = [*_trace_lines(file), *rows][-MOST_TRACE:]
            if len(rows) >= MOST_TRACE:
                break
    except (RecordingError, OSError) as error:
        rows.append(_line({"unreadable": type(error).__name__}))
    return _lines("trace.jsonl", rows)


def files(state_dir: Path) -> Part:
    """Names and sizes of what the terminal keeps."""
    rows = []
    for each in sorted(state_dir.glob("*"))[:MOST_FILES]:
        try:
            size = each.stat().st_size
        except OSError:
            continue  # it went while we looked
        rows.append({"name": each.name if _FILE.fullmatch(each.name) else WITHHELD, "bytes": size})
    return Part("files.json", _json(_passed(rows)))


def _trace_lines(file: Path) -> Iterator[str]:
    for record in read_file(file):
        match record:
            case Began(at):
                yield _line({"began": at})
            case About():
                yield _line({"ms": record.ms, "device": record.device, "driver": record.driver})
            case Note():
                yield _line({"ms": record.ms, "device": record.device, "note": record.words})
            case Crossed():
                told = {"ms": record.ms, "device": record.device, "dir": record.direction, "size": record.size}
                more = {"took": record.took, "masked": record.masked, "words": record.words}
                yield _line(told | {name: value for name, value in more.items() if value})


def _lines(name: str, lines: Iterable[str]) -> Part:
    every = [" ".join(line.split()) for line in lines]
    kept = [line for line in every if is_clean(line)]
    return Part(name, "\n".join([*kept, ""]), len(every) - len(kept))


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            yield from _leaves(value, f"{path}.{name}" if path else str(name))
    elif isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from _leaves(value, f"{path}.{at}")
    else:
        yield path, tree


def _setting(path: str, value: Any) -> Any:
    if value is None or value == "":
        return "not set"
    if SECRET.search(path.rpartition(".")[2]):
        return "set"
    if isinstance(value, bool | int | float):
        return value
    shown = any(fnmatchcase(path, pattern) for pattern in SHOWN)
    text = without_password(str(value)) if path.endswith(".link") else str(value)
    return text if shown and len(text) <= 200 and is_clean(text) else "set"


def _passed(tree: Any) -> Any:
    """The same tree, its texts that may not leave replaced."""
    if isinstance(tree, Mapping):
        return {key: _passed(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_passed(each) for each in tree]
    if isinstance(tree, str) and not _is_hash(tree) and not is_clean(tree):
        return WITHHELD
    return tree


def _is_hash(text: str) -> bool:
    return len(text) == 64 and all(c in "0123456789abcdef" for c in text)


def _json(tree: Any) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


def _line(tree: Mapping[str, Any]) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
