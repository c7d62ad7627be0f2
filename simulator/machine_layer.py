"""Writes a machine layer: the TOML file that tells a terminal where its devices and its platform really are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(tree: Mapping[str, Any]) -> str:
    """`tree` as TOML. Values: str, bool, int, float, lists of these, tables. Raises `TypeError` for anything else."""
    lines: list[str] = []
    _table(tree, (), lines)
    return "\n".join(lines).strip() + "\n"


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees in one: tables are joined, other values of `above` win."""
    tree = dict(below)
    for key, value in above.items():
        old = tree.get(key)
        tree[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return tree


def write_machine_layer(path: Path, tree: Mapping[str, Any], remark: str = "Written by kiosk-sim.") -> None:
    """Write `tree` to `path` so that a reader sees the old file or the new one, never half of it. Owner only: 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(f"# {remark}\n{to_toml(tree)}", encoding="utf-8")
    part.replace(path)


def _table(tree: Mapping[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    plain = {k: v for k, v in tree.items() if not isinstance(v, Mapping)}
    if path and (plain or not tree):
        lines.extend(("", f"[{'.'.join(map(_key, path))}]"))
    lines.extend(f"{_key(k)} = {_value(v)}" for k, v in plain.items())
    for key, value in tree.items():
        if isinstance(value, Mapping):
            _table(value, (*path, key), lines)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Path):
        return _value(str(value))
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"a machine layer cannot hold {type(value).__name__}")
