"""What the terminal reads from the broker, each member bounded; what it writes, as bytes under the contract's cap."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from config.fleet_contract import LONGEST_COMMAND_S, MOST_BYTES, MOST_PARAM, MOST_PARAMS, VERSION

M = TypeVar("M", bound=BaseModel)
MOST_N: Final = 1 << 62
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
ParamName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
Param = Annotated[str, StringConstraints(max_length=MOST_PARAM)]


class Unreadable(ValueError):
    """Not a message of the contract; the words name the member and hold nothing of its content."""


class TooLarge(ValueError):
    """More than the contract allows for one payload."""


class Signed(BaseModel):
    """`command`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    envelope: Annotated[str, StringConstraints(min_length=4, max_length=MOST_BYTES)]
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]

    def octets(self) -> bytes:
        """The envelope's exact bytes: what is signed. Raises `Unreadable`."""
        try:
            return base64.b64decode(self.envelope, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Unreadable("envelope: not base64") from error


class Envelope(BaseModel):
    """What is ordered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1]
    id: UUID
    terminal: Annotated[str, StringConstraints(max_length=20)]
    name: Word
    params: Annotated[dict[ParamName, Param], Field(max_length=MOST_PARAMS)]
    issued_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def lasts_s(self) -> float:
        """From issue to expiry."""
        return (self.expires_at - self.issued_at).total_seconds()


class Acknowledged(BaseModel):
    """How far the control room holds the chain."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    terminal: Annotated[str, StringConstraints(max_length=20)]
    chain: Annotated[str, StringConstraints(max_length=64)]
    n: Annotated[int, Field(ge=0, le=MOST_N)]
    gap: bool = False


class Request(BaseModel):
    """What the control room asks of one terminal of the site."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    want: Literal["rebirth"]
    terminal: Annotated[str, StringConstraints(max_length=20)]


def read_signed(payload: bytes) -> Signed:
    """Raises `TooLarge`, `Unreadable`."""
    return _read(Signed, payload)


def read_envelope(octets: bytes) -> Envelope:
    """Raises `TooLarge`, `Unreadable`."""
    envelope = _read(Envelope, octets)
    if not 0 < envelope.lasts_s <= LONGEST_COMMAND_S:
        raise Unreadable(f"expires_at: an order lasts up to {LONGEST_COMMAND_S} s from issued_at")
    return envelope


def read_acknowledged(payload: bytes) -> Acknowledged:
    """Raises `TooLarge`, `Unreadable`."""
    return _read(Acknowledged, payload)


def read_request(payload: bytes) -> Request:
    """Raises `TooLarge`, `Unreadable`."""
    return _read(Request, payload[: MOST_BYTES + 1])


def _read(kind: type[M], payload: bytes) -> M:
    if len(payload) > MOST_BYTES:
        raise TooLarge(f"{len(payload)} bytes; a payload has at most {MOST_BYTES}")
    try:
        return kind.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part)[:30] for part in first["loc"][:1]) or "payload"
        raise Unreadable(f"{where}: {first['type']}") from None


def payload(message: Mapping[str, Any]) -> bytes:
    """A message as it is published. Raises `TooLarge`."""
    octets = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    if len(octets) > MOST_BYTES:
        raise TooLarge(f"{len(octets)} bytes; a payload has at most {MOST_BYTES}")
    return octets


def result(command: str, state: str, words: str, at: datetime | str) -> dict[str, Any]:
    """`result`."""
    moment = at if isinstance(at, str) else at.isoformat(timespec="seconds")
    return {"v": VERSION, "command": command, "state": state, "words": words[:200], "at": moment}
