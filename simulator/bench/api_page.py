"""docs/bench-api.md: the bench's API as a page, made from its own OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from simulator.bench.app import bench_api
from simulator.bench.bench import Bench
from simulator.bench.platform_desk import PlatformDesk
from simulator.world import World

HEAD: Final = """# The bench's API

Made by `kiosk-sim bench-api` from the bench's own OpenAPI document, which a running bench serves at
`/api/openapi.json`. Loopback only; every request carries the token that `kiosk-sim up` printed and left in
`build/run/bench.json`, as `Authorization: Bearer TOKEN`. An error is `{"detail": sentence}`: 404 no such thing, 409 not
now, 422 wrong arguments, 502 the platform does not answer. `kiosk-sim ctl` says the same from a command line.

Two WebSockets beside it: `/events` (JSON: `state`, `device`, `wire`, `platform`, `process`, `standing`, `extras`) and
`/live` (the screen: `screen` messages and rectangles `>IHHHHB` + JPEG or PNG; `touch`, `key`, `press`, `shot`,
`refresh`, `ack` back).
"""
CHAPTERS: Final = {
    "screen": "The screen", "devices": "Devices and wire", "things": "Cards, citizens, pictures", "phone": "The phone",
    "platform": "Platform and offices", "terminal": "The terminal: process, clock, promises",
    "breakdowns": "Prepared breakdowns, and what the terminal says of itself", "record": "Recording",
}  # fmt: skip


def document() -> dict[str, Any]:
    """The OpenAPI document of a bench with everything on it."""
    return bench_api(Bench(World(), "token", platform=PlatformDesk("http://127.0.0.1:1"))).openapi()


def page() -> str:
    """The page in Markdown."""
    rows: dict[str, list[str]] = {tag: [] for tag in CHAPTERS}
    found = document()
    for path, methods in found["paths"].items():
        for method, about in methods.items():
            (tag,) = about["tags"]
            words = " ".join(about["description"].split()).replace("|", "\\|")
            rows[tag].append(f"| `{method.upper()} {path}` | {words} | {_takes(about, found)} |")
    parts = [HEAD]
    for tag, title in CHAPTERS.items():
        parts += [f"## {title}\n", "| path | what | takes |\n|---|---|---|\n" + "\n".join(rows[tag]) + "\n"]
    return "\n".join(parts)


def _takes(about: dict[str, Any], found: dict[str, Any]) -> str:
    query = [f"`?{p['name']}`" for p in about.get("parameters", ()) if p["in"] == "query"]
    content = about.get("requestBody", {}).get("content", {})
    if "image/*" in content:
        return "a picture"
    schema = content.get("application/json", {}).get("schema", {})
    options = [schema, *schema.get("anyOf", ())]
    for option in options:
        if name := option.get("$ref", "").rpartition("/")[2]:
            members = found["components"]["schemas"][name].get("properties", {})
            return ", ".join([*query, *(f"`{member}`" for member in members)])
    return ", ".join([*query, *(["JSON"] if content else [])])
