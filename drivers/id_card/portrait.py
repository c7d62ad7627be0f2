"""Decoders of the chip's photo blob, chosen by the option `portrait` of the profile.

| option                  | decoder                                                                        |
|-------------------------|--------------------------------------------------------------------------------|
| `none`                  | none installed: there is no portrait, and nothing is put in its place           |
| `standin`               | the simulator's declared stand-in codec; refuses to see a real card's WLT       |
| `ctypes:/opt/...?call=` | a vendor's library in a process of its own (`wlt_call` lists the calls); WLT only |
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias

from drivers.id_card.frames import PHOTO_HEIGHT, PHOTO_WIDTH, PhotoError, is_wlt, unpack_standin
from drivers.id_card.wlt import WltDecoder
from drivers.id_card.wlt_call import SCHEME

log = logging.getLogger(__name__)

Pixels: TypeAlias = Any
"""A numpy array, uint8, (126, 102, 3), blue green red."""


class PortraitDecoder(Protocol):
    """Blob to picture; None when there is no picture to be had. Never raises, never substitutes, takes bounded time.

    `installed` is False when this terminal has no decoder at all; `trouble` says why the last picture did not come.
    """

    installed: bool
    trouble: str

    def __call__(self, blob: bytes) -> Pixels | None:
        """The portrait in `blob`. May be called from any thread."""
        ...

    def close(self) -> None:
        """Give up what is at work."""
        ...


class _InProcess:
    """A decoder that is a function of ours."""

    def __init__(self, decode: Callable[[bytes], Pixels | None], *, installed: bool) -> None:
        self.installed = installed
        self.trouble = ""
        self._decode = decode

    def __call__(self, blob: bytes) -> Pixels | None:
        return self._decode(blob)

    def close(self) -> None:
        """Nothing is at work between two calls."""


def _no_decoder(_: bytes) -> Pixels | None:
    return None


def decode_standin(blob: bytes) -> Pixels | None:
    """The picture in a stand-in blob; None, and a line in the log, when it is something else or damaged."""
    try:
        webp = unpack_standin(blob)
    except PhotoError as error:
        log.warning("no portrait: %s%s", error, " (a real card; this decoder is the simulator's)" * is_wlt(blob))
        return None
    import cv2
    import numpy

    # IMREAD_COLOR_BGR and not _UNCHANGED: three channels whatever the file says.
    picture = cv2.imdecode(numpy.frombuffer(webp, numpy.uint8), cv2.IMREAD_COLOR)
    if picture is None or picture.shape != (PHOTO_HEIGHT, PHOTO_WIDTH, 3):
        log.warning("no portrait: the stand-in picture cannot be decoded")
        return None
    return picture


DECODERS: Final[Mapping[str, Callable[[], PortraitDecoder]]] = MappingProxyType(
    {
        "none": lambda: _InProcess(_no_decoder, installed=False),
        "standin": lambda: _InProcess(decode_standin, installed=True),
    }
)


def portrait_decoder(option: str) -> PortraitDecoder:
    """The decoder that a profile names. Raises `ValueError` saying what can be written."""
    if option.startswith(f"{SCHEME}:"):
        return WltDecoder.of(option)
    make = DECODERS.get(option)
    if make is None:
        known = ", ".join((*sorted(DECODERS), f"{SCHEME}:/path/to/library.so"))
        raise ValueError(f"option portrait={option!r}: unknown decoder; use one of {known}")
    return make()
