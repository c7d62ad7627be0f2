"""`kiosk-vision evaluate` on rendered sets: the figures are what the sets say, and bad rows are named and skipped."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from rendered_codes import SIZES, cells, draw
from typer.testing import CliRunner

from drivers.camera.frames import compose_mrz, read_mrz_lines
from kiosk.vision.cli import app
from kiosk.vision.evaluate import intersection_over_union
from kiosk.vision.figures import accepted_at, equal_error_rate, percentile
from kiosk.vision.lists import corners_of, format_of, read_list

FACES = Path(__file__).parents[2] / "simulator/faces"


def run(folder: Path, *words: str) -> tuple[int, str, dict[str, dict[str, object]]]:
    out = folder / "out.json"
    ended = CliRunner().invoke(app, ["evaluate", str(folder), *words, "--json", str(out)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    tree = json.loads(out.read_text()) if out.exists() else {"reports": []}
    return ended.exit_code, ended.output, {report["title"]: report for report in tree["reports"]}


def test_codes_beside_the_other_readers(tmp_path: Path) -> None:
    rows = ["file,text,format"]
    for number, cell in enumerate(c for c in cells() if c.damage in ("plain", "blur", "moire", "negative")):
        pixels, text = draw(cell, SIZES[0], number)
        cv2.imwrite(str(tmp_path / f"{number}.png"), pixels)
        rows.append(f'{number}.png,"{text}",QR_CODE')
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((200, 300), 120, np.uint8))
    (tmp_path / "codes.csv").write_text("\n".join([*rows, "empty.png,"]), encoding="utf-8")
    code, output, reports = run(tmp_path, "--list", str(tmp_path / "codes.csv"))
    assert code == 0, output
    assert set(reports) == {"codes, ours", "codes, zxing", "codes, pyzbar", "codes, opencv"}
    figures = {name: report["figures"] for name, report in reports.items()}
    assert figures["codes, ours"]["pictures with a wrong text"] == 0  # type: ignore[index]
    assert figures["codes, ours"]["pictures without a code"] == 1  # type: ignore[index]
    assert figures["codes, ours"]["rate"] > figures["codes, zxing"]["rate"]  # type: ignore[index, operator]
    assert figures["codes, ours"]["rate"] >= 0.85  # type: ignore[index, operator]
    assert "WHA1" not in output, "texts are not printed"


def test_linear_codes_are_confirmed(tmp_path: Path) -> None:
    import zxingcpp

    rows = []
    for name, text in (("Code128", "SF1234567890123"), ("EAN13", "6901234567892")):
        made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name))
        grey = np.array(zxingcpp.write_barcode_to_image(made, scale=3))
        cv2.imwrite(
            str(tmp_path / f"{name}.png"), cv2.copyMakeBorder(grey, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=255)
        )
        rows.append(f"{name}.png,{text},{name}")
    (tmp_path / "codes.csv").write_text("\n".join(rows))
    code, output, reports = run(tmp_path, "--list", "codes.csv", "--readers", "ours")
    assert (code, reports["codes, ours"]["figures"]["rate"]) == (0, 1.0), output  # type: ignore[index]


def test_what_cannot_be_used_is_named_and_skipped(tmp_path: Path) -> None:
    pixels, text = draw(next(cells()), SIZES[0], 0)
    cv2.imwrite(str(tmp_path / "good.png"), pixels)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "codes.csv").write_text(
        f"# our set\nfile,text,format\ngood.png,{text},\ngone.png,x,\ngood.png,x,ufo\nbroken.png,x,\n,x,\n"
    )
    code, output, reports = run(tmp_path, "--list", "codes.csv", "--readers", "ours")
    assert code == 1
    assert reports["codes, ours"]["figures"]["read"] == "1 of 1, 100.0 %"  # type: ignore[index]
    for words in ("line 4: gone.png: no such picture", "line 5: format 'ufo'", "line 6: broken.png", "line 7: no file"):
        assert words in output


@pytest.mark.parametrize(
    "words",
    [
        ("--list", "nothing.csv"),
        ("--list", "codes.csv", "--readers", "magic"),
        ("--list", "codes.csv", "--formats", ""),
        ("--list", "codes.csv", "--kind", "cats"),
        ("--list", "mystery.csv"),
    ],
)
def test_wrong_use(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "codes.csv").write_text("file,text\n")
    (tmp_path / "mystery.csv").write_text("a,b\n")
    code, output, _ = run(tmp_path, *words)
    assert code == 2
    assert output.strip()


def test_faces_of_the_simulators_citizens(tmp_path: Path) -> None:
    rows = ["file_a,file_b,same", *(f"{n:02d}/id.jpg,{n:02d}/front.jpg,1" for n in range(4))]
    rows += ["00/id.jpg,01/front.jpg,0", "12/id.jpg,15/front.jpg,0", "07/id.jpg,17/front.jpg,0"]
    (tmp_path / "faces.csv").write_text("\n".join(rows))
    out = tmp_path / "out.json"
    words = ["evaluate", str(FACES), "--list", str(tmp_path / "faces.csv"), "--json", str(out)]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 0, ended.output
    figures = json.loads(out.read_text())["reports"][0]["figures"]
    assert figures["pairs compared"] == "7 of 7, 100.0 %"
    assert figures["EER"] == 0
    assert figures["TAR at FAR 0.01"] is None, "three impostors cannot tell one in a hundred"
    assert figures["impostors: pass"].startswith("0 of 3")


def desk(corners: list[tuple[float, float]] | None) -> np.ndarray:
    rng = np.random.default_rng(3)
    plate = np.full((960, 1280, 3), 45, np.uint8)
    if corners:
        cv2.fillConvexPoly(plate, np.array(corners, np.int32), (235, 235, 235), cv2.LINE_AA)
    return np.asarray(np.clip(plate + rng.normal(0, 2, plate.shape), 0, 255), dtype=np.uint8)


def test_documents(tmp_path: Path) -> None:
    corners = [(400.0, 100.0), (900.0, 110.0), (890.0, 815.0), (390.0, 805.0)]  # A4, nearly upright
    cv2.imwrite(str(tmp_path / "page.png"), desk(corners))
    cv2.imwrite(str(tmp_path / "bare.png"), desk(None))
    numbers = ",".join(f"{n}" for corner in corners for n in corner)
    (tmp_path / "documents.csv").write_text(f"page.png,{numbers}\nbare.png,none\npage.png,1,2,3\n")
    code, output, reports = run(tmp_path, "--list", "documents.csv")
    figures = reports["documents"]["figures"]
    assert code == 1
    assert "line 3: give four corners" in output
    assert figures["IoU above 0.95"] == "1 of 1, 100.0 %"  # type: ignore[index]
    assert figures["pages where there are none"] == "0 of 1, 0.0 %"  # type: ignore[index]


def test_machine_readable_zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is stood in for: its own tests read rendered zones. Pictures are told apart by their brightness."""
    import drivers.camera.ocr as engine

    person = {"code": "P", "issuer": "CHN", "nationality": "CHN", "birth": date(1990, 1, 2), "sex": "F"}
    name = {"surname": "ZHANG", "given": "WEI"}
    zones = [
        compose_mrz("TD3", number=number, expiry=date(2030, 1, 2), **person, **name)  # type: ignore[arg-type]
        for number in ("E12345678", "E87654321")
    ]
    readings = {0: zones[0], 1: zones[0], 2: None, 3: None}
    monkeypatch.setattr(
        engine,
        "read_mrz",
        lambda pixels, today: (
            read_mrz_lines(lines, today) if (lines := readings[round(float(pixels.mean()) / 50)]) else None
        ),
    )
    for number in range(4):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((40, 60), number * 50, np.uint8))
    truth = [f"0.png,{','.join(zones[0])}", f"1.png,{','.join(zones[1])}", f"2.png,{','.join(zones[1])}", "3.png,none"]
    (tmp_path / "mrz.csv").write_text("\n".join([*truth, "0.png,one line"]))
    code, output, reports = run(tmp_path, "--list", "mrz.csv")
    figures = reports["machine-readable zones"]["figures"]
    assert code == 1
    assert "line 5: give two or three lines" in output
    assert figures["all lines right"] == "1 of 3, 33.3 %"  # type: ignore[index]
    assert figures["check digits right, text wrong"] == "1 of 3, 33.3 %", "the worst that can happen is counted"  # type: ignore[index]
    assert figures["no zone found"] == "1 of 3, 33.3 %"  # type: ignore[index]
    assert figures["zones where there are none"] == "0 of 1, 0.0 %"  # type: ignore[index]


def test_overlap_of_quadrilaterals() -> None:
    square = [(0, 0), (10, 0), (10, 10), (0, 10)]
    assert intersection_over_union(square, np.array(square)) == pytest.approx(1)
    assert intersection_over_union(square, np.array([(5, 0), (15, 0), (15, 10), (5, 10)])) == pytest.approx(1 / 3)
    assert intersection_over_union(square, np.array([(20, 0), (30, 0), (30, 10), (20, 10)])) == 0


def test_curves() -> None:
    same, other = [0.9, 0.8, 0.7, 0.3], [0.1, 0.2, 0.4, 0.35]
    assert equal_error_rate(same, other) == 0.25
    assert equal_error_rate(same, []) is None
    accepted = accepted_at(same, other, 0.25)
    assert accepted is not None
    assert accepted[0] == 0.75
    assert 0.35 < accepted[1] <= 0.4
    assert accepted_at(same, other, 0.01) is None
    assert (percentile([3, 1, 2], 0.5), percentile([1], 0.95)) == (2, 1)


def test_lists_in_other_peoples_shapes(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    path = tmp_path / "set.csv"
    path.write_text('\ufefffile,x1,y1,x2,y2,x3,y3,x4,y4\n"a.png",1,2,3,4,5,6,7,8\na.png,nan,2,3,4,5,6,7,8\n', "utf-8")
    found = read_list(path, tmp_path)
    assert (found.kind, len(found.rows), len(found.bad)) == ("documents", 1, 1)
    assert corners_of(found.rows[0]) == ((1, 2), (3, 4), (5, 6), (7, 8))
    path.write_text('text,file\n"two\nlines",a.png\nx,b.png\n', "utf-8")
    found = read_list(path, tmp_path, "codes")
    assert [row.cells["text"] for row in found.rows] == ["two\nlines"]
    assert [bad.line for bad in found.bad] == [4]
    assert [format_of(n) for n in ("QR_CODE", "EAN-13", "Micro QR", "cat")] == ["qr", "ean13", "micro-qr", ""]
