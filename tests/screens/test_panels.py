"""Which panels the pages are laid out on, how low a hand reaches on each, and which are refused in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.load import load_settings
from config.panel import LANDSCAPE, PORTRAIT, Panel, PanelError, known_panels
from config.settings import PanelSettings
from screens.samples import samples
from screens.stage import Stage

DOCUMENT = Path(__file__).parents[2] / "docs" / "screens-checklist.md"


def test_what_is_taken_for_granted_is_21_inches_upright() -> None:
    assert PanelSettings().panel() == PORTRAIT
    assert PanelSettings(width=1920, height=1080).panel() == LANDSCAPE
    assert PanelSettings(width=1920, height=1080, mm=(708, 398)).panel().px_per_mm == pytest.approx(2.71, abs=0.01)
    assert PanelSettings(diagonal=27).panel().mm == (336.0, 598.0)


@pytest.mark.parametrize("name", known_panels())
def test_every_known_panel_is_taken(name: str) -> None:
    panel = known_panels()[name]
    panel.check()
    assert (panel.orientation == "landscape") == (panel.width > panel.height)


@pytest.mark.parametrize(
    ("panel", "says"),
    [
        (Panel(1920, 1080, (268.0, 476.0)), r"turned\? write mm = \[476, 268\]"),
        (Panel(1920, 1080, (476.0, 400.0)), "would not be square"),
        (Panel(1366, 768, (410.0, 230.0)), "from 460 x 258 mm .* use a larger panel"),
        (Panel(1280, 1024, (376.0, 301.0)), "use a larger panel"),
        (Panel(768, 1366, (230.0, 410.0)), "from 257 x 457 mm"),
        (Panel(1080, 1920, (268.0, 476.0), 1100.0), "wheelchair needs 251; hang it 151 mm lower"),
    ],
)
def test_what_cannot_be_served_is_refused(panel: Panel, says: str) -> None:
    with pytest.raises(PanelError, match=says):
        panel.check()


def test_settings_refuse_with_the_same_sentence() -> None:
    with pytest.raises(ValidationError, match="turned"):
        PanelSettings(width=1920, height=1080, mm=(268, 476))
    with pytest.raises(ValidationError, match="give one of them"):
        PanelSettings(diagonal=27, mm=(336, 597))


@pytest.mark.parametrize(
    ("panel", "line"),
    [
        (PORTRAIT, 864),  # 45 % of the height
        (LANDSCAPE, 270),  # 25 %: a lying panel hangs lower as a whole
        (Panel(1920, 1080, (476.0, 268.0), 1000.0), 275),  # 68 mm hang higher than 1200 mm
        (Panel(1080, 1920, (398.0, 708.0), 900.0), 1107),  # 408 mm do
        (Panel(1080, 1920, (268.0, 476.0), 600.0), 864),  # all of it is in reach: low all the same
    ],
)
def test_the_line_of_low_reach(panel: Panel, line: int) -> None:
    assert panel.reach_line == line
    panel.check()


def test_the_lines_in_the_document_lay_a_terminal_on_its_side(tmp_path: Path) -> None:
    """As a technician would: the lines of docs/screens-checklist.md in the machine's layer, and the stage opens."""
    found = re.search(r"```toml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found is not None
    layer = tmp_path / "machine.toml"
    layer.write_text(found[1], "utf-8")
    window = load_settings("simulated", [layer]).window
    panel = window.panel.panel()
    assert (panel.size, panel.orientation, panel.foot_mm) == ((1920, 1080), "landscape", 950)
    assert panel.reach_line > LANDSCAPE.reach_line
    stage = Stage(window, on_reply=lambda _: None, headless=True)
    for name in ("standby", "home", "form"):
        stage.show(samples("zh", "low")[name])
        stage.turn()
        assert stage.sheet is not None
        assert stage.sheet.overflows == []
        assert all(target.rect.y >= panel.reach_line for target in stage.sheet.targets), name
        assert stage.sheet.size == (1920, 1080)
