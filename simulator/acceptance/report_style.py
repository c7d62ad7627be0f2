"""How the report looks: light and dark, on screen and on paper, without anything from elsewhere."""

STYLE = """
:root { --ground: #f4f6f8; --card: #ffffff; --ink: #16242e; --soft: #51626e; --line: #d5dde3; --good: #12733c;
  --bad: #b3261e; --pass: #7a5d00; --shade: #edf1f4; }
@media (prefers-color-scheme: dark) { :root { --ground: #10171c; --card: #182229; --ink: #e6edf1; --soft: #a3b3bd;
  --line: #2c3a43; --good: #6fd39a; --bad: #ff9088; --pass: #e4c35a; --shade: #202c34; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.6 "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Source Han Sans SC", system-ui, sans-serif; }
header, main { max-width: 1120px; margin: 0 auto; padding: 20px 24px; }
header { padding-bottom: 0; }
h1 { font-size: 26px; margin: 8px 0; }
h2 { font-size: 19px; margin: 28px 0 10px; }
h2 small, header p { color: var(--soft); font-weight: 400; }
.sum b, .sum span { margin-right: 14px; }
b.passed { color: var(--good); } b.failed { color: var(--bad); } b.skipped { color: var(--pass); }
.run { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 8px 0; padding: 0 16px; }
.run > summary { display: flex; gap: 10px; align-items: center; padding: 10px 0; cursor: pointer; list-style: none; }
.run > summary::-webkit-details-marker { display: none; }
summary:focus-visible { outline: 3px solid var(--soft); outline-offset: 2px; border-radius: 6px; }
.dot { width: 12px; height: 12px; border-radius: 50%; background: var(--pass); flex: none; }
.passed > summary .dot { background: var(--good); }
.failed > summary .dot { background: var(--bad); border-radius: 2px; }
.name { font-weight: 600; } .time { margin-left: auto; color: var(--soft); white-space: nowrap; }
.tag { font-size: 13px; color: var(--soft); border: 1px solid var(--line); border-radius: 99px; padding: 0 8px; }
.steps { list-style: none; margin: 4px 0 12px; padding: 0; }
.steps li { display: flex; gap: 16px; padding: 3px 0 3px 26px; position: relative; border-top: 1px solid var(--line); }
.steps li small { margin-left: auto; color: var(--soft); white-space: nowrap; }
.steps li::before { position: absolute; left: 2px; content: "·"; color: var(--soft); }
.steps li.passed::before { content: "✓"; color: var(--good); }
.steps li.failed::before, .steps li.unknown::before { content: "✗"; color: var(--bad); }
.steps li.failed span, .steps li.unknown span { color: var(--bad); font-weight: 600; }
pre { background: var(--shade); border-radius: 8px; padding: 12px; overflow: auto; max-height: 420px;
  white-space: pre-wrap;
  font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }
pre.error { border-left: 4px solid var(--bad); max-height: 220px; }
.pictures { display: flex; gap: 14px; overflow-x: auto; padding: 4px 0 12px; align-items: flex-start; }
figure { margin: 0; flex: none; }
figure img { display: block; height: 360px; border: 1px solid var(--line); border-radius: 6px; background: #fff; }
figure.paper img { height: auto; max-height: 360px; max-width: 260px; }
figcaption { font-size: 13px; color: var(--soft); max-width: 220px; }
.more > summary { cursor: pointer; color: var(--soft); padding: 6px 0; }
.again { color: var(--soft); font-size: 14px; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
@media print { .run { break-inside: avoid; } pre { max-height: none; } }
"""
