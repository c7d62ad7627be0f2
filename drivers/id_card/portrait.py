"""Decoders of the chip's photo blob, chosen by the option `portrait` of the profile.

| option     | decoder                                                                  |
|------------|--------------------------------------------------------------------------|
| `none`     | none installed: there is no portrait, and nothing is put in its place     |
| `standin`  | the simulator's declared stand-in codec; refuses to see a real card's WLT |
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from drivers.id_card.frames import PHOTO_HEIGHT, PHOTO_WIDTH, PhotoError, is_wlt, unpack_standin

log = logging.getLogger(__name__)

Pixels: TypeAlias = Any
"""A numpy array, uint8, (126, 102, 3), blue green red."""

PortraitDecoder: TypeAlias = Callable[[bytes], "Pixels | None"]
"""Blob to picture; None when there is no picture to be had. Never raises, never substitutes."""


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


DECODERS: Final[Mapping[str, PortraitDecoder]] = MappingProxyType({"none": _no_decoder, "standin": decode_standin})


def portrait_decoder(option: str) -> PortraitDecoder:
    """The decoder that a profile names. Raises `ValueError` listing those that exist."""
    decoder = DECODERS.get(option)
    if decoder is None:
        raise ValueError(f"option portrait={option!r}: unknown decoder; use one of {', '.join(sorted(DECODERS))}")
    return decoder
