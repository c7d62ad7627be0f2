"""What is shared about cameras and what lies before them: `picture` streams and JPEGs, `mrz` machine-readable zones.

Pure: no I/O, no clock.
"""

from __future__ import annotations

from drivers.camera.frames.mrz import (
    LAYOUTS,
    MrzError,
    MrzReading,
    check_digit,
    compose_mrz,
    likely_mrz_lines,
    read_mrz_lines,
)
from drivers.camera.frames.picture import (
    BOUNDARY,
    DARK_LUMA,
    FPS,
    HEIGHT,
    LIVE_S,
    MAX_JPEG,
    MAX_REQUEST,
    MAX_SIDE,
    MAX_TRAILING,
    MJPEG_PATH,
    WIDTH,
    FrameError,
    Picture,
    Signal,
    jpeg_damage,
    part,
    refusal,
    requested_path,
    shown,
    stream_head,
)

__all__ = [
    "BOUNDARY",
    "DARK_LUMA",
    "FPS",
    "HEIGHT",
    "LAYOUTS",
    "LIVE_S",
    "MAX_JPEG",
    "MAX_REQUEST",
    "MAX_SIDE",
    "MAX_TRAILING",
    "MJPEG_PATH",
    "WIDTH",
    "FrameError",
    "MrzError",
    "MrzReading",
    "Picture",
    "Signal",
    "check_digit",
    "compose_mrz",
    "jpeg_damage",
    "likely_mrz_lines",
    "part",
    "read_mrz_lines",
    "refusal",
    "requested_path",
    "shown",
    "stream_head",
]
