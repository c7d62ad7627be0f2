"""What a camera under /dev calls itself: VIDIOC_QUERYCAP of the kernel's videodev2.h; nothing is switched on."""

from __future__ import annotations

import errno
import fcntl
import os
import struct

from drivers.errors import LinkError, PortBusy, PortDenied, PortMissing, WrongDevice

QUERYCAP = 0x80685600
"""_IOR('V', 0, struct v4l2_capability), 104 bytes."""
_CAPABILITY = struct.Struct("=16s32s32sIII12x")
_VIDEO_CAPTURE = 0x00000001
_CAPTURE_MPLANE = 0x00001000
_DEVICE_CAPS = 0x80000000
_BY_ERRNO: dict[int, type[LinkError]] = {
    errno.ENOENT: PortMissing,
    errno.ENODEV: PortMissing,
    errno.ENXIO: PortMissing,
    errno.EACCES: PortDenied,
    errno.EPERM: PortDenied,
    errno.EBUSY: PortBusy,
}


def camera_words(path: str) -> str:
    """Name and bus of the camera at `path`.

    Raises `PortMissing`, `PortDenied`, `PortBusy`; `WrongDevice` for a node that gives no pictures (a camera often has
    a second one, for its metadata).
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _BY_ERRNO.get(error.errno or 0, LinkError)(f"{path}: {error.strerror}") from error
    try:
        answer = fcntl.ioctl(fd, QUERYCAP, bytes(_CAPABILITY.size))
    except OSError as error:
        raise WrongDevice(f"{path}: no camera: {error.strerror}") from error
    finally:
        os.close(fd)
    return capability_words(path, answer)


def capability_words(path: str, answer: bytes) -> str:
    """The words in a `struct v4l2_capability`. Raises `WrongDevice` when it gives no pictures."""
    _, card, bus, _, capabilities, own = _CAPABILITY.unpack(answer[: _CAPABILITY.size])
    of_this_node = own if capabilities & _DEVICE_CAPS else capabilities
    if not of_this_node & (_VIDEO_CAPTURE | _CAPTURE_MPLANE):
        raise WrongDevice(f"{path}: gives no pictures; it is the second node of a camera, or no camera")
    name, where = (part.split(b"\0", 1)[0].decode("utf-8", "replace") for part in (card, bus))
    return f"{name} ({where})"
