"""Who may do what: one table. An act that does not stand here may be done by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal["field", "supervisor"]
ROLES: Final[tuple[Role, ...]] = ("field", "supervisor")
_BOTH: Final = frozenset(ROLES)
_SUPERVISOR: Final = frozenset({"supervisor"})

ACTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "look": _BOTH,  # readiness, details, counters: nothing moves
        "audit": _BOTH,
        "test": _BOTH,
        "burn-in": _BOTH,
        "restart-device": _BOTH,
        "refill": _BOTH,  # paper, toner
        "forms-count": _BOTH,
        "forms-sign": _SUPERVISOR,  # controlled forms: whoever counted does not sign
        "forgotten": _BOTH,
        "intents": _BOTH,
        "intent-ask": _BOTH,  # the device or the platform is asked again; nothing is decided
        "intent-settle": _SUPERVISOR,
        "reissue": _SUPERVISOR,
        "close": _BOTH,
        "close-words": _SUPERVISOR,  # with a sentence of one's own
        "open": _BOTH,
        "drain": _BOTH,
        "port": _BOTH,
        "profile-check": _BOTH,
        "settings": _SUPERVISOR,
        "update": _SUPERVISOR,
        "accept-quarantine": _SUPERVISOR,
        "report": _BOTH,
        "bundle": _BOTH,
        "capture": _SUPERVISOR,  # a picture of the panel
        "trace": _BOTH,
        "logs": _BOTH,
    }
)
"""Act -> the roles that may do it."""
AT_THE_PANEL: Final = frozenset({"intent-settle", "reissue"})
"""What needs eyes: a slip, a page in the tray. Nobody may do it from afar."""


UNCUT: Final = frozenset({"intent-settle", "reissue", "accept-quarantine"})
"""Money and controlled documents: waited for, never cut in the middle."""


def kind_of(act: str) -> str:
    """The row of `ACTS`: "test/id_card" is a "test"."""
    return act.partition("/")[0]


def may(role: str, act: str) -> bool:
    """Whether this role may do `act` ("port", "test/id_card")."""
    return role in ACTS.get(kind_of(act), frozenset())
