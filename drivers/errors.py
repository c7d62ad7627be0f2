"""Every way a device can fail, as one tree. Each leaf is a cause that somebody can act on.

DeviceError
├── LinkError                    the wire, not the device
│   ├── PortMissing              no such port: unplugged or not yet enumerated        technician
│   ├── PortBusy                 another program holds the port                       technician
│   ├── PortDenied               the terminal's user may not open it                  technician
│   ├── LinkRefused              nobody listens at that address                       technician
│   └── LinkLost                 the wire went away while open                        technician
├── NoAnswer                     the wire is there, the device says nothing           technician
├── ProtocolError                bytes came that the standard does not know           vendor
│   └── WrongDevice              a device answers, but not this kind                  technician
├── DeviceFault                  the device says itself that it is broken             vendor
├── NeedsPeople                  the device waits for hands: paper, cover, jam        technician
├── Unsupported                  this model cannot do that                            vendor
├── NotFitted                    the profile has no such device                       technician
├── DriverFailed                 the driver itself has a bug                          vendor
└── MediaError                   what the citizen presented, not the device           citizen
    ├── NoMedia                  nothing there (no card in the field)
    ├── MediaUnreadable          there, but not readable: place it again
    └── MediaRejected            readable and refused: forged, wrong type
"""

from __future__ import annotations

from typing import ClassVar, Literal

Fixer = Literal["citizen", "technician", "vendor"]


class DeviceError(Exception):
    """A device could not do what was asked.

    `cause` is a stable keyword, `who` can mend it, `again` tells whether trying again can help, `code` is
    the device's own word for it. The message says what, where and what to do; it never holds personal data.
    """

    cause: ClassVar[str] = "device-error"
    who: ClassVar[Fixer] = "technician"
    again: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class LinkError(DeviceError):
    """The wire failed; the supervisor will open it again."""

    cause = "link-error"
    again = True


class PortMissing(LinkError):
    """The port does not exist: unplugged, or not yet enumerated."""

    cause = "port-missing"


class PortBusy(LinkError):
    """Another program holds the port."""

    cause = "port-busy"


class PortDenied(LinkError):
    """The terminal's user may not open the port."""

    cause = "port-denied"


class LinkRefused(LinkError):
    """Nobody listens at that address."""

    cause = "link-refused"


class LinkLost(LinkError):
    """The wire went away while it was open."""

    cause = "link-lost"


class NoAnswer(DeviceError):
    """The wire is there, the device said nothing before the deadline."""

    cause = "no-answer"
    again = True


class ProtocolError(DeviceError):
    """Bytes came that the protocol does not know."""

    cause = "protocol-error"
    who: ClassVar[Fixer] = "vendor"


class WrongDevice(ProtocolError):
    """Something answers on this port, but not the device that the profile names."""

    cause = "wrong-device"
    who: ClassVar[Fixer] = "technician"


class DeviceFault(DeviceError):
    """The device itself says that it is broken."""

    cause = "device-fault"
    who = "vendor"


class NeedsPeople(DeviceError):
    """The device waits for hands: paper, cover, jam."""

    cause = "needs-people"


class Unsupported(DeviceError):
    """This model cannot do that."""

    cause = "unsupported"
    who = "vendor"


class NotFitted(DeviceError):
    """This terminal has no such device: nothing was sent anywhere, and asking again cannot help."""

    cause = "not-fitted"


class DriverFailed(DeviceError):
    """The driver raised what no driver may raise: a bug in it. Trying again can help, mending it is its maker's."""

    cause = "driver-failed"
    who = "vendor"
    again = True


class MediaError(DeviceError):
    """What the citizen presented could not be used; the device is well."""

    cause = "media-error"
    who = "citizen"
    again = True


class NoMedia(MediaError):
    """Nothing is there: no card in the field."""

    cause = "no-media"


class MediaUnreadable(MediaError):
    """Something is there and cannot be read: place it again."""

    cause = "media-unreadable"


class MediaRejected(MediaError):
    """It was read and is refused: forged, of the wrong type, or void."""

    cause = "media-rejected"
    again = False
