"""What a profile says of a bank's library: where it is, what it is called, and what its maker promises."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Symbol = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")


class LibraryOptions(BaseModel):
    """Options of `payment_pad.library`. Link: `library:///opt/bank/libposinf.so`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    pos: str = Field(default="", max_length=8)
    """The POS number that the bank gave, up to 8 characters."""
    operator: str = Field(default="", max_length=8)
    """The operator number, up to 8 characters."""
    function: str = Field(default="bankall", pattern=Symbol.pattern)
    success: list[int] = Field(default=[], max_length=8)
    """Return values of the function that mean that there is an answer; empty: whatever it returns."""
    mode: Literal["sale", "hold"] = "sale"
    """hold: pre-authorise (21), complete (23) when the service was given."""
    industry: bool = False
    """The request carries 100 bytes of industry data (blanks)."""
    sign_in: bool = True
    """Sign in (05) once a day before anything else."""
    quick_s: float = Field(default=60.0, gt=0, le=300)
    """Deadline of calls without a citizen: sign-in, reprint, void."""
    settle_s: float = Field(default=90.0, ge=0, le=600)
    """How long after a call that was cut the pad may still take money by itself; until then "no" proves nothing."""
    voided: list[str] = Field(default=[], max_length=8)
    """Codes that answer a void of what is void already."""
    empty: list[str] = Field(default=[], max_length=8)
    """Codes that answer a reprint when there is nothing to reprint."""
    late_void: Literal["refuse", "refund"] = "refuse"
    """What becomes of a void on a later day than the sale: refused, or a refund (02)."""

    @classmethod
    def of(cls, name: str, options: Mapping[str, Any]) -> LibraryOptions:
        """Raises `ValueError` that lists every wrong option."""
        try:
            return cls.model_validate(dict(options))
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise ValueError(f"{name}: {faults}") from None


def library_of(link_url: str) -> str:
    """The path of `library:///...`. Raises `ValueError`."""
    parts = urlsplit(link_url)
    path = unquote(parts.path)
    if parts.scheme != "library" or parts.netloc or not path.startswith("/") or parts.query or parts.fragment:
        raise ValueError(f"{link_url}: write library:///absolute/path/of/the/library.so")
    return path


@dataclass(frozen=True, slots=True)
class Call:
    """Which function of which library; what the child process is told."""

    library: str
    function: str

    def json(self) -> str:
        """As an argument of the child."""
        return json.dumps({"library": self.library, "function": self.function})
