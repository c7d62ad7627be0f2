"""Blocks cut where a page may be cut (lists between lines, cards between rows), and put together again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from screens.look import Look
from screens.screen import Block, Checks, Gap, Items, Keypad, Rows, Table, Tiles
from screens.widgets.tiles import tile_columns


def parts(blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """What may be dealt out over turns, and what stays: everything after the last gap, or a keypad."""
    for index in range(len(blocks) - 1, -1, -1):
        if isinstance(blocks[index], Gap):
            return blocks[:index], blocks[index + 1 :]
        if isinstance(blocks[index], Keypad):
            return blocks[:index], blocks[index:]
    return blocks, ()


def pieces(look: Look, block: Block) -> list[Block]:
    """The parts that may stand on different turns, or in different columns."""
    if isinstance(block, Items):
        return [replace(block, items=(item,)) for item in block.items]
    if isinstance(block, Checks):
        return [replace(block, lines=(line,)) for line in block.lines]
    if isinstance(block, Rows):
        return [replace(block, rows=(row,), title=block.title if i == 0 else "") for i, row in enumerate(block.rows)]
    if isinstance(block, Table):
        return [
            replace(block, records=(record,), title=block.title if i == 0 else "")
            for i, record in enumerate(block.records)
        ]
    if isinstance(block, Tiles):
        step = tile_columns(look, block)
        return [replace(block, tiles=block.tiles[i : i + step]) for i in range(0, len(block.tiles), step)]
    return [block]


def joined(blocks: tuple[Block, ...], piece: Block) -> tuple[Block, ...]:
    """`piece` after `blocks`, in one card or list with what it was cut from."""
    last = blocks[-1] if blocks else None
    if isinstance(last, Items) and isinstance(piece, Items) and last.style == piece.style:
        return (*blocks[:-1], replace(last, items=last.items + piece.items))
    if isinstance(last, Checks) and isinstance(piece, Checks):
        return (*blocks[:-1], replace(last, lines=last.lines + piece.lines))
    if isinstance(last, Rows) and isinstance(piece, Rows) and not piece.title:
        return (*blocks[:-1], replace(last, rows=last.rows + piece.rows))
    if isinstance(last, Table) and isinstance(piece, Table) and not piece.title and last.columns == piece.columns:
        return (*blocks[:-1], replace(last, records=last.records + piece.records))
    if isinstance(last, Tiles) and isinstance(piece, Tiles) and last.columns == piece.columns:
        return (*blocks[:-1], replace(last, tiles=last.tiles + piece.tiles))
    return (*blocks, piece)


def together(several: Iterable[Block]) -> tuple[Block, ...]:
    """Pieces as blocks again."""
    out: tuple[Block, ...] = ()
    for piece in several:
        out = joined(out, piece)
    return out


def same_place(before: Sequence[tuple[Block, ...]], turn: int, now: Sequence[tuple[Block, ...]]) -> int:
    """The turn with what `turn` of `before` began with: the same page in other words or sizes."""
    passed = sum(_lines(block) for blocks in before[:turn] for block in blocks)
    for number, blocks in enumerate(now):
        passed -= sum(_lines(block) for block in blocks)
        if passed < 0:
            return number
    return max(0, len(now) - 1)


def _lines(block: Block) -> int:
    """How many lines, records or tiles a block has, however it is cut."""
    match block:
        case Items(items=several) | Rows(rows=several) | Table(records=several) | Tiles(tiles=several):
            return len(several)
        case Checks(lines=several):
            return len(several)
    return 1
