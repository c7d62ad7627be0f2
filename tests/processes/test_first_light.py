"""`kiosk run` shows its first page before it has read its settings with care; wrong ones open no window."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kiosk import first_light

ROOT = Path(__file__).parents[2]
HEAVY = ("pydantic", "typer", "numpy", "cv2", "requests", "asyncio", "websockets", "onnxruntime", "fastapi")
PROGRAM = f"""
import sys
sys.argv = ["kiosk", "run", *sys.argv[1:]]
from kiosk import first_light, launch
first_light.begin(sys.argv[1:])
import pygame
opened = first_light.take()
print([name for name in {HEAVY!r} if name in sys.modules])
print(opened is not None and opened.painter.surface.get_at((540, 1700)) != opened.painter.surface.get_at((5, 1700)))
print(first_light.take())
"""


def _run(*arguments: str) -> list[str]:
    env = {**os.environ, "SDL_VIDEODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return [line for line in ran.stdout.splitlines() if not line.startswith("pygame")]


def test_the_first_page_stands_before_anything_heavy_is_imported() -> None:
    assert _run("--profile", "simulated") == ["[]", "True", "None"]


def test_without_a_window_none_is_opened() -> None:
    assert _run("--headless")[1:] == ["False", "None"]


@pytest.mark.parametrize(
    "text",
    [
        "[terminal\n",
        "terminal = 3\n",
        "[window]\npanel = 5\n",
        '[window.panel]\nmm = [1, "x"]\n',
        "[window.panel]\nwidth = 0\n",
        "[window.panel]\nwidth = 100000000\nheight = 100000000\n",
    ],
)
def test_wrong_settings_open_nothing_and_break_nothing(text: str, tmp_path: Path) -> None:
    layer = tmp_path / "machine.toml"
    layer.write_text(text, encoding="utf-8")
    first_light.begin(["run", "--machine", str(layer)])
    assert first_light.take() is None


def test_other_commands_open_nothing() -> None:
    for arguments in (["devices", "scan"], ["run", "--help"], [], ["run", "--profile", "no-such"]):
        first_light.begin(arguments)
    assert first_light.take() is None


def test_layers_lie_on_top_of_each_other_as_config_load_lays_them(tmp_path: Path) -> None:
    from config.load import load_settings

    layer = tmp_path / "machine.toml"
    layer.write_text('[terminal]\nnumber = 7\n[window]\nmirror = ""\n', encoding="utf-8")
    tree = first_light.merged_layers(["--profile=simulated", f"--machine={layer}"])
    assert tree is not None
    settings = load_settings("simulated", [layer])
    assert tree["terminal"]["number"] == settings.terminal.number == 7
    assert tree["terminal"]["hall_zh"] == settings.terminal.hall_zh
    assert tree["window"]["mirror"] == settings.window.mirror


def test_a_file_that_is_no_settings_file_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.toml"
    large.write_text("#" * (first_light.MAX_FILE_BYTES + 1), encoding="utf-8")
    assert tomllib.loads(large.read_text("utf-8")) == {}
    assert first_light.merged_layers(["--machine", str(large)]) is None


def test_memory_is_given_back() -> None:
    """By glibc, which Debian has."""
    lines = ("from kiosk.memory import few_arenas, give_back", "print(few_arenas())")
    lines += ("x = [bytes(1000) for _ in range(99999)]", "del x", "print(give_back())")
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stdout.split() == ["True", "True"], ran.stderr
