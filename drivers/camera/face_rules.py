"""What a comparison of faces may say: three bands, and one word of guidance a picture. Pure; measured numbers only.

The matcher (YuNet finds, SFace compares) is a stand-in for a certified engine: its bands come from press photos, not
from chip portraits, children, old portraits or masks. Among East-Asian public figures against reduced portraits a
cosine of 0.45 accepted 0.06 % of other people and missed 3.7 % of the right ones; 0.363 is SFace's published value.
Nothing here detects an attack: a good photo held up to the camera passes. `turn` is a hint for people, no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Band = Literal["pass", "retake", "refuse"]
Guidance = Literal["ok", "look", "one-person", "closer", "further", "light", "mask", "sunglasses"]
Covering = Literal["", "mask", "sunglasses"]
BANDS: tuple[str, ...] = get_args(Band)
GUIDANCE: tuple[str, ...] = get_args(Guidance)

PASS = 0.45
RETAKE = 0.363
MIN_EYES_PX = 42.0  # SFace sees eyes 38 px apart in its 112 px crop: fewer means enlarging
MIN_LUMA, MAX_LUMA = 45.0, 228.0
MAX_YAW = 0.30  # 15 degrees gives at most 0.27 on the invented citizens, 35 degrees at least 0.32
MAX_SHARE = 0.80  # a face that fills more of the picture loses forehead or chin at the next sway
BYSTANDER = 0.45
"""A face whose width is less than this share of the largest one's stands in the queue, not at the terminal."""


@dataclass(frozen=True, slots=True)
class View:
    """One picture as the worker saw it. `yaw`: the nose's way off the middle of the eyes, in eye distances, signed.

    `eyes_px`: distance of the eyes. `luma`: mean brightness of the face, 0 to 255. `score`: cosine to the portrait.
    `share`: how much of the picture's width or height the face takes. `covered`: what seems to hide a part of it.
    """

    faces: int
    eyes_px: float = 0.0
    luma: float = 0.0
    yaw: float = 0.0
    score: float = 0.0
    share: float = 0.3
    covered: Covering = ""


@dataclass(frozen=True, slots=True)
class Bands:
    """Scores from `pass_at` pass, from `retake_at` ask for another look, less refuse; -1 to 1."""

    pass_at: float
    retake_at: float

    def __post_init__(self) -> None:
        if not -1 <= self.retake_at <= self.pass_at <= 1:
            raise ValueError(f"bands: {self.retake_at} to {self.pass_at}; -1 <= retake <= pass <= 1")


MEASURED = Bands(PASS, RETAKE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Score (-1 to 1), band, what to say next, most people seen in a picture, how far the head turned.

    `best`: which of the pictures scored best, from 0; -1 when nothing was compared.
    """

    score: float
    band: Band
    guidance: Guidance
    faces: int
    turn: float
    best: int = -1


def guidance_for(view: View, *, covered_too: bool = False) -> Guidance:
    """The first thing wrong with a picture, in the order in which a person can mend it; `ok` when nothing is.

    What seems to cover the face is passed over when `covered_too`: a beard must not keep anybody out.
    """
    if view.faces == 0:
        return "look"
    if view.faces > 1:
        return "one-person"
    if not MIN_LUMA <= view.luma <= MAX_LUMA:
        return "light"
    if view.share > MAX_SHARE:
        return "further"
    if view.eyes_px < MIN_EYES_PX:
        return "closer"
    if abs(view.yaw) > MAX_YAW:
        return "look"
    if view.covered and not covered_too:
        return view.covered
    return "ok"


def band_of(score: float, bands: Bands = MEASURED) -> Band:
    """The band of a score."""
    if score >= bands.pass_at:
        return "pass"
    return "retake" if score >= bands.retake_at else "refuse"


def judge(views: Sequence[View], alike: float, bands: Bands = MEASURED, *, covered_too: bool = False) -> Judgement:
    """The verdict over several pictures of one try. `alike`: the lowest cosine between two good pictures (1 for one).

    Nobody is refused for a bad picture: unless half of them are good and show the same person, it is a retake.
    Of the good ones the best counts. Guidance `ok` says that the score counts; any other that nothing was compared.
    """
    words = [guidance_for(view, covered_too=covered_too) for view in views]
    good = [index for index, word in enumerate(words) if word == "ok"]
    faces = max((view.faces for view in views), default=0)
    yaws = [view.yaw for view in views if view.faces == 1]
    turn = round(max(yaws) - min(yaws), 3) if yaws else 0.0
    if not good or len(good) * 2 < len(views):
        troubles = Counter(word for word in words if word != "ok")
        worst: Guidance = troubles.most_common(1)[0][0] if troubles else "look"
        return Judgement(0.0, "retake", worst, faces, turn)
    if alike < bands.retake_at:
        return Judgement(0.0, "retake", "one-person", faces, turn)
    best = max(good, key=lambda index: views[index].score)
    score = max(-1.0, min(1.0, round(views[best].score, 4) + 0.0))  # no -0.0
    return Judgement(score, band_of(score, bands), "ok", faces, turn, best)
