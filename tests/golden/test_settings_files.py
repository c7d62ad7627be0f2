"""Settings files that are none: one error that names the file, whatever is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import MAX_FILE_BYTES, SettingsError, load_settings, parse_toml, read_toml


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a = [" + b"[" * 5000, "nested too deeply"),
        (b"a = " + b"{a = " * 5000, "nested too deeply"),
        (b"a = " + b"1" * 5000, "digits"),
        (b"\xff\xfe", "utf-8"),
        (b"a = ", "Invalid value"),
        (b"d = 2026-02-30", "line 1"),
    ],
)
def test_what_is_no_settings_file_is_named(data: bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=why) as caught:
        parse_toml(data, "machine.toml")
    assert str(caught.value).startswith("machine.toml: ")
    path = tmp_path / "machine.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError, match=why):
        load_settings("simulated", [path])


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no such file; profiles are .*simulated"):
        read_toml(tmp_path / "missing.toml")
    with pytest.raises(SettingsError, match="directory"):
        read_toml(tmp_path)
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(SettingsError, match="larger than"):
        read_toml(large)
