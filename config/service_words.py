"""What every part of the catalogue is made of: strict frozen models, keys, phrases."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
ServiceId = Annotated[str, Field(pattern=r"^WH-[A-Z]{2}-\d{3}$")]


class Part(BaseModel):
    """A part of the catalogue: unknown keys are faults, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """One phrase in the languages of the terminal. Korean falls back to English."""

    zh: Annotated[str, Field(min_length=1, max_length=300)]
    en: Annotated[str, Field(min_length=1, max_length=300)]
    ko: Annotated[str, Field(max_length=300)] = ""

    def get(self, language: str) -> str:
        """The phrase in `language` (zh, en, ko)."""
        return self.zh if language == "zh" else (self.ko or self.en) if language == "ko" else self.en
