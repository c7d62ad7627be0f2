"""The text process: RapidOCR, loaded when asked for. Started by `drivers.camera.texts`, spoken to over pipes.

    python -m drivers.camera.ocr_worker

Questions: {"do": "text" | "mrz", "today": "YYYY-MM-DD"}, the body a JPEG. Answers: {"lines": [[text, score]]} or
{"mrz": [lines as recognised and repaired] | null}; the terminal reads a zone again from its lines.
{"do": "hand"}, the body strokes (`hand_wire`): {"characters": [[character, score]]}.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from drivers.camera import ocr
from drivers.camera.frames import MAX_SIDE, jpeg_damage
from drivers.camera.hand import read_hand
from drivers.camera.hand_wire import unpack
from drivers.camera.worker_child import Answer, Loaded, run
from drivers.camera.worker_wire import MAX_PIXELS, WireError

MEMORY_MIB = 4096


def load() -> Loaded:
    """The nets loaded. Raises `WeightsWrong`, `ImportError`."""
    return {"model": ocr.load()}, answer


def answer(head: dict[str, Any], body: bytearray) -> Answer:
    """The answer to one question. Raises `WireError` for one that breaks the rules."""
    if head.get("do") == "hand":
        return {"characters": [list(one) for one in read_hand(unpack(body))]}, b""
    import cv2
    import numpy as np

    damage = jpeg_damage(bytes(body))
    if damage:
        raise WireError(f"text: the picture {damage}")
    decoded = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None or max(decoded.shape[:2]) > MAX_SIDE or decoded.size > MAX_PIXELS * 3:
        raise WireError("text: the picture cannot be decoded, or is too large")
    pixels = np.asarray(decoded, np.uint8)
    try:
        if head.get("do") == "mrz":
            reading = ocr.read_mrz(pixels, date.fromisoformat(str(head.get("today"))))
            return {"mrz": list(reading.lines) if reading else None}, b""
        if head.get("do") != "text":
            raise WireError("text: neither text nor mrz")
        return {"lines": [[line.text, round(line.score, 3)] for line in ocr.read_text(pixels)]}, b""
    finally:
        pixels.fill(0)


if __name__ == "__main__":
    run(load, MEMORY_MIB)
