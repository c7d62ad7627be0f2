"""One evaluation a kind of list. Every picture is read from the folder, looked at, and forgotten."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from drivers.camera.codes import MAX_PIXELS, Format
from drivers.errors import DeviceError, MediaUnreadable
from kiosk.vision.figures import Report, accepted_at, equal_error_rate, percentile, rate, times
from kiosk.vision.lists import List, Row, corners_of, format_of, none_there, zone_of
from kiosk.vision.readers import READERS, NotInstalled

MAX_FILE: Final = 64 << 20
FACE_S: Final = 30.0


def picture(path: Path) -> Any:
    """Pixels, height x width x BGR, upright by its Exif. Raises `ValueError` for no picture or too large a file."""
    import cv2
    import numpy as np

    size = path.stat().st_size
    if size > MAX_FILE:
        raise ValueError(f"{path.name}: {size} bytes; at most {MAX_FILE}")
    try:
        pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ValueError(f"{path.name}: no picture that can be read ({error.err})") from error
    if pixels is None:
        raise ValueError(f"{path.name}: no picture that can be read")
    if pixels.shape[0] * pixels.shape[1] > MAX_PIXELS:
        shrink = (MAX_PIXELS / (pixels.shape[0] * pixels.shape[1])) ** 0.5
        pixels = cv2.resize(pixels, None, fx=shrink * 0.999, fy=shrink * 0.999, interpolation=cv2.INTER_AREA)
    return pixels


def _pictures(rows: Sequence[Row], folder: Path, broken: list[str]) -> Iterator[tuple[list[Row], Any]]:
    """Each file once, with its rows; those that cannot be read go to `broken`."""
    by_file: dict[str, list[Row]] = {}
    for row in rows:
        by_file.setdefault(row.cells["file"].strip(), []).append(row)
    for file, those in by_file.items():
        try:
            yield those, picture(folder / file)
        except (ValueError, OSError) as error:
            broken.append(f"line {those[0].line}: {error}")


def codes(
    found: List, folder: Path, readers: Sequence[str], formats: Collection[Format]
) -> tuple[list[Report], list[str]]:
    """Each reader on every picture: codes read, wrong texts, times. And pictures that could not be read."""
    broken: list[str] = []
    reports = {name: Report(f"codes, {name}") for name in readers}
    right = dict.fromkeys(readers, 0)
    wrong = dict.fromkeys(readers, 0)
    took: dict[str, list[float]] = {name: [] for name in readers}
    missing: dict[str, str] = {}
    total = without = 0
    for rows, pixels in _pictures(found.rows, folder, broken):
        texts = [row.cells.get("text", "") for row in rows]
        wanted = [text for text in texts if text]
        named = {format_of(row.cells.get("format", "")) for row in rows} - {""}
        look_for: Any = named or set(formats)
        total += len(wanted)
        without += not wanted
        for name in readers:
            if name in missing:
                continue
            began = time.perf_counter()
            try:
                read = READERS[name](pixels, look_for)
            except NotInstalled as error:
                missing[name] = str(error)
                continue
            took[name].append(time.perf_counter() - began)
            hits = sum(text in read for text in wanted)
            right[name] += hits
            strange = any(text not in wanted for text in read)
            wrong[name] += strange
            if hits < len(wanted) or strange:
                why = "wrong text" if strange else "not read"
                reports[name].missed.append(f"line {rows[0].line} {rows[0].cells['file'].strip()}: {why}")
    for name, report in reports.items():
        if name in missing:
            report.figures["not run"] = missing[name]
            continue
        report.figures |= {"read": rate(right[name], total), "pictures with a wrong text": wrong[name]}
        report.figures |= {"pictures without a code": without} if without else {}
        report.figures |= {"rate": round(right[name] / total, 4) if total else None, **times(took[name])}
    return list(reports.values()), broken


def faces(found: List, folder: Path) -> tuple[list[Report], list[str]]:
    """Pairs through the face engine, as the terminal compares a card's portrait with a live picture."""
    return asyncio.run(_faces(found, folder))


async def _faces(found: List, folder: Path) -> tuple[list[Report], list[str]]:
    from drivers.camera.faces import FaceEngine

    engine = FaceEngine(deadline_s=FACE_S)
    broken: list[str] = []
    report = Report("faces")
    scores: dict[str, list[float]] = {"1": [], "0": []}
    bands: dict[tuple[str, str], int] = {}
    took: list[float] = []
    unreadable = 0
    try:
        for row in found.rows:
            try:
                pair = [picture(folder / row.cells[name].strip()) for name in ("file_a", "file_b")]
            except (ValueError, OSError) as error:
                broken.append(f"line {row.line}: {error}")
                continue
            began = time.perf_counter()
            try:
                verdict = await engine.compare(pair[0], [pair[1]], covered_too=True)
            except (MediaUnreadable, ValueError):
                unreadable += 1
                report.missed.append(f"line {row.line}: no clear face in the first picture, or it is too large")
                continue
            took.append(time.perf_counter() - began)
            if verdict.guidance != "ok":
                unreadable += 1
                report.missed.append(f"line {row.line}: {verdict.guidance}")
                continue
            same = row.cells["same"].strip()
            scores[same].append(verdict.score)
            bands[same, verdict.band] = bands.get((same, verdict.band), 0) + 1
            if (verdict.band == "pass") != (same == "1"):
                report.missed.append(f"line {row.line}: {verdict.band}, score {verdict.score:.3f}")
    except DeviceError as error:
        broken.append(f"the face engine: {error}")
    finally:
        await engine.close()
    genuine, impostors = scores["1"], scores["0"]
    report.figures |= {"model": engine.model, "pairs compared": rate(len(genuine) + len(impostors), len(found.rows))}
    report.figures |= {"without a score": unreadable, "genuine": len(genuine), "impostors": len(impostors)}
    report.figures["EER"] = equal_error_rate(genuine, impostors)
    for far in (0.01, 0.001):
        point = accepted_at(genuine, impostors, far)
        report.figures[f"TAR at FAR {far:g}"] = None if point is None else round(point[0], 4)
        report.figures[f"threshold at FAR {far:g}"] = None if point is None else round(point[1], 4)
    for same, words in (("1", "genuine"), ("0", "impostors")):
        whole = len(scores[same])
        for band in ("pass", "retake", "refuse"):
            report.figures[f"{words}: {band}"] = rate(bands.get((same, band), 0), whole)
    if genuine:
        report.figures["genuine score, 5th percentile"] = round(percentile(genuine, 0.05), 4)
    if impostors:
        report.figures["impostor score, highest"] = round(max(impostors), 4)
    report.figures |= times(took)
    return [report], broken


def documents(found: List, folder: Path) -> tuple[list[Report], list[str]]:
    """Pages found on the desk, by how far their outline covers the true one (intersection over union)."""
    from drivers.camera.document import find_page

    broken: list[str] = []
    report = Report("documents")
    overlaps: list[float] = []
    false = without = 0
    took: list[float] = []
    for rows, pixels in _pictures(found.rows, folder, broken):
        began = time.perf_counter()
        page = find_page(pixels)
        took.append(time.perf_counter() - began)
        where = f"line {rows[0].line} {rows[0].cells['file'].strip()}"
        if none_there(rows[0]):
            without += 1
            false += page is not None
            report.missed += [f"{where}: a page where there is none"] if page is not None else []
            continue
        overlap = intersection_over_union(corners_of(rows[0]), page.corners) if page is not None else 0.0
        overlaps.append(overlap)
        if overlap <= 0.95:
            report.missed.append(f"{where}: " + (f"IoU {overlap:.3f}" if page is not None else "no page found"))
    whole = len(overlaps)
    report.figures = {
        "IoU above 0.95": rate(sum(o > 0.95 for o in overlaps), whole),
        "IoU above 0.9": rate(sum(o > 0.9 for o in overlaps), whole),
        "found": rate(sum(o > 0 for o in overlaps), whole),
        "pages where there are none": rate(false, without),
        **times(took),
    }
    return [report], broken


def intersection_over_union(truth: Sequence[tuple[float, float]], found: Any) -> float:
    """Of two quadrilaterals' areas, 0 to 1; corners in any order round the page."""
    import cv2
    import numpy as np

    one, other = (cv2.convexHull(np.asarray(quad, dtype=np.float32).reshape(4, 2)) for quad in (truth, found))
    shared, _ = cv2.intersectConvexConvex(one, other)
    union = cv2.contourArea(one) + cv2.contourArea(other) - shared
    return float(shared / union) if union > 0 else 0.0


def mrz(found: List, folder: Path) -> tuple[list[Report], list[str]]:
    """Machine-readable zones: lines right, check digits right, and the worst: check digits right, text wrong."""
    from drivers.camera.ocr import read_mrz

    broken: list[str] = []
    report = Report("machine-readable zones")
    whole = exact = valid = unsound = nothing = false = without = 0
    took: list[float] = []
    today = datetime.now(UTC).date()
    for rows, pixels in _pictures(found.rows, folder, broken):
        began = time.perf_counter()
        reading = read_mrz(pixels, today)
        took.append(time.perf_counter() - began)
        where = f"line {rows[0].line} {rows[0].cells['file'].strip()}"
        if none_there(rows[0]):
            without += 1
            false += reading is not None
            continue
        whole += 1
        right = reading is not None and tuple(reading.lines) == zone_of(rows[0])
        exact += right
        nothing += reading is None
        valid += reading is not None and reading.valid
        unsound += reading is not None and reading.valid and not right
        if not right:
            report.missed.append(f"{where}: " + ("no zone found" if reading is None else "another text"))
    report.figures = {
        "all lines right": rate(exact, whole),
        "all check digits right": rate(valid, whole),
        "check digits right, text wrong": rate(unsound, whole),
        "no zone found": rate(nothing, whole),
        "zones where there are none": rate(false, without),
        **times(took),
    }
    return [report], broken
