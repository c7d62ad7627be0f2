"""Text and machine-readable zones in a picture, by RapidOCR on onnxruntime. Runs in the process that calls it.

The terminal never calls this itself: `drivers.camera.texts` asks a process of its own (`ocr_worker`). Evaluation and
tests do. The weights are those of the wheel rapidocr 3.10.0 (PP-OCRv6 small, Apache-2.0), their hashes checked.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drivers.camera.frames import MrzError, MrzReading, likely_mrz_lines, read_mrz_lines

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

WEIGHTS = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx": "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
}
MAX_LINES = 200
MAX_LINE = 200
_LONG_SIDE = 2000  # of the picture that is read: an A4 page at 170 dots an inch
_BAND = 0.34  # of the picture: the zone of a passport page is in the lower 28 %, of a permit in the lower 40 %
_BAND_WIDE = 1600


class WeightsWrong(RuntimeError):
    """A model file is missing or is not the one that was measured."""


@dataclass(frozen=True, slots=True)
class Line:
    """One recognised line: its text, how sure (0 to 1), its box (left, top, right, bottom) in pixels."""

    text: str = field(repr=False)
    score: float
    box: tuple[int, int, int, int]


@lru_cache(maxsize=1)
def _engine() -> Any:
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None or importlib.util.find_spec("onnxruntime") is None:
        raise WeightsWrong("package rapidocr or onnxruntime is not installed; install the locked requirements")
    folder = Path(spec.origin).parent / "models"
    for name, sha256 in WEIGHTS.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise WeightsWrong(f"{name} is missing or not the measured file; install the locked requirements")
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": _LONG_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def load() -> str:
    """Load the nets, if they are not; what they are called. Raises `WeightsWrong`."""
    _engine()
    return f"rapidocr-{version('rapidocr')}/pp-ocrv6-small/onnxruntime-{version('onnxruntime')}"


def recogniser() -> Any:
    """The net that reads one line (rapidocr's TextRecognizer), loaded alone. Raises `WeightsWrong`."""
    engine = _engine()
    if engine.text_rec is None:  # rapidocr loads a net when it is first used
        import numpy as np

        engine(np.full((48, 48, 3), 255, np.uint8), use_det=False, use_cls=False, use_rec=True)
    return engine.text_rec


def read_text(pixels: NDArray[uint8]) -> tuple[Line, ...]:
    """The lines of text in `pixels` (height x width x BGR), from the top; at most `MAX_LINES`."""
    result = _engine()(pixels)
    if result.boxes is None or result.txts is None:
        return ()
    lines = []
    for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        left, top = (int(v) for v in box.min(0))
        right, bottom = (int(v) for v in box.max(0))
        lines.append(Line(str(text)[:MAX_LINE], float(score), (left, top, right, bottom)))
    return tuple(sorted(lines[:MAX_LINES], key=lambda line: line.box[1]))


def read_mrz(pixels: NDArray[uint8], today: date | None = None) -> MrzReading | None:
    """The machine-readable zone in `pixels`: the whole picture, then its lower band enlarged, then upside down.

    None when there is none. `valid` of the reading says whether all its check digits are right.
    """
    import numpy as np

    day = today or datetime.now(UTC).date()
    best: MrzReading | None = None
    for turned in (pixels, np.ascontiguousarray(pixels[::-1, ::-1])):
        for picture in (turned, _band(turned)):
            reading = mrz_of(read_text(picture), day)
            if reading is not None and reading.valid:
                return reading
            best = best or reading
        if best is not None:
            break  # it was the right way up, and is not to be read better
    return best


def mrz_of(lines: tuple[Line, ...], today: date) -> MrzReading | None:
    """The zone among recognised lines, or None."""
    likely = likely_mrz_lines([line.text for line in _rows(lines)])
    for count in (3, 2):
        if len(likely) < count:
            continue
        try:
            return read_mrz_lines(likely[-count:], today)
        except MrzError:
            continue
    return None


def _rows(lines: tuple[Line, ...]) -> list[Line]:
    """Boxes that stand beside each other, joined to one line: a reader splits a zone at long runs of fillers."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: (one.box[1] + one.box[3]) / 2):
        middle = (line.box[1] + line.box[3]) / 2
        last = rows[-1][-1].box if rows else None
        if (
            last is not None
            and last[1] < middle < last[3]
            and min(last[3], line.box[3]) - max(last[1], line.box[1]) > 0
        ):
            rows[-1].append(line)
        else:
            rows.append([line])
    joined = []
    for row in rows:
        row.sort(key=lambda one: one.box[0])
        boxes = [line.box for line in row]
        box = (boxes[0][0], min(b[1] for b in boxes), boxes[-1][2], max(b[3] for b in boxes))
        joined.append(Line("".join(line.text for line in row), min(line.score for line in row), box))
    return joined


def _band(pixels: NDArray[uint8]) -> NDArray[uint8]:
    """The lower part, `_BAND_WIDE` pixels wide."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    band = pixels[height - round(height * _BAND) :]
    by = _BAND_WIDE / width
    return np.asarray(cv2.resize(band, None, fx=by, fy=by, interpolation=cv2.INTER_CUBIC), np.uint8)
