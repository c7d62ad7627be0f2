"""How everything stands now, as one HTML file that needs nothing else: screen, paper, promises, journal, wire."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from simulator.bench.bench import Bench
from simulator.bench.glass import NoScreen

MOST_WIRE: Final = 600
MOST_RECEIPTS: Final = 3
STYLE: Final = """
:root{color-scheme:light dark;--ink:#14232E;--ink2:#4A5B67;--line:#D5DEE4;--ground:#EDF1F4;--card:#FFF;
--ok:#1F7A4D;--bad:#B3261E}
@media(prefers-color-scheme:dark){:root{--ink:#E7EEF3;--ink2:#A5B6C2;--line:#2C404E;--ground:#0E1920;--card:#16252F;
--ok:#6FD3A0;--bad:#FF8F84}}
body{font:14px/1.5 system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;margin:0;
background:var(--ground);color:var(--ink)}
main{max-width:1280px;margin:0 auto;padding:24px;display:grid;gap:18px}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:16px 20px}
h1{font-size:22px;margin:0}h2{font-size:16px;margin:0 0 10px}table{border-collapse:collapse;width:100%}
td{padding:4px 12px 4px 0;border-top:1px solid var(--line);vertical-align:top}.holds{color:var(--ok);font-weight:700}
.broken{color:var(--bad);font-weight:700}.small{color:var(--ink2);font-size:13px}
pre{font:12px/1.55 ui-monospace,Menlo,Consolas,monospace;overflow:auto;max-height:460px;margin:0}
.pictures{display:flex;gap:18px;flex-wrap:wrap;align-items:flex-start}.pictures img{max-height:640px;max-width:100%;
border:1px solid var(--line);border-radius:8px;background:#FFF}
"""


async def report(bench: Bench) -> str:
    """The file."""
    standing = await bench.standing.look()
    now = datetime.now().astimezone()
    recording = bench.recorder.now or bench.recorder.last
    parts = [
        f"<h1>Kiosk bench</h1><p class=small>{now:%Y-%m-%d %H:%M:%S %z} · {_facts(bench)}</p>",
        _section("Screen and paper", await _pictures(bench)),
        _section("Promises", _promises(standing["promises"])),
        _section("Devices", _table((name, one["words"]) for name, one in bench.world.state().items())),
        _section("Journal", _lines(map(_entry, standing["entries"]))),
    ]
    if recording is not None:
        from simulator.bench.written import feature

        parts.append(_section("Scenario", f"<pre>{html.escape(feature(recording))}</pre>"))
    parts.append(_section("Wire", _lines(_crossing(line.as_json()) for line in bench.world.wire_since(0)[-MOST_WIRE:])))
    return (
        f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>Kiosk bench {now:%Y-%m-%d %H:%M}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style>'
        f"<main>{''.join(parts)}</main></html>"
    )


def _facts(bench: Bench) -> str:
    told = [f"{name} {value}" for name, value in bench.facts.items() if name != "machine"]
    told += [f"{p.name}: {p.state()['words']}" for p in bench.processes.values()]
    return html.escape(" · ".join(told))


async def _pictures(bench: Bench) -> str:
    """The screen, the last receipts, the last sheet: whatever there is."""
    found: list[tuple[str, bytes]] = []
    if bench.mirror:
        try:
            found.append(("the screen", await bench.glass.picture()))
        except NoScreen as error:
            return f"<p>{html.escape(str(error))}</p>"
    count = int(bench.world.state().get("receipt-printer", {}).get("receipts", 0))
    names = [("receipt-printer", f"receipt-{n}.png") for n in range(max(1, count - MOST_RECEIPTS + 1), count + 1)]
    for family, name in [*names, ("licence-printer", "last.png")]:
        try:
            found.append((name, bench.world.device(family).artefact(name)[1]))
        except (KeyError, ValueError):
            continue
    images = (
        f'<img alt="{html.escape(name)}" src="data:image/png;base64,{base64.b64encode(data).decode("ascii")}">'
        for name, data in found
    )
    return f'<div class="pictures">{"".join(images)}</div>'


def _promises(promises: Sequence[Mapping[str, Any]]) -> str:
    rows = (
        f"<tr><td><b>{p['name']}</b></td><td>{html.escape(p['words'])}{_small(p['looked'])}</td>"
        f"<td class='{p['state'].split()[0]}'>{p['state']}{_small('; '.join(p['found']))}</td></tr>"
        for p in promises
    )
    return f"<table>{''.join(rows)}</table>"


def _small(words: str) -> str:
    return f"<div class=small>{html.escape(words)}</div>"


def _table(rows: Any) -> str:
    cells = (f"<tr><td><b>{html.escape(a)}</b></td><td>{html.escape(b)}</td></tr>" for a, b in rows)
    return f"<table>{''.join(cells)}</table>"


def _lines(lines: Any) -> str:
    return f"<pre>{html.escape(chr(10).join(lines)) or 'nothing yet'}</pre>"


def _entry(entry: Mapping[str, Any]) -> str:
    return f"{entry['at']}  {entry['kind']:24} {entry['visit'][:12]:12} {entry['body']}"


def _crossing(line: Mapping[str, Any]) -> str:
    arrow = "->" if line["direction"] == "in" else "<-"
    at = datetime.fromtimestamp(line["at"]).astimezone()
    return f"{at:%H:%M:%S.%f}"[:-3] + f"  {line['device']:16} {arrow} {line['words']}"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{html.escape(title)}</h2>{body}</section>"
