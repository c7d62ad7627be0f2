"""Numbered forms, counted: what the terminal's journal says of every form, held against the sheets that came out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

GONE = ("used", "spoiled", "unclear")


def forms(entries: Iterable[Mapping[str, Any]], sheets: Mapping[str, int]) -> list[str]:
    """P3: every form is used once, none stays reserved, and as many are used for a print as sheets of it came out.

    `entries`: the journal's `stock.*` entries in order; `sheets`: intent of a print -> sheets that came out.
    """
    found: list[str] = []
    state: dict[str, str] = {}
    used: Counter[str] = Counter()
    for entry in entries:
        what, body = entry["kind"].removeprefix("stock."), json.loads(entry["body"])
        if what == "loaded":
            continue
        for serial in body["serials"]:
            was = state.get(serial, "free")
            if what == "reserved" and was != "free":
                found.append(f"P3: form {serial} was {was} and is put onto another print")
            if what in GONE and was != "reserved":
                found.append(f"P3: form {serial} was {was} and is {what}")
            state[serial] = "free" if what == "freed" else what
            used[str(body.get("intent", ""))] += what == "used"
    found += [f"P3: form {serial} stays reserved" for serial, now in state.items() if now == "reserved"]
    for intent, count in used.items():
        if count and count != sheets.get(intent, 0):
            found.append(f"P3: {count} forms are used for {intent}, and {sheets.get(intent, 0)} sheets came out")
    return found
