"""What each kind of block says, line by line, before anything is masked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

from screens import screen as s
from screens.speech.masking import aloud
from screens.speech.things import Thing, Where, things

ALARMS = ("attention", "fault")
Line = tuple[str, ...]


def row_words(row: s.Row, where: Where) -> tuple[str, ...]:
    """Label, value and source; of a private row nothing but that there is one, unless the listener may hear it."""
    if row.private and not where.private:
        return row.label, where.words.t("speech.private")
    return row.label, aloud(row.value, where.language, private=where.private, public_phones=False), row.source


@singledispatch
def block_lines(block: s.Block, where: Where) -> Iterator[Line]:
    """Things to press say their name and state; blocks without words say nothing."""
    for (key, _), thing in things_of(block, where):
        if key not in ("key", "layer"):
            yield (*thing.names, *thing.state)


def things_of(block: s.Block, where: Where) -> list[tuple[tuple[str, str], Thing]]:
    """The things to press of one block, in their order."""
    page = s.Screen("", "", s.Header("", ""), blocks=(block,), language=where.language)
    return list(things(page, where).items())


@block_lines.register
def _(block: s.Heading, where: Where) -> Iterator[Line]:
    yield block.text, block.note


@block_lines.register
def _(block: s.Paragraph, where: Where) -> Iterator[Line]:
    yield (block.text,)


@block_lines.register
def _(block: s.Notice, where: Where) -> Iterator[Line]:
    alarm = where.words.t(f"speech.{block.tone}") if block.tone in ALARMS else ""
    yield alarm, block.text, block.detail


@block_lines.register
def _(block: s.Result, where: Where) -> Iterator[Line]:
    yield block.text, block.detail


@block_lines.register
def _(block: s.Rows, where: Where) -> Iterator[Line]:
    yield (block.title,)
    for row in block.rows:
        yield row_words(row, where)


@block_lines.register
def _(block: s.Table, where: Where) -> Iterator[Line]:
    yield (block.title,)
    if block.private and not where.private:
        yield (where.words.t("speech.private"),)
        return
    for record in block.records:
        pairs = zip(block.columns, record, strict=True)
        cells = ((c, aloud(v, where.language, private=where.private, public_phones=False)) for c, v in pairs if v)
        yield tuple(part for cell in cells for part in cell)


@block_lines.register
def _(block: s.Money, where: Where) -> Iterator[Line]:
    amount = f"{block.fen / 100:.2f}".removesuffix(".00")
    yield block.title, where.words.t("fee.yuan", yuan=amount), block.basis


@block_lines.register
def _(block: s.Figure, where: Where) -> Iterator[Line]:
    yield block.caption, block.text


@block_lines.register
def _(block: s.Field, where: Where) -> Iterator[Line]:
    thing = things_of(block, where)[0][1]
    if block.error:
        yield (*thing.names, thing.state[0], where.words.t("speech.fault"), block.error)
    else:
        yield (*thing.names, *thing.state)


@block_lines.register
def _(block: s.Choice, where: Where) -> Iterator[Line]:
    chosen = [option.label for option in block.options if option.key == block.selected]
    yield (
        (block.label, where.words.t("speech.chosen"), *chosen)
        if chosen
        else (block.label, where.words.t("speech.empty"))
    )
    if block.error:
        yield where.words.t("speech.fault"), block.error


@block_lines.register
def _(block: s.PinPad, where: Where) -> Iterator[Line]:
    say = where.words.t
    told = say("pin.typed", count=block.typed, length=block.length)
    yield (block.label, told, say("speech.fault"), block.error) if block.error else (block.label, told)


@block_lines.register
def _(block: s.Keypad, where: Where) -> Iterator[Line]:
    if block.next is not None:
        yield (block.next.label,)


@block_lines.register
def _(block: s.Candidates, where: Where) -> Iterator[Line]:
    if block.words:
        yield where.words.t("speech.candidates"), block.words[0]


@block_lines.register
def _(block: s.Ink, where: Where) -> Iterator[Line]:
    yield (block.label,)


@block_lines.register(s.Picture)
@block_lines.register(s.Preview)
@block_lines.register(s.Qr)
def _(block: s.Picture | s.Preview | s.Qr, where: Where) -> Iterator[Line]:
    yield (block.caption,)


@block_lines.register
def _(block: s.Progress, where: Where) -> Iterator[Line]:
    yield (block.label,)


@block_lines.register
def _(block: s.Rating, where: Where) -> Iterator[Line]:
    yield block.title, block.note


@block_lines.register
def _(block: s.Measures, where: Where) -> Iterator[Line]:
    for line in block.lines:
        yield line.label, line.value, line.told


@block_lines.register
def _(block: s.Chart, where: Where) -> Iterator[Line]:
    yield block.title, *(f"{bar.label} {bar.value}".strip() for bar in block.bars)


@block_lines.register(s.Wipe)
@block_lines.register(s.Plain)
@block_lines.register(s.Cross)
def _(block: s.Wipe | s.Plain | s.Cross, where: Where) -> Iterator[Line]:
    yield (block.label,)
