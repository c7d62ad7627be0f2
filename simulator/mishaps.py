"""What goes wrong in a hall, by kind: how it comes, and how somebody mends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from simulator.hall import Hall

READER, RECEIPTS, LICENCES, PAD, CABINET = (
    "id-card-reader",
    "receipt-printer",
    "licence-printer",
    "payment-pad",
    "cabinet",
)
Mend = Callable[[Hall], Awaitable[None]]


@dataclass(frozen=True)
class Mishap:
    """One fault: `kind` is what `--faults` names; `verb` with `args` at `family` makes it."""

    kind: str
    family: str
    verb: str
    args: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Such as `pad:lose_answer(when=after_ack)`."""
        args = ", ".join(f"{key}={value}" for key, value in self.args.items())
        return f"{self.kind}:{self.verb}" + (f"({args})" if args else "")


def _of(kind: str, family: str, *verbs: str | tuple[str, dict[str, Any]]) -> tuple[Mishap, ...]:
    return tuple(Mishap(kind, family, *((v, {}) if isinstance(v, str) else v)) for v in verbs)


_DOWN_AREAS = ("sessions", "payment-orders", "applications", "print-authorisations", "consents")

MISHAPS: tuple[Mishap, ...] = (
    *_of(
        "reader", READER, "pull_mid_read", "truncated", "twice", "late", "junk_prefix", "wrong_length", "stray_byte",
        ("bad_checksum", {"times": 3}), ("silent", {"times": "always"}), ("status", {"code": "41", "at": "read"}),
        ("self_test_fault", {"on": True}), "unplug",
    ),
    *_of(
        "pad", PAD, *(("lose_answer", {"when": when}) for when in ("before_status", "before_ack", "after_ack")),
        "power_cycle", "lock_f0", ("slow", {"seconds": 40}), "busy", "silent", "late_approval", "repeat_after_cut",
        "keep_on_loss", "no_completion", "byte_by_byte", "double_status", ("other_amount", {"times": 100}),
        ("segment", {"size": 7}), ("idle_close", {"seconds": 1.5}), ("completion_length", {"length": 2}),
        ("decline_ending", {"how": "completion"}), ("status_code", {"code": "51"}), "unplug",
    ),
    *_of(
        "receipts", RECEIPTS, "paper_out", "cover_open", "cutter_jam", ("cutter_jam", {"at": "cut"}), "paper_jam",
        "head_hot", "silent", "hold", "power_off", "unrecoverable", "near_end", "unplug",
    ),
    *_of(
        "licences", LICENCES, "jam", "paper_out", "cover_open", "toner_out", "toner_low", "stop", "restart",
        ("slow", {"seconds": 90}), ("busy", {"count": 8}), "abort", "forget", "unplug",
        *(("lose_answer", {"operation": op}) for op in ("CREATE_JOB", "SEND_DOCUMENT", "GET_JOB_ATTRIBUTES")),
        *(("lose_request", {"operation": op}) for op in ("CREATE_JOB", "SEND_DOCUMENT")),
        ("stall", {"operation": "SEND_DOCUMENT"}),
    ),
    *_of("camera", "camera", ("face", {"face": ""}), ("face", {"face": "fail"}), ("face", {"face": "retake"})),
    *_of("cabinet", CABINET, ("silent", {"times": 20}), ("garbled", {"times": 3}), "restart", "unplug"),
    *_of(
        "platform", "platform", ("faults", {"down": True}), ("faults", {"down": True, "times": 4}),
        ("faults", {"slow_s": 20, "times": 3}), ("faults", {"status": 503, "times": 6}),
        ("faults", {"half": True, "times": 2}), ("faults", {"drop_reply_after_commit": True, "times": 1}),
        ("faults", {"drop_reply_after_commit": True, "times": 3}),
        *(("faults", {"down": True, "area": area}) for area in _DOWN_AREAS),
        *(("faults", {"drop_reply_after_commit": True, "area": area, "times": 2}) for area in _DOWN_AREAS),
    ),
    *_of(
        "payer", "payer", ("plan", {"never_pays": True}), ("plan", {"paying_s": 25}), ("plan", {"unknown_s": 90}),
        ("plan", {"paid_after_close": True}), ("plan", {"declines": "insufficient"}),
        ("plan", {"duplicate_notify": True}), ("plan", {"reversal_slow_s": 120}), ("plan", {"reversal_refused": 3}),
        ("plan", {"paying_s": 20, "unknown_s": 40}),
    ),
    *_of(
        "disk", "disk", ("refuse", {"writes": 1}), ("refuse", {"writes": 4}), ("refuse", {"writes": 25}),
        ("refuse", {"writes": -1}),
    ),
    *_of("clock", "clock", *(("jump", {"seconds": seconds}) for seconds in (-90, 3700, -7200, 86_400, -259_200))),
    *_of("power", "power", "cut"),
)  # fmt: skip
KINDS = tuple(dict.fromkeys(mishap.kind for mishap in MISHAPS))


class UnknownKind(ValueError):
    """No such kind of faults; the message lists those that exist."""


def chosen(words: str) -> tuple[Mishap, ...]:
    """`all`, `none` or kinds with commas. Raises `UnknownKind`."""
    wanted = {"all": KINDS, "none": ()}.get(words, tuple(word.strip() for word in words.split(",")))
    for word in wanted:
        if word not in KINDS:
            raise UnknownKind(f"--faults {word!r}: choose all, none, or some of {', '.join(KINDS)}")
    return tuple(mishap for mishap in MISHAPS if mishap.kind in wanted)


async def strike(hall: Hall, mishap: Mishap) -> bool:
    """Let it happen; false when it cannot now (a jam where there is no paper path is none)."""
    if mishap.family == CABINET and CABINET not in hall.devices:
        return False
    match mishap.family, mishap.verb:
        case "power", _:
            hall.pull_the_plug()
        case "platform", _:
            hall.platform_faults(**mishap.args)
        case "payer", _:
            await hall.desk("provider", **mishap.args)
        case "disk", _:
            hall.disk_refuses = mishap.args["writes"]
        case "clock", _:
            hall.ahead_s += mishap.args["seconds"]
        case "camera", _:
            hall.face = mishap.args["face"]
        case _, "unplug":
            await hall.devices[mishap.family].unplug()
        case _:
            try:
                hall.do(mishap.family, mishap.verb, **mishap.args)
            except ValueError:
                return False
    return True


async def mend(hall: Hall, chance: Random | None = None) -> None:
    """A technician puts everything right; with `chance`, only some of it."""
    jobs: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        ("disk", lambda: _room(hall)),
        ("clock", lambda: _right_time(hall)),
        (READER, lambda: _mend(hall, READER, ("clear_faults", {}))),
        (PAD, lambda: _mend(hall, PAD, ("clear_faults", {}))),
        (
            RECEIPTS,
            lambda: _mend(
                hall, RECEIPTS, ("new_roll", {}), ("cover_close", {}), ("clear_fault", {}), ("head_hot", {"on": False}),
                ("silent", {"on": False}), ("hold", {"on": False}), ("cover_open", {}), ("cover_close", {}),
                *([] if hall.receipts.state()["powered"] else [("power_on", {})]), ("tear_off", {}),
            ),
        ),
        (
            LICENCES,
            lambda: _mend(
                hall, LICENCES, ("clear_jam", {}), ("load_paper", {}), ("cover_close", {}), ("new_toner", {}),
                ("resume", {}), ("slow", {"seconds": 0}), ("busy", {"count": 0}), ("take", {}),
            ),
        ),
        (CABINET, lambda: _mend(hall, CABINET, ("clear_faults", {}))),
        ("camera", lambda: _look_well(hall)),
        ("platform", lambda: _platform_well(hall)),
        ("payer", lambda: _payer_well(hall)),
        ("forms", hall.load_forms),
    ]  # fmt: skip
    for _, job in jobs:
        if chance is None or chance.random() < 0.5:
            await job()


async def _mend(hall: Hall, family: str, *verbs: tuple[str, dict[str, Any]]) -> None:
    if family not in hall.devices:
        return
    for verb, args in verbs:
        with suppress(ValueError):  # nothing of that kind was wrong
            hall.do(family, verb, **args)
    if family == LICENCES:
        hall.licences._losses.clear()
        hall.licences.engine.abort_next = False
    if not hall.devices[family].state()["plugged"]:
        await _plug(hall, family)


async def _plug(hall: Hall, family: str) -> None:
    await hall.plug(family)
    await asyncio.sleep(0)


async def _room(hall: Hall) -> None:
    hall.disk_refuses = 0


async def _right_time(hall: Hall) -> None:
    hall.ahead_s = 0.0


async def _look_well(hall: Hall) -> None:
    hall.face = "pass"


async def _platform_well(hall: Hall) -> None:
    hall.platform_faults()


async def _payer_well(hall: Hall) -> None:
    await hall.desk("provider")
