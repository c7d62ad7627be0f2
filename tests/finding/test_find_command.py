"""`kiosk find`: what it prints, what programs get, exit codes; and that nothing heavy is imported for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from kiosk.cli.commands import app


def test_a_sentence_gives_ranked_lines() -> None:
    result = CliRunner().invoke(app, ["find", "身份证丢了"])
    assert result.exit_code == 0
    assert "WH-PS-002" in result.output.splitlines()[0]


def test_programs_get_json_with_the_question() -> None:
    result = CliRunner().invoke(app, ["find", "社保卡", "--json", "--limit", "3"])
    answer = json.loads(result.output)
    assert len(answer["hits"]) == 3
    assert not answer["sure"]
    assert {"zh", "en", "ko"} == answer["question"]["words"].keys()
    assert 2 <= len(answer["question"]["choices"]) <= 4


def test_nothing_found_and_wrong_use_have_their_own_exit_codes(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["find", "你好"]).exit_code == 1
    assert CliRunner().invoke(app, ["find", " "]).exit_code == 2
    result = CliRunner().invoke(app, ["find", "你好", "--catalogue", str(tmp_path)])
    assert result.exit_code == 2
    assert str(tmp_path) in result.output


def test_a_catalogue_of_ones_own_is_searched_alone(tmp_path: Path) -> None:
    here = Path(__file__).parents[2] / "config/services/general.toml"
    (tmp_path / here.name).write_bytes(here.read_bytes())
    result = CliRunner().invoke(app, ["find", "核验证照真伪", "--catalogue", str(tmp_path)])
    assert result.exit_code == 0
    assert "WH-GN-008" in result.output
    assert "WH-PS" not in result.output


def test_finding_needs_no_heavy_package() -> None:
    code = (
        "import sys; from kiosk.finding import Finder, listed_entries; Finder(listed_entries()).find('身份证丢了');"
        "print([m for m in ('numpy', 'cv2', 'pygame', 'pypinyin', 'jieba', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
