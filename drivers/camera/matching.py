"""The contract of a face matcher: a class behind an entry point of the group `kiosk.face_matchers`.

A matcher runs in the face process, never in the terminal's own: a crash or a hang of native code costs one try. That
process finds faces, gives guidance, keeps the deadline and zeroes the pixels; a matcher only makes templates and
compares them. `docs/face-matchers.md` walks through a whole one. The one that comes along is `sface`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Final

from drivers.camera.face_rules import Bands

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray

GROUP: Final = "kiosk.face_matchers"
DEFAULT: Final = "sface"


class UnknownMatcher(ValueError):
    """No such matcher, or it cannot be used; the message says why and which there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in a picture, in its pixels: box (x, y, width, height), and five points as the person has them.

    `points` (5 x 2): right eye, left eye, tip of the nose, right and left corner of the mouth. `row` is all of it as
    YuNet's row of 15 (box, points, score).
    """

    row: NDArray[float32]

    @property
    def box(self) -> NDArray[float32]:
        """x, y, width, height; may reach beyond the picture."""
        return self.row[:4]

    @property
    def points(self) -> NDArray[float32]:
        """The five points, 5 x 2."""
        return self.row[4:14].reshape(5, 2)

    @property
    def eyes_px(self) -> float:
        """Distance of the eyes."""
        across = self.points[1] - self.points[0]
        return float((across @ across) ** 0.5)


class FaceMatcher(ABC):
    """Makes templates of faces and compares them. Made without arguments, opened once, used by one thread."""

    bands: ClassVar[Bands]
    """Which scores pass, which ask for another look. They belong to the engine and come from its own measurements."""

    @property
    @abstractmethod
    def model(self) -> str:
        """Names and versions of what compares, at most 120 characters; it goes on record with every verdict."""

    @abstractmethod
    def open(self) -> None:
        """Load everything, at most 15 s. Raises `WeightsWrong` or `ImportError`; the sentence says what to do."""

    @abstractmethod
    def template(self, picture: NDArray[uint8], face: Face) -> Any:
        """What is compared, made of `face` in `picture` (height x width x BGR). It never leaves this process."""

    @abstractmethod
    def score(self, one: Any, other: Any) -> float:
        """How alike two templates are, -1 to 1 (engines with another scale map theirs)."""

    @abstractmethod
    def forget(self, template: Any) -> None:
        """Zero a template; called for every one that was made."""


def load_matcher(name: str) -> FaceMatcher:
    """The matcher `name`, not yet opened. Raises `UnknownMatcher`."""
    found = list({(e.name, e.value): e for e in entry_points(group=GROUP, name=name)}.values())
    if not found and name == DEFAULT:  # a source tree that was never installed still has its own
        from drivers.camera.face_sface import SfaceMatcher

        return SfaceMatcher()
    if not found:
        known = ", ".join(sorted({e.name for e in entry_points(group=GROUP)} | {DEFAULT}))
        raise UnknownMatcher(f"face matcher {name!r}: no installed package brings it; there are {known}")
    if len(found) > 1:
        raise UnknownMatcher(f"face matcher {name!r}: two packages bring it; uninstall one")
    try:
        kind = found[0].load()
    except Exception as error:
        raise UnknownMatcher(f"face matcher {name!r}: {found[0].value} cannot be imported ({error})") from error
    if not (isinstance(kind, type) and issubclass(kind, FaceMatcher)):
        raise UnknownMatcher(f"face matcher {name!r}: {found[0].value} is no drivers.camera.matching.FaceMatcher")
    if missing := sorted(getattr(kind, "__abstractmethods__", ())):
        raise UnknownMatcher(f"face matcher {name!r}: {found[0].value} lacks {', '.join(missing)}")
    if not isinstance(getattr(kind, "bands", None), Bands):
        raise UnknownMatcher(f"face matcher {name!r}: {found[0].value} has no bands")
    return kind()
