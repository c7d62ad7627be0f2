"""The rows of `make bench` for codes: our reader beside zxing-cpp, pyzbar and OpenCV's on the rendered set.

python tests/bench/vision_figures.py [--each 12]     the rows alone; `--each` pictures a kind and level of damage
python tests/bench/vision_figures.py --write FOLDER  write the set as pictures with a list for `kiosk-vision evaluate`
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from reader_figures import Row

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/vision"))

EACH = 4


def rows(each: int = EACH) -> Iterator[Row]:
    """A row a size. Some 40 seconds a size with 4 pictures a cell."""
    from rendered_codes import SIZES

    for size in SIZES:
        yield row(size, each)


def row(size: tuple[int, int], each: int) -> Row:
    """Share read, pictures with a wrong text, milliseconds, by every reader."""
    from rendered_codes import cells, draw

    from kiosk.vision.figures import percentile
    from kiosk.vision.readers import READERS, NotInstalled

    took: dict[str, list[float]] = {name: [] for name in READERS}
    right, wrong = dict.fromkeys(READERS, 0), dict.fromkeys(READERS, 0)
    pictures = [draw(cell, size, number) for cell in cells() for number in range(each)]
    for name, reader in READERS.items():
        for pixels, text in pictures:
            began = time.perf_counter()
            try:
                found = reader(pixels, {"qr"})
            except NotInstalled:
                break
            took[name].append(time.perf_counter() - began)
            right[name] += text in found
            wrong[name] += any(other != text for other in found)

    def said(name: str) -> str:
        if not took[name]:
            return f"{name}: not installed"
        middle, late = statistics.median(took[name]) * 1000, percentile(took[name], 0.95) * 1000
        return f"{name} {100 * right[name] / len(pictures):.1f} %, {wrong[name]} wrong, {middle:.0f}/{late:.0f} ms"

    what = f"spoiled codes read, {size[0]} x {size[1]} ({len(pictures)} pictures; ms median/p95)"
    peers = "; ".join(said(name) for name in READERS if name != "ours")
    return Row(what, said("ours"), peers, f"{right['ours'] / max(right['zxing'], 1):.2f} x zxing")


def write(folder: Path, each: int) -> int:
    """The set as PNG files and codes.csv; how many."""
    import cv2
    from rendered_codes import SIZES, cells, draw

    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "codes.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("file", "text", "format"))
        for size in SIZES:
            for cell in cells():
                for number in range(each):
                    pixels, text = draw(cell, size, number)
                    name = f"{size[1]}-{cell.damage}-{cell.level}-{number:02d}.png"
                    cv2.imwrite(str(folder / name), pixels)
                    out.writerow((name, text, "qr"))
                    count += 1
    return count


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if given.write:
        print(f"{write(given.write, given.each)} pictures and codes.csv in {given.write}")
    else:
        for row in rows(given.each):
            print(" | ".join(row))
