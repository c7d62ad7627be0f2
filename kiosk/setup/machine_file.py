"""`machine.toml`: written whole or not at all, readable by root and the terminal's user."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from config.load import parse_toml, read_toml

HEAD: Final = (
    "# This terminal alone; `kiosk setup` wrote it and may run again. What a whole hall shares is in site.toml.\n"
)
MODE: Final = 0o640


def toml_text(tree: Mapping[str, Any]) -> str:
    """`tree` as TOML, tables after values. Raises `ValueError` for what TOML or this file has no form for."""
    lines: list[str] = []
    _table(tree, (), lines)
    return "\n".join(lines).lstrip("\n") + "\n"


def _table(tree: Mapping[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    below = {key: value for key, value in tree.items() if isinstance(value, Mapping)}
    here = {key: value for key, value in tree.items() if not isinstance(value, Mapping)}
    if path and (here or not below):
        lines += ["", f"[{'.'.join(map(_key, path))}]"]
    lines += [f"{_key(key)} = {_value(value)}" for key, value in here.items()]
    for key, value in below.items():
        _table(value, (*path, key), lines)


def _key(name: str) -> str:
    bare = name.replace("-", "").replace("_", "")
    return name if bare.isascii() and bare.isalnum() else _string(name)


def _string(text: str) -> str:
    """JSON's strings are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
        return "{ " + inside + " }"
    raise ValueError(f"{type(value).__name__} has no form in a settings file")


def read_or_empty(path: Path) -> dict[str, Any]:
    """The file's tree, {} when there is none. Raises `SettingsError`."""
    return read_toml(path) if path.exists() else {}


def write_whole(path: Path, tree: Mapping[str, Any], owner: tuple[int, int] | None, head: str = HEAD) -> None:
    """Write, sync and rename. `owner`: user and group, where we may give it away. Raises `OSError`, `ValueError`."""
    text = head + toml_text(tree)
    if parse_toml(text.encode(), path.name) != _plain(tree):
        raise ValueError(f"{path.name}: cannot be written so that it reads the same")
    write_text(path, text, MODE, owner)


def write_text(path: Path, text: str, mode: int, owner: tuple[int, int] | None = None) -> None:
    """A file, whole or not at all. Raises `OSError`."""
    fresh = path.with_name(path.name + ".new")
    fd = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if owner is not None and os.geteuid() == 0:
            os.fchown(file.fileno(), *owner)
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _plain(value: Any) -> Any:
    """As a TOML file gives it back: dicts and lists."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
