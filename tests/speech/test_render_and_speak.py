"""The build script with the engine that is everywhere, and `kiosk speak`."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from config.fixed_speech import fixed_sentences
from config.spoken import recording_name
from kiosk.cli.commands import app
from screens.speech.recordings import recording

SCRIPT = Path(__file__).parents[2] / "config" / "speech" / "render.py"


@pytest.fixture(scope="module")
def render() -> ModuleType:
    spec = importlib.util.spec_from_file_location("speech_render", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_has_no_recording_is_recorded_once(
    render: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "fixed_sentences", lambda _: {"请稍等": "a", "返回": "b"})
    assert render.record("zh", render.espeak("zh"), tmp_path / "zh", time.monotonic() + 60) == (2, 0)
    path = recording("zh", "请稍等", tmp_path)
    assert path is not None
    assert path.read_bytes().startswith(b"OggS")
    assert path.stat().st_size < 20_000
    assert render.record("zh", render.espeak("zh"), tmp_path / "zh", time.monotonic() + 60) == (0, 0)
    (tmp_path / "zh" / "0123456789abcdef.opus").write_bytes(b"")
    assert render.tidy("zh", tmp_path / "zh") == 1


def test_time_that_is_over_leaves_the_rest(render: ModuleType, tmp_path: Path) -> None:
    made, left = render.record("en", render.espeak("en"), tmp_path / "en", 0.0)
    assert (made, left) == (0, len(fixed_sentences("en")))


def test_a_missing_program_is_said(render: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(render.RenderError, match="espeak-ng is not installed"):
        render.espeak("zh")("请稍等")


def test_chinese_in_english_is_read_as_chinese(render: ModuleType) -> None:
    assert [render.voice_of(*each) for each in (("en", "中文"), ("zh", "English"), ("zh", "请扫 App"))] == [
        "zh",
        "en",
        "zh",
    ]


def test_speak_says_what_is_recorded_and_masks() -> None:
    sentence = next(s for s in fixed_sentences("zh") if recording("zh", s))
    shown = CliRunner().invoke(app, ["speak", f"{sentence}。身份证 371002199003075015"])
    assert shown.exit_code == 0, shown.output
    assert f"recorded  {sentence}" in shown.output
    assert "尾号 5 0 1 5" in shown.output
    assert "371002" not in shown.output
    assert "first sample after" in shown.output


def test_speak_writes_a_file(tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    assert CliRunner().invoke(app, ["speak", "잠시만요", "--language", "ko", "--out", str(out)]).exit_code == 0
    assert out.read_bytes().startswith(b"RIFF")


@pytest.mark.parametrize("arguments", [["x", "--language", "fr"], ["。"], ["x" * 3000]])
def test_speak_says_what_is_wrong(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["speak", *arguments]).exit_code == 2


def test_speak_lists_what_is_missing() -> None:
    shown = CliRunner().invoke(app, ["speak", "--missing", "--language", "en"])
    assert shown.exit_code == 0
    assert "fixed sentences are recorded" in shown.output
    assert recording_name("en", "Back")
