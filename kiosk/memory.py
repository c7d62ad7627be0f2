"""Keeps the process small: glibc holds on to what start-up needed and gives every thread an arena of its own.

Both are hints to the C library; where it is another one, nothing happens. Figures in docs/performance.md.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc

ARENAS = 2
"""The stage's and everybody else's; a thread that only waits needs none of its own."""
M_ARENA_MAX = -8
"""malloc.h"""
SETTLED_S = 20.0
"""After this, what start-up needed is free."""
EVERY_S = 900.0


def few_arenas() -> bool:
    """Bound the number of arenas; before threads are started. Whether the C library knows how."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(M_ARENA_MAX, ARENAS) == 1


def give_back() -> bool:
    """Return what is free to the system; takes milliseconds. Whether anything was returned."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and trim(0) == 1


async def stay_small(settled_s: float = SETTLED_S, every_s: float = EVERY_S) -> None:
    """Once after the start, then now and then, for ever."""
    await asyncio.sleep(settled_s)
    give_back()
    gc.freeze()  # what lives now lives for ever: no collection has to walk it again
    while True:
        await asyncio.sleep(every_s)
        give_back()
