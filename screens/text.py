"""A screen as plain text: for tests, for the bench, for looking over SSH. Private rows are masked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

from screens import screen as s

MASK = "•••"
"""Stands for private words, here and in the semantic tree."""


def as_text(screen: s.Screen) -> str:
    """The whole page, one thing a line; the turn of the page does not matter."""
    lines = [screen.header.title, screen.header.place, screen.header.badge]
    current = next((step.label for step in screen.steps if step.state == "current"), "")
    lines += [f"> {current}" if current else "", f"# {screen.title}", screen.subtitle]
    for block in screen.blocks:
        lines += _text(block)
    lines += [_action(action) for action in (*screen.modes, *screen.nav)]
    return "\n".join(line for line in lines if line)


def _action(action: s.Action) -> str:
    return f"[{' · '.join(filter(None, (action.label, action.note)))}]{'' if action.enabled else ' -'}"


def _join(*parts: str, between: str = "  ") -> str:
    return between.join(part for part in parts if part)


@singledispatch
def _text(block: s.Block) -> Iterator[str]:
    """Blocks without words say nothing."""
    yield from ()


@_text.register
def _(block: s.Heading) -> Iterator[str]:
    yield _join(f"## {block.text}", block.note)


@_text.register
def _(block: s.Paragraph) -> Iterator[str]:
    yield block.text


@_text.register(s.Notice)
@_text.register(s.Result)
def _(block: s.Notice | s.Result) -> Iterator[str]:
    yield _join(f"({block.tone})", block.text, block.detail)


@_text.register
def _(block: s.Rows) -> Iterator[str]:
    if block.title:
        yield block.title
    for row in block.rows:
        source = f"({row.source})" if row.source else ""
        yield _join(f"{row.label}:", MASK if row.private else row.value, source)


@_text.register
def _(block: s.Table) -> Iterator[str]:
    if block.title:
        yield block.title
    yield " | ".join(block.columns)
    for record in block.records:
        yield MASK if block.private else " | ".join(record)


@_text.register
def _(block: s.Money) -> Iterator[str]:
    yield _join(block.title, f"{block.fen // 100:,}.{block.fen % 100:02d}", block.basis)


@_text.register
def _(block: s.Figure) -> Iterator[str]:
    yield _join(block.caption, block.text)


@_text.register
def _(block: s.Field) -> Iterator[str]:
    shown = block.value or f"<{block.placeholder}>"
    yield _join(f"{block.label}:", shown + ("|" if block.focused else ""), block.hint, block.error)


@_text.register
def _(block: s.Choice) -> Iterator[str]:
    options = (f"({'x' if o.key == block.selected else ' '}) {_join(o.label, o.note)}" for o in block.options)
    yield _join(f"{block.label}:", *options, block.error)


@_text.register
def _(block: s.Keypad) -> Iterator[str]:
    if block.next is not None:
        yield _action(block.next)


@_text.register
def _(block: s.PinPad) -> Iterator[str]:
    yield _join(f"{block.label}:", "●" * block.typed + "○" * (block.length - block.typed), block.error)
    if block.next is not None:
        yield _action(block.next)


@_text.register
def _(block: s.Ink) -> Iterator[str]:
    yield f"{block.label} ({len(block.strokes)})"


@_text.register
def _(block: s.Tiles) -> Iterator[str]:
    for tile in block.tiles:
        yield f"[{_join(tile.label, tile.badge, tile.note)}]{'' if tile.enabled else ' -'}"


@_text.register
def _(block: s.Items) -> Iterator[str]:
    for item in block.items:
        yield f"[{_join(item.label, item.amount, item.note)}]{'' if item.enabled else ' - ' + item.reason}"


@_text.register(s.Picture)
@_text.register(s.Preview)
@_text.register(s.Qr)
def _(block: s.Picture | s.Preview | s.Qr) -> Iterator[str]:
    yield block.caption


@_text.register
def _(block: s.Progress) -> Iterator[str]:
    yield _join(block.label, "" if block.fraction is None else f"{block.fraction:.0%}")


@_text.register
def _(block: s.Rating) -> Iterator[str]:
    yield _join(block.title, block.note)
    for level, label in zip(range(5, 0, -1), block.labels, strict=True):
        yield f"({'x' if block.chosen == level else ' '}) {label}"


@_text.register
def _(block: s.Actions) -> Iterator[str]:
    for action in block.actions:
        yield _action(action)


@_text.register
def _(block: s.Candidates) -> Iterator[str]:
    yield _join(block.told, *(f"[{word}]" for word in block.words))


@_text.register
def _(block: s.Checks) -> Iterator[str]:
    for line in block.lines:
        yield f"[{_join(line.name, f'({line.word})', line.sentence, line.remedy and f'> {line.remedy}')}]"
        if line.test:
            yield f"  [{line.test}]"


@_text.register
def _(block: s.Measures) -> Iterator[str]:
    for line in block.lines:
        yield _join(f"{line.label}:", line.value, line.told)


@_text.register
def _(block: s.Chart) -> Iterator[str]:
    yield _join(f"{block.title}:", *(f"{bar.label} {bar.value}".strip() for bar in block.bars))


@_text.register(s.Wipe)
@_text.register(s.Plain)
@_text.register(s.Cross)
def _(block: s.Wipe | s.Plain | s.Cross) -> Iterator[str]:
    yield block.label
