"""The ladder of proofs (identity.toml): what leads to which level, what it needs, what platforms call levels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from config import DATA
from config.load import SettingsError, read_toml
from config.service import Level
from config.settings import Section

ProofKey = Literal["card", "code", "number", "face", "match", "officer", "social", "agency"]
Need = Literal["id_card", "camera", "card-slot", "payment_pad", "platform"]
LEVELS: Final[tuple[Level, ...]] = ("A0", "A1", "A2", "A3", "A4")


class ProofRow(Section):
    """One rung: from level `starts` on, `gives`. `equal`: instead of the one that the terminal offers first."""

    key: ProofKey
    starts: Annotated[Level, Field(alias="from")]
    gives: Level
    needs: Annotated[tuple[Need, ...], Field(min_length=1, max_length=6)]
    typed: bool = False
    equal: bool = False


class Ladder(Section):
    """The whole table."""

    fresh_s: Annotated[float, Field(ge=30, le=1800)]
    """Seconds for which what was proven serves the next matter of the same visit."""
    proof: Annotated[tuple[ProofRow, ...], Field(min_length=1, max_length=12)]
    levels: Annotated[Mapping[str, Mapping[str, Level]], Field(min_length=1, max_length=12)]

    def level(self, platform: str, word: str) -> Level:
        """What `platform` calls `word` in ours. Raises `KeyError`: a level that is not in the table proves nothing."""
        return self.levels[platform][word]


def load_ladder(path: Path = DATA / "identity.toml") -> Ladder:
    """The table in `path`. Raises `SettingsError` with all faults."""
    try:
        found = Ladder.model_validate(read_toml(path))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'identity'}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{path}: {len(lines)} fault(s)\n" + "\n".join(lines)) from error
    keys = [row.key for row in found.proof]
    if len(set(keys)) != len(keys):
        raise SettingsError(f"{path}: proof: a key is used twice")
    return found


@cache
def ladder() -> Ladder:
    """The table of this installation."""
    return load_ladder()
