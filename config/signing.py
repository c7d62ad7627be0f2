"""Which applications are signed by hand (signing.toml), and from when on strokes are a signature."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from config import DATA
from config.load import SettingsError, read_toml
from config.service_words import ServiceId
from config.settings import Section

Note = Annotated[str, Field(min_length=10, max_length=200)]


class SignatureRule(Section):
    """Lengths in shares of the longer side of the field; what is beyond the caps is thinned or not taken."""

    least_length: Annotated[float, Field(gt=0, le=1)]
    least_span: Annotated[float, Field(gt=0, le=1)]
    most_strokes: Annotated[int, Field(ge=1, le=64)]
    most_points: Annotated[int, Field(ge=64, le=4000)]


class Signing(Section):
    """The whole table: `items` has for each item why it is signed."""

    signature: SignatureRule
    items: Annotated[Mapping[ServiceId, Note], Field(max_length=300)]


@cache
def signing(path: Path = DATA / "signing.toml") -> Signing:
    """The table. Raises `SettingsError` with everything that is wrong."""
    try:
        return Signing.model_validate(read_toml(path))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'signing'}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{path}: {len(lines)} fault(s)\n" + "\n".join(lines)) from error
