"""docs/state-machines.md, drawn from the tables that the program itself runs by (`kiosk.intents`)."""

from __future__ import annotations

from kiosk.intents import FINAL, TRANSITIONS, Kind, State

COMMAND = "kiosk docs state-machines --out docs/state-machines.md"
HEAD = f"""# State machines

Drawn from the tables in `kiosk/intents.py` by `{COMMAND}`;
a test fails when this page is older than the tables. Every arrow is one journal entry, synced before the next thing is
sent. A state in bold is open: after a crash `kiosk/recovery.py` asks until it is settled, and never guesses.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(_machine(kind) for kind in Kind)])


def _machine(kind: Kind) -> str:
    arrows = TRANSITIONS[kind]
    reached = {state for after in arrows.values() for state in after}
    states = [state for state in State if state in arrows or state in reached]
    lines = [f"## {kind.value}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {State.MINTED.value}"]
    lines += [f"    {a.value} --> {b.value}" for a in states for b in sorted(arrows.get(a, ()), key=list(State).index)]
    lines += [f"    {state.value} --> [*]" for state in states if state in FINAL[kind]]
    lines += ["```", "", "| state | journal entry | goes to |", "|---|---|---|"]
    for state in states:
        name = state.value if state in FINAL[kind] else f"**{state.value}**"
        after = ", ".join(s.value for s in sorted(arrows.get(state, ()), key=list(State).index))
        ended = "the end" if state in FINAL[kind] else ""
        lines.append(f"| {name} | `{kind.value}.{state.value}` | {' or '.join(filter(None, (after, ended)))} |")
    return "\n".join([*lines, ""])
