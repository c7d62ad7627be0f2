"""The rules of ID photos by document (`id_photos.toml`): size, place of the head, wall, file, what a picture may be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PATH = Path(__file__).with_name("id_photos.toml")
Pixels = Annotated[int, Field(ge=1, le=2000)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of the rules: unknown keys are faults, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PhotoName(Part):
    """What the document is called."""

    zh: Annotated[str, Field(min_length=1, max_length=40)]
    en: Annotated[str, Field(min_length=1, max_length=60)]
    ko: Annotated[str, Field(min_length=1, max_length=40)]

    def get(self, language: str) -> str:
        """The name in `language` (zh, en, ko)."""
        return {"zh": self.zh, "ko": self.ko}.get(language, self.en)


class Wall(Part):
    """What is behind the head: at least this light (0 to 255), at most this far from grey, this share may differ."""

    luma: Annotated[int, Field(ge=0, le=255)]
    hue: Annotated[float, Field(ge=0, le=100)]
    other: Share = 0.06


class Limits(Part):
    """What a picture may be like. Ours, by measurement on rendered people; the standards say it in words only."""

    luma: tuple[float, float] = (70.0, 225.0)
    """Brightness of the face, 0 to 255."""
    blown: Share = 0.03
    """Share of the face that is pure white."""
    luma_apart: Share = 0.25
    """How far the halves of the face differ in light."""
    roll: Annotated[float, Field(gt=0, le=15)] = 6.0
    """Degrees by which the eyes may be out of level; the cut levels what is less."""
    yaw: Annotated[float, Field(gt=0, le=0.3)] = 0.11
    """Nose off the middle of the eyes, in eye distances; 15 degrees give 0.07 to 0.31."""
    nod: tuple[float, float] = (-40.0, 40.0)
    eyes_open: Annotated[float, Field(ge=0, le=1)] = 0.16
    """Lid gap in eye widths; the smallest of the open eyes measured has 0.19."""
    mouth: Share = 0.25
    """Lip gap in mouth widths."""
    glare: Share = 0.015
    sharp: Annotated[float, Field(ge=0, le=10)] = 1.25
    """Gradients by contrast (Tenengrad by variance) of a face 200 px wide; 1.5 to 3.4 sharp, 1.2 blurred by 2 px."""
    enlarge: Annotated[float, Field(ge=1, le=3)] = 1.35
    """How much the photo may be enlarged from the camera's picture."""


class PhotoRule(Part):
    """One document's photo. Ranges are (least, most)."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    name: PhotoName
    source: Annotated[str, Field(min_length=5, max_length=300)]
    uncertain: tuple[str, ...] = ()
    width_px: Pixels
    height_px: Pixels
    width_mm: Annotated[float, Field(gt=0, le=100)]
    height_mm: Annotated[float, Field(gt=0, le=100)]
    dpi: Annotated[int, Field(ge=72, le=1200)]
    face_width_px: tuple[Pixels, Pixels] | None = None
    head_height_px: tuple[Pixels, Pixels] | None = None
    top_gap_px: tuple[Pixels, Pixels]
    eyes_above_bottom_px: Annotated[int, Field(ge=0, le=2000)] = 0
    chin_above_bottom_px: Annotated[int, Field(ge=0, le=2000)] = 0
    jpeg_quality: Annotated[int, Field(ge=40, le=100)]
    max_bytes: Annotated[int, Field(ge=4096, le=1_000_000)]
    wall: Wall
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Ranges are ranges, something fixes the scale, and millimetres agree with pixels within 2 %."""
        for name in ("face_width_px", "head_height_px", "top_gap_px"):
            pair = getattr(self, name)
            if pair and pair[0] > pair[1]:
                raise ValueError(f"{name}: {pair[0]} to {pair[1]} is no range")
        if not (self.face_width_px or self.head_height_px):
            raise ValueError("face_width_px or head_height_px: one of them fixes how large the head is")
        for pixels, mm in ((self.width_px, self.width_mm), (self.height_px, self.height_mm)):
            if abs(pixels / self.dpi * 25.4 / mm - 1) > 0.02:
                raise ValueError(f"dpi: {pixels} px at {self.dpi} dpi are not {mm:g} mm")
        return self


@cache
def photo_rules() -> Mapping[str, PhotoRule]:
    """Every rule by its key. Raises `ValueError` for a file that breaks the schema."""
    tree = tomllib.loads(PATH.read_text("utf-8"))
    rules = [PhotoRule.model_validate(each) for each in tree["photo"]]
    if len({rule.key for rule in rules}) != len(rules):
        raise ValueError(f"{PATH.name}: a key is used twice")
    return MappingProxyType({rule.key: rule for rule in rules})
