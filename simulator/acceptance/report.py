"""The report of a run: one HTML file with everything in it; nothing is fetched, nothing is executed."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.acceptance.report_style import STYLE

MOST_BYTES = 24 * 1024 * 1024
"""The report is at most so large; beyond it, pictures of scenarios that passed are left out, the oldest first."""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STATUS = {"passed": "通过", "failed": "失败", "skipped": "跳过", "unknown": "没有这个步骤", "": "没有做到"}
WHERE = {"hall": "虚拟大厅（虚拟时间）", "bench": "试验台（真实时间）"}
Run = Mapping[str, Any]


def write_report(path: Path, runs: Sequence[str], seed: str) -> None:
    """Write the report of `runs` (JSON texts of `Running.as_data`) to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page([json.loads(run) for run in runs], seed), "utf-8")


def page(runs: Sequence[Run], seed: str) -> str:
    """The whole document, at most `MOST_BYTES`."""
    kept = [dict(run) for run in runs]
    size = sum(len(json.dumps(run)) for run in kept)
    for run in sorted(kept, key=lambda run: run["status"] == "failed"):
        if size <= MOST_BYTES:
            break
        size -= sum(len(picture) for picture in run["pictures"])
        run["pictures"], run["papers"] = [], []
        run["steps"] = [{**step, "picture": -1} for step in run["steps"]]
    return "".join(_page(kept, seed))


def _page(runs: Sequence[Run], seed: str) -> Iterator[str]:
    count = {status: sum(run["status"] == status for run in runs) for status in ("passed", "failed", "skipped")}
    where = "、".join(sorted({WHERE[run["where"]] for run in runs})) or "—"
    seconds = sum(run["seconds"] for run in runs)
    yield '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield f"<title>自助机验收报告</title><style>{STYLE}</style></head><body><header><h1>自助机验收报告</h1>"
    yield f'<p class="sum"><b class="passed">{count["passed"]} 通过</b> <b class="failed">{count["failed"]} 失败</b> '
    yield f'<b class="skipped">{count["skipped"]} 跳过</b> <span>{where}</span> <span>{seconds:.1f} 秒</span> '
    yield f"<span>种子 {_text(seed)}</span></p>"
    yield "<p>市民都是虚构的；身份证号、手机号、卡号、密码照样打了码。</p></header><main>"
    for feature in dict.fromkeys(run["feature"] for run in runs):
        mine = [run for run in runs if run["feature"] == feature]
        bad = sum(run["status"] == "failed" for run in mine)
        yield f"<section><h2>{_text(feature or 'Python 测试')} <small>{len(mine)} 个"
        yield f"{f'，{bad} 个失败' if bad else ''}</small></h2>"
        for run in sorted(mine, key=lambda run: run["status"] != "failed"):
            yield from _run(run, seed)
        yield "</section>"
    yield "</main></body></html>"


def _run(run: Run, seed: str) -> Iterator[str]:
    opened = " open" if run["status"] == "failed" else ""
    yield f'<details class="run {run["status"]}"{opened}><summary><span class="dot"></span>'
    yield f'<span class="name">{_text(run["scenario"])}</span>'
    yield "".join(f"<span class=tag>{_text(tag)}</span>" for tag in run["tags"])
    yield f'<span class="time">{STATUS[run["status"]]} · {run["seconds"]:.1f} 秒</span></summary>'
    if run["steps"]:
        yield '<ol class="steps">'
        for step in run["steps"]:
            yield f'<li class="{step["status"] or "skipped"}"><span>{_text(step["line"])}</span>'
            yield f"<small>{_text(step['page'])} {step['seconds']:.2f} 秒</small></li>"
        yield "</ol>"
    if run["error"]:
        yield f'<pre class="error">{_text(run["error"])}</pre>'
    yield from _pictures(run)
    yield from _folded("最后的屏幕（文字）", [run["text"]] if run["text"] else [])
    yield from _folded(f"流水（{len(run['journal'])} 条）", run["journal"])
    yield from _folded(f"设备通讯，已解码（{len(run['wire'])} 行）", run["wire"])
    again = f"pytest &quot;{_text(run['node'])}&quot; --seed {_text(seed)} --kiosk-fresh"
    yield f"<p class=again>重放：<code>{again}</code></p></details>"


def _pictures(run: Run) -> Iterator[str]:
    shown = [(step["picture"], step["page"] or step["line"], "screen") for step in run["steps"] if step["picture"] >= 0]
    last = run.get("last", -1)
    shown += [(last, "失败时的屏幕", "screen")] * (last >= 0)
    shown += [(number, "打印出来的纸", "paper") for number in run["papers"]]
    if not shown:
        return
    yield '<div class="pictures">'
    for number, caption, kind in shown:
        source = run["pictures"][number]
        yield f'<figure class="{kind}"><img loading="lazy" alt="{_text(caption)}" '
        yield f'src="data:image/jpeg;base64,{source}">'
        yield f"<figcaption>{_text(caption)}</figcaption></figure>"
    yield "</div>"


def _folded(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"<details class=more><summary>{_text(title)}</summary><pre>{_text(chr(10).join(lines))}</pre></details>"


def _text(words: str) -> str:
    return html.escape(str(words))
