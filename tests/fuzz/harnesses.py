"""Every harness by the name of its corpus folder. It takes any bytes and fails by an exception, a hang, or memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.fuzz import card, licence, pad, receipt, rest, wires

HARNESSES: Mapping[str, Callable[[bytes], None]] = MappingProxyType(
    {
        "id-card-frames": card.frames,
        "id-card-content": card.content,
        "id-card-host": card.host,
        "id-card-portraits": card.portraits,
        "receipt-commands": receipt.commands,
        "receipt-replies": receipt.replies,
        "receipt-rendering": receipt.rendering,
        "ipp-messages": licence.messages,
        "zvt-units": pad.units,
        "zvt-answers": pad.answers,
        "zvt-line": pad.line,
        "zvt-numbers": pad.numbers,
        "camera-pictures": rest.pictures,
        "camera-faces": rest.faces,
        "cabinet-modbus": wires.modbus,
        "traces": wires.traces,
        "trace-secrets": wires.secrets,
        "settings": rest.settings,
    }
)
