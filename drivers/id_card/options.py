"""The reader's options in a profile, and the error that each failure of the host end is, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from drivers.errors import (
    DeviceError,
    DeviceFault,
    MediaRejected,
    MediaUnreadable,
    NoAnswer,
    NoMedia,
    ProtocolError,
    Unsupported,
)
from drivers.id_card.host import Failed, Why

_ERRORS: Final[Mapping[Why, type[DeviceError]]] = {
    Why.NO_CARD: NoMedia,
    Why.UNREADABLE: MediaUnreadable,
    Why.REJECTED: MediaRejected,
    Why.NO_ANSWER: NoAnswer,
    Why.GARBLED: ProtocolError,
    Why.UNSUPPORTED: Unsupported,
    Why.FAULT: DeviceFault,
}
HINTS: Final[Mapping[Why, str]] = {
    Why.NO_CARD: "put the card on the reader",
    Why.UNREADABLE: "lift the card and place it again, one card alone",
    Why.REJECTED: "this card cannot be used here",
    Why.NO_ANSWER: "check the reader's power and cable",
    Why.GARBLED: "check the cable and the line's speed",
    Why.UNSUPPORTED: "ask the vendor which commands this model has",
    Why.FAULT: "the reader needs its vendor",
}


@dataclass(frozen=True, slots=True)
class Options:
    """The profile's options. Reading fingerprints is off by default: nothing here uses them."""

    portrait: str = "none"
    additional_address: bool = True
    fingerprints: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Options:
        """From the profile's table. Raises `ValueError` for an unknown key or a value of the wrong type."""
        kinds = {field.name: type(field.default) for field in fields(cls)}
        for key, value in options.items():
            if key not in kinds:
                raise ValueError(f"id_card option {key!r} is unknown; there are {', '.join(sorted(kinds))}")
            if not isinstance(value, kinds[key]):
                raise ValueError(f"id_card option {key} must be a {kinds[key].__name__}, not {value!r}")  # noqa: TRY004 - a value in a file, not a caller's type
        return cls(**options)


def error_of(device: str, failed: Failed, more: str = "") -> DeviceError:
    """The error that `failed` is, saying what happened, where, and what to do."""
    words = f"{device}: {failed.words}{'; ' + more if more else ''}; {HINTS[failed.why]}"
    return _ERRORS[failed.why](words, code=failed.code)
