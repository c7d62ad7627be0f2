"""The issuers' keys that a terminal believes: a TOML file of ids, algorithms, keys and the days they may sign for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config import DATA
from config.load import SettingsError, read_toml
from config.service import Words
from config.sm2 import KeyUnfit, must_be_point

SIMULATED_ISSUERS = DATA / "certificates" / "issuers.toml"
MAX_KEYS = 64
_OCTETS = {"ed25519": 32, "sm2": 64}


class IssuerKey(BaseModel):
    """One key of one issuer. `not_before` and `not_after` bound the day of issue, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,23}$")]
    algorithm: Literal["ed25519", "sm2"]
    public_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64,128}$")]
    issuer: Words
    not_before: date
    not_after: date
    simulated: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        expected = _OCTETS[self.algorithm]
        if len(self.public_key) != 2 * expected:
            raise ValueError(f"public_key: an {self.algorithm} key has {expected} octets ({2 * expected} hex digits)")
        if self.not_after < self.not_before:
            raise ValueError("not_after: lies before not_before")
        if self.algorithm == "sm2":
            try:
                must_be_point(self.octets)
            except KeyUnfit as error:
                raise ValueError(f"public_key: {error}") from error
        return self

    @property
    def octets(self) -> bytes:
        """The public key."""
        return bytes.fromhex(self.public_key)


IssuerKeys = Mapping[str, IssuerKey]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[tuple[IssuerKey, ...], Field(min_length=1, max_length=MAX_KEYS)]


def load_issuer_keys(path: Path | None, *, simulated: bool) -> IssuerKeys:
    """The keys of `path` by id; without a path the simulated city's, or none on a real terminal.

    Raises `SettingsError` with every fault; a real terminal takes no key of the simulated city, whatever it is called.
    """
    if path is None:
        return _read(SIMULATED_ISSUERS) if simulated else MappingProxyType({})
    keys = _read(path)
    if not simulated:
        known = {key.public_key for key in _read(SIMULATED_ISSUERS).values()}
        wrong = [k.id for k in keys.values() if k.simulated or k.public_key in known]
        if wrong:
            raise SettingsError(f"{path}: {', '.join(wrong)}: a simulated issuer's key; anybody can sign with it")
    return keys


@cache
def _read(path: Path) -> IssuerKeys:
    try:
        file = _File.model_validate(read_toml(path))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{path}: {len(lines)} fault(s) in the issuers' keys\n" + "\n".join(lines)) from error
    keys = {key.id: key for key in file.key}
    if len(keys) != len(file.key):
        raise SettingsError(f"{path}: a key id is used twice")
    return MappingProxyType(keys)
